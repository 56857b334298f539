"""A forest of estimates: one line an arm, its interval, and where no difference lies."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, isfinite, log

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    ACCENT,
    INK,
    LINE,
    QUIET,
    drawing,
    element,
    label,
    line,
    text_width,
)

WIDTH, ROW, HEAD, FOOT, SIZE = 620.0, 30.0, 12.0, 34.0, 12.0
_GAP = 18.0


@dataclass(frozen=True, slots=True)
class ForestBranch:
    """One estimate: its name, its text, and where it and its interval lie."""

    name: str
    text: str
    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Forest:
    """Branches on one axis. ratio: on a logarithmic scale around 1 instead of around 0."""

    branches: tuple[ForestBranch, ...]
    axis: str
    ratio: bool = False


def forest_figure(forest: Forest, said: str) -> Drawing:
    """The branches, 620 wide; `said` is the text alternative. An interval that leaves the axis ends
    in an arrow."""
    left = max(text_width(b.name, SIZE) for b in forest.branches) + _GAP
    right = WIDTH - max(text_width(b.text, SIZE) for b in forest.branches) - _GAP
    low, high = _reach(forest)

    def x(value: float) -> float:
        place = (_scaled(forest, value) - low) / (high - low)
        return left + min(max(place, 0.0), 1.0) * (right - left)

    foot = HEAD + ROW * len(forest.branches)
    parts = [line(x(_none(forest)), HEAD, x(_none(forest)), foot, stroke=QUIET)]
    parts += [line(left, foot, right, foot, stroke=LINE)]
    for i, branch in enumerate(forest.branches):
        y = HEAD + ROW * (i + 0.5)
        parts.append(label(0, y + 4, branch.name, size=SIZE, fill=INK))
        parts.append(label(WIDTH, y + 4, branch.text, size=SIZE, anchor="end", fill=INK))
        parts.append(line(x(branch.lower), y, x(branch.upper), y, stroke=INK, width=1.5))
        for end, side in ((branch.lower, -1), (branch.upper, 1)):
            parts += _end(x(end), y, side, low <= _scaled(forest, end) <= high)
        if isfinite(_scaled(forest, branch.estimate)):
            at = x(branch.estimate)
            parts.append(element("rect", x=at - 4, y=y - 4, width=8, height=8, fill=ACCENT))
    none = x(_none(forest))
    parts.append(
        label(none, foot + 15, "1" if forest.ratio else "0", size=SIZE - 1, anchor="middle",
              fill=QUIET)
    )  # fmt: skip
    for at, text, anchor in (
        (left, _text(forest, low), "start"), (right, _text(forest, high), "end"),
    ):  # fmt: skip
        # The end of the axis goes unnamed where its number would touch that of no difference.
        if abs(none - at) > text_width(text, SIZE - 1) + 8:
            parts.append(label(at, foot + 15, text, size=SIZE - 1, anchor=anchor, fill=QUIET))
    parts.append(label((left + right) / 2, foot + 30, forest.axis, size=SIZE, anchor="middle"))
    height = foot + FOOT
    return Drawing(drawing(WIDTH, height, said, parts), WIDTH, height, said)


def _end(x: float, y: float, side: int, inside: bool) -> Iterable[str]:
    """A tick where an interval ends, an arrow where it goes on."""
    if inside:
        yield line(x, y - 4, x, y + 4, stroke=INK, width=1.5)
    else:
        yield line(x, y, x - 6 * side, y - 4, stroke=INK, width=1.5)
        yield line(x, y, x - 6 * side, y + 4, stroke=INK, width=1.5)


def _none(forest: Forest) -> float:
    return 1.0 if forest.ratio else 0.0


def _scaled(forest: Forest, value: float) -> float:
    if not forest.ratio:
        return value
    return log(value) if 0 < value < float("inf") else float("-inf") if value <= 0 else value


def _text(forest: Forest, scaled: float) -> str:
    return f"{exp(scaled) if forest.ratio else scaled:.3g}".replace("-", "\u2212")


def _reach(forest: Forest) -> tuple[float, float]:
    """The ends of the axis: all finite limits, and no difference, with a little room."""
    places = [0.0]
    for branch in forest.branches:
        for value in (branch.lower, branch.estimate, branch.upper):
            scaled = _scaled(forest, value)
            if isfinite(scaled):
                places.append(scaled)
    low, high = min(places), max(places)
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room
