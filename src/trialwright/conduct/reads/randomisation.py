"""What a person should see before randomising: the stratum, and what is missing."""

from dataclasses import dataclass

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.clock import day_of, zone_of
from trialwright.conduct.models import Participant, VisitRecord
from trialwright.conduct.participants.requirements import missing_before
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.reads.steps import due_again
from trialwright.conduct.reads.values import known_by
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.tables import rows_of
from trialwright.protocol.allocations import Allocation, Factor, Level
from trialwright.protocol.groups import Group
from trialwright.protocol.model import Arm, Protocol
from trialwright.protocol.requirements import Before
from trialwright.protocol.steps import Milestone


@dataclass(frozen=True, slots=True)
class ToRandomise:
    """A participant, the level of each stratification factor (None: not known), what is missing.

    allocation: the one that is to be made: that by which participants enter, or a later one. arms:
    those to choose from, where this person chooses. chosen_by: the role that chooses, where the arm
    is chosen. group: that in which the participant is.
    """

    participant: Participant
    allocation: Allocation
    strata: tuple[tuple[Factor, Level | None], ...]
    lacking: Before
    arms: tuple[Arm, ...] = ()
    chosen_by: str = ""
    group: Group | None = None


def to_randomise(by: Actor, code: str) -> ToRandomise:
    """What is known before the randomisation; NotFound for who may not randomise, and where nobody
    is allocated or no later allocation is due."""
    participant, protocol = participant_and_protocol(by, code, Act.RANDOMISE)
    allocation = _to_make(participant, protocol)
    if allocation is None:
        raise NotFound
    strata: list[tuple[Factor, Level | None]] = []
    values = known_by(participant, protocol, allocation_list.deciding_stratum(allocation))
    for factor in allocation.factors:
        levels = (each for each in factor.levels if each.when.holds(values) is True)
        strata.append((factor, next(levels, None)))
    lacking = Before(Milestone.ALLOCATION)
    if allocation.at is None:
        lacking = missing_before(participant, protocol, Milestone.ALLOCATION)
    chosen_by = allocation.chosen_by
    chooses = bool(chosen_by) and by.role_among({chosen_by}, participant.site) is not None
    arms = tuple(protocol.arms[number - 1] for number in allocation.arms) if chooses else ()
    return ToRandomise(
        participant, allocation, tuple(strata), lacking, arms, chosen_by, protocol.of_group
    )


def _to_make(participant: Participant, protocol: Protocol) -> Allocation | None:
    if participant.randomised_at is None or not protocol.later_allocations:
        return protocol.allocation
    records = rows_of(VisitRecord, participant_id=participant.pk)
    today = day_of(timezone.now(), zone_of(participant))
    return due_again(participant, protocol, records, today)
