"""What is sealed of a hold, of a decision and of a signature: all that could tell an arm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trialwright.conduct import sealed_values
from trialwright.conduct.models import Hold, HoldDecision, HoldSignature
from trialwright.safety.holding import Covered


class Choice(StrEnum):
    """What a decision does."""

    RESUME = "resume"
    CLOSE_ARMS = "close_arms"
    CLOSE_STUDY = "close_study"


@dataclass(frozen=True, slots=True)
class HoldDetails:
    """group: the arm by its key, all, or the key of what holds at once. who: the codes of those
    with an event. The counts are those at which it was set; hold_at is the bound there."""

    group: str
    rule: str = ""
    who: tuple[str, ...] = ()
    counted: int = 0
    events: int = 0
    treated: int = 0
    evaluable: int = 0
    hold_at: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CoveredCounts:
    """What a decision covers of one group."""

    group: str
    counted: int
    events: int
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionDetails:
    """What was signed: the choice, the arms closed by it, the reason, the hash of what was read,
    whether it goes against a rule that holds, or against what the board recommended in the meeting
    that it names, and the counts that it covers."""

    choice: Choice
    arms: tuple[str, ...]
    reason: str
    content_hash: str
    overrides: bool = False
    meeting: int | None = None
    against_board: bool = False
    covered: tuple[CoveredCounts, ...] = ()


def details_of_hold(hold: Hold) -> HoldDetails:
    """The details of a hold; ask the policy first."""
    return sealed_values.load(HoldDetails, _opened("hold", hold))


def details_of_decision(row: HoldDecision | HoldSignature) -> DecisionDetails:
    """The details of a decision or of a signature; ask the policy first."""
    entity = "hold_decision" if isinstance(row, HoldDecision) else "hold_signature"
    return sealed_values.load(DecisionDetails, _opened(entity, row))


def _opened(entity: str, row: Hold | HoldDecision | HoldSignature) -> str:
    return sealed_values.open_details(entity, row.study_id, row.pk, bytes(row.sealed))


def covered_by(decisions: Iterable[DecisionDetails]) -> Mapping[str, Covered]:
    """By group, what the latest of these decisions covers; they come in their order."""
    found = {}
    for decision in decisions:
        for each in decision.covered:
            found[each.group] = Covered(each.counted, frozenset(each.who))
    return found
