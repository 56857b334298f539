"""Several measures of the same things beside each other: a row for each, a column of bars each."""

from collections.abc import Sequence
from dataclasses import dataclass

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

WIDTH, LEFT, ROW, SIZE, GAP = 720.0, 110.0, 28.0, 13.0, 18.0


@dataclass(frozen=True, slots=True)
class PanelMeasure:
    """One column: its name, a value for each row (None where there is none), how each is written,
    and the value at its full width, where the largest isn't."""

    name: str
    values: tuple[float | None, ...]
    written: tuple[str, ...]
    full: float | None = None


def panels_figure(
    rows: Sequence[str], measures: Sequence[PanelMeasure], alternative: str
) -> Drawing:
    """Draw the bars, each column on its own scale from zero."""
    step = (WIDTH - LEFT + GAP) / max(len(measures), 1)
    heads = [wrap(each.name, step - GAP, SIZE - 1)[:3] for each in measures]
    head = 16.0 * max((len(lines) for lines in heads), default=1) + 8
    parts: list[str] = []
    for column, measure in enumerate(measures):
        x = LEFT + step * column
        for at, words in enumerate(heads[column]):
            y = head - 10 - 15 * (len(heads[column]) - 1 - at)
            parts.append(label(x, y, words, size=SIZE - 1, fill=QUIET))
        widest = max((text_width(text, SIZE) for text in measure.written), default=0.0)
        room = step - GAP - widest - 6
        known = [value for value in measure.values if value is not None]
        full = (measure.full or max(known, default=0.0)) or 1.0
        for row, (value, text) in enumerate(zip(measure.values, measure.written, strict=True)):
            y = head + ROW * (row + 0.5)
            length = max(room * (value or 0.0) / full, 1.0)
            parts.append(element("rect", x=x, y=y - 6, width=length, height=12, fill=ACCENT))
            parts.append(label(x + length + 6, y + 4.5, text, size=SIZE, fill=INK))
    for row, name in enumerate(rows):
        y = head + ROW * row
        parts.append(line(0, y, WIDTH, y, stroke=LINE))
        parts.append(label(0, y + ROW / 2 + 4.5, name, size=SIZE, fill=INK))
    height = head + ROW * len(rows) + 4
    return Drawing(drawing(WIDTH, height, alternative, parts), WIDTH, height, alternative)
