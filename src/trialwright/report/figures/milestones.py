"""A trial's dates as registered: a row for each milestone on one line of years."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    ACCENT,
    INK,
    INSET,
    LINE,
    PAPER,
    QUIET,
    drawing,
    element,
    label,
    line,
    text_width,
)

WIDTH, LEFT, RIGHT = 640.0, 168.0, 24.0
ROW, SIZE, TOP = 24.0, 13.0, 26.0
_MOST_YEARS_NAMED = 8
_Place = Callable[[date], float]


@dataclass(frozen=True, slots=True)
class DrawnMilestone:
    """A date between two days (one and the same when it is exact); open when only expected."""

    label: str
    earliest: date
    latest: date
    written: str
    expected: bool = False


def milestones_figure(
    milestones: Sequence[DrawnMilestone],
    runs: tuple[date, date] | None,
    today: tuple[date, str],
    alternative: str,
) -> Drawing:
    """Draw milestones, 640 wide; `runs` is from start to completion, `today` a day and its word.

    A circle is filled for what has happened and open for what is expected; a date that is not
    exact is a bar over the days it may be.
    """
    days = [today[0], *(m.earliest for m in milestones), *(m.latest for m in milestones)]
    first, last = date(min(days).year, 1, 1), date(min(max(days).year, 9998) + 1, 1, 1)
    span = max((last - first).days, 1)

    def x(day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span

    bottom = TOP + ROW * len(milestones)
    height = bottom + 26
    parts = [*_years(first.year, last.year, x, bottom)]
    if runs is not None and runs[0] <= runs[1]:
        parts.append(
            element("rect", x=x(runs[0]), y=TOP, width=max(x(runs[1]) - x(runs[0]), 2),
                    height=bottom - TOP, fill=INSET)
        )  # fmt: skip
    parts += _today(*today, x, bottom)
    for row, milestone in enumerate(milestones):
        parts += _row(milestone, TOP + ROW * row + ROW / 2, x)
    return Drawing(drawing(WIDTH, height, alternative, parts), WIDTH, height, alternative)


def _years(first: int, last: int, x: _Place, bottom: float) -> Iterable[str]:
    step = -(-(last - first) // _MOST_YEARS_NAMED)
    for year in range(first, last, max(step, 1)):
        place = x(date(year, 1, 1))
        yield line(place, TOP, place, bottom + 4, stroke=LINE)
        yield label(place, bottom + 19, f"{year}", size=SIZE - 1, fill=QUIET)


def _today(day: date, word: str, x: _Place, bottom: float) -> Iterable[str]:
    place = x(day)
    yield line(place, TOP - 8, place, bottom + 4, stroke=ACCENT, width=1.6)
    room = place + text_width(word, SIZE) / 2 <= WIDTH
    anchor = "middle" if room else "end"
    at = place if room else WIDTH
    yield label(at, TOP - 12, word, size=SIZE - 1, fill=ACCENT, anchor=anchor, weight=600)


def _row(milestone: DrawnMilestone, y: float, x: _Place) -> Iterable[str]:
    yield label(0, y + 4, milestone.label, size=SIZE, fill=QUIET)
    start, end = x(milestone.earliest), x(milestone.latest)
    middle = (start + end) / 2
    if end - start > 12:
        yield line(start, y, end, y, stroke=QUIET, width=2)
    fill = PAPER if milestone.expected else ACCENT
    yield element("circle", cx=middle, cy=y, r=4.5, fill=fill, stroke=ACCENT, stroke_width=1.6)
    edge = max(end, middle + 5) + 7
    room = edge + text_width(milestone.written, SIZE) <= WIDTH
    # Edged with paper, so that it can be read where the line of today crosses it.
    yield element(
        "text",
        escape(milestone.written),
        x=edge if room else min(start, middle - 5) - 7,
        y=y + 4,
        font_size=SIZE,
        text_anchor="start" if room else "end",
        fill=INK,
        stroke=PAPER,
        stroke_width=4,
        stroke_linejoin="round",
        paint_order="stroke",
    )
