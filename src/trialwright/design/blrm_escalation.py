"""Dose escalation by the Bayesian logistic regression, with overdose control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.design.blrm import Blrm, BlrmFit
from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.checks import (
    require_between,
    require_count,
    require_kind,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.finding import DoseState
from trialwright.design.simulated_finding import SimulatedFinding
from trialwright.design.table import Decision
from trialwright.messages import Message

_MOVES = {
    "escalate": Message("escalate to dose {dose}"),
    "stay": Message("stay at dose {dose}"),
    "de-escalate": Message("de-escalate to dose {dose}"),
}


@dataclass(frozen=True, kw_only=True)
class BlrmEscalation(SimulatedFinding):
    """Escalation with overdose control (EWOC) by a two-parameter logistic regression.

    Estimand: the dose with the highest chance of a DLT rate in the target interval. After each
    cohort the next goes to the dose with the highest chance of the target interval, of those whose
    chance of a rate above it is at most `overdose`; never more than `skip` doses above the highest
    tried. The trial ends when no dose is allowed, when `max_participants` are treated, or, from
    `enough` participants at the dose that it stays at, when that dose's target chance is at least
    `sure` (`sure` 1: never).

    model: whose cuts are two or more; the first two bound the target. start_dose, doses: from 1.

    Source: Neuenschwander, Branson and Gsponer 2008, Stat Med 27:2420; Babb, Rogatko and Zacks
    1998, Stat Med 17:1103.

    >>> model = Blrm(doses=(1, 2, 4), reference=2, prior_mean=(-1.5, 0), prior_sd=(1, 0.5),
    ...              cuts=(0.16, 0.33))
    >>> design = BlrmEscalation(model=model)
    >>> str(design.decide(design.start().observe(1, 3, 0)).reason)
    '0 of 3 DLTs at dose 1; chance of an overdose at dose 2 11.6%: escalate to dose 2.'
    """

    kind: ClassVar[str] = "blrm"
    model: Blrm
    overdose: float = 0.25
    skip: int = 1
    cohort_size: int = 3
    max_participants: int = 30
    start_dose: int = 1
    enough: int = 6
    sure: float = 0.5

    def __post_init__(self) -> None:
        require_kind("model", self.model, Blrm)
        require_between("overdose", self.overdose, 0, 1)
        require_between("sure", self.sure, 0, 1 + 1e-12)
        require_count("skip", self.skip, 1)
        require_count("max_participants", self.max_participants, 1, 500)
        require_count("cohort_size", self.cohort_size, 1, min(12, self.max_participants))
        require_count("start_dose", self.start_dose, 1, self.doses)
        require_count("enough", self.enough, 1)
        if len(self.model.cuts) < 2:
            raise DesignError(
                Message("The model has {cuts} cuts.", cuts=len(self.model.cuts)),
                rule=Message("The first two bound the target interval."),
                fix=Message("Give for example (0.16, 0.33)."),
            )

    @property
    def doses(self) -> int:
        """How many there are."""
        return len(self.model.doses)

    @property
    def target(self) -> float:
        """The middle of the target interval."""
        return (self.model.cuts[0] + self.model.cuts[1]) / 2

    def start(self) -> DoseState:
        """Nobody treated; the starting dose is current."""
        zeros = (0,) * self.doses
        return DoseState(zeros, zeros, self.start_dose)

    def fit(self, state: DoseState) -> BlrmFit:
        """The posterior of every dose's rate, remembered for the counts."""
        key = (*state.treated, *state.dlts)
        if key not in self._fits:
            if len(self._fits) > 200_000:
                self._fits.clear()
            self._fits[key] = self.model.fit(state.treated, state.dlts)
        return self._fits[key]

    @cached_property
    def _fits(self) -> dict[tuple[int, ...], BlrmFit]:
        return {}

    def overdoses(self, fit: BlrmFit) -> list[float]:
        """Of each dose, the chance of a rate above the target interval."""
        return [float(row[2:].sum()) for row in fit.intervals]

    def decide(self, state: DoseState) -> Decision:
        """Where the next cohort goes, or that and why the trial ends."""
        name = type(self).__name__
        if len(state.treated) != self.doses:
            raise DesignError(
                Message("The state has {treated} doses.", treated=len(state.treated)),
                rule=Message("This design has {doses}.", doses=self.doses),
                fix=Message("Begin with design.start()."),
            )
        if not sum(state.treated):
            reason = Message("Start at dose {dose}.", dose=state.dose)
            return Decision("stay", state.dose, reason, name)
        fit = self.fit(state)
        dose = self._best(state, fit, reach=True)
        n, y = state.treated[state.dose - 1], state.dlts[state.dose - 1]
        if dose is None:
            reason = Message(
                "{y} of {n} DLTs at dose {dose}: the chance of an overdose is above {most:.0%} at "
                "every dose.",
                y=y, n=n, dose=state.dose, most=self.overdose,
            )  # fmt: skip
            return Decision("stop", None, reason, name)
        total, here = sum(state.treated), state.treated[dose - 1]
        if total >= self.max_participants:
            reason = Message("All {total} participants have been treated.", total=total)
            return Decision("stop", dose, reason, name)
        target = float(fit.intervals[dose - 1][1])
        if dose == state.dose and here >= self.enough and target >= self.sure:
            reason = Message(
                "{n} participants at dose {dose}, whose rate is in the target interval with a "
                "probability of {chance:.1%}.",
                n=here, dose=dose, chance=target,
            )  # fmt: skip
            return Decision("stop", dose, reason, name)
        action = "escalate" if dose > state.dose else "de-escalate" if dose < state.dose else "stay"
        reason = Message(
            "{y} of {n} DLTs at dose {here}; chance of an overdose at dose {dose} {chance:.1%}: "
            "{move}.",
            y=y, n=n, here=state.dose, dose=dose, chance=self.overdoses(fit)[dose - 1],
            move=_MOVES[action].filled(dose=dose),
        )  # fmt: skip
        return Decision(action, dose, reason, name)

    def select(self, state: DoseState) -> int | None:
        """The dose selected if the trial ended now: of those tried, or None."""
        if not sum(state.treated):
            return None
        return self._best(state, self.fit(state), reach=False)

    def _best(self, state: DoseState, fit: BlrmFit, *, reach: bool) -> int | None:
        """The allowed dose with the highest target chance: within reach, or of those tried."""
        tried = max(d for d, n in enumerate(state.treated, start=1) if n)
        over = self.overdoses(fit)
        allowed = [
            d
            for d in range(1, self.doses + 1)
            if over[d - 1] <= self.overdose
            and (d <= tried + self.skip if reach else state.treated[d - 1] > 0)
        ]
        return max(allowed, key=lambda d: (float(fit.intervals[d - 1][1]), -d), default=None)

    def operating_characteristics(
        self, scenarios: ArrayLike, *, trials: int = 1_000, seed: int = 1
    ) -> OperatingCharacteristics:
        """How the design performs under each scenario (scenarios x doses of true DLT rates), by
        simulation; every posterior is computed once."""
        from trialwright.numerics.philox import uniforms

        truth = scenario_matrix(scenarios, self.doses)
        require_count("trials", trials, 1, 10**6)
        require_count("seed", seed, 0, 2**64 - 1)
        chosen = np.zeros((len(truth), self.doses + 1))
        treated, dlts = np.zeros(truth.shape), np.zeros(truth.shape)
        cohorts = -(-self.max_participants // self.cohort_size) + 1
        for s, rates in enumerate(truth):
            draws = uniforms(seed, s, 0, trials, cohorts * self.cohort_size)
            for own in draws.reshape(trials, cohorts, self.cohort_size):
                state, dose = self._one_trial(rates.tolist(), own)
                chosen[s, dose - 1 if dose else self.doses] += 1
                treated[s] += state.treated
                dlts[s] += state.dlts
        selected = chosen[:, :-1] / trials
        above = treated * (truth > self.model.cuts[1] + 1e-9)
        return OperatingCharacteristics(
            truth, selected, chosen[:, -1] / trials, treated / trials, dlts / trials,
            above.sum(axis=1) / treated.sum(axis=1), "monte-carlo",
            np.sqrt(selected * (1 - selected) / trials), trials, 0,
        )  # fmt: skip

    def _one_trial(self, rates: Sequence[float], draws: Any) -> tuple[DoseState, int | None]:
        state = self.start()
        for cohort in draws:
            decision = self.decide(state)
            if decision.action == "stop" or decision.dose is None:
                return state, self.select(state) if decision.dose is not None else None
            size = min(self.cohort_size, self.max_participants - sum(state.treated))
            events = int((cohort[:size] < rates[decision.dose - 1]).sum())
            state = state.observe(decision.dose, size, events)
        return state, self.select(state)

    def describe(self) -> Message:
        """The rule in words."""
        low, high = self.model.cuts[:2]
        return Message(
            "Bayesian logistic regression with overdose control: {doses} doses, cohorts of "
            "{cohort_size}, at most {max_participants} participants. The next cohort goes to the "
            "dose with the highest probability of a DLT rate from {low:g} to {high:g}, of those "
            "whose probability of a higher rate is at most {overdose:g}, at most {skip} above the "
            "highest tried.",
            doses=self.doses, cohort_size=self.cohort_size,
            max_participants=self.max_participants, low=low, high=high, overdose=self.overdose,
            skip=self.skip,
        )  # fmt: skip
