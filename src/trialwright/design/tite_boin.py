"""TITE-BOIN: BOIN that goes on while some participants are still in their DLT window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.words import Said, sentences
from trialwright.design.checks import require_between
from trialwright.design.finding import DoseState
from trialwright.design.interval import Boin
from trialwright.design.pending import PendingState, suspended
from trialwright.design.table import Decision


@dataclass(frozen=True, kw_only=True)
class TiteBoin(Notebook):
    """BOIN with the pending outcomes imputed by their expectation.

    With n treated, y DLTs, c pending, F the sum of the parts of the window followed:
    q = (y + target/2) / (n - c + 1), r = q/(1 - q), rate = (y + r (c - F)) / n, compared with
    BOIN's boundaries. When y/n alone de-escalates or eliminates, no waiting is needed; otherwise
    accrual is suspended while more than `suspend_above` of n are pending.

    Source: Yuan, Lin, Li, Nie and Warren 2018, Clin Cancer Res 24:4921; the table of PMC9260438.

    >>> design = TiteBoin(boin=Boin(target=0.20, doses=5))
    >>> state = design.start().observe(1, 9, 1, pending=(0.30, 0.30, 0.30))
    >>> design.decide(state).action
    'escalate'
    """

    kind: ClassVar[str] = "tite-boin"
    boin: Boin
    suspend_above: float = 0.5

    def __post_init__(self) -> None:
        require_between("suspend_above", self.suspend_above, 0, 1.000001)

    def start(self) -> PendingState:
        """Nobody treated."""
        return PendingState.empty(self.boin.doses, self.boin.first_dose)

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

    def decide(self, state: PendingState) -> Decision:
        """Escalate, stay, de-escalate, stop or suspend."""
        d = state.dose - 1
        n, y, pending = state.treated[d], state.dlts[d], state.pending[d]
        complete = DoseState(state.treated, state.dlts, state.dose)
        if n == 0:
            return _renamed(self.boin.decide(complete))
        worst = self.boin.decide(complete)
        if worst.dose is None or y >= self.boin.boundaries[n - 1][1]:
            return _renamed(worst)
        if len(pending) > self.suspend_above * n:
            return suspended(state, "TiteBoin")
        if worst.action == "stop":
            return _renamed(worst)
        rate = self.rate(state)
        move = 1 if rate <= self.boin.lambda_e else -1 if rate >= self.boin.lambda_d else 0
        top = self._highest_allowed(state)
        dose = max(1, min(state.dose + move, top))
        action = (
            "stay" if dose == state.dose else "escalate" if dose > state.dose else "de-escalate"
        )
        reason = Said(
            f"Estimated rate {rate:.3f} at dose {state.dose} ({y} of {n} DLTs, {len(pending)} "
            f"pending): {action} at dose {dose}.",
            f"剂量 {state.dose} 的估计 DLT 率 {rate:.3f}（{n} 例中 {y} 例 DLT，{len(pending)} "
            f"例待观察）：下一剂量 {dose}。",
        )
        return Decision(action, dose, reason, "TiteBoin")

    def _highest_allowed(self, state: PendingState) -> int:
        for d, (n, y) in enumerate(zip(state.treated, state.dlts, strict=True), start=1):
            bound = self.boin.boundaries[n - 1][2] if n else None
            if bound is not None and y >= bound:
                return d - 1
        return self.boin.doses

    def select(self, state: PendingState) -> int | None:
        """BOIN's selection, pending participants counted as without a DLT."""
        return self.boin.select(DoseState(state.treated, state.dlts, state.dose))

    def describe(self) -> Said:
        """The rule in words."""
        return sentences(
            self.boin.describe(),
            Said(
                f"Pending outcomes are imputed by their expectation; accrual is suspended while "
                f"more than {self.suspend_above:.0%} of the participants at the dose are pending.",
                f"待观察结局以期望值填补；当前剂量超过 {self.suspend_above:.0%} 的受试者待观察时"
                "暂停入组。",
            ),
        )


def _renamed(decision: Decision) -> Decision:
    return Decision(decision.action, decision.dose, decision.reason, "TiteBoin")
