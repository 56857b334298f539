"""What a person should see before randomising: the stratum, and what is missing."""

from dataclasses import dataclass

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import allocation_list
from trialwright.conduct.models import Participant
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.requirements import missing_before
from trialwright.protocol.model import Arm, Factor, Level
from trialwright.protocol.requirements import Before
from trialwright.protocol.steps import Milestone


@dataclass(frozen=True, slots=True)
class ToRandomise:
    """A participant, the level of each stratification factor (None: not known), what is missing.

    arms: those to choose from, where this person chooses. chosen_by: the role that chooses, where
    the arm is chosen.
    """

    participant: Participant
    strata: tuple[tuple[Factor, Level | None], ...]
    lacking: Before
    arms: tuple[Arm, ...] = ()
    chosen_by: str = ""


def to_randomise(by: Actor, code: str) -> ToRandomise:
    """What is known before the randomisation; NotFound for who may not randomise."""
    participant, protocol = participant_and_protocol(by, code, Act.RANDOMISE)
    allocation = protocol.allocation
    strata: list[tuple[Factor, Level | None]] = []
    if allocation is not None:
        needed = allocation_list.needed_for_stratum(allocation)
        values = values_of(participant, protocol, needed)
        for factor in allocation.factors:
            levels = (each for each in factor.levels if each.when.holds(values) is True)
            strata.append((factor, next(levels, None)))
    lacking = missing_before(participant, protocol, Milestone.ALLOCATION)
    chosen_by = allocation.by if allocation else ""
    chooses = bool(chosen_by) and by.role_among({chosen_by}, participant.site) is not None
    arms = protocol.arms if chooses else ()
    return ToRandomise(participant, tuple(strata), lacking, arms, chosen_by)
