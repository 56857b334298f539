"""Adverse events: people *and* events, pooled for blinded people, with terms by arm alone.

Counting rules (CONSORT Harms 2022): a participant counts once in a row, an event each time; the
denominator is the treated. An event is emergent if it may have begun on the day of the treatment
or later. Pooled, no term is named: one that a single arm can have would tell the arm.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from trialwright.analysis.cut_events import AdverseEvent
from trialwright.report.context import ReportContext
from trialwright.report.document import Block, Column, Row, Section, Table

Holds = Callable[[AdverseEvent], bool]


def events_section(told: ReportContext) -> Section:
    """The overview; by arm also each class and term, and the serious events one by one."""
    own = [event for event in told.cut.events if not event.nullified and not event.child]
    treated = _treated(told)
    events = [event for event in own if _is_emergent(event, treated)]
    others = [event for event in own if not _is_emergent(event, treated)]
    blocks: list[Block] = [_overview(told, events, others)]
    if told.sealed is not None:
        blocks += [_terms(told, events), _serious(told, own)]
    return Section(told.words("section_events"), tuple(blocks))


def _treated(told: ReportContext) -> dict[str, date]:
    return {
        person.code: date.fromisoformat(person.treatment.on[:10])
        for person in told.cut.participants
        if person.treatment is not None and person.treatment.status != "none"
    }


def _is_emergent(event: AdverseEvent, treated: Mapping[str, date]) -> bool:
    """Of the treated; an event whose start isn't known may have begun with the treatment."""
    on = treated.get(event.participant)
    return on is not None and _may_be_from(event.started, on)


def _may_be_from(started: str, on: date) -> bool:
    """A partial date may be from a day on unless what is known of it lies before."""
    return not started or started >= on.isoformat()[: len(started)]


def _overview(
    told: ReportContext, events: Sequence[AdverseEvent], others: Sequence[AdverseEvent]
) -> Table:
    words = told.words
    kinds: list[tuple[str, Holds]] = [
        (words("events_any"), lambda event: True),
        (words("events_related"), lambda event: event.related),
        (words("events_serious"), lambda event: event.serious),
        (words("events_fatal"), lambda event: event.outcome == "fatal"),
        (words("events_stopping"), lambda event: bool(event.stopping)),
    ]
    rows = [_row(told, name, [event for event in events if holds(event)]) for name, holds in kinds]
    rows.append(Row((words("events_by_worst"), *("" for _ in told.groups)), "group"))
    rows += [_worst_row(told, grade, events) for grade in range(1, 6)]
    notes = [words("events_note")]
    if others:
        rows += _rows_of_others(told, others)
        notes += _outside(told, others)
    return _table(told, "table_events", rows, *notes)


def _rows_of_others(told: ReportContext, others: Sequence[AdverseEvent]) -> list[Row]:
    """The events that aren't emergent, each in one row: they are marked, and not lost."""
    words, treated = told.words, _treated(told)
    kinds: dict[str, list[AdverseEvent]] = {
        "events_before_consent": [], "events_before_treatment": [], "events_not_treated": []
    }  # fmt: skip
    for event in others:
        if event.onset_to_consent in ("before", "no_day"):
            kinds["events_before_consent"].append(event)
        elif event.participant in treated:
            kinds["events_before_treatment"].append(event)
        else:
            kinds["events_not_treated"].append(event)
    head = Row((words("events_others"), *("" for _ in told.groups)), "group")
    return [head, *(_row(told, words(key), found, level=1) for key, found in kinds.items())]


def _outside(told: ReportContext, others: Sequence[AdverseEvent]) -> list[str]:
    """Those of participants who are in no group: not allocated, or without a part in it."""
    inside = {code for group in told.groups for code in group.codes}
    found = [event for event in others if event.participant not in inside]
    if not found:
        return []
    people = len({event.participant for event in found})
    return [told.words("events_outside", people=people, events=len(found))]


def _worst_row(told: ReportContext, grade: int, events: Sequence[AdverseEvent]) -> Row:
    """People by the worst grade of all their events; events by their own."""
    worst: dict[str, int] = {}
    for event in events:
        worst[event.participant] = max(event.worst, worst.get(event.participant, 0))
    own = [event for event in events if event.worst == grade]
    cells = []
    for group in told.groups:
        people = sum(worst.get(code) == grade for code in group.codes)
        count = sum(event.participant in group.codes for event in own)
        cells.append(told.words("people_events", people=people, events=count))
    return Row((told.words("grade", grade=grade), *cells), level=1)


def _terms(told: ReportContext, events: Sequence[AdverseEvent]) -> Table:
    rows: list[Row] = []
    for system in sorted({event.system for event in events}):
        inside = [event for event in events if event.system == system]
        rows.append(_row(told, system or told.words("no_system"), inside))
        for term in sorted({event.term for event in inside}):
            named = [event for event in inside if event.term == term]
            rows.append(_row(told, term, named, level=1))
    return _table(told, "table_terms", rows, told.words("events_note"))


def _serious(told: ReportContext, events: Sequence[AdverseEvent]) -> Table:
    words = told.words
    heads = ("participant", "term", "grade_head", "started", "known", "outcome", "criteria", "what")
    arms = {code: told.arm(group.arm) for group in told.groups for code in group.codes}
    rows = [
        Row(
            (
                f"{event.participant} ({arms.get(event.participant, '–')})",
                event.term,
                str(event.worst),
                _onset(told, event),
                event.known_on,
                words(f"outcome_{event.outcome}"),
                ", ".join(words(f"criterion_{each}") for each in event.criteria),
                event.described or "–",
            )
        )
        for event in events
        if event.serious
    ]
    columns = tuple(
        Column(words(head if head in ("participant", "what") else f"event_{head}"))
        for head in heads
    )
    return Table(words("table_serious"), columns, tuple(rows), empty=words("no_serious"))


def _onset(told: ReportContext, event: AdverseEvent) -> str:
    """When it began, as far as that is known, with its mark."""
    said = f"onset_{event.onset_to_treatment}"
    if event.onset_to_consent in ("before", "no_day"):
        said = f"onset_{event.onset_to_consent}_consent"
    began = event.started or "–"
    return f"{began} ({told.words(said)})" if told.words.has(said) else began


def _row(told: ReportContext, name: str, events: Sequence[AdverseEvent], level: int = 0) -> Row:
    cells = []
    for group in told.groups:
        own = [event for event in events if event.participant in group.codes]
        people = len({event.participant for event in own})
        cells.append(told.words("people_events", people=people, events=len(own)))
    return Row((name, *cells), level=level)


def _table(told: ReportContext, caption: str, rows: Sequence[Row], *notes: str) -> Table:
    treated = set(_treated(told))
    sizes = tuple(len(treated & set(group.codes)) for group in told.groups)
    return Table(
        told.words(caption),
        told.group_columns(told.words("event_head"), sizes),
        tuple(rows) if told.cut.events else (),
        notes,
        told.words("no_events"),
    )
