"""A participant's timeline: a row for each visit with its window, and a line for each event."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from trialwright.report.document import Drawing
from trialwright.report.figures.svg import (
    ACCENT,
    INK,
    INSET,
    LINE,
    PAPER,
    QUIET,
    STOP,
    drawing,
    element,
    label,
    line,
    text_width,
    wrap,
)
from trialwright.report.words import ReportWords

WIDTH, LEFT, RIGHT = 640.0, 190.0, 20.0
ROW, LEADING, SIZE = 22.0, 14.0, 11.5
# A browser's own font may run wider than the one that is measured.
_WIDER = 1.1

_Place = Callable[[date], float]


@dataclass(frozen=True, slots=True)
class TimelineVisit:
    """A visit as planned and as it came; `status` is done, planned, missed or cancelled."""

    label: str
    status: str
    opens: date
    closes: date
    actual: date | None = None


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """A moment that concerns every row, such as the treatment or a withdrawal."""

    label: str
    day: date


@dataclass(frozen=True, slots=True)
class Timeline:
    visits: tuple[TimelineVisit, ...]
    events: tuple[TimelineEvent, ...]
    today: date


def timeline_figure(timeline: Timeline, words: ReportWords) -> Drawing:
    """Draw the timeline, 640 wide; the marks differ in shape, not in colour alone."""
    days = [timeline.today, *(event.day for event in timeline.events)]
    for visit in timeline.visits:
        days += [visit.opens, visit.closes, *([visit.actual] if visit.actual else [])]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)

    def x(day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span

    moments = [*timeline.events, TimelineEvent(words("today"), timeline.today)]
    extents = _extents([(x(m.day), m.label) for m in moments])
    lanes = _lanes(extents)
    top = 16.0 * (max(lanes, default=0) + 1) + 8
    names = [wrap(visit.label, (LEFT - 14) / _WIDER, SIZE) for visit in timeline.visits]
    heights = [ROW + LEADING * (len(name) - 1) for name in names]
    bottom = top + (sum(heights) or ROW)
    height = bottom + 24
    parts = [*_months(first, last, x, top, bottom)]
    for moment, (left, _right), lane in zip(moments, extents, lanes, strict=True):
        today = moment.label == words("today")
        parts += _moment(moment.label, x(moment.day), left, lane, top, bottom, today)
    y = top
    for visit, name, high in zip(timeline.visits, names, heights, strict=True):
        parts += _visit(visit, name, y + high / 2, x)
        y += high
    said = _alternative(timeline, words)
    return Drawing(drawing(WIDTH, height, said, parts), WIDTH, height, said)


def _lanes(extents: list[tuple[float, float]]) -> list[int]:
    """A height for each label, so that no two overlap; 0 is nearest the rows."""
    taken: list[list[tuple[float, float]]] = []
    lanes = []
    for left, right in extents:
        lane = 0
        while lane < len(taken) and any(
            left < other_right + 8 and other_left < right + 8
            for other_left, other_right in taken[lane]
        ):
            lane += 1
        if lane == len(taken):
            taken.append([])
        taken[lane].append((left, right))
        lanes.append(lane)
    return lanes


def _extents(labels: list[tuple[float, str]]) -> list[tuple[float, float]]:
    """From where to where each label reaches from its place: rightwards, but to the left where the
    edge or another moment's line is in the way."""
    extents = []
    for place, words in labels:
        width = _WIDER * text_width(words, SIZE)
        crossed = any(place < other < place + 8 + width for other, _words in labels)
        if place + 4 + width > WIDTH or (crossed and place - 4 - width >= 0):
            extents.append((place - 4 - width, place - 4))
        else:
            extents.append((place + 4, place + 4 + width))
    return extents


def _moment(
    words: str, place: float, left: float, lane: int, top: float, bottom: float, today: bool
) -> Iterable[str]:
    y = top - 8 - 16 * lane
    colour = ACCENT if today else QUIET
    yield line(place, y - 10, place, bottom, stroke=colour, width=1.6 if today else 1)
    yield label(left, y, words, size=SIZE, fill=colour, weight=600 if today else 400)


def _months(first: date, last: date, x: _Place, top: float, bottom: float) -> Iterable[str]:
    """At most seven months named under the rows, evenly apart."""
    starts = []
    month = first.replace(day=1)
    while month <= last:
        if month >= first:
            starts.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    step = -(-len(starts) // 7) if starts else 1
    for start in starts[::step]:
        yield line(x(start), top, x(start), bottom, stroke=LINE)
        words = start.isoformat()[:7]
        # Without room at the edge the line stands alone: a name would meet the one before.
        if x(start) + text_width(words, SIZE) <= WIDTH:
            yield label(x(start), bottom + 17, words, size=SIZE, fill=QUIET)


def _visit(visit: TimelineVisit, name: Sequence[str], y: float, x: _Place) -> Iterable[str]:
    faint = visit.status in ("planned", "cancelled")
    first = y + 4 - LEADING * (len(name) - 1) / 2
    for place, words in enumerate(name):
        yield label(0, first + LEADING * place, words, size=SIZE, fill=QUIET if faint else INK)
    opens, closes = x(visit.opens), x(visit.closes)
    yield element(
        "rect",
        x=opens,
        y=y - 5,
        width=max(closes - opens, 3),
        height=10,
        rx=2,
        fill=INSET,
        stroke=LINE,
    )
    middle = (opens + closes) / 2
    if visit.status == "done" and visit.actual:
        late = not visit.opens <= visit.actual <= visit.closes
        yield element("circle", cx=x(visit.actual), cy=y, r=4.5, fill=STOP if late else ACCENT)
        if late:
            yield element("circle", cx=x(visit.actual), cy=y, r=1.8, fill=PAPER)
    elif visit.status == "missed":
        for dy in (-4, 4):
            yield line(middle - 4, y + dy, middle + 4, y - dy, stroke=STOP, width=2)
    elif visit.status == "planned":
        yield element("circle", cx=middle, cy=y, r=4, fill=PAPER, stroke=QUIET, stroke_width=1.4)


def _alternative(timeline: Timeline, words: ReportWords) -> str:
    counts = {
        status: sum(visit.status == status for visit in timeline.visits)
        for status in ("done", "planned", "missed", "cancelled")
    }
    return words("timeline_alternative", all=len(timeline.visits), **counts)
