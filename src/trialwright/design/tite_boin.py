"""TITE-BOIN: BOIN that goes on while some participants are still in their DLT window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from trialwright.design.boin import Boin
from trialwright.design.checks import Floats, require_kind
from trialwright.design.errors import DesignError
from trialwright.design.pending import PendingState
from trialwright.design.time_to_event import TimeToEvent
from trialwright.messages import Message, sentences

_MOVES = {
    "escalate": Message("escalate at dose {dose}"),
    "stay": Message.in_context("TITE-BOIN", "stay at dose {dose}"),
    "de-escalate": Message("de-escalate at dose {dose}"),
}


@dataclass(frozen=True, kw_only=True)
class TiteBoin(TimeToEvent):
    """BOIN with the pending outcomes imputed by their expectation.

    Estimand: the dose with the DLT rate within the window nearest to BOIN's target. With n treated,
    y DLTs, c pending, F the sum of the parts of the window followed: q = (y + target/2) / (n - c +
    1), r = q/(1 - q), rate = (y + r (c - F)) / n, compared with BOIN's boundaries. When y/n alone
    de-escalates or eliminates, no waiting is needed; otherwise accrual is suspended while more than
    `suspend_above` of n are pending.

    Accuracy: decisions are closed form; characteristics are simulated, with standard errors.
    Source: Yuan, Lin, Li, Nie and Warren 2018, Clin Cancer Res 24:4921; the table of PMC9260438.

    >>> design = TiteBoin(boin=Boin(target=0.20, doses=5))
    >>> state = design.start().observe(1, 9, 1, pending=(0.30, 0.30, 0.30))
    >>> design.decide(state).action
    'escalate'
    """

    kind: ClassVar[str] = "tite-boin"
    boin: Boin

    def __post_init__(self) -> None:
        super().__post_init__()
        require_kind("boin", self.boin, Boin)
        if self.boin.titration:
            raise DesignError(
                Message("Titration in TITE-BOIN."),
                rule=Message("TITE-BOIN treats whole cohorts."),
                fix=Message("Leave titration out."),
            )

    @property
    def complete(self) -> Boin:
        return self.boin

    @cached_property
    def _late(self) -> Floats:
        boin = self.boin
        return np.array([self.suspend_above, boin.lambda_e, boin.lambda_d, boin.target])

    def rate(self, state: PendingState) -> float:
        """The estimated DLT rate at the current dose, pending outcomes imputed."""
        d = state.dose - 1
        n, y, pending = state.treated[d], state.dlts[d], state.pending[d]
        if n == 0:
            return 0.0
        c = len(pending)
        q = (y + self.boin.target / 2) / (n - c + 1)
        return (y + q / (1 - q) * (c - sum(pending))) / n

    def follow_up_needed(self, treated: int, dlts: int, pending: int) -> tuple[float, float]:
        """(escalate when the summed follow-up is at least this, de-escalate when at most this)."""
        q = (dlts + self.boin.target / 2) / (treated - pending + 1)
        odds = q / (1 - q)
        return (
            pending - (self.boin.lambda_e * treated - dlts) / odds,
            pending - (self.boin.lambda_d * treated - dlts) / odds,
        )

    def _why(self, state: PendingState, action: str, dose: int) -> Message:
        d = state.dose - 1
        n, y, waiting = state.treated[d], state.dlts[d], len(state.pending[d])
        rate = self.rate(state)
        return Message(
            "Estimated rate {rate:.3f} at dose {dose} ({y} of {n} DLTs, {waiting} pending): "
            "{move}.",
            rate=rate,
            dose=state.dose,
            y=y,
            n=n,
            waiting=waiting,
            move=_MOVES[action].filled(dose=dose),
        )

    def describe(self) -> Message:
        """The rule in words."""
        return sentences(
            self.boin.describe(),
            Message(
                "Pending outcomes are imputed by their expectation; accrual is suspended while "
                "more than {suspend_above:.0%} of the participants at the dose are pending.",
                suspend_above=self.suspend_above,
            ),
        )
