"""The continual reassessment method with one parameter, and its time-to-event form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, exp, log, sqrt
from typing import ClassVar

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    Floats,
    listed,
    require_between,
    require_choice,
    require_count,
    require_dose,
    require_increasing,
    require_length,
    require_lists,
)
from trialwright.design.finding import DoseFinding, DoseState, check_sizes, check_target
from trialwright.design.table import RuleTable
from trialwright.messages import Message, clauses, sentences
from trialwright.numerics import kernels
from trialwright.numerics import rule as rules
from trialwright.numerics.rule import Rule

MODELS = ("power", "logistic")
_MODELS = {"power": Message("power model"), "logistic": Message("logistic model")}
ESTIMATORS = ("plug-in", "mean")


@dataclass(frozen=True, slots=True)
class CrmFit(Notebook):
    """Posterior summary: mean of the parameter, estimated rate of each dose, nearest dose.

    >>> fit = Crm(target=0.25, skeleton=(0.1, 0.25)).fit([1, 1, 1], [0, 0, 0])
    >>> fit.mtd, round(fit.parameter, 3), [round(rate, 3) for rate in fit.rates]
    (2, 0.616, [0.014, 0.077])
    """

    _along = "dose"
    parameter: float
    rates: tuple[float, ...]
    mtd: int


@dataclass(frozen=True, kw_only=True)
class Crm(DoseFinding):
    """CRM with one parameter b ~ Normal(0, prior_sd^2), posterior by quadrature.

    Estimand: p_d, the DLT rate of each dose, and the dose where it is nearest to `target`.
    model: "power", p_d = skeleton_d ^ exp(b); or "logistic", logit p_d = intercept + exp(b) x_d
        with x_d coded so that the prior guess at b = 0 is the skeleton.
    target: DLT rate sought. skeleton: prior guesses, increasing, one per dose.
    estimator: "plug-in" reads p_d at the posterior mean of b; "mean" takes the mean of p_d. The
        dose nearest the target is recommended, the lower one at a tie.
    no_skipping: at most one dose above the current one. coherent: no escalation right after a
        cohort whose observed rate is at or above the target. stop_above: stop when
        P(p_1 > target) exceeds this. stop_at_dose: end when the rule stays at a dose with so many.

    Trapezoid rule over all parameters that data of max_participants can leave probable, in steps
    that suit their number; accuracy about 1e-8 in the parameter.
    Source: O'Quigley, Pepe and Fisher 1990, Biometrics 46:33; Cheung 2011, Dose Finding by the
    CRM, chapters 3 and 4.

    >>> crm = Crm(target=0.25, skeleton=(0.05, 0.12, 0.25, 0.40, 0.55), model="logistic",
    ...     prior_sd=1.157583690279, cohort_size=1, max_participants=20)
    >>> crm.fit([3, 5, 5, 3, 4], [0, 0, 1, 0, 0]).mtd
    4
    """

    kind: ClassVar[str] = "crm"
    target: float
    skeleton: tuple[float, ...]
    model: str = "power"
    intercept: float = 3.0
    prior_sd: float = sqrt(1.34)
    estimator: str = "plug-in"
    cohort_size: int = 3
    max_participants: int = 30
    first_dose: int = 1
    no_skipping: bool = True
    coherent: bool = True
    stop_above: float | None = None
    stop_at_dose: int | None = None

    def __post_init__(self) -> None:
        check_target(self.target)
        require_lists(self, "skeleton")
        check_sizes(self.doses, self.cohort_size, self.max_participants, self.first_dose)
        for guess in self.skeleton:
            require_between("skeleton", guess, 0, 1)
        require_increasing("skeleton", self.skeleton)
        require_choice("model", self.model, MODELS)
        require_choice("estimator", self.estimator, ESTIMATORS)
        require_between("prior_sd", self.prior_sd, 0, 5)
        if self.stop_above is not None:
            require_between("stop_above", self.stop_above, 0, 1)
        if self.stop_at_dose is not None:
            require_count("stop_at_dose", self.stop_at_dose, 1)

    @property
    def doses(self) -> int:  # type: ignore[override]
        """One for each entry of the skeleton."""
        return len(self.skeleton)

    @property
    def coded_doses(self) -> tuple[float, ...]:
        """The skeleton itself (power), or logit(skeleton) - intercept (logistic)."""
        if self.model == "power":
            return self.skeleton
        return tuple(log(s / (1 - s)) - self.intercept for s in self.skeleton)

    @cached_property
    def _nodes(self) -> tuple[Floats, Floats, Floats]:
        """Parameter values, prior weights, and rates [dose, node]; a multiple of four nodes."""
        low, high = self._span
        count = 4 * ceil((high - low) / self._step / 4)
        b = np.linspace(low, high, count)
        prior = np.exp(-((b / self.prior_sd) ** 2) / 2)
        return b, prior / prior.sum(), self._rates(b)

    def _rates(self, b: Floats) -> Floats:
        """Rates [dose, node] at parameters."""
        x, grown = np.array(self.coded_doses)[:, None], np.exp(np.minimum(b, 700))
        if self.model == "power":
            found = np.exp(grown * np.log(x))
        else:
            found = 1 / (1 + np.exp(-np.clip(self.intercept + grown * x, -700, 700)))
        rates: Floats = np.clip(found, 1e-300, 1 - 1e-16)
        return rates

    @property
    def _span(self) -> tuple[float, float]:
        """The parameters that the prior, only DLTs at the lowest dose, or none at the highest leave
        within exp(-24.5) of the most probable one: no data lead further out."""
        b = np.linspace(-40, 40, 1601) * self.prior_sd
        rates, prior = self._rates(b), -((b / self.prior_sd) ** 2) / 2
        worst = np.log(rates[0]), np.log1p(-rates[-1])
        found = [prior, *(prior + self.max_participants * each for each in worst)]
        kept = np.concatenate([b[each >= each.max() - 24.5] for each in found])
        return float(kept.min()), float(kept.max())

    @property
    def _step(self) -> float:
        """Four fifths of the least standard deviation that the posterior can have: the error of the
        trapezoid rule is about 2 exp(-2 (pi sd / step)^2)."""
        p = np.arange(1, 1000) / 1000
        moved = (
            np.log(p) if self.model == "power" else (1 - p) * (np.log(p / (1 - p)) - self.intercept)
        )
        information = float((p * moved**2 / (1 - p)).max())
        return 0.8 / sqrt(1 / self.prior_sd**2 + self.max_participants * information)

    @cached_property
    def rule(self) -> Rule:
        lattice = rules.pairs(self.cohort_size, self.max_participants)
        b, prior, rates = self._nodes
        n, y = lattice["treated"], lattice["events"]
        whole = np.arange(self.max_participants + 1)[:, None]
        toxic, mild = rates[:, None] ** whole, (1 - rates[:, None]) ** whole
        likelihood = np.ascontiguousarray(toxic[:, y] * mild[:, n - y])
        plug = [
            *self.coded_doses,
            float(MODELS.index(self.model)),
            self.intercept,
            float(ESTIMATORS.index(self.estimator)),
            1.0 if self.stop_above is None else self.stop_above,
        ]
        return rules.make_rule(
            lattice,
            target=self.target,
            likelihood=likelihood,
            model=np.vstack([b, prior, rates]),
            plug=np.array(plug),
            numbers={
                "kind": rules.CRM,
                "doses": self.doses,
                "start": self.first_dose - 1,
                "cohort": self.cohort_size,
                "participants": self.max_participants,
                "stop_at": self.stop_at_dose or 0,
                "stop_mode": rules.STOP_STAYING if self.stop_at_dose else rules.STOP_NEVER,
                "selection": rules.MODEL,
                "no_skip": int(self.no_skipping),
                "coherent": int(self.coherent),
            },
        )

    def fit(
        self,
        doses: Sequence[int],
        dlts: Sequence[int],
        weights: Sequence[float] | None = None,
    ) -> CrmFit:
        """Fit to single participants: the dose of each, DLT 0 or 1, and weight in [0, 1].

        A participant without a DLT contributes 1 - weight * p, weight being the part of the window
        followed (1 if left out); one with a DLT contributes p (Cheung and Chappell 2000).
        """
        doses = listed("doses", doses)
        parts = [1.0] * len(doses) if weights is None else weights
        require_length("dlts", dlts, len(doses))
        require_length("weights", parts, len(doses))
        b, prior, rates = self._nodes
        posterior = prior.copy()
        for dose, dlt, weight in zip(doses, dlts, parts, strict=True):
            require_dose(dose, self.doses)
            require_count("dlts", dlt, 0, 1)
            require_between("weight", weight, -1e-12, 1 + 1e-12)
            p = rates[dose - 1]
            posterior = posterior * (p if dlt else 1 - weight * p)
        posterior /= posterior.sum()
        mean = float(posterior @ b)
        estimates = tuple(
            float(
                kernels.crm_rate(
                    self.doses, self.rule.model, self.rule.plug, d, mean, posterior, 1.0
                )
            )
            for d in range(self.doses)
        )
        distance = [abs(rate - self.target) for rate in estimates]
        mtd = min(range(self.doses), key=lambda d: (round(distance[d], 12), d)) + 1
        return CrmFit(mean, estimates, mtd)

    def fit_state(self, state: DoseState) -> CrmFit:
        """Fit to counts."""
        doses = [d for d, n in enumerate(state.treated, start=1) for _ in range(n)]
        dlts = [
            int(i < y) for n, y in zip(state.treated, state.dlts, strict=True) for i in range(n)
        ]
        return self.fit(doses, dlts)

    def table(self, participants: int | None = None) -> RuleTable:
        """Dose pathways: every state that can be reached with `participants` treated (three cohorts
        if left out), as rows (treated and DLTs of each dose, current dose, next dose; 0 stops)."""
        last = min(participants or 3 * self.cohort_size, self.max_participants)
        seen: dict[DoseState, int] = {}
        front = [self.start()]
        while front:
            following = []
            for state in front:
                decision = self.decide(state)
                dose = 0 if decision.action == "stop" else decision.dose or 0
                seen[state] = dose
                if dose and sum(state.treated) < last:
                    size = self.next_cohort(state)
                    following += [state.observe(dose, size, k) for k in range(size + 1)]
            front = [state for state in dict.fromkeys(following) if state not in seen]
        columns = [f"{what}_{d}" for what in ("n", "y") for d in range(1, self.doses + 1)]
        rows = sorted({(*s.treated, *s.dlts, s.dose, dose) for s, dose in seen.items()})
        return RuleTable("Crm", (*columns, "dose", "next"), tuple(rows))

    def describe(self) -> Message:
        skeleton = ", ".join(f"{s:g}" for s in self.skeleton)
        limits = [
            said
            for on, said in (
                (self.no_skipping, Message("no dose is skipped")),
                (
                    self.coherent,
                    Message("no escalation follows a cohort at or above the target rate"),
                ),
                (
                    self.stop_above is not None,
                    Message(
                        "the trial stops when P(rate of dose 1 > target) exceeds {stop_above}",
                        stop_above=self.stop_above,
                    ),
                ),
            )
            if on
        ]
        return sentences(
            Message(
                "CRM ({model}, target {target:g}, skeleton {skeleton}, prior sd "
                "{prior_sd:.4g}, {estimator} estimates), cohorts of {cohort_size}, at most "
                "{max_participants} participants.",
                model=_MODELS[self.model],
                target=self.target,
                skeleton=skeleton,
                prior_sd=self.prior_sd,
                estimator=self.estimator,
                cohort_size=self.cohort_size,
                max_participants=self.max_participants,
            ),
            Message("Limits: {limits}.", limits=clauses(limits))
            if limits
            else Message("Limits: none."),
        )


def calibrated_skeleton(
    target: float, doses: int, prior_mtd: int, half_width: float, *, intercept: float = 3.0,
    model: str = "power",
) -> tuple[float, ...]:  # fmt: skip
    """A skeleton whose indifference intervals are target ± half_width (Lee and Cheung 2009).

    prior_mtd: the dose at the target a priori. Where one dose has rate target - half_width,
    the next has target + half_width.

    >>> [round(s, 3) for s in calibrated_skeleton(0.25, 5, 3, 0.05)]
    [0.084, 0.157, 0.25, 0.355, 0.46]
    """
    check_target(target)
    require_count("prior_mtd", prior_mtd, 1, doses)
    require_between("half_width", half_width, 0, min(target, 1 - target))
    require_choice("model", model, MODELS)
    low, high = target - half_width, target + half_width

    def up(value: float) -> float:
        if model == "power":
            return exp(log(value) * log(high) / log(low))
        x, scale = _logit(value) - intercept, (_logit(high) - intercept) / (_logit(low) - intercept)
        return 1 / (1 + exp(-(intercept + x * scale)))

    def down(value: float) -> float:
        if model == "power":
            return exp(log(value) * log(low) / log(high))
        x, scale = _logit(value) - intercept, (_logit(low) - intercept) / (_logit(high) - intercept)
        return 1 / (1 + exp(-(intercept + x * scale)))

    values = [target]
    for _ in range(prior_mtd, doses):
        values.append(up(values[-1]))
    for _ in range(1, prior_mtd):
        values.insert(0, down(values[0]))
    return tuple(values)


def _logit(p: float) -> float:
    return log(p / (1 - p))
