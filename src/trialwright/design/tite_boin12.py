"""TITE-BOIN12: BOIN12 that goes on while DLTs and responses of some participants are pending."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.design.boin12 import Boin12, EfficacyState, both_rates
from trialwright.design.checks import Floats, require_kind, require_length
from trialwright.design.pending import PendingState, require_outcomes, with_changed
from trialwright.design.time_to_event import Accrual, TimedCharacteristics, TimeToEvent
from trialwright.messages import Message, sentences
from trialwright.numerics import kernels
from trialwright.numerics.rule import RANK, Array, Rule

_MOVES = {
    "escalate": Message("escalate to dose {dose}"),
    "stay": Message("stay at dose {dose}"),
    "de-escalate": Message("de-escalate to dose {dose}"),
}


@dataclass(frozen=True, slots=True)
class PendingBothState(PendingState):
    """Counts per dose with DLTs and responses pending.

    pending: as in `PendingState`, of the DLT window. responses: those known. pending_responses: for
    each dose the part of the response window followed, in [0, 1), of each participant who has not
    responded and whose window is open.
    """

    responses: tuple[int, ...] = ()
    pending_responses: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        PendingState.__post_init__(self)
        for name in ("responses", "pending_responses"):
            require_length(name, getattr(self, name), len(self.treated))
        for each in zip(self.treated, self.responses, self.pending_responses, strict=True):
            require_outcomes(*each, "responses")

    @classmethod
    def empty(cls, doses: int, dose: int) -> PendingBothState:
        """Nobody treated; `dose` is current."""
        zeros, nobody = (0,) * doses, ((),) * doses
        return cls(zeros, zeros, nobody, dose, zeros, nobody)

    def observe(
        self,
        dose: int,
        treated: int,
        dlts: int,
        pending: Sequence[float] = (),
        responses: int = 0,
        pending_responses: Sequence[float] = (),
    ) -> PendingBothState:
        """Add `treated` participants: `dlts` with a DLT and `responses` responding, `pending` and
        `pending_responses` still followed for the one and the other, the rest done."""
        after = PendingState.observe(
            PendingState(self.treated, self.dlts, self.pending, self.dose),
            dose, treated, dlts, pending,
        )  # fmt: skip
        require_outcomes(treated, responses, pending_responses, "responses")
        d = dose - 1
        later = (*self.pending_responses[d], *pending_responses)
        return replace(
            self,
            treated=after.treated,
            dlts=after.dlts,
            pending=after.pending,
            dose=dose,
            responses=with_changed(self.responses, d, self.responses[d] + responses),
            pending_responses=with_changed(self.pending_responses, d, later),
        )


@dataclass(frozen=True, kw_only=True)
class TiteBoin12(TimeToEvent):
    """BOIN12 with the pending DLTs and responses imputed by the approximated likelihood.

    Estimand: as BOIN12's. At each dose, for DLTs and for responses apart, with n treated, y events
    known and w_i the part of the window followed by each pending participant: effective sample size
    m = n - Σ (1 - w_i), rate p = y/m, expected of a pending participant p (1 - w)/(1 - p w). With T
    and E all expected DLTs and responses, x = (neither (n - T) + both E)/100 quasi-responses;
    desirability is P(u > benchmark | Beta(1 + x, 1 + n - x)). p of the DLTs is compared with BOIN's
    boundaries; a dose is inadmissible by Beta(1 + y, 1 + m - y) as in BOIN12. The rest of the rule
    is that of `boin12`, which decides when nobody is pending. Accrual is suspended while more than
    `suspend_above` of those at the current dose are pending for one of the two.

    What is read anew at each decision includes admissibility: a dose comes back when pending
    outcomes turn out well. At the end all are followed, then BOIN12 selects.

    Accuracy: decisions closed form (Beta probabilities to 1e-13); characteristics are simulated,
    DLT and response independent in a participant, with standard errors. Source: Zhou, Lin, Lee, Li,
    Wang, Li and Yuan 2022, Stat Med 41:1918, section 2.2 (approximated likelihood; its Bayesian
    data augmentation isn't offered); Lin and Yuan 2020, Biostatistics 21:807.

    >>> design = TiteBoin12(boin12=Boin12(target=0.35, min_response=0.25, doses=4))
    >>> state = design.start().observe(1, 3, 0, responses=0, pending_responses=(50 / 60,))
    >>> design.decide(state).dose
    2
    """

    kind: ClassVar[str] = "tite-boin12"
    boin12: Boin12

    def __post_init__(self) -> None:
        super().__post_init__()
        require_kind("boin12", self.boin12, Boin12)

    @property
    def complete(self) -> Boin12:
        return self.boin12

    @cached_property
    def _late(self) -> Floats:
        rule, boin = self.boin12, self.boin12.boin
        return np.array(
            [self.suspend_above, boin.lambda_e, boin.lambda_d, rule.target, rule.min_response,
             rule.benchmark, rule.neither, rule.both, rule.toxic_at, rule.futile_at]
        )  # fmt: skip

    def start(self) -> PendingBothState:
        return PendingBothState.empty(self.boin12.doses, self.boin12.start_dose)

    def select(self, state: PendingState) -> int | None:
        """The dose that would be selected, pending participants counted as without an event."""
        require_kind("state", state, PendingBothState)
        seen = state.treated, state.dlts, state.dose, (0, 0), state.responses  # type: ignore[attr-defined]
        return self.boin12.select(EfficacyState(*seen))

    def judged(self, state: PendingBothState) -> tuple[Array, Array]:
        """[effective size of DLTs, expected DLTs, effective size of responses, expected
        responses] x doses; and the desirability of each dose."""
        require_kind("state", state, PendingBothState)
        toxic, active = _rows(state.pending), _rows(state.pending_responses)
        found = np.array(
            [
                (*kernels.expected_events(state.dlts[d], n, d, *toxic),
                 *kernels.expected_events(state.responses[d], n, d, *active))
                for d, n in enumerate(state.treated)
            ]
        ).T  # fmt: skip
        _, _, real = self._read(self.boin12.rule, state)
        return found, real[RANK]

    def _move(self, rule: Rule, state: PendingState) -> int:
        require_kind("state", state, PendingBothState)
        self._require_fit(rule, state)
        return self._read(rule, state)[0]  # type: ignore[arg-type]

    def _read(self, rule: Rule, state: PendingBothState) -> tuple[int, Array, Array]:
        """The move of the kernel, and the tables it has written: one cell for each dose."""
        doses = self.boin12.doses
        treated, dlts, responses = map(np.array, (state.treated, state.dlts, state.responses))
        toxic, active = _rows(state.pending), _rows(state.pending_responses)
        whole, real = np.zeros((5, doses), dtype=np.int32), np.zeros((4, doses))
        number, _, _, likelihood, model, plug = rule.parts
        move = kernels.pending_both_move(
            number, likelihood, model, plug, self._late, treated, dlts, responses, state.dose - 1,
            *toxic, *active, whole, real, np.zeros(doses, dtype=np.int64), self.boin12.scratch(),
        )  # fmt: skip
        return int(move), whole, real

    def _pending(self, state: PendingState) -> int:
        d = state.dose - 1
        return max(len(state.pending[d]), len(state.pending_responses[d]))  # type: ignore[attr-defined]

    def operating_characteristics(  # type: ignore[override]
        self,
        scenarios: ArrayLike,
        responses: ArrayLike,
        *,
        accrual: Accrual | None = None,
        method: str = "auto",
        trials: int = 10_000,
        seed: int = 1,
        executor: Executor | None = None,
        first_scenario: int = 0,
    ) -> TimedCharacteristics:
        """As for other TITE designs, with true response rates beside the DLT rates; those who
        respond do so within `accrual.response_window_days`."""
        truth, responding = both_rates(scenarios, responses, self.boin12.doses)
        how = (accrual, method, trials, seed, executor, first_scenario)
        return self._simulated(truth, responding, *how)

    def _why(self, state: PendingState, action: str, dose: int) -> Message:
        (size, _, _, _), desirable = self.judged(state)  # type: ignore[arg-type]
        d = state.dose - 1
        return Message(
            "Estimated DLT rate {rate:.3f} at dose {current} (effective sample size {size:.2f}), "
            "desirability {desirable:.3f} at dose {dose}: {move}.",
            rate=state.dlts[d] / size[d] if state.dlts[d] else 0.0,
            current=state.dose,
            size=size[d],
            desirable=desirable[dose - 1],
            dose=dose,
            move=_MOVES[action].filled(dose=dose),
        )

    def describe(self) -> Message:
        return sentences(
            self.boin12.describe(),
            Message(
                "Pending DLTs and responses count by what is expected of them after the part of "
                "the window followed; accrual is suspended while more than {suspend_above:.0%} of "
                "the participants at the dose are pending for one of the two.",
                suspend_above=self.suspend_above,
            ),
        )


def _rows(pending: tuple[tuple[float, ...], ...]) -> tuple[Array, Array, int]:
    """Pending participants as the kernel reads them: dose, part followed, how many."""
    open_ = [(d, part) for d, parts in enumerate(pending) for part in parts]
    where = np.array([d for d, _ in open_], dtype=np.int64)
    return where, np.array([part for _, part in open_], dtype=np.float64), len(open_)
