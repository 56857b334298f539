"""EffTox: dose finding by a trade-off between efficacy and toxicity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from trialwright.analysis.notebook import Notebook
from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_dose,
    require_events,
    require_increasing,
    require_kind,
    require_length,
    require_lists,
    require_positive,
    require_some,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.pending import with_changed
from trialwright.design.table import Decision
from trialwright.messages import Message

_POINTS = 4_096
_FREEDOM = 6


@dataclass(frozen=True, slots=True)
class EffToxFit(Notebook):
    """Per dose: posterior means of the efficacy and the toxicity rate, the chances that they are
    acceptable, the utility of the means, and whether the dose is acceptable; and of all draws the
    share that they are worth (1: all alike, as if drawn from the posterior itself)."""

    _along = "dose"
    efficacy: Floats
    toxicity: Floats
    efficacy_acceptable: Floats
    toxicity_acceptable: Floats
    utility: Floats
    acceptable: tuple[bool, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class EffToxState(Notebook):
    """Counts per dose of those whose efficacy and toxicity are known; doses from 1.

    both: of the treated, how many had the toxicity and the response; dose: the latest given.
    """

    _along = "dose"
    treated: tuple[int, ...]
    dlts: tuple[int, ...]
    responses: tuple[int, ...]
    both: tuple[int, ...]
    dose: int

    def __post_init__(self) -> None:
        require_dose(self.dose, len(self.treated))
        for name in ("dlts", "responses", "both"):
            require_length(name, getattr(self, name), len(self.treated))
        for n, y, r, b in zip(self.treated, self.dlts, self.responses, self.both, strict=True):
            for events in (y, r, y + r - b):
                require_events(n, events, "events")
            require_events(min(y, r), b, "events of both kinds")

    def observe(
        self, dose: int, treated: int, dlts: int, responses: int = 0, both: int = 0
    ) -> EffToxState:
        """The state after `treated` more at a dose, with so many events of each kind and of both
        in one participant."""
        require_dose(dose, len(self.treated))
        more = (treated, dlts, responses, both)
        before = (self.treated, self.dlts, self.responses, self.both)
        after = [
            with_changed(old, dose - 1, old[dose - 1] + new)
            for old, new in zip(before, more, strict=True)
        ]
        return EffToxState(after[0], after[1], after[2], after[3], dose)

    @property
    def counts(self) -> Floats:
        """How many at [dose, efficacy 0 or 1, toxicity 0 or 1]."""
        n, y, r, b = map(np.array, (self.treated, self.dlts, self.responses, self.both))
        return np.stack([n - y - r + b, y - b, r - b, b], axis=1).reshape(-1, 2, 2).astype(float)


@dataclass(frozen=True, kw_only=True)
class EffTox(Notebook):
    """The design of Thall and Cook: each cohort gets the acceptable dose of the highest utility.

    Estimand: at dose x (log amount less the mean of the logs) logit P(toxicity) = alpha + beta x,
    logit P(efficacy) = gamma + zeta x + eta x²; psi ties the two together in a participant.
    prior_mean, prior_sd: of alpha, beta, gamma, zeta, eta, psi, independent normal. A dose is
    acceptable if P(efficacy > efficacy_limit) > efficacy_sure and P(toxicity < toxicity_limit) >
    toxicity_sure, and if it is at most one above or below those tried. Utility: 1 - ((1 - e)/(1 -
    e0))^p + (t/t1)^p)^(1/p), 0 along the contour through the three points (e0, 0), (1, t1) and
    (e*, t*) of `contour`, at the posterior means. The first cohort gets `first_dose`; the trial
    ends without a dose when none is acceptable.

    Integrals over the six parameters by importance sampling at 4,096 points of a Sobol sequence
    about the posterior's mode, the same for the same data; accuracy about 0.003. Sources: Thall
    and Cook 2004, Biometrics 60:684; the utility and the example: Thall, Herrick, Nguyen, Venier
    and Norris 2014, Clin Trials 11:657.

    >>> model = EffTox(
    ...     doses=(1, 2, 4, 6.6, 10), prior_mean=(-7.9593, 1.5482, 0.7367, 3.4181, 0, 0),
    ...     prior_sd=(3.5487, 3.5018, 2.5423, 2.4406, 0.2, 1),
    ... )
    >>> round(model.exponent, 3)
    0.977
    >>> state = model.start().observe(1, 3, 0, 0).observe(2, 3, 0, responses=1)
    >>> [round(float(rate), 1) for rate in model.fit(state).efficacy]
    [0.1, 0.3, 0.7, 0.9, 0.9]
    >>> model.decide(state).dose
    3
    """

    kind: ClassVar[str] = "efftox"
    doses: tuple[float, ...]
    prior_mean: tuple[float, ...]
    prior_sd: tuple[float, ...]
    efficacy_limit: float = 0.5
    toxicity_limit: float = 0.3
    efficacy_sure: float = 0.1
    toxicity_sure: float = 0.1
    contour: tuple[float, float, float, float] = (0.5, 0.65, 0.7, 0.25)
    cohort_size: int = 3
    max_participants: int = 39
    first_dose: int = 1

    def __post_init__(self) -> None:
        require_lists(self, "doses", "prior_mean", "prior_sd", "contour")
        require_some("doses", self.doses)
        require_positive("doses", self.doses[0])
        require_increasing("doses", self.doses)
        for name in ("prior_mean", "prior_sd"):
            require_length(name, getattr(self, name), 6)
        for sd in self.prior_sd:
            require_positive("prior_sd", sd)
        for mean in self.prior_mean:
            require_between("prior_mean", mean, -1e6, 1e6)
        require_length("contour", self.contour, 4)
        for name in ("efficacy_limit", "toxicity_limit", "efficacy_sure", "toxicity_sure"):
            require_between(name, getattr(self, name), 0, 1)
        for part in self.contour:
            require_between("contour", part, 0, 1)
        require_count("max_participants", self.max_participants, 1, 200)
        require_count("cohort_size", self.cohort_size, 1, min(12, self.max_participants))
        require_count("first_dose", self.first_dose, 1, len(self.doses))
        e0, t1, e, t = self.contour
        if not (e > e0 and t < t1 and (1 - e) / (1 - e0) + t / t1 != 1):
            raise DesignError(
                Message("contour is {contour}.", contour=self.contour),
                rule=Message(
                    "Its third point has more efficacy than the first, and less toxicity than the "
                    "second."
                ),
                fix=Message("Give for example (0.5, 0.65, 0.7, 0.25)."),
            )

    @cached_property
    def exponent(self) -> float:
        """The p of the contour."""
        from scipy.optimize import brentq

        e0, t1, e, t = self.contour
        a, b = (1 - e) / (1 - e0), t / t1
        return float(brentq(lambda p: a**p + b**p - 1, 1e-3, 1e3))

    def utility(self, efficacy: Floats, toxicity: Floats) -> Floats:
        """The utility of rates; 0 on the contour, 1 at certain efficacy without toxicity."""
        e0, t1, p = self.contour[0], self.contour[1], self.exponent
        worth: Floats = 1 - (((1 - efficacy) / (1 - e0)) ** p + (toxicity / t1) ** p) ** (1 / p)
        return worth

    def start(self) -> EffToxState:
        """Nobody treated; the first dose is current."""
        zeros = (0,) * len(self.doses)
        return EffToxState(zeros, zeros, zeros, zeros, self.first_dose)

    def fit(self, state: EffToxState) -> EffToxFit:
        """The posterior after what is known of participants."""
        self._require_fit(state)
        counts = state.counts
        mode, spread = self._mode(counts)
        draws, log_proposal = _cloud(mode, spread)
        log_weight = self._log_posterior(draws, counts) - log_proposal
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        efficacy, toxicity = self._rates(draws)
        means = weight @ efficacy, weight @ toxicity
        sure = weight @ (efficacy > self.efficacy_limit), weight @ (toxicity < self.toxicity_limit)
        return EffToxFit(
            *means, *sure, self.utility(*means), self._acceptable(counts, *sure),
            float(1 / (weight**2).sum() / len(weight)),
        )  # fmt: skip

    def recommended(self, fit: EffToxFit) -> int | None:
        """The acceptable dose, from 1, of the highest utility; None where none is acceptable."""
        allowed = [d for d, fine in enumerate(fit.acceptable) if fine]
        return max(allowed, key=lambda d: (fit.utility[d], -d), default=-1) + 1 or None

    def decide(self, state: EffToxState) -> Decision:
        """Where the next cohort goes, or that and why the trial ends, with the sentence."""
        name, total = type(self).__name__, sum(state.treated)
        if not total:
            reason = Message("Start at dose {dose}.", dose=self.first_dose)
            return Decision("stay", self.first_dose, reason, name)
        fit = self._known_fit(state)
        dose, here = self.recommended(fit), state.dose
        if dose is None:
            reason = Message("No dose is both effective and safe enough.")
            return Decision("stop", None, reason, name)
        if total >= self.max_participants:
            reason = Message("All {total} participants have been treated.", total=total)
            return Decision("stop", dose, reason, name)
        action = "escalate" if dose > here else "de-escalate" if dose < here else "stay"
        reason = Message(
            "Dose {dose} is acceptable and has the highest utility, {utility:.2f}: efficacy "
            "{efficacy:.0%}, toxicity {toxicity:.0%}.",
            dose=dose, utility=float(fit.utility[dose - 1]),
            efficacy=float(fit.efficacy[dose - 1]), toxicity=float(fit.toxicity[dose - 1]),
        )  # fmt: skip
        return Decision(action, dose, reason, name)

    def select(self, state: EffToxState) -> int | None:
        """The dose that would be selected if the trial ended now, or None."""
        return self.recommended(self._known_fit(state)) if sum(state.treated) else None

    def next_cohort(self, state: EffToxState) -> int:
        """Size of the next cohort at the dose that `decide` gives; 0 at a stop."""
        if self.decide(state).action == "stop":
            return 0
        return min(self.cohort_size, self.max_participants - sum(state.treated))

    def operating_characteristics(
        self, scenarios: ArrayLike, responses: ArrayLike, *, trials: int = 200, seed: int = 1
    ) -> OperatingCharacteristics:
        """How the design performs under true toxicity and efficacy rates (scenarios x doses each),
        independent in a participant, by simulation: a tenth of a second for a decision."""
        from trialwright.numerics.philox import uniforms

        toxic = scenario_matrix(scenarios, len(self.doses))
        active = scenario_matrix(responses, len(self.doses))
        require_count("trials", trials, 1, 10**6)
        require_count("seed", seed, 0, 2**64 - 1)
        require_length("responses", active.tolist(), len(toxic))
        chosen = np.zeros((len(toxic), len(self.doses) + 1))
        treated, events = np.zeros(toxic.shape), np.zeros(toxic.shape)
        for s in range(len(toxic)):
            draws = uniforms(seed, s, 0, trials, 2 * self.max_participants)
            for own in draws.reshape(trials, self.max_participants, 2):
                state, dose = self._one_trial(toxic[s], active[s], own)
                chosen[s, dose - 1 if dose else -1] += 1
                treated[s] += state.treated
                events[s] += state.dlts
        selected = chosen[:, :-1] / trials
        above = (treated * (toxic > self.toxicity_limit + 1e-9)).sum(axis=1)
        return OperatingCharacteristics(
            toxic, selected, chosen[:, -1] / trials, treated / trials, events / trials,
            above / treated.sum(axis=1), "monte-carlo",
            np.sqrt(selected * (1 - selected) / trials), trials, 0,
        )  # fmt: skip

    def _one_trial(
        self, toxic: Floats, active: Floats, draws: Floats
    ) -> tuple[EffToxState, int | None]:
        """The state at the end and the dose selected. draws: participants x (efficacy, toxicity)
        from 0 to 1."""
        state = self.start()
        while True:
            decision = self.decide(state)
            dose = decision.dose
            if decision.action == "stop" or dose is None:
                return state, dose
            used = sum(state.treated)
            own = draws[used : used + self.cohort_size]
            responds, limited = own[:, 0] < active[dose - 1], own[:, 1] < toxic[dose - 1]
            state = state.observe(
                dose, len(own), int(limited.sum()), int(responds.sum()),
                int((responds & limited).sum()),
            )  # fmt: skip

    def _known_fit(self, state: EffToxState) -> EffToxFit:
        """The posterior, remembered: it depends on the counts alone."""
        key = state.treated, state.dlts, state.responses, state.both
        if key not in self._fits:
            if len(self._fits) > 100_000:
                self._fits.clear()
            self._fits[key] = self.fit(state)
        return self._fits[key]

    @cached_property
    def _fits(self) -> dict[object, EffToxFit]:
        return {}

    def _require_fit(self, state: EffToxState) -> None:
        require_kind("state", state, EffToxState)
        if len(state.treated) != len(self.doses):
            raise DesignError(
                Message("The state has {treated} doses.", treated=len(state.treated)),
                rule=Message("This design has {doses}.", doses=len(self.doses)),
                fix=Message("Begin with design.start()."),
            )

    def describe(self) -> Message:
        """The rule in words."""
        return Message(
            "EffTox: {doses} doses, cohorts of {cohort_size}, at most {max_participants} "
            "participants. A dose is acceptable if its efficacy is above {efficacy:.0%} with a "
            "probability above {efficacy_sure:g} and its toxicity below {toxicity:.0%} with one "
            "above {toxicity_sure:g}; the next cohort gets the acceptable dose of the highest "
            "utility, at most one beyond those tried.",
            doses=len(self.doses), cohort_size=self.cohort_size,
            max_participants=self.max_participants, efficacy=self.efficacy_limit,
            efficacy_sure=self.efficacy_sure, toxicity=self.toxicity_limit,
            toxicity_sure=self.toxicity_sure,
        )  # fmt: skip

    def _acceptable(self, counts: Floats, efficacy: Floats, toxicity: Floats) -> tuple[bool, ...]:
        tried = np.flatnonzero(counts.sum(axis=(1, 2)))
        low, high = (tried.min() - 1, tried.max() + 1) if len(tried) else (0, 0)
        return tuple(
            bool(low <= d <= high and e > self.efficacy_sure and t > self.toxicity_sure)
            for d, (e, t) in enumerate(zip(efficacy, toxicity, strict=True))
        )

    @cached_property
    def _coded(self) -> Floats:
        logs = np.array([log(dose) for dose in self.doses])
        coded: Floats = logs - logs.mean()
        return coded

    def _rates(self, theta: Floats) -> tuple[Floats, Floats]:
        """Efficacy and toxicity [draw, dose] at parameters [draw, 6]."""
        from scipy.special import expit

        x = self._coded
        toxicity = expit(theta[:, :1] + theta[:, 1:2] * x)
        efficacy = expit(theta[:, 2:3] + theta[:, 3:4] * x + theta[:, 4:5] * x**2)
        return efficacy, toxicity

    def _log_posterior(self, theta: Floats, counts: Floats) -> Floats:
        """Up to a constant, at parameters [draw, 6]."""
        z = (theta - np.array(self.prior_mean)) / np.array(self.prior_sd)
        found = -(z**2).sum(axis=1) / 2
        efficacy, toxicity = self._rates(theta)
        tie = np.tanh(theta[:, 5:6] / 2) * efficacy * (1 - efficacy) * toxicity * (1 - toxicity)
        for a, e in enumerate((1 - efficacy, efficacy)):
            for b, t in enumerate((1 - toxicity, toxicity)):
                joint = np.maximum(e * t + (1 if a == b else -1) * tie, 1e-300)
                found = found + np.log(joint) @ counts[:, a, b]
        posterior: Floats = found
        return posterior

    def _mode(self, counts: Floats) -> tuple[Floats, Floats]:
        """The mode, and a root of the covariance there, by Newton's method on differences."""
        from scipy.optimize import minimize

        sd = np.array(self.prior_sd)
        mean = np.array(self.prior_mean)

        def loss(z: Floats) -> float:
            return -float(self._log_posterior((mean + sd * z)[None], counts)[0])

        found = minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-4})
        steps = np.eye(6) * 0.02
        signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
        corners = [found.x + a * one + b * two for one in steps for two in steps for a, b in signs]
        values = -self._log_posterior(mean + sd * np.array(corners), counts).reshape(6, 6, 4)
        hessian = (values @ np.array([1.0, -1.0, -1.0, 1.0])) / (4 * 0.02**2)
        level, axes = np.linalg.eigh((hessian + hessian.T) / 2)
        root = axes / np.sqrt(np.maximum(level, 0.2))
        return mean + sd * found.x, sd[:, None] * root


def _cloud(mode: Floats, root: Floats) -> tuple[Floats, Floats]:
    """Points of a multivariate t about a mode, and the logarithm of its density there."""
    from scipy.special import gammaincinv, ndtri
    from scipy.stats.qmc import Sobol

    u = Sobol(7, scramble=False).random(_POINTS)
    u = (u + 0.5 / _POINTS) % 1.0
    normal = ndtri(np.clip(u[:, :6], 1e-9, 1 - 1e-9))
    chi = 2 * gammaincinv(_FREEDOM / 2, u[:, 6]) / _FREEDOM
    t = normal / np.sqrt(chi)[:, None]
    log_density = -(_FREEDOM + 6) / 2 * np.log1p((t**2).sum(axis=1) / _FREEDOM)
    return mode + t @ root.T, log_density
