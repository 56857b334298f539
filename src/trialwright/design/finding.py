"""What all dose-finding designs share: the state, the decision read from the rule, performance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.notebook import Notebook
from trialwright.design.characteristics import (
    MAX_MEMORY_MB,
    MAX_STATES,
    Budget,
    OperatingCharacteristics,
    characteristics,
)
from trialwright.design.checks import (
    require_between,
    require_count,
    require_dose,
    require_events,
    require_kind,
    require_length,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message
from trialwright.numerics import kernels
from trialwright.numerics import rule as rules
from trialwright.numerics.rule import Rule

MOST_DOSES = 1_000
_MOVES = {
    "escalate": Message("escalate to dose {dose}"),
    "stay": Message("stay at dose {dose}"),
    "de-escalate": Message("de-escalate to dose {dose}"),
}


@dataclass(frozen=True, slots=True)
class DoseState(Notebook):
    """Counts per dose and the current dose; doses are numbered from 1.

    `last` is the latest cohort: (treated, dlts). `observe` makes the observed dose current, so
    any state can be reached and asked.

    >>> DoseState((0, 0), (0, 0), 1).observe(dose=2, treated=3, dlts=1)
    DoseState(treated=(0, 3), dlts=(0, 1), dose=2, last=(3, 1))
    """

    _along = "dose"
    treated: tuple[int, ...]
    dlts: tuple[int, ...]
    dose: int
    last: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        require_length("dlts", self.dlts, len(self.treated))
        require_dose(self.dose, len(self.treated))
        for treated, dlts in zip(self.treated, self.dlts, strict=True):
            require_events(treated, dlts, "DLTs")

    def observe(self, dose: int, treated: int, dlts: int) -> DoseState:
        """The state after `treated` more participants at `dose`, `dlts` of them with a DLT."""
        require_dose(dose, len(self.treated))
        require_events(treated, dlts, "DLTs")
        return replace(
            self,
            treated=_added(self.treated, dose, treated),
            dlts=_added(self.dlts, dose, dlts),
            dose=dose,
            last=(treated, dlts),
        )


class DoseFinding(Notebook, ABC):
    """A design that chooses a dose for each cohort and one dose at the end.

    Concrete designs are frozen dataclasses with these fields; they give the compiled `rule`, the
    words of `describe`, and the boundaries that `table` prints.
    """

    kind: ClassVar[str]
    doses: int
    cohort_size: int
    max_participants: int

    @property
    @abstractmethod
    def rule(self) -> Rule:
        """The design compiled to whole-number tables over cells."""

    @abstractmethod
    def describe(self) -> Message:
        """The rule in words, for the protocol."""

    @abstractmethod
    def table(self, participants: int | None = None) -> RuleTable:
        """The decision table for 1, 2, … treated participants."""

    @property
    def start_dose(self) -> int:
        """The dose of the first cohort."""
        return int(self.rule.number[rules.START]) + 1

    def start(self) -> DoseState:
        """Nobody treated; the starting dose is current."""
        zeros = (0,) * self.doses
        return DoseState(zeros, zeros, self.start_dose)

    def decide(self, state: DoseState) -> Decision:
        """Read the rule at the current dose; the reason is a sentence with the numbers.

        action: escalate, stay, de-escalate or stop. dose: where the next cohort goes; at a stop
        with a complete sample, the dose the rule points at; None when no dose is safe.
        """
        cells = self._cells(state)
        n, y = state.treated[state.dose - 1], state.dlts[state.dose - 1]
        name = type(self).__name__
        if sum(state.treated) == 0:
            reason = Message("Start at dose {dose}.", dose=state.dose)
            return Decision("stay", state.dose, reason, name)
        move = self._next(self.rule, cells, state)
        if move == -1:
            reason = Message(
                "{y} of {n} DLTs at dose {dose}: every dose is too toxic.",
                y=y,
                n=n,
                dose=state.dose,
            )
            return Decision("stop", None, reason, name)
        if move < -1:
            pointed = self._next(self.endless, cells, state) + 1
            return Decision("stop", pointed, self._why_complete(state, move), name)
        dose = move + 1
        action = "escalate" if dose > state.dose else "de-escalate" if dose < state.dose else "stay"
        return Decision(action, dose, self._why(state, action, dose), name)

    def select(self, state: DoseState) -> int | None:
        """The dose that would be selected if the trial ended now, or None."""
        chosen = int(kernels.choose(*self.rule.parts, self._cells(state), self.scratch()))
        return chosen + 1 if chosen >= 0 else None

    def next_cohort(self, state: DoseState) -> int:
        """Size of the next cohort at the dose that `decide` gives; 0 at a stop."""
        decision = self.decide(state)
        if decision.action == "stop" or decision.dose is None:
            return 0
        number, whole = self.rule[:2]
        total, cells = sum(state.treated), self._cells(state)
        return int(kernels.cohort_size(number, whole, cells, decision.dose - 1, total))

    def operating_characteristics(
        self,
        scenarios: ArrayLike,
        *,
        method: str = "auto",
        trials: int = 10_000,
        seed: int = 1,
        executor: Executor | None = None,
        max_states: int = MAX_STATES,
        max_memory_mb: int = MAX_MEMORY_MB,
        first_scenario: int = 0,
    ) -> OperatingCharacteristics:
        """How the design performs under each scenario (scenarios x doses of true DLT rates).

        method: "exact" enumerates every path, paths that meet merged, within `max_states` states
        and `max_memory_mb` megabytes; "monte-carlo" runs `trials` trials; "auto" takes exact when
        it fits, which it forecasts from the growth of the first cohorts. executor: any
        `concurrent.futures.Executor`, Dask's too; results don't depend on it. first_scenario: the
        number of the first scenario when these are part of a grid.
        """
        return characteristics(
            self.rule,
            scenario_matrix(scenarios, self.doses),
            target=float(self.rule.plug[-1]),
            method=method,
            trials=trials,
            seed=seed,
            executor=executor,
            budget=Budget(max_states, max_memory_mb),
            first_scenario=first_scenario,
        )

    def _why(self, state: DoseState, action: str, dose: int) -> Message:
        n, y = state.treated[state.dose - 1], state.dlts[state.dose - 1]
        return Message(
            "{y} of {n} DLTs at dose {dose}: {move}.",
            y=y,
            n=n,
            dose=state.dose,
            move=_MOVES[action].filled(dose=dose),
        )

    def _why_complete(self, state: DoseState, move: int) -> Message:
        total = sum(state.treated)
        if move == -2:
            return Message("All {total} participants have been treated.", total=total)
        n = state.treated[state.dose - 1]
        return Message("Enough participants: {n} at dose {dose}.", n=n, dose=state.dose)

    @cached_property
    def endless(self) -> Rule:
        """The rule without its ends, to tell where it points at a stop."""
        return self.rule.changed(participants=10**9, stop_mode=rules.STOP_NEVER)

    def scratch(self) -> Any:
        """Room for one decision of the kernels."""
        return np.empty(max(self.rule.model.shape[1], 3 * self.doses))

    def _next(self, rule: Rule, cells: Any, state: DoseState) -> int:
        allowed = kernels.ceiling(rule.number, rule.whole, cells)
        total = sum(state.treated)
        return int(
            kernels.next_dose(
                *rule.parts, cells, state.dose - 1, allowed, total, *state.last, self.scratch()
            )
        )

    def _cells(self, state: DoseState) -> Any:
        require_kind("state", state, DoseState)
        if len(state.treated) != self.doses:
            raise DesignError(
                Message("The state has {treated} doses.", treated=len(state.treated)),
                rule=Message("This design has {doses}.", doses=self.doses),
                fix=Message("Begin with design.start()."),
            )
        limit = int(self.rule.treated[-1])
        for n in state.treated:
            if n > limit:
                raise DesignError(
                    Message("{n} participants at one dose.", n=n),
                    rule=Message("The table of this design ends at {limit}.", limit=limit),
                    fix=Message("Raise max_participants, or check the counts."),
                )
        return np.array(
            [n * (n + 1) // 2 + y for n, y in zip(state.treated, state.dlts, strict=True)]
        )


def check_sizes(doses: int, cohort_size: int, max_participants: int, start_dose: int) -> None:
    """Refuse numbers of doses and participants that no engine can hold; the exact one refuses more
    than 8 doses when it is asked."""
    require_count("doses", doses, 1, MOST_DOSES)
    require_count("max_participants", max_participants, 1, 240)
    require_count("cohort_size", cohort_size, 1, min(max_participants, 12))
    require_count("start_dose", start_dose, 1, doses)


def check_target(target: float) -> None:
    """Refuse a target that isn't a rate strictly between 0 and 1."""
    require_between("target", target, 0, 1)


def _added(counts: tuple[int, ...], dose: int, more: int) -> tuple[int, ...]:
    return (*counts[: dose - 1], counts[dose - 1] + more, *counts[dose:])
