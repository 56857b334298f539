"""Counts as bars: lying ones with their names at the left, standing ones along a scale."""

import math
from collections.abc import Iterable, Sequence

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
    wrap,
)

WIDTH = 720.0
SIZE = 13.0
_NAME_WIDTH, _ROW = 260.0, 24.0
_TALL, _TOP, _FOOT, _EDGE = 150.0, 22.0, 24.0, 12.0


def horizontal_bars(
    counts: Sequence[tuple[str, int]], alternative: str, marks: Sequence[float | None] = ()
) -> Drawing:
    """Draw counts as lying bars, one under the other in the order given; a mark stands across each
    bar at what was planned, where it is known."""
    most = max([count for _, count in counts] + [math.ceil(m) for m in marks if m], default=1)
    room = WIDTH - _NAME_WIDTH - text_width(f"{most:,}", SIZE) - 12
    parts: list[str] = []
    for row, (name, count) in enumerate(counts):
        y = _ROW * row + _ROW / 2
        length = room * count / max(most, 1)
        parts += [
            label(0, y + 4.5, _short(name), size=SIZE, fill=INK),
            element("rect", x=_NAME_WIDTH, y=y - 6, width=max(length, 1), height=12, fill=ACCENT),
        ]
        planned = marks[row] if marks else None
        end = length
        if planned is not None:
            at = room * planned / max(most, 1)
            end = max(length, at)
            parts.append(
                line(_NAME_WIDTH + at, y - 10, _NAME_WIDTH + at, y + 10, stroke=INK, width=2)
            )
        parts.append(label(_NAME_WIDTH + end + 7, y + 4.5, f"{count:,}", size=SIZE, fill=QUIET))
    height = max(_ROW * len(counts), _ROW)
    return Drawing(drawing(WIDTH, height, alternative, parts), WIDTH, height, alternative)


def _short(name: str) -> str:
    lines = wrap(name, _NAME_WIDTH - 26, SIZE)
    return lines[0] if len(lines) == 1 else f"{lines[0].rstrip()}…"


def vertical_bars(counts: Sequence[tuple[str, int]], alternative: str) -> Drawing:
    """Draw counts as standing bars on a line of zero, each number above its bar while few."""
    most = max((count for _, count in counts), default=1)
    step = (WIDTH - 2 * _EDGE) / max(len(counts), 1)
    floor = _TOP + _TALL
    parts = [line(0, floor + 0.5, WIDTH, floor + 0.5, stroke=LINE)]
    named = _named(counts, step)
    for place, (name, count) in enumerate(counts):
        middle = _EDGE + step * (place + 0.5)
        tall = _TALL * count / max(most, 1)
        wide = min(step * 0.72, 44.0)
        if count:
            parts.append(
                element("rect", x=middle - wide / 2, y=floor - tall, width=wide, height=tall,
                        fill=ACCENT)
            )  # fmt: skip
        if count and (step > text_width(f"{count:,}", SIZE - 1) + 2 or count == most):
            parts.append(
                label(middle, floor - tall - 6, f"{count:,}", size=SIZE - 1, anchor="middle",
                      fill=QUIET)
            )  # fmt: skip
        if place in named:
            parts.append(
                label(middle, floor + 18, name, size=SIZE - 1, anchor="middle", fill=QUIET)
            )
    height = floor + _FOOT
    return Drawing(drawing(WIDTH, height, alternative, parts), WIDTH, height, alternative)


def _named(counts: Sequence[tuple[str, int]], step: float) -> Iterable[int]:
    """Which bars are named: all while there is room, else evenly apart from the last one back."""
    widest = max((text_width(name, SIZE - 1) for name, _ in counts), default=1.0)
    apart = max(1, -(-int(widest + 4) // max(int(step), 1)))
    return range(len(counts) - 1, -1, -apart)
