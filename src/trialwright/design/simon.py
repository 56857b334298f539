"""Simon's two-stage design for one response rate: optimal, minimax and admissible; exact."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from math import ceil
from typing import ClassVar

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.unconditional import masses
from trialwright.design.beta_binomial import chances_of
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
from trialwright.messages import Message

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

    >>> str(SimonTwoStage.search(p0=0.1, p1=0.3, alpha=0.1, beta=0.1).describe())[:24]
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
                Message(
                    "No two-stage design with at most {max_participants} participants.",
                    max_participants=max_participants,
                ),
                rule=Message(
                    "It must tell {p0} from {p1} with errors {alpha} and {beta}.",
                    p0=p0,
                    p1=p1,
                    alpha=alpha,
                    beta=beta,
                ),
                fix=Message("Raise max_participants, or relax the errors."),
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
        reason = Message(
            "{responses} of {treated} responded; {bound} or fewer is not enough.",
            responses=responses,
            treated=treated,
            bound=bound,
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
        require_events(treated, responses, "responses")
        require_count("treated", treated, 0, self.n)
        require_prior("prior", prior)
        rest = self.n - treated
        k = np.arange(rest + 1)
        a, b = prior[0] + responses, prior[1] + treated - responses
        return float(chances_of(rest, a, b)[responses + k > self.r].sum())

    def table(self) -> RuleTable:
        """Rows (treated, stop_at_most)."""
        return RuleTable(
            "SimonTwoStage", ("treated", "stop_at_most"), ((self.n1, self.r1), (self.n, self.r))
        )

    def describe(self) -> Message:
        """The rule in words."""
        return Message(
            "Stage 1: {n1} participants; stop with {r1} or fewer responses. Stage 2: up to {n}; "
            "active with more than {r} responses.",
            n1=self.n1,
            r1=self.r1,
            n=self.n,
            r=self.r,
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
    and its design.

    At one n and n1 the expected number falls with r1, so r1 is tried from the largest that doesn't
    alone use up beta, down to where the number is no longer the least: mostly none is tried."""
    stages = [_Stage.of(n, p0, p1) for n in range(limit)]
    highest = [int(np.searchsorted(stage.below[1], beta, side="right")) - 1 for stage in stages]
    best: list[tuple[float, SimonTwoStage]] = []
    least = float(limit)
    for n in range(2, limit + 1):
        found: tuple[float, SimonTwoStage] | None = None
        bar = least
        for n1 in range(1, min(n, ceil(bar))):  # more in stage 1 would take more in all
            early = stages[n1].below[0]
            for r1 in range(min(highest[n1], n1), -1, -1):
                expected = n1 + (1 - float(early[r1])) * (n - n1)
                if expected >= bar:
                    break
                r = _least_r(stages[n1], stages[n - n1], r1, alpha, beta)
                if r is not None:
                    found = (expected, SimonTwoStage(n1=n1, r1=r1, n=n, r=r))
                    bar = expected - 1e-12
                    break
        if found is not None:
            best.append(found)
            least = found[0]
    return tuple(best)


@dataclass(frozen=True, slots=True)
class _Stage:
    """One stage's responses under p0 and p1: their masses, and the chance of so many or fewer."""

    masses: Floats
    below: Floats

    @classmethod
    def of(cls, n: int, p0: float, p1: float) -> _Stage:
        mass = masses(n, np.array([p0, p1]))
        return cls(mass, np.cumsum(mass, axis=1))


def _least_r(first: _Stage, second: _Stage, r1: int, alpha: float, beta: float) -> int | None:
    """The least r at which the treatment is declared active with at most alpha under p0; None where
    that is too seldom under p1."""
    totals = [
        np.convolve(one[r1 + 1 :], other)
        for one, other in zip(first.masses, second.masses, strict=True)
    ]
    if not totals[0].size:
        return None
    beyond = [np.cumsum(total[::-1])[::-1] for total in totals]  # P(goes on, r1 + 1 + k or more)
    place = int(np.argmax(np.append(beyond[0], 0.0) <= alpha))
    if place == len(totals[1]) or beyond[1][place] < 1 - beta:
        return None
    return r1 + place
