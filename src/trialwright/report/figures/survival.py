"""Kaplan-Meier curves: steps, a tick where someone is censored, and who is at risk under them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

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

WIDTH, PLOT, TOP, ROW, SIZE = 620.0, 210.0, 26.0, 17.0, 12.0
_GAP, _FOOT = 14.0, 44.0
_MOST_TICKS = 6
_Place = Callable[[float], float]
_NICE = (1, 2, 5, 7, 10, 14, 28, 30, 50, 60, 90, 100, 180, 200, 365, 500, 730, 1000)


@dataclass(frozen=True, slots=True)
class SurvivalLine:
    """One group: its name, (time, survival) of each step from (0, 1) on, when participants were
    censored, and everybody's time, of which the numbers at risk are counted."""

    name: str
    steps: tuple[tuple[float, float], ...]
    censored: tuple[float, ...]
    times: tuple[float, ...]

    def at(self, time: float) -> float:
        """Survival at a time."""
        return next(height for start, height in reversed(self.steps) if start <= time)

    def at_risk(self, time: float) -> int:
        """How many are watched still, just before a time."""
        return sum(each >= time for each in self.times)


@dataclass(frozen=True, slots=True)
class SurvivalChart:
    """Curves over one axis of time, with the words around them."""

    lines: tuple[SurvivalLine, ...]
    x_name: str
    y_name: str
    at_risk: str

    @property
    def last(self) -> float:
        return max((max(each.times) for each in self.lines if each.times), default=0.0) or 1.0

    def ticks(self) -> tuple[float, ...]:
        """Times that are marked: a step of days that people count in, six at most and 0."""
        last = self.last
        step = next((s for s in _NICE if last / s <= _MOST_TICKS), None)
        while step is None or last / step > _MOST_TICKS:
            step = 2 * (step or _NICE[-1])
        return tuple(float(step * k) for k in range(int(last // step) + 1))


def survival_figure(chart: SurvivalChart, said: str) -> Drawing:
    """The chart, 620 wide; `said` is its text alternative. Colours go with names, and each curve
    has its own dashes, so that none is told by colour alone."""
    left = max(text_width(each.name, SIZE) for each in chart.lines) + 2 * _GAP + 26
    right = WIDTH - 14

    def x(time: float) -> float:
        return left + (right - left) * min(time / chart.last, 1.0)

    def y(share: float) -> float:
        return TOP + (PLOT - TOP) * (1 - share)

    parts = [label(left - 32, 12, chart.y_name, fill=QUIET, size=SIZE)]
    for share in (0.0, 0.5, 1.0):
        parts.append(line(left, y(share), right, y(share), stroke=LINE))
        parts.append(
            label(left - 7, y(share) + 4, f"{100 * share:g}%", anchor="end", fill=QUIET, size=SIZE)
        )
    for i, each in enumerate(chart.lines):
        parts += _curve(each, i, x, y)
    for tick in chart.ticks():
        parts.append(line(x(tick), PLOT, x(tick), PLOT + 4, stroke=QUIET))
        parts.append(label(x(tick), PLOT + 18, f"{tick:g}", anchor="middle", fill=QUIET, size=SIZE))
    parts.append(
        label((left + right) / 2, PLOT + 34, chart.x_name, anchor="middle", fill=QUIET, size=SIZE)
    )
    parts += _at_risk(chart, x)
    height = PLOT + _FOOT + ROW * (len(chart.lines) + 1) + 6
    return Drawing(drawing(WIDTH, height, said, parts), WIDTH, height, said)


def _style(index: int) -> dict[str, str]:
    dashes = ("", "7 3", "2 3", "9 3 2 3", "4 4")[index % 5]
    style = {"fill": "none", "stroke": SERIES[index % len(SERIES)], "stroke_width": "2"}
    return {**style, "stroke_dasharray": dashes} if dashes else style


def _curve(each: SurvivalLine, index: int, x: _Place, y: _Place) -> Iterable[str]:
    if not each.times:
        return
    path = [f"M{x(0):.1f} {y(1):.1f}"]
    for (_, before), (time, after) in pairwise(each.steps):
        path.append(f"L{x(time):.1f} {y(before):.1f}L{x(time):.1f} {y(after):.1f}")
    path.append(f"L{x(max(each.times)):.1f} {y(each.steps[-1][1]):.1f}")
    yield element("path", d="".join(path), **_style(index))
    for time in sorted(set(each.censored)):
        at, height = x(time), y(each.at(time))
        yield line(at, height - 4, at, height + 4, stroke=SERIES[index % len(SERIES)], width=1.2)


def _at_risk(chart: SurvivalChart, x: _Place) -> Iterable[str]:
    head = PLOT + _FOOT + ROW - 4
    yield label(0, head, chart.at_risk, fill=QUIET, size=SIZE)
    for i, each in enumerate(chart.lines):
        at = head + ROW * (i + 1)
        yield element("path", d=f"M0 {at - 4:.1f}L22 {at - 4:.1f}", **_style(i))
        yield label(28, at, each.name, size=SIZE, fill=INK, weight=600)
        for tick in chart.ticks():
            number = str(each.at_risk(tick))
            yield label(x(tick), at, number, anchor="middle", size=SIZE, fill=INK)
