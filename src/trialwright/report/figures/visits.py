"""A measure over visits: a box for each group at each visit, a thin line for each participant."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trialwright.analysis.summaries import quantile
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
    wrap,
)

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, SIZE = 620.0, 250.0, 46.0, 30.0, 60.0, 12.0
_Across = Callable[[int, int], float]
_Down = Callable[[float], float]
MOST_LINES = 60
"""Participants up to whom each has a line; of more they would hide the boxes."""


@dataclass(frozen=True, slots=True)
class GroupValues:
    """One group: its name, and each participant's value at each visit, None where there is none."""

    name: str
    rows: tuple[tuple[float | None, ...], ...]

    def at(self, visit: int) -> list[float]:
        """The known values at a visit, sorted."""
        return sorted(v for row in self.rows if (v := row[visit]) is not None)


def visits_figure(
    groups: Sequence[GroupValues], visits: Sequence[str], y_name: str, said: str
) -> Drawing:
    """Boxes from quartile to quartile with the median, whiskers to the last value within one and a
    half of their length, and a dot for each value beyond; `said` is the text alternative."""
    known = [v for g in groups for row in g.rows for v in row if v is not None]
    low, high = min(known), max(known)
    room = 0.05 * (high - low) or 1.0
    low, high = low - room, high + room
    slot = (WIDTH - LEFT - 8) / len(visits)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    def x(visit: int, group: int) -> float:
        return LEFT + slot * (visit + (group + 1) / (len(groups) + 1))

    parts = [label(0, 12, y_name, fill=QUIET, size=SIZE)]
    for value in (min(known), (min(known) + max(known)) / 2, max(known)):
        parts.append(line(LEFT, y(value), WIDTH - 8, y(value), stroke=LINE))
        text = f"{value:.3g}".replace("-", "\u2212")
        parts.append(label(LEFT - 6, y(value) + 4, text, anchor="end", fill=QUIET, size=SIZE))
    drawn = sum(len(g.rows) for g in groups) <= MOST_LINES
    for k, group in enumerate(groups):
        colour = SERIES[k % len(SERIES)]
        if drawn:
            parts += _threads(group, k, x, y, colour)
        width = min(0.5 * slot / (len(groups) + 1), 14.0)
        for visit in range(len(visits)):
            values = group.at(visit)
            if values:
                parts += _box(values, x(visit, k), width, y, colour)
    for visit, name in enumerate(visits):
        middle = LEFT + slot * (visit + 0.5)
        for row, words in enumerate(wrap(name, slot - 6, SIZE - 1)[:2]):
            place = HEIGHT - BOTTOM + 18 + 13 * row
            parts.append(label(middle, place, words, anchor="middle", size=SIZE - 1, fill=QUIET))
    names, height = _names(groups)
    return Drawing(drawing(WIDTH, height, said, [*parts, *names]), WIDTH, height, said)


def _threads(group: GroupValues, k: int, x: _Across, y: _Down, colour: str) -> Iterable[str]:
    for row in group.rows:
        points = [(x(i, k), y(v)) for i, v in enumerate(row) if v is not None]
        for (x1, y1), (x2, y2) in pairwise(points):
            yield element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=0.7,
                          stroke_opacity=0.35)  # fmt: skip


def _box(values: list[float], at: float, width: float, y: _Down, colour: str) -> Iterable[str]:
    q1, median, q3 = (quantile(values, share) for share in (0.25, 0.5, 0.75))
    reach = 1.5 * (q3 - q1)
    inside = [v for v in values if q1 - reach <= v <= q3 + reach]
    yield line(at, y(inside[0]), at, y(inside[-1]), stroke=colour, width=1.4)
    yield element("rect", x=at - width, y=y(q3), width=2 * width, height=max(y(q1) - y(q3), 1.0),
                  fill=PAPER, stroke=colour, stroke_width=1.6)  # fmt: skip
    yield line(at - width, y(median), at + width, y(median), stroke=INK, width=2)
    for v in values:
        if v < inside[0] or v > inside[-1]:
            yield element("circle", cx=at, cy=y(v), r=2, fill=colour)


def _names(groups: Sequence[GroupValues]) -> tuple[list[str], float]:
    """The groups from left to right, as their boxes stand at each visit, in as many lines as they
    need, and how high the drawing is with them."""
    parts: list[str] = []
    at, y = LEFT, HEIGHT - 5
    for k, group in enumerate(groups):
        wide = 16 + text_width(group.name, SIZE)
        if at > LEFT and at + wide > WIDTH:
            at, y = LEFT, y + 20
        parts.append(
            element("rect", x=at, y=y - 9, width=10, height=10, fill=PAPER,
                    stroke=SERIES[k % len(SERIES)], stroke_width=2)
        )  # fmt: skip
        parts.append(label(at + 16, y, group.name, size=SIZE, fill=INK, weight=600))
        at += wide + 22
    return parts, y + 5
