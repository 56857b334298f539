"""Adverse events as a cut has them, and who has had a stopping event."""

from collections.abc import Collection, Mapping

from trialwright.analysis.cut_events import AdverseEvent, GradeStep
from trialwright.conduct import models as m
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.participants.progress import treatments_of
from trialwright.conduct.safety.events import criteria_met, onset_of, relation, stops
from trialwright.protocol.model import Protocol
from trialwright.safety.ctcae import by_name
from trialwright.safety.onset import OnsetMarks
from trialwright.safety.section import stopping_event


def cut_events(
    study: m.Study, protocol: Protocol, participants: Collection[m.Participant]
) -> tuple[tuple[AdverseEvent, ...], Mapping[str, str]]:
    """All events, of children too, and by participant the day the first stopping one was known."""
    zones = zones_of(study.identifier)
    window, treated = stopping_event(protocol), treatments_of(participants, protocol)
    rows = m.AdverseEvent.objects.filter(study=study).exclude(term="")
    rows = rows.select_related("participant", "child")
    found: list[AdverseEvent] = []
    stopped: dict[str, str] = {}
    for row in rows.prefetch_related("grades", "opinions").order_by("known_at", "number"):
        zone = zones.at(row.participant.site)
        known_on = day_of(row.known_at, zone).isoformat()
        code = row.participant.code
        given = treated.get(row.participant_id)
        on = given.on if given is not None and given.given else None
        found.append(_event(row, known_on, onset_of(row, zone, on)))
        if not row.nullified and stops(row, on, window):
            stopped.setdefault(code, known_on)
    return tuple(found), stopped


def _event(row: m.AdverseEvent, known_on: str, marks: OnsetMarks | None) -> AdverseEvent:
    said = relation(list(row.opinions.all()))
    term = by_name(row.ctcae).get(row.term) if row.ctcae else None
    steps = sorted(row.grades.all(), key=lambda each: each.number)
    return AdverseEvent(
        number=row.number,
        participant=row.participant.code,
        term=row.term,
        system=term.soc if term else "",
        ctcae=row.ctcae,
        started=row.started,
        ended=row.ended,
        known_on=known_on,
        outcome=row.outcome,
        grades=tuple(GradeStep(step.grade, step.since) for step in steps),
        criteria=tuple(criterion.value for criterion in criteria_met(row)),
        special=row.special,
        related=said.related,
        assessed=said.assessed,
        stopping=tuple(row.stopping),
        described=row.described,
        nullified=row.nullified,
        child=row.child.code if row.child else "",
        onset_to_consent=marks.consent.value if marks else "",
        onset_to_treatment=marks.treatment.value if marks else "",
    )
