"""What TITE designs share: the decision with pending participants, and performance by simulation.

A decision depends on how long each participant has been followed, so there is no finite table to
enumerate: trials are simulated over arrival times, with the move (`kernels.pending_move`) that the
live trial reads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from math import log2
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.notebook import Notebook
from trialwright.design.characteristics import OperatingCharacteristics, columns
from trialwright.design.checks import (
    Floats,
    require_between,
    require_choice,
    require_count,
    require_kind,
    require_positive,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.finding import DoseFinding, DoseState
from trialwright.design.pending import PendingState
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message
from trialwright.numerics import kernels
from trialwright.numerics.rule import Array, Rule

SUSPEND = -4
_CHUNK = 10_000
_TICKS = 1_000
"""Durations are added up in whole thousandths of a day, so that no order of adding matters."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """How participants come and when DLTs show.

    window_days: length of the DLT window. arrivals_per_week: mean of a Poisson stream; whoever
    comes while accrual is suspended is treated when it opens again, and the next gap begins then.
    late_share: share of the DLTs in the second half of the window; times follow
    P(T <= t | DLT) = (t/window)^a with a = -log2(1 - late_share), uniform for 0.5, as Cheung and
    Chappell 2000 (Biometrics 56:1177) simulate. response_window_days: length of the window in which
    responses are assessed, where they come late too; `window_days` if left out.

    >>> Accrual(arrivals_per_week=2, late_share=0.75).numbers
    array([ 3.5, 28. ,  0.5, 28. ])
    """

    window_days: float = 28.0
    arrivals_per_week: float = 1.0
    late_share: float = 0.5
    response_window_days: float | None = None

    def __post_init__(self) -> None:
        require_positive("window_days", self.window_days)
        require_positive("arrivals_per_week", self.arrivals_per_week)
        require_between("late_share", self.late_share, 0, 1)
        if self.response_window_days is not None:
            require_positive("response_window_days", self.response_window_days)

    @property
    def numbers(self) -> Floats:
        """What the kernel reads: mean gap and window in days, 1/a, and the window of responses."""
        longer = self.response_window_days or self.window_days
        shape = shape_of(self.late_share)
        return np.array([7 / self.arrivals_per_week, self.window_days, 1 / shape, longer])


def shape_of(late_share: float) -> float:
    """The exponent a of P(T <= t | event) = (t/window)^a with so large a share in the second
    half."""
    return -log2(1 - late_share)


@dataclass(frozen=True, slots=True)
class TimedCharacteristics(OperatingCharacteristics):
    """Simulated performance, and how long a trial lasts on average: from the first treatment until
    all are followed, or until every dose is found too toxic (days, one number per scenario).

    >>> from trialwright.design import Boin, TiteBoin
    >>> design = TiteBoin(boin=Boin(target=0.3, doses=1, max_participants=3))
    >>> oc = design.operating_characteristics([[0.1]], accrual=Accrual(), trials=100)
    >>> oc.participants.tolist(), bool(oc.duration_days[0] > 28)
    ([[3.0]], True)
    """

    duration_days: Floats


@dataclass(frozen=True, kw_only=True)
class TimeToEvent(Notebook, ABC):
    """A design that goes on while some participants are still in their DLT window.

    suspend_above: accrual waits while more than this share of the participants at the current dose
    is pending.
    """

    kind: ClassVar[str]
    suspend_above: float = 0.5

    def __post_init__(self) -> None:
        require_between("suspend_above", self.suspend_above, 0, 1.000001)

    @property
    @abstractmethod
    def complete(self) -> DoseFinding:
        """The design that would run if everybody were followed."""

    @cached_property
    @abstractmethod
    def _late(self) -> Floats:
        """What the move reads beside the rule of `complete`: suspend_above, and for BOIN lambda_e,
        lambda_d and the target."""

    @abstractmethod
    def _why(self, state: PendingState, action: str, dose: int) -> Message:
        """The reason of a move."""

    @abstractmethod
    def describe(self) -> Message:
        """The rule in words."""

    def start(self) -> PendingState:
        """Nobody treated; the starting dose is current."""
        return PendingState.empty(self.complete.doses, self.complete.start_dose)

    def table(self, participants: int | None = None) -> RuleTable:
        """The table that holds once nobody is pending."""
        return self.complete.table(participants)

    def decide(self, state: PendingState) -> Decision:
        """Escalate, stay, de-escalate, stop or suspend; the reason is a sentence."""
        require_kind("state", state, PendingState)
        name, total = type(self).__name__, sum(state.treated)
        if total == 0:
            reason = Message("Start at dose {dose}.", dose=state.dose)
            return Decision("stay", state.dose, reason, name)
        move = self._move(self.complete.rule, state)
        n, y = state.treated[state.dose - 1], state.dlts[state.dose - 1]
        waiting = self._pending(state)
        if move == SUSPEND:
            reason = Message(
                "{waiting} of {n} participants at dose {dose} are still in their window.",
                waiting=waiting,
                n=n,
                dose=state.dose,
            )
            return Decision("suspend", state.dose, reason, name)
        if move == -1:
            reason = Message(
                "{y} of {n} DLTs at dose {dose}: every dose is too toxic.",
                y=y,
                n=n,
                dose=state.dose,
            )
            return Decision("stop", None, reason, name)
        if move < -1:
            enough = (
                Message.in_context(
                    "design", "All {total} participants have been treated.", total=total
                )
                if move == -2
                else Message("Enough participants: {n} at dose {dose}.", n=n, dose=state.dose)
            )
            return Decision("stop", self._move(self.complete.endless, state) + 1, enough, name)
        dose = move + 1
        action = "escalate" if dose > state.dose else "de-escalate" if dose < state.dose else "stay"
        return Decision(action, dose, self._why(state, action, dose), name)

    def select(self, state: PendingState) -> int | None:
        """The dose that would be selected, pending participants counted as without a DLT."""
        return self.complete.select(DoseState(state.treated, state.dlts, state.dose))

    def _pending(self, state: PendingState) -> int:
        """How many at the current dose are pending."""
        return len(state.pending[state.dose - 1])

    def _require_fit(self, rule: Rule, state: PendingState) -> None:
        """Refuse a state of another number of doses, or beyond the table."""
        if len(state.treated) != self.complete.doses:
            raise DesignError(
                Message("The state has {treated} doses.", treated=len(state.treated)),
                rule=Message("This design has {doses}.", doses=self.complete.doses),
                fix=Message("Begin with design.start()."),
            )
        require_count("treated", max(state.treated), 0, int(rule.treated[-1]))

    def _move(self, rule: Rule, state: PendingState) -> int:
        self._require_fit(rule, state)
        open_ = [(d, part) for d, parts in enumerate(state.pending) for part in parts]
        where = np.array([d for d, _ in open_], dtype=np.int64)
        part = np.array([part for _, part in open_], dtype=np.float64)
        treated, dlts = np.array(state.treated), np.array(state.dlts)
        cells, scratch = np.zeros_like(treated), self.complete.scratch()
        return int(
            kernels.pending_move(
                *rule.parts, self._late, treated, dlts, state.dose - 1, where, part, len(open_),
                cells, scratch,
            )
        )  # fmt: skip

    def operating_characteristics(
        self,
        scenarios: ArrayLike,
        *,
        accrual: Accrual | None = None,
        method: str = "auto",
        trials: int = 10_000,
        seed: int = 1,
        executor: Executor | None = None,
        first_scenario: int = 0,
    ) -> TimedCharacteristics:
        """How the design performs under each scenario (scenarios x doses of true DLT rates within
        the window), simulated over arrival and DLT times, with standard errors. accrual: weekly
        arrivals and a window of 28 days if left out. method: "auto" or "monte-carlo".

        The dose of a cohort is decided when its first participant arrives; the others follow at
        their own times. After the last everybody is followed, then the dose is selected; none is
        after a stop for toxicity. Participant j of trial i in scenario s has a block of their own
        of random numbers, so executor and chunks change nothing.
        """
        truth = scenario_matrix(scenarios, self.complete.doses)
        how = (accrual, method, trials, seed, executor, first_scenario)
        return self._simulated(truth, None, *how)

    def _simulated(
        self,
        truth: Floats,
        responding: Floats | None,
        accrual: Accrual | None,
        method: str,
        trials: int,
        seed: int,
        executor: Executor | None,
        first_scenario: int,
    ) -> TimedCharacteristics:
        """What `operating_characteristics` says, with true response rates where they are read."""
        require_choice("method", method, ("auto", "monte-carlo"))
        require_count("trials", trials, 1, 10**9)
        require_count("seed", seed, 0, 2**64 - 1)
        require_count("first_scenario", first_scenario, 0, 2**16 - len(truth))
        each: Callable[..., Iterable[Any]] = map if executor is None else executor.map
        jobs = [
            (s, first, min(_CHUNK, trials - first))
            for s in range(len(truth))
            for first in range(0, trials, _CHUNK)
        ]
        accrual = Accrual() if accrual is None else accrual
        require_kind("accrual", accrual, Accrual)
        rates = truth if responding is None else np.stack([truth, responding], axis=1)
        rule = self.complete.rule
        run = partial(
            _simulate_chunk, rule, self._late, accrual.numbers, rates, seed, first_scenario
        )
        sums = np.zeros((len(truth), 3, self.complete.doses + 1))
        for (s, _, _), part in zip(jobs, each(run, jobs), strict=True):
            sums[s] += part
        duration = sums[:, 2, -1] / trials / _TICKS
        target = float(rule.plug[-1])
        found = columns(truth, target, sums / trials, "monte-carlo", trials, 0)
        return TimedCharacteristics(**found, duration_days=duration)


def _simulate_chunk(
    rule: Rule,
    late: Floats,
    accrual: Floats,
    rates: Floats,
    seed: int,
    first_scenario: int,
    job: tuple[int, int, int],
) -> Array:
    """Whole-number sums of one chunk of trials: (scenario, first trial, number of trials). `rates`
    are scenarios x doses, or scenarios x 2 x doses, responses after DLTs."""
    from trialwright.numerics.compiled import load

    s, first, trials = job
    kernels = load()
    both = rates.ndim == 3
    simulate = kernels.simulate_pending_both if both else kernels.simulate_pending
    true = rates[s] if both else rates[s : s + 1]
    sums: Array = simulate(
        *rule.parts, late, accrual, *true, first, trials, np.uint64(seed), first_scenario + s
    )
    return sums
