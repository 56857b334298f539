"""Dose cohorts in a simulated trial: the next one is opened, and participants wait for a place."""

from trialwright.accounts.policy import Actor
from trialwright.conduct.actions.cohorts import decide_cohort
from trialwright.conduct.allocation.cohorts import cohorts_now
from trialwright.conduct.models import Study, VisitRecord
from trialwright.conduct.reads.steps import due_again
from trialwright.conduct.tables import rows_of
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.model import Protocol
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.stage import Stage, Thread

PATIENCE = 60
"""So often, a week apart, an allocation that comes too soon is tried again."""


def decide_cohorts(stage: Stage, protocol: Protocol) -> bool:
    """Have whoever opens dose cohorts decide as the rule says, or one level up without a rule, once
    the open one is complete. Whether the escalation has ended.

    Args:
        protocol: the file, or its part of the group that escalates.
    """
    if protocol.cohorts is None:
        return False
    now = cohorts_now(Study.objects.get(pk=protocol.identifier), protocol, stage.now)
    if now.ended or (now.decisions and not now.complete):
        return now.ended
    said = now.reading.decision if now.reading else None
    levels = range(1, len(protocol.cohorts.levels) + 1)
    level: int | None = next((each for each in levels if each not in now.reached), levels[-1])
    ends = now.reading is None and now.reached == set(levels)
    if now.reading is not None and said is not None:
        if said.action == "suspend":
            return False
        ends = said.action == "stop"
        level = now.reading.selected if ends else said.dose

    def decide(by: Actor) -> bool:
        decide_cohort(
            by=by,
            level=level,
            end=ends,
            content_hash=now.content_hash,
            group=now.cohorts.group,
            reason="" if now.reading else "No dose-limiting event speaks against it",
            at=stage.now,
        )
        return True

    stage.act("decide_cohort", stage.crew.among({protocol.cohorts.decide}), decide)
    return ends


def wait_for_cohort(person: SimulatedPerson) -> Thread:
    """Wait, before a visit of its epoch, until the dose cohorts that the participant joins have a
    place, or have ended."""
    stage, protocol = person.stage, person.protocol
    for _turn in range(PATIENCE):
        records = rows_of(VisitRecord, participant_id=person.row.pk)
        due = due_again(person.row, protocol, records, stage.today)
        if due is None or due.kind is not AllocationKind.DOSE_COHORT:
            return
        if decide_cohorts(stage, protocol):
            return
        now = cohorts_now(Study.objects.get(pk=protocol.identifier), protocol, stage.now)
        if now.places or now.backfills is not None:
            return
        yield stage.in_days(7, 9)
