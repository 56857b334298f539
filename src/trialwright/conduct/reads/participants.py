"""The participants a person may see, and one of them with visits and timeline."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from django.db.models import Count
from django.utils import timezone

from trialwright.accounts.policy import (
    Act,
    Actor,
    may,
    may_see_form,
    role_to_complete,
    role_to_sign,
)
from trialwright.conduct.acting import knows_arm, protocol_for, protocol_of
from trialwright.conduct.clock import day_of, installation_zone, zone_of
from trialwright.conduct.models import (
    Draft,
    Entry,
    Participant,
    Query,
    Signature,
    State,
    StepRecord,
    Study,
    VisitRecord,
)
from trialwright.conduct.models.entries import EntryStatus, QueryStatus
from trialwright.conduct.participants.met import met_for_steps
from trialwright.conduct.participants.progress import Treatment, records_of, treatment_from
from trialwright.conduct.participants.reconsenting import Reconsent, reconsent_of
from trialwright.conduct.participants.states import closed_because
from trialwright.conduct.participants.step_details import StepDetails, details_of
from trialwright.conduct.reads.steps import NextStep, StepsOpen, next_steps, steps_open
from trialwright.conduct.refusals import NotFound, Sentence
from trialwright.conduct.tables import row_of, rows_of, version_of
from trialwright.protocol.blinding import is_restricted_step
from trialwright.protocol.forms import Form
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import key_of, name_of, occurrence_of
from trialwright.protocol.steps import Step
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
    kind: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class FormLine:
    """One form of a visit, as this person finds it; `draft`: what they typed is not saved yet."""

    key: str
    repeat: int
    status: str
    signed: bool
    needs_signature: bool
    open_queries: int
    can_enter: bool
    draft: bool = False
    can_sign: bool = False


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit of a participant. `status` is None where it has not been planned yet.

    `closed` says why a form of it that is still empty can't be filled in now. `historic`: it took
    place before the protocol was signed.
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
    historic: bool = False


@dataclass(frozen=True, slots=True)
class StepLine:
    """One recorded step, at an occurrence of a visit by its name or at none; its details are None
    for who could learn an arm from them."""

    step: Step
    visit: str
    status: str
    on: date
    details: StepDetails | None


@dataclass(frozen=True, slots=True)
class Story:
    """One participant as a person may see them.

    `steps` are those of every trial that the person can take now. Of the protocol's own steps
    `taken` are those recorded, as far as this person may know (who may not know the arm is told
    the doses by their day), and `open` those that can be. `treatment` is what became of the doses.
    """

    row: Participant
    protocol: Protocol
    demonstration: bool
    visits: tuple[VisitLine, ...]
    knows_arm: bool
    treatment: Treatment | None
    steps: tuple[NextStep, ...]
    taken: tuple[StepLine, ...]
    open: StepsOpen
    reconsent: Reconsent | None


def study_and_protocol(by: Actor) -> tuple[Study, Protocol]:
    """The study and the protocol it runs on; NotFound if there is none for this person."""
    study = row_of(Study, identifier=by.study)
    if study is None or study.version_id is None or not may(by, Act.SEE_STUDY):
        raise NotFound
    study.version = version_of(study.version_id)
    return study, protocol_of(study.version)


def participant_and_protocol(
    by: Actor, code: str, act: Act = Act.SEE_PARTICIPANTS
) -> tuple[Participant, Protocol]:
    """A participant, if this person may do `act` for them, and the version they stand under."""
    study, _newest = study_and_protocol(by)
    participant = one(by, code, act)
    assert study.version is not None  # noqa: S101 - `study_and_protocol` has asked
    participant.study = study
    return participant, protocol_for(participant, study.version)


def visible(by: Actor):  # type: ignore[no-untyped-def]
    """The rows of the participants that this person may see."""
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    rows = Participant.objects.filter(study=by.study)
    return rows if by.sites is None else rows.filter(site__in=by.sites)


def one(by: Actor, code: str, act: Act = Act.SEE_PARTICIPANTS) -> Participant:
    """The participant with this code, if this person may do `act` for them."""
    participant = row_of(Participant, study_id=by.study, code=code)
    if participant is None or not all(
        may(by, each, site=participant.site) for each in (Act.SEE_PARTICIPANTS, act)
    ):
        raise NotFound
    return participant


def participants(by: Actor) -> list[ParticipantLine]:
    """All participants this person may see, by code, each with the next visit."""
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
                kind=row.kind or "",
                group=row.group or "",
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
    """What is stored of a participant's forms: entries by visit and form, which are signed, open
    queries.
    """

    entries: dict[tuple[str, str], list[Entry]]
    signed: set[object]
    queries: Counter[object]
    drafts: frozenset[tuple[str, str, int]] = frozenset()


def story(by: Actor, code: str) -> Story:
    """One participant: the visits with their forms, as this person may see them."""
    study, _newest = study_and_protocol(by)
    row, protocol = participant_and_protocol(by, code)
    knows = knows_arm(by, row)
    records = {record.visit: record for record in rows_of(VisitRecord, participant_id=row.pk)}
    held = _held(row, by)
    lines = []
    for visit in _visits_of(protocol, records):
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
                signs=bool(role_to_sign(by, protocol.form(key), site=row.site, knows_arm=knows)),
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
                historic=_historic(study, record),
            )
        )
    taken = records_of(row, protocol)
    today = day_of(timezone.now(), zone_of(row))
    sees_all = may(by, Act.SEE_ARM, site=row.site, knows_arm=knows)
    return Story(
        row=row,
        protocol=protocol,
        demonstration=study.demonstration,
        visits=tuple(lines),
        knows_arm=knows,
        treatment=treatment_from(row, protocol, taken),
        steps=tuple(
            next_steps(by, row, protocol, records.values(), today, assessed=row.criteria.exists())
        ),
        taken=tuple(_step_lines(row, protocol, taken, sees_all=sees_all)),
        open=steps_open(
            by,
            row,
            protocol,
            taken,
            records.values(),
            today,
            met_for_steps(row, protocol),
        ),
        reconsent=reconsent_of(row, protocol, day_of(timezone.now(), zone_of(row))),
    )


def _historic(study: Study, record: VisitRecord | None) -> bool:
    """Whether a visit took place before the protocol was signed."""
    if record is None or record.actual is None or study.activated_at is None:
        return False
    return record.actual < day_of(study.activated_at, installation_zone())


def _visits_of(protocol: Protocol, records: Collection[str]) -> Iterator[Visit]:
    """The visits of a participant in the protocol's order: those of a cycle by their occurrences.

    Args:
        records: the names of the visits that have a record; the first of a cycle needs none, and
            one of some arms is nothing to the others.
    """
    for visit in protocol.visits:
        if visit.arms and not any(key_of(name) == visit.key for name in records):
            continue
        if not visit.repeats:
            yield visit
            continue
        known = {number for key, number in map(occurrence_of, records) if key == visit.key}
        for number in sorted(known if visit.unscheduled else {1, *known}):
            yield protocol.visit(name_of(visit.key, number))


def _step_lines(
    row: Participant, protocol: Protocol, taken: list[StepRecord], *, sees_all: bool
) -> Iterator[StepLine]:
    """The steps that a person may know of: of restricted ones, a blinded one is told the doses."""
    order = [step.key for step in protocol.steps]
    for each in sorted(taken, key=lambda record: (record.taken_on, order.index(record.step))):
        step = protocol.step(each.step)
        told = sees_all or not is_restricted_step(protocol, step)
        if told or step.gives_dose:
            details = details_of(row.study_id, each) if told else None
            visit = name_of(each.visit, each.occurrence)
            yield StepLine(step, visit, each.status, each.taken_on, details)


def _held(row: Participant, by: Actor) -> _Held:
    entries: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(rows_of(Entry, participant_id=row.pk), key=attrgetter("repeat")):
        entries.setdefault((entry.visit, entry.form), []).append(entry)
    valid = Signature.objects.filter(participant=row, void_at=None)
    waiting = Query.objects.filter(entry__participant=row, status=QueryStatus.OPEN.value)
    return _Held(
        entries,
        set(valid.values_list("entry_id", flat=True)),
        Counter(waiting.values_list("entry_id", flat=True)),
        frozenset(
            Draft.objects.filter(participant=row, person=by.person_id).values_list(
                "visit", "form", "repeat"
            )
        ),
    )


def _form_lines(
    held: _Held, visit: Visit, form: Form, role: str | None, *, open_now: bool, signs: bool
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
            draft=(visit.key, form.key, entry.repeat) in held.drafts,
            can_sign=signs and complete and entry.pk not in held.signed,
        )
    if form.diary is None and (not found or form.repeating):
        can = role is not None and open_now
        repeat = len(found) + 1
        draft = (visit.key, form.key, repeat) in held.drafts
        yield FormLine(form.key, repeat, "empty", False, False, 0, can, draft)
