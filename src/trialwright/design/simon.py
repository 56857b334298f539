"""Simon's two-stage design for one response rate: optimal, minimax and admissible; exact."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from math import ceil
from typing import ClassVar

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.unconditional import masses
from trialwright.analysis.words import Said
from trialwright.design.checks import (
    Floats,
    require_between,
    require_choice,
    require_count,
    require_events,
    require_prior,
    require_rate,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision, RuleTable

CRITERIA = ("optimal", "minimax")


@dataclass(frozen=True, slots=True)
class SimonCharacteristics(Notebook):
    """At one true rate: chance to declare the treatment active, to stop early, expected number.

    >>> found = SimonTwoStage(n1=12, r1=1, n=35, r=5).characteristics(0.10)
    >>> round(found.active, 3), round(found.early_stop, 2), round(found.expected_participants, 1)
    (0.098, 0.66, 19.8)
    """

    active: float
    early_stop: float
    expected_participants: float


@dataclass(frozen=True, kw_only=True)
class SimonTwoStage(Notebook):
    """Estimand: p, the response rate, p0 against p1. Stop for futility after n1 participants with
    r1 responses or fewer; at n, with r or fewer, the treatment isn't active.

    Accuracy: binomial sums to rounding; the search is complete. Source: Simon 1989, Controlled Clin
    Trials 10:1, tables 1 and 2.

    >>> SimonTwoStage.search(p0=0.10, p1=0.30, alpha=0.10, beta=0.10).describe()[:24]
    'Stage 1: 12 participants'
    """

    kind: ClassVar[str] = "simon-two-stage"
    n1: int
    r1: int
    n: int
    r: int

    def __post_init__(self) -> None:
        require_count("n", self.n, 2, 2_000)
        require_count("n1", self.n1, 1, self.n - 1)
        require_count("r1", self.r1, 0, self.n1)
        require_count("r", self.r, self.r1, self.n)

    @classmethod
    def search(
        cls,
        *,
        p0: float,
        p1: float,
        alpha: float,
        beta: float,
        criterion: str = "optimal",
        max_participants: int = 100,
    ) -> SimonTwoStage:
        """The design with the smallest expected number at p0 ("optimal") or the smallest n
        ("minimax"), among those with P(active | p0) <= alpha and P(active | p1) >= 1 - beta."""
        require_choice("criterion", criterion, CRITERIA)
        found = cls.admissible(
            p0=p0, p1=p1, alpha=alpha, beta=beta, max_participants=max_participants
        )
        return found[0] if criterion == "minimax" else found[-1]

    @classmethod
    def admissible(
        cls, *, p0: float, p1: float, alpha: float, beta: float, max_participants: int = 100
    ) -> tuple[SimonTwoStage, ...]:
        """Designs best for some weighing of n against the expected number at p0 (Jung and others
        2004), from minimax to optimal."""
        SimonAim(p0=p0, p1=p1, alpha=alpha, beta=beta, max_participants=max_participants)
        best = _best_by_size(p0, p1, alpha, beta, max_participants)
        if not best:
            raise DesignError(
                Said(
                    f"No two-stage design with at most {max_participants} participants.",
                    f"不超过 {max_participants} 例的两阶段设计不存在。",
                ),
                rule=Said(
                    f"It must tell {p0} from {p1} with errors {alpha} and {beta}.",
                    f"须以错误率 {alpha} 与 {beta} 区分 {p0} 与 {p1}。",
                ),
                fix=Said(
                    "Raise max_participants, or relax the errors.",
                    "请增大 max_participants，或放宽错误率。",
                ),
            )
        hull: list[tuple[float, SimonTwoStage]] = []
        for expected, design in best:
            while len(hull) > 1 and _above_line(hull[-2], hull[-1], (expected, design)):
                hull.pop()
            hull.append((expected, design))
        return tuple(design for _, design in hull)

    def characteristics(self, rate: float) -> SimonCharacteristics:
        """Exact behaviour at a true response rate."""
        require_rate("rate", rate)
        first = masses(self.n1, np.array([rate]))[0]
        second = masses(self.n - self.n1, np.array([rate]))[0]
        beyond = np.append(second[::-1].cumsum()[::-1], 0.0)  # P(second stage >= k)
        going = np.arange(self.r1 + 1, self.n1 + 1)
        need = np.clip(self.r + 1 - going, 0, self.n - self.n1 + 1)
        early = float(first[: self.r1 + 1].sum())
        active = float(first[going] @ beyond[need])
        return SimonCharacteristics(active, early, self.n1 + (1 - early) * (self.n - self.n1))

    def decide(self, treated: int, responses: int) -> Decision:
        """At the end of a stage: stop or go on; in between, continue."""
        require_events(treated, responses, "responses")
        require_count("treated", treated, 0, self.n)
        name = "SimonTwoStage"
        bound = self.r1 if treated < self.n else self.r
        reason = Said(
            f"{responses} of {treated} responded; {bound} or fewer is not enough.",
            f"{treated} 例中 {responses} 例应答；{bound} 例及以下为不足。",
        )
        if treated == self.n:
            active = responses > self.r
            return Decision("active" if active else "not active", None, reason, name)
        if treated == self.n1 and responses <= self.r1:
            return Decision("stop", None, reason, name)
        return Decision("continue", None, reason, name)

    def predictive_probability(
        self, treated: int, responses: int, prior: tuple[float, float] = (1.0, 1.0)
    ) -> float:
        """Chance that responses exceed r at n, given the data, under a Beta prior (Lee and Liu
        2008)."""
        from scipy.special import betaln, gammaln

        require_events(treated, responses, "responses")
        require_count("treated", treated, 0, self.n)
        require_prior("prior", prior)
        rest = self.n - treated
        k = np.arange(rest + 1)
        a, b = prior[0] + responses, prior[1] + treated - responses
        log_mass = gammaln(rest + 1) - gammaln(k + 1) - gammaln(rest - k + 1)
        mass = np.exp(log_mass + betaln(a + k, b + rest - k) - betaln(a, b))
        return float(mass[responses + k > self.r].sum())

    def table(self) -> RuleTable:
        """Rows (treated, stop_at_most)."""
        return RuleTable(
            "SimonTwoStage", ("treated", "stop_at_most"), ((self.n1, self.r1), (self.n, self.r))
        )

    def describe(self) -> Said:
        """The rule in words."""
        return Said(
            f"Stage 1: {self.n1} participants; stop with {self.r1} or fewer responses. "
            f"Stage 2: up to {self.n}; active with more than {self.r} responses.",
            f"第一阶段 {self.n1} 例；应答不超过 {self.r1} 例则停止。第二阶段至 {self.n} 例；"
            f"应答多于 {self.r} 例为有效。",
        )


@dataclass(frozen=True, kw_only=True)
class SimonAim(Notebook):
    """What a two-stage design is searched for: to tell a response rate p1 from p0 with errors alpha
    and beta, by a criterion of `SimonTwoStage.search`."""

    p0: float
    p1: float
    alpha: float
    beta: float
    criterion: str = "optimal"
    max_participants: int = 100

    def __post_init__(self) -> None:
        for name in ("p0", "alpha", "beta"):
            require_between(name, getattr(self, name), 0, 1)
        require_between("p1", self.p1, self.p0, 1)
        require_choice("criterion", self.criterion, CRITERIA)
        require_count("max_participants", self.max_participants, 2, 500)

    @property
    def admissible(self) -> tuple[SimonTwoStage, ...]:
        """From minimax to optimal, as `SimonTwoStage.admissible`."""
        return SimonTwoStage.admissible(
            p0=self.p0, p1=self.p1, alpha=self.alpha, beta=self.beta,
            max_participants=self.max_participants,
        )  # fmt: skip

    @property
    def design(self) -> SimonTwoStage:
        """The design of the criterion."""
        return SimonTwoStage.search(**asdict(self))


def _above_line(
    a: tuple[float, SimonTwoStage], b: tuple[float, SimonTwoStage], c: tuple[float, SimonTwoStage]
) -> bool:
    """Does b lie on or above the line from a to c in the plane (n, expected number)?"""
    slope = (c[0] - a[0]) / (c[1].n - a[1].n)
    return b[0] >= a[0] + slope * (b[1].n - a[1].n) - 1e-12


@lru_cache(maxsize=16)
def _best_by_size(
    p0: float, p1: float, alpha: float, beta: float, limit: int
) -> tuple[tuple[float, SimonTwoStage], ...]:
    """Each n at which the expected number at p0 gets smaller than at any smaller n, by that number
    and its design."""
    stage = {n: masses(n, np.array([p0, p1])) for n in range(1, limit)}
    tails = {n: np.cumsum(m[:, ::-1], axis=1)[:, ::-1] for n, m in stage.items()}
    best: list[tuple[float, SimonTwoStage]] = []
    least = float(limit)
    for n in range(2, limit + 1):
        found: tuple[float, SimonTwoStage] | None = None
        for n1 in range(1, min(n, ceil(least))):  # more in stage 1 would take more in all
            active = _active(stage[n1], tails[n - n1], n1, n)
            early = np.cumsum(stage[n1][0])
            feasible = (active[0] <= alpha) & (active[1] >= 1 - beta)
            r1s, rs = np.nonzero(feasible)
            for r1 in np.unique(r1s):
                expected = n1 + (1 - float(early[r1])) * (n - n1)
                if found is None or expected < found[0] - 1e-12:
                    r = int(rs[r1s == r1][0])
                    found = (expected, SimonTwoStage(n1=n1, r1=int(r1), n=n, r=r))
        if found is not None and found[0] < least:
            best.append(found)
            least = found[0]
    return tuple(best)


def _active(first: Floats, tail: Floats, n1: int, n: int) -> Floats:
    """P(active) at [rate, r1, r] for one n1 and n; impossible pairs (r < r1) are set to pass p0."""
    rest = n - n1
    x = np.arange(n1 + 1)[:, None]
    r = np.arange(n + 1)[None, :]
    need = r + 1 - x
    padded = np.concatenate([np.ones((2, 1)), tail[:, 1:], np.zeros((2, 1))], axis=1)
    beyond = padded[:, np.clip(need, 0, rest + 1)]
    joint = first[:, :, None] * beyond
    after = np.cumsum(joint[:, ::-1], axis=1)[:, ::-1]
    active = np.concatenate([after[:, 1:], np.zeros((2, 1, n + 1))], axis=1)
    active[1][(r < np.arange(n1 + 1)[:, None])] = -1.0
    return active
