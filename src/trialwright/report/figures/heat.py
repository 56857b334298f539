"""Shares of two kinds at once: a field for each pair, the darker the more is missing."""

from collections.abc import Iterable, Mapping, Sequence

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    INK,
    LINE,
    QUIET,
    STOP,
    drawing,
    element,
    label,
    line,
    text_width,
    wrap,
)

WIDTH, LEFT, ROW, SIZE = 860.0, 210.0, 26.0, 12.0
_TURN, _ASIDE = 0.64, 0.77  # sine and cosine of 40 degrees
_DARKEST = 0.45  # Ink is read on this shade and on any lighter.


def heat_figure(
    rows: Sequence[str],
    columns: Sequence[str],
    shares: Mapping[tuple[int, int], float],
    alternative: str,
) -> Drawing:
    """Draw `shares[row, column]`, from 0 to 1, as percentages rounded down; a pair without a share
    stays empty. The names of the columns lean, so that long ones don't run into each other."""
    names = [_short(name, 150) for name in columns]
    # What leans out on the right has its room there.
    lean = max((text_width(name, SIZE) for name in names[-2:]), default=0) * _ASIDE
    step = (WIDTH - LEFT - lean) / max(len(columns), 1)
    head = 18 + _TURN * max((text_width(name, SIZE) for name in names), default=0)
    parts: list[str] = []
    for place, name in enumerate(names):
        x = LEFT + step * (place + 0.5)
        text = label(0, 0, name, size=SIZE, fill=QUIET)
        turned = f"translate({x:.1f} {head - 8:.1f}) rotate(-40)"
        parts.append(element("g", text, transform=turned))
    for row, name in enumerate(rows):
        y = head + ROW * row
        parts.append(line(0, y, LEFT + step * len(columns), y, stroke=LINE))
        parts.append(label(0, y + ROW / 2 + 4.5, _short(name, LEFT - 14), size=SIZE + 1))
        for place in range(len(columns)):
            if (row, place) in shares:
                parts += _field(LEFT + step * place, y, step, shares[row, place])
    height = head + ROW * len(rows) + 4
    return Drawing(drawing(WIDTH, height, alternative, parts), WIDTH, height, alternative)


def _short(name: str, width: float) -> str:
    lines = wrap(name, width, SIZE + 1)
    return lines[0] if len(lines) == 1 else f"{lines[0].rstrip(' ,，:：(（')}…"


def percent(share: float) -> int:
    """Whole percent, rounded down: only what is whole is called 100.

    >>> percent(0.9999), percent(1.0), percent(0.29)
    (99, 100, 29)
    """
    return int(share * 100 + 1e-9)


def _field(x: float, y: float, step: float, share: float) -> Iterable[str]:
    if share < 1:
        shade = 0.08 + (_DARKEST - 0.08) * (1 - share)
        yield element("rect", x=x + 1, y=y + 1, width=step - 2, height=ROW - 2, fill=STOP,
                      fill_opacity=shade)  # fmt: skip
    ink = INK if share < 1 else QUIET
    middle = x + step / 2
    yield label(middle, y + ROW / 2 + 4, str(percent(share)), size=SIZE, anchor="middle", fill=ink)
