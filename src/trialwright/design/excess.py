"""Safety monitoring against a concurrent control: hold when the excess is probable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.words import Said
from trialwright.design.checks import (
    Floats,
    require_between,
    require_count,
    require_events,
    require_lists,
    require_prior,
    require_some,
    scenario_matrix,
)
from trialwright.design.table import Decision, RuleTable


@dataclass(frozen=True, kw_only=True)
class ExcessOverControl(Notebook):
    """Hold when P(rate on treatment > rate on control + margin | data) >= threshold.

    Estimand: the difference of the event rates. Both rates have independent Beta(a, b) priors.
    looks: participants per arm at which the rule is read, increasing (equal numbers in both arms).

    Source: Thall and Simon 1994, Biometrics 50:337, with a concurrent control. The posterior
    probability is summed over 401 cells of the control's rate; accuracy about 1e-5.

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
        from scipy.special import betainc, betaincc

        a, b = self.prior
        y = np.arange(n + 1)[:, None]
        # The control's distribution function in equal steps of the angle, p = sin(t)^2.
        angle = (np.polynomial.legendre.leggauss(400)[0] + 1) * np.pi / 4
        edges = np.concatenate([[0.0], np.sort(np.sin(angle) ** 2), [1.0]])
        mass = np.diff(betainc(a + y, b + n - y, edges), axis=1)
        middle = (edges[1:] + edges[:-1]) / 2
        above = betaincc(a + y, b + n - y, np.clip(middle + self.margin, 0, 1))
        return np.asarray(above @ mass.T)

    @cached_property
    def _codes(self) -> tuple[NDArray[np.bool_], ...]:
        """Does [events, control events] hold, at each look?"""
        return tuple(self._chances(n) >= self.threshold for n in self.looks)

    def decide(self, treated: int, events: int, control_events: int) -> Decision:
        """`hold` or `continue`; away from a look the rule is not read."""
        chance = self.probability(treated, events, control_events)
        reason = Said(
            f"{events} of {treated} against {control_events} of {treated}: probability of an "
            f"excess above {self.margin:g} is {chance:.3f}, limit {self.threshold:g}.",
            f"{treated} 例中 {events} 例对 {treated} 例中 {control_events} 例：超出 "
            f"{self.margin:g} 的概率为 {chance:.3f}，界值 {self.threshold:g}。",
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
        pairs = scenario_matrix(rates, 2, "arms")
        held = np.zeros((len(pairs), len(self.looks)))
        for s, (p, q) in enumerate(pairs):
            alive, before = np.ones((1, 1)), 0
            for k, (n, code) in enumerate(zip(self.looks, self._codes, strict=True)):
                alive = _step(before, n, p).T @ alive @ _step(before, n, q)
                held[s, k] = alive[code].sum()
                alive, before = np.where(code, 0.0, alive), n
        return held.cumsum(axis=1)

    def describe(self) -> Said:
        """The rule in words."""
        looks = ", ".join(map(str, self.looks))
        return Said(
            f"Hold when the posterior probability that the event rate exceeds the control's by "
            f"more than {self.margin:g} is {self.threshold:g} or more, read after {looks} per arm.",
            f"当事件率超出对照组 {self.margin:g} 以上的后验概率达到 {self.threshold:g} 时暂停，"
            f"每组 {looks} 例时评估。",
        )


def _step(before: int, after: int, p: float) -> Floats:
    more = after - before
    mass = [comb(more, k) * p**k * (1 - p) ** (more - k) for k in range(more + 1)]
    step = np.zeros((before + 1, after + 1))
    for x in range(before + 1):
        step[x, x : x + more + 1] = mass
    return step
