"""Pocock and Simon's minimisation with a random element; the list depends on specification, seed
and the order of participants alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, sqrt
from typing import Any, ClassVar

import numpy as np

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    listed,
    require_choice,
    require_count,
    require_lists,
    require_seed,
    require_some,
)
from trialwright.design.errors import DesignError
from trialwright.messages import Message, several
from trialwright.numerics.philox import uniforms
from trialwright.numerics.streams import SecretStream

Profile = tuple[str, ...]
MEASURES = ("range", "variance")


@dataclass(frozen=True, slots=True)
class MinimisationProperties(Notebook):
    """Simulated: share of assignments guessed right by someone who knows all earlier ones and the
    rule, mean and largest difference between arms (per unit of the ratio) at the end; and the
    standard error of the share."""

    guessed: float
    mean_imbalance: float
    largest_imbalance: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Mix:
    """Participants for a simulation: how many levels each factor has, all equally likely, and how
    many participants come."""

    levels: tuple[int, ...]
    participants: int = 60

    def __post_init__(self) -> None:
        require_some("levels", self.levels)
        for levels in self.levels:
            require_count("levels", levels, 1, 100)
        require_count("participants", self.participants, 1, 1_000)

    def profiles(self, seed: int = 1) -> tuple[Profile, ...]:
        """The levels of each participant, in the order they come."""
        draws = uniforms(seed, 1, 0, self.participants, len(self.levels))
        return tuple(
            tuple(str(int(u * n) + 1) for u, n in zip(row, self.levels, strict=True))
            for row in draws
        )


@dataclass(frozen=True, kw_only=True)
class Minimisation(Notebook):
    """Allocation that keeps factors balanced: for each arm, the imbalance that choosing it would
    leave is summed over the factors; an arm with the least is taken with probability `probability`,
    the others share the rest.

    arms: numbered from 1. factors: names. weights: one per factor (equal if left out). ratio: one
    per arm (equal if left out); counts are divided by it. measure: "range" or "variance" of the
    counts at the participant's level of each factor. probability: a fraction such as "4/5", above
    1/arms and at most 1 (1 is predictable; ICH E9 asks for a random element).

    Imbalances are compared as fractions, without rounding. Source: Pocock and Simon 1975,
    Biometrics 31:103.

    >>> rule = Minimisation(arms=2, factors=("site", "stage"))
    >>> rule.list(bytes(32), [("A", "II"), ("A", "III"), ("B", "II"), ("A", "II")])
    (2, 2, 2, 1)
    """

    kind: ClassVar[str] = "minimisation"
    arms: int
    factors: tuple[str, ...]
    weights: tuple[int, ...] = ()
    ratio: tuple[int, ...] = ()
    measure: str = "range"
    probability: str = "4/5"

    def __post_init__(self) -> None:
        require_count("arms", self.arms, 2, 50)
        require_choice("measure", self.measure, MEASURES)
        require_lists(self, "factors", "weights", "ratio")
        for name in ("weights", "ratio"):
            for number in getattr(self, name):
                require_count(name, number)
        for name, size in (("weights", len(self.factors)), ("ratio", self.arms)):
            values = tuple(getattr(self, name)) or (1,) * size
            object.__setattr__(self, name, values)
            if len(values) != size or min(values, default=0) < 1:
                raise DesignError(
                    Message("{name} is {values}.", name=name, values=values),
                    rule=Message("{name} has {size} positive whole numbers.", name=name, size=size),
                    fix=Message("Give one for each."),
                )
        if len({*self.factors} - {""}) < len(self.factors):
            raise DesignError(
                Message("factors is {factors}.", factors=self.factors),
                rule=Message("Factors have different names."),
                fix=Message("Name each."),
            )
        if not Fraction(1, self.arms) < self._chance <= 1:
            raise DesignError(
                Message("probability is {probability}.", probability=self.probability),
                rule=Message("It is a fraction above 1/{arms} and at most 1.", arms=self.arms),
                fix=Message('Write for example "4/5".'),
            )

    @property
    def _chance(self) -> Fraction:
        try:
            return Fraction(self.probability)
        except (TypeError, ValueError, ArithmeticError):
            return Fraction(0)

    def list(self, seed: bytes, profiles: Sequence[Profile]) -> tuple[int, ...]:
        """The arms of participants with these levels, in the order they came."""
        profiles = listed("profiles", profiles)
        arms: list[int] = []
        for i, profile in enumerate(profiles):
            arms.append(self.next_arm(seed, profiles[:i], arms, profile))
        return tuple(arms)

    def next_arm(
        self,
        seed: bytes,
        profiles: Sequence[Profile],
        arms: Sequence[int],
        profile: Profile,
        place: int | None = None,
    ) -> int:
        """The arm of the next participant, given the earlier profiles and arms.

        place: which random numbers are used, from 0; as many as there are earlier arms if left out.
        """
        require_seed(seed)
        preferred = self.preferred(profiles, arms, profile)
        stream = SecretStream(seed, self.specification, str(len(arms) if place is None else place))
        others = tuple(arm for arm in range(1, self.arms + 1) if arm not in preferred)
        taken = preferred
        if others and stream.below(self._chance.denominator) >= self._chance.numerator:
            taken = others
        weights = [self.ratio[arm - 1] for arm in taken]
        place = stream.below(sum(weights))
        for arm, weight in zip(taken, weights, strict=True):
            place -= weight
            if place < 0:
                return arm
        return taken[-1]

    def preferred(
        self, profiles: Sequence[Profile], arms: Sequence[int], profile: Profile
    ) -> tuple[int, ...]:
        """The arms that would leave the least imbalance."""
        if len(listed("profile", profile)) != len(self.factors) or len(profiles) != len(arms):
            raise DesignError(
                Message(
                    "A profile of {profile} levels; {profiles} profiles, {arms} arms.",
                    profile=len(profile),
                    profiles=len(profiles),
                    arms=len(arms),
                ),
                rule=Message(
                    "A profile has a level for each of {factors}.", factors=several(self.factors)
                ),
                fix=Message("Give one level per factor, and one arm per earlier participant."),
            )
        left = [self._imbalance(profiles, arms, profile, arm) for arm in range(1, self.arms + 1)]
        return tuple(arm for arm, value in enumerate(left, start=1) if value == min(left))

    def _imbalance(
        self, profiles: Sequence[Profile], arms: Sequence[int], profile: Profile, arm: int
    ) -> Fraction:
        total = Fraction(0)
        for f, level in enumerate(profile):
            counts = [0] * self.arms
            counts[arm - 1] = 1
            for other, given in zip(profiles, arms, strict=True):
                counts[given - 1] += other[f] == level
            scaled = [Fraction(n, part) for n, part in zip(counts, self.ratio, strict=True)]
            total += self.weights[f] * self._spread(scaled)
        return total

    def _spread(self, values: Sequence[Fraction]) -> Fraction:
        if self.measure == "range":
            return max(values) - min(values)
        mean = sum(values, Fraction(0)) / len(values)
        return sum(((v - mean) ** 2 for v in values), Fraction(0)) / (len(values) - 1)

    def properties(
        self, profiles: Sequence[Profile], trials: int = 2_000, seed: int = 1
    ) -> MinimisationProperties:
        """Balance and guessing over simulated lists for participants with these profiles, all
        lists at once."""
        profiles = listed("profiles", profiles)
        require_some("profiles", profiles)
        require_count("trials", trials, 1)
        require_count("seed", seed, 0, 2**64 - 1)
        places = self._places(profiles)
        share = lcm(*self.ratio) // np.array(self.ratio)
        counts = [np.zeros((trials, 1 + max(column), self.arms), int) for column in places]
        totals = np.zeros((trials, self.arms), int)
        draws = uniforms(seed, 0, 0, trials, 2 * len(profiles)).reshape(trials, -1, 2)
        rows, guessed = np.arange(trials), np.zeros(trials)
        for i, levels in enumerate(zip(*places, strict=True)):
            here = [count[:, level] for count, level in zip(counts, levels, strict=True)]
            left = np.column_stack([self._left(here, share, arm) for arm in range(self.arms)])
            preferred = left == left.min(axis=1, keepdims=True)
            arm = self._drawn(preferred, draws[:, i])
            guessed += preferred[rows, arm] / preferred.sum(axis=1) / len(profiles)
            for count in (totals, *here):
                count[rows, arm] += 1
        ends = np.ptp(totals / np.array(self.ratio), axis=1)
        return MinimisationProperties(
            float(guessed.mean()),
            float(ends.mean()),
            float(ends.max()),
            float(guessed.std() / sqrt(trials)),
        )

    def _places(self, profiles: Sequence[Profile]) -> Sequence[Sequence[int]]:
        """For each factor, the number of each participant's level."""
        for profile in profiles:
            self.preferred((), (), profile)
        columns = tuple(zip(*profiles, strict=True))
        seen = [tuple(dict.fromkeys(column)) for column in columns]
        return [[each.index(level) for level in c] for each, c in zip(seen, columns, strict=True)]

    def _left(self, counts: Sequence[Any], share: Any, arm: int) -> Any:
        """As `_imbalance`, in whole numbers for many lists: counts are lists x arms, one for each
        factor at the participant's level."""
        total: Any = 0
        for weight, count in zip(self.weights, counts, strict=True):
            scaled = (count + (np.arange(self.arms) == arm)) * share
            spread = np.ptp(scaled, axis=1)
            if self.measure == "variance":
                spread = self.arms * (scaled**2).sum(axis=1) - scaled.sum(axis=1) ** 2
            total = total + weight * spread
        return total

    def _drawn(self, preferred: Any, draws: Any) -> Any:
        """An arm for each list, with two uniform numbers each: among the preferred or the others,
        by the ratio."""
        kept = preferred.all(axis=1) | (draws[:, 0] < float(self._chance))
        weights = np.where(preferred == kept[:, None], np.array(self.ratio), 0).cumsum(axis=1)
        return (draws[:, 1, None] * weights[:, -1:] >= weights).sum(axis=1)

    def describe(self) -> Message:
        """The rule in words."""
        factors = ", ".join(self.factors)
        return Message(
            "Minimisation over {factors} ({measure}, weights {weights}, ratio {ratio}); the arm of "
            "least imbalance is taken with probability {probability}.",
            factors=factors,
            measure=self.measure,
            weights=":".join(map(str, self.weights)),
            ratio=":".join(map(str, self.ratio)),
            probability=self.probability,
        )

    @property
    def specification(self) -> str:
        """What keeps these random numbers apart from others of the same seed."""
        return (
            f"minimisation/1 arms={self.arms} factors={','.join(self.factors)} "
            f"weights={self.weights} ratio={self.ratio} measure={self.measure} "
            f"probability={self._chance}"
        )
