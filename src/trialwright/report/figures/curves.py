"""Curves of chances: what a design does as the truth moves, each line named beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    INK,
    LINE,
    PAPER,
    QUIET,
    SERIES,
    drawing,
    element,
    label,
    line,
    text_width,
)

WIDTH, HEIGHT = 620.0, 250.0
LEFT, TOP, BOTTOM = 40.0, 26.0, 44.0
SIZE = 12.0
APART = 15.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: its name and its points (where, chance from 0 to 1), from left to right; an `aside`
    is dashed and in quiet ink, being of another sort than the others."""

    name: str
    points: tuple[tuple[float, float], ...]
    aside: bool = False


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Curves over one axis. `ticks` are (place, text); `mark` is a place to point at; on a `ratio`
    axis equal factors are equal lengths; names stand at the ends, or at the `peaks`; `top` is the
    chance at the upper edge."""

    curves: tuple[Curve, ...]
    x_name: str
    y_name: str
    ticks: tuple[tuple[float, str], ...]
    mark: tuple[float, str] | None = None
    ratio: bool = False
    peaks: bool = False
    top: float = 1.0


def curves_figure(chart: CurveChart, said: str) -> Drawing:
    """The chart, 620 by 250; `said` is its text alternative."""
    widest = max((text_width(curve.name, SIZE) for curve in chart.curves), default=0.0)
    scale = _Scale(chart, WIDTH - (16.0 if chart.peaks else widest + 16))
    parts = [*_axes(chart, scale), *_lines(chart, scale)]
    parts += _peak_names(chart, scale) if chart.peaks else _end_names(chart, scale)
    return Drawing(drawing(WIDTH, HEIGHT, said, parts), WIDTH, HEIGHT, said)


class _Scale:
    def __init__(self, chart: CurveChart, right: float) -> None:
        places = [self._at(x, chart.ratio) for c in chart.curves for x, _ in c.points]
        self.first, self.last = min(places), max(places)
        self.right, self.ratio, self.top = right, chart.ratio, chart.top

    @staticmethod
    def _at(x: float, ratio: bool) -> float:
        return log(x) if ratio else x

    def x(self, value: float) -> float:
        share = (self._at(value, self.ratio) - self.first) / max(self.last - self.first, 1e-12)
        return LEFT + (self.right - LEFT) * share

    def y(self, chance: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * chance / self.top


def _axes(chart: CurveChart, scale: _Scale) -> Iterable[str]:
    for chance in (0.0, chart.top / 2, chart.top):
        y = scale.y(chance)
        yield line(LEFT, y, scale.right, y, stroke=LINE)
        yield label(LEFT - 7, y + 4, f"{100 * chance:g}%", anchor="end", fill=QUIET, size=SIZE)
    yield label(0, 12, chart.y_name, fill=QUIET, size=SIZE)
    foot = scale.y(0)
    for place, text in chart.ticks:
        x = scale.x(place)
        yield line(x, foot, x, foot + 4, stroke=QUIET)
        yield label(x, foot + 18, text, anchor="middle", fill=QUIET, size=SIZE)
    middle = (LEFT + scale.right) / 2
    yield label(middle, HEIGHT - 6, chart.x_name, anchor="middle", fill=QUIET, size=SIZE)
    if chart.mark:
        place, text = chart.mark
        x = scale.x(place)
        yield element("line", x1=x, y1=TOP, x2=x, y2=foot, stroke=QUIET, stroke_dasharray="2 3")
        yield label(x, TOP - 8, text, anchor="middle", fill=QUIET, size=SIZE)


def _lines(chart: CurveChart, scale: _Scale) -> Iterable[str]:
    for curve, colour in zip(chart.curves, _colours(chart), strict=True):
        path = "L".join(f"{scale.x(x):.1f} {scale.y(y):.1f}" for x, y in curve.points)
        dashes = {"stroke_dasharray": "6 4"} if curve.aside else {}
        yield element("path", d=f"M{path}", fill="none", stroke=colour, stroke_width=2, **dashes)


def _colours(chart: CurveChart) -> list[str]:
    return [
        QUIET if curve.aside else SERIES[i % len(SERIES)] for i, curve in enumerate(chart.curves)
    ]


def _end_names(chart: CurveChart, scale: _Scale) -> Iterable[str]:
    """Each name at the height where its line ends, moved apart where two would touch."""
    order = sorted(range(len(chart.curves)), key=lambda i: -chart.curves[i].points[-1][1])
    heights = [scale.y(chart.curves[i].points[-1][1]) + 4 for i in order]
    for k in range(1, len(heights)):
        heights[k] = max(heights[k], heights[k - 1] + APART)
    over = heights[-1] - (scale.y(0) + 4) if heights else 0.0
    for k in range(len(heights) - 1, -1, -1):
        if over > 0:
            above = heights[k + 1] - APART if k + 1 < len(heights) else scale.y(0) + 4
            heights[k] = min(heights[k], above)
    for i, y in zip(order, heights, strict=True):
        yield label(scale.right + 8, y, chart.curves[i].name, size=SIZE, weight=600, fill=INK)
        yield line(scale.right + 1, y - 4, scale.right + 6, y - 4,
                   stroke=_colours(chart)[i], width=3)  # fmt: skip


def _peak_names(chart: CurveChart, scale: _Scale) -> Iterable[str]:
    """Each name over the highest point of its line, on a strip of paper so that it can be read."""
    taken: list[tuple[float, float, float]] = []
    for curve in chart.curves:
        x, chance = max(curve.points, key=lambda point: point[1])
        if chance < 0.02:
            continue
        width = text_width(curve.name, SIZE)
        left = min(max(scale.x(x) - width / 2, LEFT + 2), scale.right - width)
        y = max(scale.y(chance) - 6, TOP + 12)
        while any(
            abs(y - other) < APART - 1 and left < end + 6 and start < left + width + 6
            for other, start, end in taken
        ):
            y -= 4
        taken.append((y, left, left + width))
        yield element("rect", x=left - 2, y=y - 10, width=width + 4, height=13, fill=PAPER,
                      fill_opacity=0.85)  # fmt: skip
        yield label(left, y, curve.name, size=SIZE, weight=600, fill=INK)
