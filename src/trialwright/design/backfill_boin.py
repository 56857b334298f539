"""Backfill: BOIN whose lower doses go on enrolling while the escalation waits (BF-BOIN)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.design.backfilling import BackfillTrial
from trialwright.design.boin import Boin
from trialwright.design.boin12 import both_rates
from trialwright.design.characteristics import columns
from trialwright.design.checks import (
    require_choice,
    require_count,
    require_dose,
    require_events,
    require_kind,
    require_length,
)
from trialwright.design.errors import DesignError
from trialwright.design.finding import DoseState
from trialwright.design.simulated_finding import SimulatedFinding
from trialwright.design.table import Decision, RuleTable
from trialwright.design.time_to_event import Accrual, TimedCharacteristics
from trialwright.messages import Message, sentences

DOWN, STAY, UP = -1, 0, 1
_CHUNK = 500
_WORDS = {
    UP: Message("escalate to dose {dose}"),
    STAY: Message("stay at dose {dose}"),
    DOWN: Message("de-escalate to dose {dose}"),
}


@dataclass(frozen=True, slots=True)
class BackfillState(DoseState):
    """Counts per dose with backfill; doses from 1, `dose` is that of the escalation.

    treated, dlts: of those whose DLT assessment is over. assigned: everybody, pending ones too.
    responses: observed so far. backfilled: whether a dose has been backfilled. escalated: how many
    of the treated came in escalation cohorts.
    """

    assigned: tuple[int, ...] = ()
    responses: tuple[int, ...] = ()
    backfilled: tuple[bool, ...] = ()
    escalated: int = 0

    def __post_init__(self) -> None:
        DoseState.__post_init__(self)
        for name in ("assigned", "responses", "backfilled"):
            require_length(name, getattr(self, name), len(self.treated))
        for assigned, treated, responses in zip(
            self.assigned, self.treated, self.responses, strict=True
        ):
            require_events(assigned, treated, "assessed")
            require_events(assigned, responses, "responses")

    def observe(
        self, dose: int, treated: int, dlts: int, responses: int = 0, pending: int = 0
    ) -> BackfillState:
        """The state after an escalation cohort at `dose`: `treated` assessed, `dlts` with a DLT,
        `responses` responding, and `pending` more not assessed yet."""
        after = self._added(dose, treated, dlts, responses, pending)
        return replace(after, dose=dose, last=(treated, dlts), escalated=self.escalated + treated)

    def backfill(
        self, dose: int, treated: int, dlts: int, responses: int = 0, pending: int = 0
    ) -> BackfillState:
        """The state after participants backfilled at `dose`, counted as in `observe`."""
        after = self._added(dose, treated, dlts, responses, pending)
        return replace(after, backfilled=_with(after.backfilled, dose, True))

    def _added(
        self, dose: int, treated: int, dlts: int, responses: int, pending: int
    ) -> BackfillState:
        require_dose(dose, len(self.treated))
        require_events(treated, dlts, "DLTs")
        d = dose - 1
        return replace(
            self,
            treated=_with(self.treated, dose, self.treated[d] + treated),
            dlts=_with(self.dlts, dose, self.dlts[d] + dlts),
            assigned=_with(self.assigned, dose, self.assigned[d] + treated + pending),
            responses=_with(self.responses, dose, self.responses[d] + responses),
        )


@dataclass(frozen=True, kw_only=True)
class BackfillBoin(SimulatedFinding):
    """BOIN that assigns participants to lower doses while an escalation cohort is awaited.

    Estimand: BOIN's, the dose with the DLT rate nearest to the target. Who comes while the cohort
    at the current dose c is full goes to the highest dose b < c that is open: a response has been
    seen at b or below; fewer than `cap` are assigned to b; and neither b nor a dose below is closed
    for toxicity, which is when both the DLT rate at b and that of b and b + 1 pooled are above
    lambda_d, or b is eliminated. Where none is open, they are not enrolled. Once a cohort is
    assessed, BOIN's move at c is compared with that at the backfilled doses below: a stay there
    conflicts with an escalation, a de-escalation or elimination there with any move. Then the rate
    pooled from the highest such dose b to c decides: at most lambda_e up, above lambda_d down, to
    the highest dose up to which the pooled rate from b is at most lambda_d, or to b - 1 if there is
    none. `boin.max_participants` and its cohorts are those of the escalation; `boin.stop_at_dose`
    counts everybody assigned. At the end BOIN selects by all data.

    stay_at_one_of_three: with 3 assessed, 1 DLT is a stay (for targets from 0.20 to 0.279).

    Accuracy: decisions are closed form; characteristics are simulated, with standard errors.
    Source: Zhao, Yuan, Korn and Freidlin 2024, Clin Cancer Res 30:673.

    >>> design = BackfillBoin(boin=Boin(target=0.25, doses=5))
    >>> state = design.start().observe(1, 3, 0, responses=1)
    >>> design.decide(state).dose, design.backfill_dose(state)
    (2, None)
    >>> design.backfill_dose(state.observe(2, 0, 0, pending=3))
    1
    """

    kind: ClassVar[str] = "backfill-boin"
    boin: Boin
    cap: int = 12
    stay_at_one_of_three: bool = False

    def __post_init__(self) -> None:
        require_kind("boin", self.boin, Boin)
        require_count("cap", self.cap, 1, 100)
        if self.boin.titration:
            raise DesignError(
                Message("Titration with backfill."),
                rule=Message("Backfill begins with whole cohorts."),
                fix=Message("Leave titration out."),
            )
        if self.stay_at_one_of_three and not 0.2 <= self.boin.target < 0.28:
            raise DesignError(
                Message("stay_at_one_of_three with the target {target:g}.", target=self.target),
                rule=Message("It is for targets from 0.20 to 0.279."),
                fix=Message("Leave it out."),
            )

    @property
    def doses(self) -> int:
        return self.boin.doses

    @property
    def target(self) -> float:
        return self.boin.target

    @property
    def cohort_size(self) -> int:  # type: ignore[override]
        """Of the escalation."""
        return self.boin.cohort_size

    @property
    def max_participants(self) -> int:  # type: ignore[override]
        """Of the escalation; those backfilled come on top."""
        return self.boin.max_participants

    @cached_property
    def wider(self) -> Boin:
        """The same BOIN with room for those backfilled, whose table and selection are read."""
        most = min(self.boin.max_participants + self.cap, 240)
        return replace(self.boin, max_participants=most, stop_at_dose=None)

    @cached_property
    def moves(self) -> list[list[int]]:
        """The move by participants assessed and DLTs: -2 eliminate, -1 down, 0 stay, 1 up."""
        table = [[STAY]]
        for n, (up, down, out, _) in enumerate(self.wider.boundaries, start=1):
            row = [UP if y <= up else DOWN if y >= down else STAY for y in range(n + 1)]
            if n == 3 and self.stay_at_one_of_three:
                row[:3] = [UP, STAY, DOWN]
            table.append([-2 if out is not None and y >= out else m for y, m in enumerate(row)])
        return table

    def start(self) -> BackfillState:
        zeros = (0,) * self.doses
        return BackfillState(
            zeros, zeros, self.boin.first_dose, (0, 0), zeros, zeros, (False,) * self.doses
        )

    def table(self, participants: int | None = None) -> RuleTable:
        """BOIN's table, by which each dose is judged alone."""
        return self.boin.table(participants)

    def allowed(self, treated: Sequence[int], dlts: Sequence[int]) -> int:
        """How many doses aren't eliminated."""
        first = self.boin.extra_safety
        for d, (n, y) in enumerate(zip(treated, dlts, strict=True)):
            out = self.wider.boundaries[n - 1][3 if d == 0 and first else 2] if n else None
            if out is not None and y >= out:
                return d
        return self.doses

    def next_dose(
        self, treated: Sequence[int], dlts: Sequence[int], backfilled: Sequence[bool], dose: int
    ) -> int:
        """Where the escalation goes from `dose`, or 0 when every dose is too toxic."""
        allowed = self.allowed(treated, dlts)
        moves = [self.moves[n][y] for n, y in zip(treated, dlts, strict=True)]
        own = max(moves[dose - 1], DOWN)
        conflicts = [
            b for b in range(1, dose) if backfilled[b - 1] and treated[b - 1]
            and (moves[b - 1] < STAY or (moves[b - 1] == STAY and own == UP))
        ]  # fmt: skip
        if not conflicts:
            return min(max(dose + own, 1), allowed)
        low = conflicts[-1]

        def pooled(high: int) -> float:
            return sum(dlts[low - 1 : high]) / sum(treated[low - 1 : high])

        rate = pooled(dose)
        if rate <= self.boin.lambda_e:
            return min(dose + 1, allowed)
        if rate <= self.boin.lambda_d:
            return min(dose, allowed)
        fitting = [d for d in range(low, dose) if pooled(d) <= self.boin.lambda_d]
        return min(max(fitting, default=max(low - 1, 1)), allowed)

    def open_dose(
        self,
        treated: Sequence[int],
        dlts: Sequence[int],
        assigned: Sequence[int],
        responses: Sequence[int],
        dose: int,
    ) -> int | None:
        """The dose that is backfilled while the escalation is at `dose`; None for none."""
        most, active, found = self.boin.lambda_d, False, None
        for b in range(1, min(dose - 1, self.allowed(treated, dlts)) + 1):
            n, y = treated[b - 1], dlts[b - 1]
            if n and y > most * n and y + dlts[b] > most * (n + treated[b]):
                break
            active = active or responses[b - 1] > 0
            if active and assigned[b - 1] < self.cap:
                found = b
        return found

    def backfill_dose(self, state: BackfillState) -> int | None:
        """Where the next participant goes while the cohort at the current dose is awaited."""
        self._require_fit(state)
        return self.open_dose(
            state.treated, state.dlts, state.assigned, state.responses, state.dose
        )

    def decide(self, state: DoseState) -> Decision:
        """Where the next escalation cohort goes, once the last is assessed."""
        state = self._require_fit(state)
        name, d = type(self).__name__, state.dose - 1
        if not sum(state.treated):
            return Decision("stay", state.dose, Message("Start at dose {dose}.", dose=state.dose),
                            name)  # fmt: skip
        n, y = state.treated[d], state.dlts[d]
        dose = self.next_dose(state.treated, state.dlts, state.backfilled, state.dose)
        if dose == 0:
            reason = Message(
                "{y} of {n} DLTs at dose {dose}: every dose is too toxic.",
                y=y, n=n, dose=state.dose,
            )  # fmt: skip
            return Decision("stop", None, reason, name)
        if state.escalated >= self.max_participants:
            reason = Message("All {total} participants have been treated.", total=state.escalated)
            return Decision("stop", dose, reason, name)
        if self.enough(state.assigned[d], stays=dose == state.dose):
            reason = Message(
                "Enough participants: {n} at dose {dose}.", n=state.assigned[d], dose=state.dose
            )
            return Decision("stop", dose, reason, name)
        move = (dose > state.dose) - (dose < state.dose)
        reason = Message(
            "{y} of {n} DLTs at dose {dose}: {move}.",
            y=y, n=n, dose=state.dose, move=_WORDS[move].filled(dose=dose),
        )  # fmt: skip
        return Decision(("de-escalate", "stay", "escalate")[move + 1], dose, reason, name)

    def enough(self, assigned: int, *, stays: bool) -> bool:
        """Whether so many at the current dose end the trial."""
        most = self.boin.stop_at_dose
        return most is not None and assigned >= most and (
            stays or self.boin.stop_when == "reached"
        )  # fmt: skip

    def select(self, state: DoseState) -> int | None:
        return self.wider.select(DoseState(state.treated, state.dlts, state.dose))

    def next_cohort(self, state: DoseState) -> int:
        decision = self.decide(state)
        if decision.action == "stop" or decision.dose is None:
            return 0
        escalated = state.escalated if isinstance(state, BackfillState) else 0
        return min(self.cohort_size, self.max_participants - escalated)

    def operating_characteristics(  # type: ignore[override]
        self,
        scenarios: ArrayLike,
        responses: ArrayLike,
        *,
        accrual: Accrual | None = None,
        method: str = "auto",
        trials: int = 1_000,
        seed: int = 1,
        executor: Executor | None = None,
        first_scenario: int = 0,
    ) -> TimedCharacteristics:
        """How the design performs under each scenario (scenarios x doses of true DLT rates and of
        true response rates), simulated over arrival times; participants count those backfilled.

        A cohort is judged when all its participants have a DLT or are done; until then, once it is
        full, who comes is backfilled or leaves. At the end everybody is followed, then BOIN
        selects. Arrival j of trial i has five numbers of their own, so executor changes nothing.
        """
        truth, responding = both_rates(scenarios, responses, self.doses)
        accrual = Accrual() if accrual is None else accrual
        require_kind("accrual", accrual, Accrual)
        require_choice("method", method, ("auto", "monte-carlo"))
        require_count("trials", trials, 1, 10**7)
        require_count("seed", seed, 0, 2**64 - 1)
        require_count("first_scenario", first_scenario, 0, 2**16 - len(truth))
        each: Any = map if executor is None else executor.map
        jobs = [
            (s, first, min(_CHUNK, trials - first))
            for s in range(len(truth))
            for first in range(0, trials, _CHUNK)
        ]
        run = partial(_chunk, self, truth, responding, accrual, seed, first_scenario)
        sums = np.zeros((len(truth), 3, self.doses + 1))
        for (s, _, _), part in zip(jobs, each(run, jobs), strict=True):
            sums[s] += part
        found = columns(truth, self.target, sums / trials, "monte-carlo", trials, 0)
        return TimedCharacteristics(**found, duration_days=sums[:, 2, -1] / trials / 1_000)

    def describe(self) -> Message:
        """The rule in words."""
        parts = [
            self.boin.describe(),
            Message(
                "While an escalation cohort is awaited, who comes goes to the highest lower dose "
                "at or below which a response has been seen, with fewer than {cap} participants "
                "and not closed for toxicity (its DLT rate and that pooled with the next dose "
                "above {lambda_d:.3f}). Where a backfilled dose speaks for a lower move, the rate "
                "pooled from there up to the current dose decides.",
                cap=self.cap, lambda_d=self.boin.lambda_d,
            ),
        ]  # fmt: skip
        if self.stay_at_one_of_three:
            parts.append(Message("One DLT in three participants is a stay."))
        return sentences(*parts)

    def _require_fit(self, state: DoseState) -> BackfillState:
        if not isinstance(state, BackfillState) or len(state.treated) != self.doses:
            raise DesignError(
                Message("The state isn't one of this design."),
                rule=Message("It has {doses} doses, and says who was backfilled.",
                             doses=self.doses),
                fix=Message("Begin with design.start()."),
            )  # fmt: skip
        require_count("treated", max(state.treated), 0, self.wider.max_participants)
        return state


def _chunk(
    design: BackfillBoin,
    truth: Any,
    responding: Any,
    accrual: Accrual,
    seed: int,
    first_scenario: int,
    job: tuple[int, int, int],
) -> Any:
    """Whole-number sums of one chunk of trials, laid out as in `kernels.weigh`, and in the last
    place how long they took, in thousandths of a day."""
    s, first, trials = job
    sums = np.zeros((3, design.doses + 1))
    for trial in range(first, first + trials):
        told = BackfillTrial(
            design, truth[s].tolist(), responding[s].tolist(), accrual, seed, first_scenario + s,
            trial,
        ).run()  # fmt: skip
        sums[0, told.selected - 1 if told.selected else design.doses] += 1
        sums[1, :-1] += told.treated
        sums[2, :-1] += told.dlts
        sums[1, -1] += 1
        sums[2, -1] += round(told.days * 1_000)
    return sums


def _with(old: tuple[Any, ...], dose: int, new: Any) -> tuple[Any, ...]:
    return (*old[: dose - 1], new, *old[dose:])
