"""Bars of chances in panels, one for each scenario: which dose is selected, by each design."""

from collections.abc import Iterable
from dataclasses import dataclass

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    INK,
    LINE,
    QUIET,
    SERIES,
    drawing,
    element,
    label,
    line,
    text_width,
)

WIDTH = 620.0
GAP, PLOT, HEAD, FOOT = 36.0, 104.0, 34.0, 48.0
SIZE = 12.0


@dataclass(frozen=True, slots=True)
class BarPlace:
    """A place of the axis: its name, a line under it, and whether it is the right one."""

    name: str
    under: str = ""
    right: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A scenario: `chances` are series x places."""

    title: str
    places: tuple[BarPlace, ...]
    chances: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class BarChart:
    """Panels of the same series; `lead` names the lines under the axis."""

    series: tuple[str, ...]
    panels: tuple[Panel, ...]


def bars_figure(chart: BarChart, said: str) -> Drawing:
    """The panels, two beside each other, 620 wide; `said` is the text alternative."""
    beside = 2 if len(chart.panels) > 1 else 1
    width = (WIDTH - GAP * (beside - 1)) / beside
    key = 24.0 if len(chart.series) > 1 else 0.0
    parts = [*_key(chart)] if key else []
    for i, panel in enumerate(chart.panels):
        x = (i % beside) * (width + GAP)
        y = key + (i // beside) * (HEAD + PLOT + FOOT)
        parts += _panel(panel, x, y, width)
    height = key + -(-len(chart.panels) // beside) * (HEAD + PLOT + FOOT)
    return Drawing(drawing(WIDTH, height, said, parts), WIDTH, height, said)


def _key(chart: BarChart) -> Iterable[str]:
    x = 0.0
    for name, colour in zip(chart.series, SERIES, strict=False):
        yield element("rect", x=x, y=2, width=10, height=10, fill=colour)
        yield label(x + 15, 11, name, size=SIZE, weight=600, fill=INK)
        x += 15 + text_width(name, SIZE) + 24


def _panel(panel: Panel, x: float, y: float, width: float) -> Iterable[str]:
    yield label(x, y + 12, panel.title, size=SIZE, weight=600, fill=INK)
    foot = y + HEAD + PLOT
    yield line(x, foot, x + width, foot, stroke=LINE)
    slot = width / len(panel.places)
    for i, place in enumerate(panel.places):
        middle = x + slot * (i + 0.5)
        weight, ink = (600, INK) if place.right else (400, QUIET)
        yield label(middle, foot + 16, place.name, anchor="middle", size=SIZE, fill=ink,
                    weight=weight)  # fmt: skip
        yield label(middle, foot + 31, place.under, anchor="middle", size=SIZE - 1, fill=ink)
        if place.right:
            half = min(slot * 0.36, 28)
            yield line(middle - half, foot + 1, middle + half, foot + 1, stroke=INK, width=2.5)
        yield from _column([row[i] for row in panel.chances], middle, foot, slot)


def _column(chances: list[float], middle: float, foot: float, slot: float) -> Iterable[str]:
    """The bars of one place; the figure stands over a bar where there is room for it."""
    each = min(slot * 0.72 / len(chances), 34.0)
    left = middle - each * len(chances) / 2
    for k, chance in enumerate(chances):
        tall = PLOT * chance
        x = left + k * each
        yield element("rect", x=x + 0.5, y=foot - tall, width=each - 1, height=tall,
                      fill=SERIES[k % len(SERIES)])  # fmt: skip
        if each >= 17 or len(chances) == 1:
            yield label(x + each / 2, foot - tall - 4, f"{100 * chance:.0f}", anchor="middle",
                        size=SIZE - 1, fill=INK)  # fmt: skip
