"""Safety monitoring against a concurrent control: hold when the excess is probable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.unconditional import masses
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_events,
    require_lists,
    require_prior,
    require_rate,
    require_some,
    scenario_matrix,
)
from trialwright.design.stopping import StoppingCharacteristics
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message


@dataclass(frozen=True, slots=True)
class ControlRate:
    """The true event rate in the control arm."""

    rate: float = 0.10

    def __post_init__(self) -> None:
        require_rate("rate", self.rate)


@dataclass(frozen=True, kw_only=True)
class ExcessOverControl(Notebook):
    """Hold when P(rate on treatment > rate on control + margin | data) >= threshold.

    Estimand: the difference of the event rates. Both rates have independent Beta(a, b) priors.
    looks: participants per arm at which the rule is read, increasing (equal numbers in both arms).

    Source: Thall and Simon 1994, Biometrics 50:337, with a concurrent control. The posterior
    probability is summed over 1,600 cells of the control's rate; accuracy about 1e-5.

    >>> rule = ExcessOverControl(looks=(5, 10), margin=0.1, threshold=0.9)
    >>> rule.decide(treated=10, events=6, control_events=1).action
    'hold'
    """

    kind: ClassVar[str] = "excess-over-control"
    looks: tuple[int, ...]
    margin: float = 0.0
    threshold: float = 0.95
    prior: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        require_between("threshold", self.threshold, 0, 1)
        require_between("margin", self.margin, -1, 1)
        require_lists(self, "prior", "looks")
        require_prior("prior", self.prior)
        require_some("looks", self.looks)
        previous = 0
        for look in self.looks:
            require_count("looks", look, previous + 1, 200)
            previous = look

    def probability(self, treated: int, events: int, control_events: int) -> float:
        """Posterior probability of the excess, with `treated` in each arm."""
        require_events(treated, events)
        require_events(treated, control_events, "control events")
        return float(self._chances(treated)[events, control_events])

    def _chances(self, n: int) -> Floats:
        """Posterior probability at [events, control events] with n in each arm."""
        edges = _edges()
        mass = np.diff(_posteriors(*self.prior, n, edges), axis=1)
        middle = (edges[1:] + edges[:-1]) / 2
        below = _posteriors(*self.prior, n, np.clip(middle + self.margin, 0, 1))
        return np.asarray((1 - below) @ mass.T)

    @cached_property
    def _codes(self) -> tuple[NDArray[np.bool_], ...]:
        """Does [events, control events] hold, at each look?"""
        return tuple(self._chances(n) >= self.threshold for n in self.looks)

    def decide(self, treated: int, events: int, control_events: int) -> Decision:
        """`hold` or `continue`; away from a look the rule is not read."""
        chance = self.probability(treated, events, control_events)
        reason = Message(
            "{events} of {treated} against {control_events} of {treated}: probability of an "
            "excess above {margin:g} is {chance:.3f}, limit {threshold:g}.",
            events=events,
            treated=treated,
            control_events=control_events,
            margin=self.margin,
            chance=chance,
            threshold=self.threshold,
        )
        holds = treated in self.looks and bool(
            self._codes[self.looks.index(treated)][events, control_events]
        )
        return Decision("hold" if holds else "continue", None, reason, "ExcessOverControl")

    def table(self) -> RuleTable:
        """Rows (treated per arm, control events, hold_at)."""
        rows: list[tuple[int | None, ...]] = []
        for n, code in zip(self.looks, self._codes, strict=True):
            for control in range(n + 1):
                crossing = np.flatnonzero(code[:, control])
                rows.append((n, control, int(crossing[0]) if len(crossing) else None))
        columns = ("treated_per_arm", "control_events", "hold_at")
        return RuleTable("ExcessOverControl", columns, tuple(rows))

    def operating_characteristics(self, rates: Sequence[Sequence[float]]) -> Floats:
        """Exact chance of a hold by each look (scenarios x looks); rates: (treatment, control)."""
        return self._held(scenario_matrix(rates, 2, "arms")).cumsum(axis=1)

    def characteristics(self, rates: Sequence[float], control: float) -> StoppingCharacteristics:
        """Exact behaviour at each true event rate on treatment, the control's being `control`.
        Participants and events are those on treatment; after a hold nobody else is treated."""
        p = scenario_matrix([list(rates)], len(rates), "rates")[0]
        require_rate("control", control)
        held = self._held(np.column_stack([p, np.full(len(p), control)]))
        looks, last = np.array(self.looks), self.looks[-1]
        after = np.zeros((len(p), last + 1))
        after[:, looks] = held
        participants = last - held @ (last - looks)
        return StoppingCharacteristics(p, held.sum(axis=1), participants, p * participants, after)

    def _held(self, pairs: Floats) -> Floats:
        """Chance of a hold at each look (scenarios x looks)."""
        held = np.zeros((len(pairs), len(self.looks)))
        alive, before = np.ones((len(pairs), 1, 1)), 0
        for k, (n, code) in enumerate(zip(self.looks, self._codes, strict=True)):
            one, other = (_steps(before, n, pairs[:, arm]) for arm in (0, 1))
            alive = np.swapaxes(one, 1, 2) @ alive @ other
            held[:, k] = alive[:, code].sum(axis=1)
            alive, before = np.where(code, 0.0, alive), n
        return held

    def describe(self) -> Message:
        """The rule in words."""
        looks = ", ".join(map(str, self.looks))
        return Message(
            "Hold when the posterior probability that the event rate exceeds the control's by "
            "more than {margin:g} is {threshold:g} or more, read after {looks} per arm.",
            margin=self.margin,
            threshold=self.threshold,
            looks=looks,
        )


def _steps(before: int, after: int, rates: Floats) -> Floats:
    """[rate, events before, events after]: chances from one look to the next."""
    more = np.arange(after + 1)[None, :] - np.arange(before + 1)[:, None]
    mass = masses(after - before, rates)
    possible = (more >= 0) & (more <= after - before)
    steps: Floats = np.where(possible, mass[:, np.clip(more, 0, after - before)], 0.0)
    return steps


@cache
def _edges() -> Floats:
    """Where the control's distribution is cut: by steps of the angle, p = sin(t)^2."""
    edges: Floats = np.sin(np.linspace(0, np.pi / 2, 1_601)) ** 2
    return edges


def _posteriors(a: float, b: float, n: int, x: Floats) -> Floats:
    """[events, x]: distribution functions of Beta(a + events, b + n - events).

    One event more takes x^(a + y) (1 - x)^(b + n - y - 1) / ((a + y) B(a + y, b + n - y)) away
    (Abramowitz and Stegun 1972, 26.5.15)."""
    from scipy.special import betainc, betaln, xlog1py, xlogy

    first, second = a + np.arange(n)[:, None], b + n - np.arange(n)[:, None]
    size = xlogy(first, x) + xlog1py(second - 1, -x) - np.log(first) - betaln(first, second)
    steps = np.vstack([np.zeros(len(x)), np.exp(size)])
    found: Floats = np.clip(betainc(a, b + n, x) - steps.cumsum(axis=0), 0.0, 1.0)
    return found
