"""The participants a person may see, and one of them with her visits and story."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from django.db.models import Count

from trialwright.accounts.policy import Act, Actor, may, may_see_form, role_to_complete
from trialwright.conduct.acting import knows_arm, protocol_of
from trialwright.conduct.models import (
    Entry,
    Participant,
    Query,
    Signature,
    State,
    Study,
    VisitRecord,
)
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.refusals import NotHere, Sentence
from trialwright.conduct.states import closed_because
from trialwright.conduct.tables import row_of, rows_of, version_of
from trialwright.protocol.basics import Role
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.visits import Visit


@dataclass(frozen=True, slots=True)
class ParticipantLine:
    """One row of the list of participants."""

    code: str
    site: str
    state: State
    screened_at: datetime
    randomised_at: datetime | None
    next_visit: str | None
    next_opens: date | None
    next_closes: date | None
    open_queries: int


@dataclass(frozen=True, slots=True)
class FormLine:
    """One form of a visit, as this person finds it."""

    key: str
    repeat: int
    status: str
    signed: bool
    needs_signature: bool
    open_queries: int
    can_enter: bool


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit of a participant. `status` is None where it has not been planned yet.

    `closed` says why a form of it that is still empty can't be filled in now.
    """

    visit: Visit
    status: str | None
    target: date | None
    opens: date | None
    closes: date | None
    actual: date | None
    reason: str
    closed: Sentence | None
    forms: tuple[FormLine, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One participant as a person may see her."""

    row: Participant
    protocol: Protocol
    demonstration: bool
    visits: tuple[VisitLine, ...]
    knows_arm: bool


def study_and_protocol(by: Actor) -> tuple[Study, Protocol]:
    """The study and the protocol it runs on; NotHere if there is none for this person."""
    study = row_of(Study, identifier=by.study)
    if study is None or study.version_id is None or not may(by, Act.SEE_STUDY):
        raise NotHere
    study.version = version_of(study.version_id)
    return study, protocol_of(study.version)


def visible(by: Actor):  # type: ignore[no-untyped-def]
    """The rows of the participants that this person may see."""
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotHere
    rows = Participant.objects.filter(study=by.study)
    return rows if by.sites is None else rows.filter(site__in=by.sites)


def one(by: Actor, code: str, act: Act = Act.SEE_PARTICIPANTS) -> Participant:
    """The participant with this code, if this person may do `act` for her."""
    participant = row_of(Participant, study_id=by.study, code=code)
    if participant is None or not all(
        may(by, each, site=participant.site) for each in (Act.SEE_PARTICIPANTS, act)
    ):
        raise NotHere
    return participant


def participants(by: Actor) -> list[ParticipantLine]:
    """All participants this person may see, by code, each with her next visit."""
    rows = visible(by)
    planned = VisitRecord.objects.filter(
        participant__in=rows, status="planned", target__isnull=False
    ).order_by("participant", "target")
    next_visits = {visit.participant_id: visit for visit in planned.distinct("participant")}
    waiting = visible_queries(by).filter(status=QueryStatus.OPEN.value)
    counted = waiting.values_list("entry__participant").annotate(Count("pk")).order_by()
    queries = Counter(dict(counted))
    lines = []
    for row in rows.order_by("code"):
        visit = next_visits.get(row.pk)
        lines.append(
            ParticipantLine(
                code=row.code,
                site=row.site,
                state=State(row.state),
                screened_at=row.screened_at,
                randomised_at=row.randomised_at,
                next_visit=visit.visit if visit else None,
                next_opens=visit.opens if visit else None,
                next_closes=visit.closes if visit else None,
                open_queries=queries[row.pk],
            )
        )
    return lines


def visible_queries(by: Actor):  # type: ignore[no-untyped-def]
    """Queries on the participants this person may see; none is about what could reveal an arm."""
    return Query.objects.filter(entry__participant__in=visible(by)).select_related(
        "entry", "entry__participant"
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """What is stored of her forms: entries by visit and form, which are signed, open queries."""

    entries: dict[tuple[str, str], list[Entry]]
    signed: set[object]
    queries: Counter[object]


def story(by: Actor, code: str) -> Story:
    """One participant: her visits with their forms, as this person may see them."""
    study, protocol = study_and_protocol(by)
    row = one(by, code)
    knows = knows_arm(by, row)
    records = {record.visit: record for record in rows_of(VisitRecord, participant_id=row.pk)}
    held = _held(row)
    lines = []
    for visit in protocol.visits:
        record = records.get(visit.key)
        came = record is not None and record.actual is not None
        closed = closed_because(row, visit, came=came, begun=False)
        forms = [
            line
            for key in visit.forms
            if may_see_form(by, protocol.form(key), site=row.site, knows_arm=knows)
            for line in _form_lines(
                held,
                visit,
                protocol.form(key),
                role_to_complete(by, protocol.form(key), site=row.site, knows_arm=knows),
                open_now=closed is None,
            )
        ]
        lines.append(
            VisitLine(
                visit=visit,
                status=record.status if record else None,
                target=record.target if record else None,
                opens=record.opens if record else None,
                closes=record.closes if record else None,
                actual=record.actual if record else None,
                reason=record.reason if record else "",
                closed=closed,
                forms=tuple(forms),
            )
        )
    return Story(row, protocol, study.demonstration, tuple(lines), knows)


def _held(row: Participant) -> _Held:
    entries: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(rows_of(Entry, participant_id=row.pk), key=attrgetter("repeat")):
        entries.setdefault((entry.visit, entry.form), []).append(entry)
    valid = Signature.objects.filter(participant=row, void_at=None)
    waiting = Query.objects.filter(entry__participant=row, status=QueryStatus.OPEN.value)
    return _Held(
        entries,
        set(valid.values_list("entry_id", flat=True)),
        Counter(waiting.values_list("entry_id", flat=True)),
    )


def _form_lines(
    held: _Held, visit: Visit, form: Form, role: Role | None, *, open_now: bool
) -> Iterator[FormLine]:
    """The entries of a form at a visit, and the empty one that may come next."""
    found = held.entries.get((visit.key, form.key), [])
    for entry in found:
        complete = entry.status == EntryStatus.COMPLETE
        yield FormLine(
            key=form.key,
            repeat=entry.repeat,
            status=entry.status,
            signed=entry.pk in held.signed,
            needs_signature=form.signed_by is not None and complete,
            open_queries=held.queries[entry.pk],
            can_enter=role is not None,
        )
    if not found or form.repeating:
        can = role is not None and open_now
        yield FormLine(form.key, len(found) + 1, "empty", False, False, 0, can)
