"""What a protocol says of its data and safety monitoring board: who its members are, its quorum.

safety:
  board: {members: [safety_board], quorum: 2}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trialwright.protocol.model import Protocol
from trialwright.protocol.nodes import Block
from trialwright.protocol.problems import Problem
from trialwright.safety.hold_rules import hold_rules
from trialwright.safety.section import SectionError, whole_number, words


class Recommendation(StrEnum):
    """What a board recommends. Which arm is stopped, and what is changed, is for the unblinded."""

    CONTINUE = "continue"
    CHANGE = "change"
    PAUSE = "pause"
    STOP_ARM = "stop_arm"
    STOP = "stop"


class Advice(StrEnum):
    """What everybody may know of a recommendation: whether the trial goes on."""

    GOES_ON = "goes_on"
    PAUSES = "pauses"
    STOPS = "stops"


ADVICE: Mapping[Recommendation, Advice] = {
    Recommendation.CONTINUE: Advice.GOES_ON,
    Recommendation.CHANGE: Advice.GOES_ON,
    Recommendation.STOP_ARM: Advice.GOES_ON,
    Recommendation.PAUSE: Advice.PAUSES,
    Recommendation.STOP: Advice.STOPS,
}


@dataclass(frozen=True, slots=True)
class BoardRules:
    """members: the roles whose people are members. quorum: how many of them must be present, the
    chair among them, and how many sign what they recommend."""

    members: frozenset[str]
    quorum: int


def board_rules(protocol: Protocol) -> BoardRules:
    """The board as the protocol has it; where it names none, those who decide about holds, as many
    as end one.

    Raises:
        SectionError: something in it can't be read.
    """
    holds = hold_rules(protocol)
    block = protocol.safety.get("board") if protocol.safety else None
    if not isinstance(block, Block):
        return BoardRules(holds.deciders(protocol), sum(holds.signatures.values()) or 1)
    members = words(block, "members")
    unknown = [each for each in members if each not in protocol.roles.people]
    if unknown or not members:
        what = f"`{unknown[0]}` is no role of this file" if unknown else "the board has no members"
        way_out = "Name roles under `members`, such as `[safety_board]`."
        raise SectionError(Problem(block.line, what, way_out, "safety"))
    quorum = whole_number(block, "quorum")
    if quorum < 1:
        way_out = "Write how many members must be present, 1 or more."
        raise SectionError(Problem(block.line, "`quorum` is below one member", way_out, "safety"))
    return BoardRules(frozenset(members), quorum)
