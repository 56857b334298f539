"""Outcomes of two arms whose power, or assurance, is computed exactly at every sample size.

An assurance is the power averaged over what is believed of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialwright.design.assurance import (
    assurance_normal,
    assurance_sequential,
    assurance_two_proportions,
)
from trialwright.design.checks import (
    require_between,
    require_choice,
    require_lists,
    require_positive,
    require_prior,
    require_rate,
)
from trialwright.design.group_sequential import GroupSequential
from trialwright.design.planned_outcomes import ExactOutcomes
from trialwright.design.sample_size import TESTS, power_two_means, power_two_proportions
from trialwright.messages import Message, sentences


@dataclass(frozen=True, kw_only=True)
class Proportions(ExactOutcomes):
    """A response that is there or not, its rates being known; see `power_two_proportions`.

    first, second: the true rates, the first being the higher. test: "Boschloo", "Fisher" or
    "Barnard".

    >>> round(Proportions(first=0.6, second=0.2).power_of(25, 0.05), 3)
    0.833
    """

    kind: ClassVar[str] = "proportions"
    most: ClassVar[int] = 500
    first: float
    second: float
    test: str = "Boschloo"

    def __post_init__(self) -> None:
        require_rate("second", self.second)
        require_between("first", self.first, self.second, 1 + 1e-12)
        require_choice("test", self.test, TESTS)

    def power_of(self, per_arm: int, alpha: float) -> float:
        return power_two_proportions(
            self.first, self.second, per_arm, per_arm, alpha=alpha / 2, test=self.test
        )

    def describe(self) -> Message:
        return Message(
            "Response rates of {first:.0%} and {second:.0%}, compared by the exact test of {test}.",
            first=self.first, second=self.second, test=self.test,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Means(ExactOutcomes):
    """Normal values of equal variance, compared by the t test; see `power_two_means`.

    difference: of the means, above 0; sd: of each arm; one unit.

    >>> round(Means(difference=0.5).power_of(64, 0.05), 3)
    0.801
    """

    kind: ClassVar[str] = "means"
    difference: float
    sd: float = 1.0

    def __post_init__(self) -> None:
        require_positive("difference", self.difference)
        require_positive("sd", self.sd)

    def power_of(self, per_arm: int, alpha: float) -> float:
        return power_two_means(self.difference, self.sd, per_arm, per_arm, alpha=alpha / 2)

    def describe(self) -> Message:
        return Message(
            "Means that differ by {difference:g} with a standard deviation of {sd:g}, compared by "
            "the t test.",
            difference=self.difference, sd=self.sd,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BelievedProportions(ExactOutcomes):
    """A response whose two rates have beta priors: what is found is an assurance; see
    `assurance_two_proportions`.

    first, second: (a, b) each. Of x responses of n earlier participants (x + 1, n - x + 1).

    >>> round(BelievedProportions(first=(6, 4), second=(4, 16)).power_of(25, 0.05), 3)
    0.733
    """

    kind: ClassVar[str] = "believed-proportions"
    most: ClassVar[int] = 500
    first: tuple[float, float]
    second: tuple[float, float]
    test: str = "Boschloo"

    def __post_init__(self) -> None:
        require_lists(self, "first", "second")
        require_prior("first", self.first)
        require_prior("second", self.second)
        require_choice("test", self.test, TESTS)

    def power_of(self, per_arm: int, alpha: float) -> float:
        return assurance_two_proportions(
            per_arm, per_arm, self.first, self.second, alpha=alpha / 2, test=self.test
        )

    def describe(self) -> Message:
        a, b = self.first
        c, d = self.second
        return Message(
            "Response rates believed to be Beta({a:g}, {b:g}) and Beta({c:g}, {d:g}), compared by "
            "the exact test of {test}; the power is averaged over them (assurance).",
            a=a, b=b, c=c, d=d, test=self.test,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BelievedMeans(ExactOutcomes):
    """Normal values whose difference of means has a normal prior: what is found is an assurance;
    see `assurance_normal`. The standard deviation of a value is taken as known.

    difference, difference_sd: mean and standard deviation of the belief; sd: of a value. timing,
    spending: where there are interim looks, the information at each and how the level is spent, as
    of `GroupSequential`; then the assurance is that of crossing the upper bound at any look (see
    `assurance_sequential`).

    >>> round(BelievedMeans(difference=0.5, difference_sd=0.25).power_of(50, 0.05), 3)
    0.632
    >>> looks = BelievedMeans(difference=0.5, difference_sd=0.25, timing=(0.5, 1.0))
    >>> round(looks.power_of(50, 0.05), 3)
    0.631
    """

    kind: ClassVar[str] = "believed-means"
    difference: float
    difference_sd: float
    sd: float = 1.0
    timing: tuple[float, ...] = (1.0,)
    spending: str = "obrien-fleming"

    def __post_init__(self) -> None:
        require_between("difference", self.difference, -1e6, 1e6)
        require_positive("difference_sd", self.difference_sd)
        require_positive("sd", self.sd)
        require_lists(self, "timing")
        _ = self.test(0.05)

    def test(self, alpha: float) -> GroupSequential:
        """The test at its looks, at the two-sided level alpha."""
        return GroupSequential(timing=self.timing, alpha=alpha / 2, spending=self.spending)

    def power_of(self, per_arm: int, alpha: float) -> float:
        information = per_arm / (2 * self.sd**2)
        if len(self.timing) == 1:
            believed = self.difference, self.difference_sd
            return assurance_normal(information, *believed, alpha=alpha / 2)
        bounds = self.test(alpha).at([t * information for t in self.timing], information)
        return assurance_sequential(bounds, self.difference, self.difference_sd)

    def describe(self) -> Message:
        told = Message(
            "A difference of means believed to be normal with mean {difference:g} and standard "
            "deviation {difference_sd:g}; that of a value is {sd:g}. The power of the z test is "
            "averaged over it (assurance).",
            difference=self.difference, difference_sd=self.difference_sd, sd=self.sd,
        )  # fmt: skip
        if len(self.timing) == 1:
            return told
        return sentences(told, Message(
            "The test has {looks} looks, with error spending.", looks=len(self.timing)
        ))  # fmt: skip
