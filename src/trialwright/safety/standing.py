"""Where a protocol's stopping rule stands: counts of each group, the bound, and what it decides.

One function builds the counts and reads the tables, whoever brings the courses of the participants:
a folder of data, the running trial, or a simulated one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trialwright.design.counting import EVALUABLE, number_counted
from trialwright.design.selection import SelectionDesign
from trialwright.design.stopping import StoppingRule
from trialwright.messages import Message

ALL = "all"


@dataclass(frozen=True, slots=True)
class Followed:
    """One treated participant: the arm, whether a stopping event is known, the part of the window
    watched (1: to its end), and the code where it is needed."""

    arm: str
    event: bool
    share: float
    who: str = ""

    @property
    def watched(self) -> bool:
        """Whether watched to the end of the window."""
        return self.share >= 1


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands for a group: an arm by its key, or all.

    `counted` and `events` are what the rule reads; `treated` and `evaluable` stand beside, since a
    page shows both. `hold_at` is the bound at so many counted, None where none holds; `in_table`
    is false where more are counted than the rule was made for.
    """

    group: str
    rule: str
    counts: str
    treated: int
    evaluable: int
    events: int
    counted: int
    hold_at: int | None
    in_table: bool

    @property
    def holds(self) -> bool:
        """Whether the counts are at or over the bound."""
        return self.hold_at is not None and self.events >= self.hold_at

    @property
    def one_more_holds(self) -> bool:
        """Whether one more participant with an event, counted beside those now, would hold."""
        return self.more_to_hold == 1

    @property
    def more_to_hold(self) -> int | None:
        """How many more events hold at today's number; None where none would."""
        return None if self.hold_at is None or self.holds else self.hold_at - self.events

    def sentence(self) -> Message:
        """The standing in words."""
        facts = {"events": self.events, "counted": self.counted}
        if not self.in_table:
            return Message(
                "{events} of {counted} had a stopping event; the rule's table does not reach so "
                "far, so nothing can be read.", **facts,
            )  # fmt: skip
        if self.hold_at is None:
            return Message(
                "{events} of {counted} had a stopping event; no count holds here.", **facts
            )
        if self.holds:
            return Message(
                "{events} of {counted} had a stopping event; the rule holds at {bound}.",
                **facts, bound=self.hold_at,
            )  # fmt: skip
        return Message(
            "{events} of {counted} had a stopping event; {more} more would hold.",
            **facts, more=self.more_to_hold,
        )  # fmt: skip


def standings(
    design: SelectionDesign | StoppingRule, arms: Sequence[str], people: Iterable[Followed]
) -> list[Standing]:
    """How the rules of a design stand: for each regimen and all of them, or for all participants.

    Args:
        arms: the keys of the protocol's arms, in its order.
        people: those treated.
    """
    followed = list(people)
    if isinstance(design, StoppingRule):
        return [_standing(design, ALL, design.counted, followed)]
    regimens = [arms[number - 1] for number in design.regimens]
    own = [
        _standing(design.arm_rule, arm, design.counted, [one for one in followed if one.arm == arm])
        for arm in regimens
    ]
    together = [one for one in followed if one.arm in regimens]
    return [*own, _standing(design.pooled_rule, ALL, design.counted, together)]


def _standing(rule: StoppingRule, group: str, counts: str, people: Sequence[Followed]) -> Standing:
    event = np.array([one.event for one in people], dtype=bool)
    share = np.array([one.share for one in people], dtype=float)
    treated = np.ones(len(people), dtype=bool)
    events = int(event.sum())
    evaluable = int(number_counted(treated, event, share, EVALUABLE))
    counted = int(number_counted(treated, event, share, counts))
    in_table = counted <= rule.participants
    return Standing(
        group=group,
        rule=type(rule).__name__,
        counts=counts,
        treated=len(people),
        evaluable=evaluable,
        events=events,
        counted=counted,
        hold_at=rule.hold_at[counted] if in_table else None,
        in_table=in_table,
    )


def table_hashes(design: SelectionDesign | StoppingRule) -> Mapping[str, str]:
    """The hash of the table that a design is read from, by its name."""
    return {type(design).__name__: design.table().sha256}
