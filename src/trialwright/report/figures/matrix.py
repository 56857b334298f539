"""Counts of two kinds at once: a circle in each cell, its area the count, with the number in it."""

import math
from collections.abc import Sequence

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    ACCENT,
    INK,
    LINE,
    PAPER,
    QUIET,
    drawing,
    element,
    label,
    line,
    text_width,
    wrap,
)

WIDTH, LEFT = 720.0, 190.0
SIZE, ROW, HEAD = 13.0, 40.0, 40.0
_LARGEST, _SMALLEST, _GAP = 17.0, 2.5, 4.0


def matrix_figure(
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Sequence[Sequence[int]],
    alternative: str,
) -> Drawing:
    """Draw `counts[row][column]`; the number stands in a large circle and beside a small one."""
    most = max((count for row in counts for count in row), default=0) or 1
    step = (WIDTH - LEFT) / max(len(columns), 1)
    height = HEAD + ROW * len(rows) + 4
    parts: list[str] = []
    for place, name in enumerate(columns):
        lines = wrap(name, step - 6, SIZE - 1)[:2]
        for at, words in enumerate(lines):
            y = HEAD - 10 - 15 * (len(lines) - 1 - at)
            parts.append(
                label(LEFT + step * (place + 0.5), y, words, size=SIZE - 1, anchor="middle",
                      fill=QUIET)
            )  # fmt: skip
    for row, name in enumerate(rows):
        y = HEAD + ROW * row
        parts.append(line(0, y, WIDTH, y, stroke=LINE))
        parts.append(label(0, y + ROW / 2 + 4.5, name, size=SIZE, fill=INK))
        for place, count in enumerate(counts[row]):
            if count:
                parts += _cell(LEFT + step * (place + 0.5), y + ROW / 2, count, most)
    return Drawing(drawing(WIDTH, height, alternative, parts), WIDTH, height, alternative)


def _cell(x: float, y: float, count: int, most: int) -> list[str]:
    words = f"{count:,}"
    wide = text_width(words, SIZE - 1)
    radius = max(_LARGEST * math.sqrt(count / most), _SMALLEST)
    inside = wide + 6 < 2 * radius
    # A number beside its circle is centred together with it.
    middle = x if inside else x - (wide + _GAP) / 2
    return [
        element("circle", cx=middle, cy=y, r=radius, fill=ACCENT),
        label(
            middle if inside else middle + radius + _GAP,
            y + 4.5,
            words,
            size=SIZE - 1,
            anchor="middle" if inside else "start",
            fill=PAPER if inside else INK,
        ),
    ]
