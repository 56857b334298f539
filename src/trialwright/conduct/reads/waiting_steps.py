"""The steps of participants that wait for one person: those of every trial, and the protocol's."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import protocol_for
from trialwright.conduct.clock import day_of, share_zones, zones_of
from trialwright.conduct.models import (
    CriterionAnswer,
    Participant,
    State,
    StepRecord,
    Study,
    VisitRecord,
)
from trialwright.conduct.participants.met import met_by
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.reads.steps import ALWAYS_OPEN, NextStep, next_steps, steps_open
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import SEPARATOR
from trialwright.protocol.progress import Place, required_by_steps

_BEFORE_TREATMENT = (State.SCREENED, State.CONSENTED, State.ELIGIBLE, State.RANDOMISED)


@dataclass(frozen=True, slots=True)
class StepWaiting:
    """A step of a participant that somebody should take: a fixed one, or one of the protocol."""

    code: str
    step: NextStep | Place


def named(visits: Iterable[str]) -> Q:
    """Rows of these visits, whatever their occurrence."""
    found = Q(visit__in=())
    for key in visits:
        found |= Q(visit=key) | Q(visit__startswith=key + SEPARATOR)
    return found


def _under(row: Participant, study: Study) -> Protocol:
    assert study.version is not None  # noqa: S101 - `study_and_protocol` has asked
    return protocol_for(row, study.version)


def steps_waiting(by: Actor, study: Study, protocol: Protocol) -> list[StepWaiting]:
    """The steps of every trial that this person can take and somebody waits for."""
    if not may(by, Act.SEE_PARTICIPANTS):
        return []
    answered = CriterionAnswer.objects.filter(participant=OuterRef("pk"))
    epochs = {each.at for each in protocol.later_allocations}
    rows = visible(by).exclude(state__in=[*OVER, State.SCREEN_FAILED])
    if not epochs:
        rows = rows.filter(state__in=[state.value for state in _BEFORE_TREATMENT])
    people = list(rows.annotate(assessed=Exists(answered)).order_by("code"))
    now, zones = timezone.now(), zones_of(by.study)
    share_zones(people, zones)
    visits = _visits_at(people, protocol, epochs)
    return [
        StepWaiting(row.code, step)
        for row in people
        for step in next_steps(
            by,
            row,
            _under(row, study),
            visits[row.pk],
            day_of(now, zones.at(row.site)),
            assessed=row.assessed,
        )
        if step not in ALWAYS_OPEN
    ]


def _visits_at(
    people: Sequence[Participant], protocol: Protocol, epochs: Collection[str | None]
) -> Mapping[Any, list[VisitRecord]]:
    """The records of the visits of some epochs, by participant; none is read without epochs."""
    found: dict[Any, list[VisitRecord]] = defaultdict(list)
    keys = {visit.key for visit in protocol.visits if visit.epoch and visit.epoch in epochs}
    if keys:
        for each in VisitRecord.objects.filter(named(keys), participant__in=people):
            found[each.participant_id].append(each)
    return found


def own_steps_waiting(by: Actor, study: Study, protocol: Protocol) -> list[StepWaiting]:
    """The protocol's own steps that this person can take today."""
    if not any(by.role_among(step.roles) for step in protocol.steps):
        return []
    rows = visible(by).exclude(state__in=[*OVER, State.SCREENED])
    records: dict[Any, list[StepRecord]] = defaultdict(list)
    for record in StepRecord.objects.filter(participant__in=rows):
        records[record.participant_id].append(record)
    visits: dict[Any, list[VisitRecord]] = defaultdict(list)
    at = {visit for step in protocol.steps for visit in step.at}
    for visit in VisitRecord.objects.filter(named(at), participant__in=rows):
        visits[visit.participant_id].append(visit)
    now, zones = timezone.now(), zones_of(by.study)
    people = list(rows.order_by("code"))
    share_zones(people, zones)
    met = met_by(people) if required_by_steps(protocol) else {}
    return [
        StepWaiting(row.code, place)
        for row in people
        for place in steps_open(
            by,
            row,
            _under(row, study),
            records[row.pk],
            visits[row.pk],
            day_of(now, zones.at(row.site)),
            met.get(row.pk, ()),
        ).due
    ]
