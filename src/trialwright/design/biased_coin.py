"""Simple randomisation and Efron's biased coin; each arm depends on specification, seed and what
came before alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import require_count, require_lists, require_seed
from trialwright.design.errors import DesignError
from trialwright.design.minimisation import Minimisation, Profile
from trialwright.messages import Message
from trialwright.numerics.streams import SecretStream


@dataclass(frozen=True, kw_only=True)
class SimpleRandomisation(Notebook):
    """Each participant's arm is drawn alone, by the ratio, whatever came before.

    ratio: one positive whole number for each arm, numbered from 1.

    >>> SimpleRandomisation(ratio=(1, 1)).list(bytes(32), 8)
    (1, 2, 1, 2, 1, 1, 1, 2)
    """

    ratio: tuple[int, ...]

    def __post_init__(self) -> None:
        require_lists(self, "ratio")
        for part in self.ratio:
            require_count("ratio", part, 1)
        if len(self.ratio) < 2:
            raise DesignError(
                Message("ratio is {ratio}.", ratio=self.ratio),
                rule=Message("Allocation needs two arms or more."),
                fix=Message("Give each arm its share."),
            )

    def next_arm(
        self,
        seed: bytes,
        profiles: Sequence[Profile],
        arms: Sequence[int],
        profile: Profile,
        place: int | None = None,
    ) -> int:
        """The arm of the next participant; of what came before only the number counts."""
        require_seed(seed)
        stream = SecretStream(seed, self.specification, str(len(arms) if place is None else place))
        shares = list(accumulate(self.ratio))
        return 1 + bisect_right(shares, stream.below(shares[-1]))

    def list(self, seed: bytes, length: int) -> tuple[int, ...]:
        """The first so many arms."""
        return tuple(self.next_arm(seed, (), range(n), ()) for n in range(length))

    @property
    def specification(self) -> str:
        """What keeps these random numbers apart from others of the same seed."""
        return f"simple/1 ratio={self.ratio}"


@dataclass(frozen=True, slots=True)
class CoinProperties(Notebook):
    """What Efron's coin comes to in the long run, for two equal arms.

    balanced: probability that the arms are equal after an even number of participants.
    guessed: share of right guesses by someone who knows all earlier arms.
    """

    balanced: float
    guessed: float


@dataclass(frozen=True, kw_only=True)
class BiasedCoin(Notebook):
    """The arm that is behind within its stratum is taken with probability `probability`; arms
    equally behind are drawn by the ratio.

    arms: 2 or more. ratio: one positive whole number for each (equal if left out); counts are
    divided by it. probability: a fraction above 1/arms and at most 1.

    It is minimisation over the one factor of the stratum. Source: Efron 1971, Biometrika 58:403.

    >>> coin = BiasedCoin(arms=2)
    >>> coin.list(bytes(32), ["", "", "", ""])
    (1, 1, 2, 2)
    >>> coin.properties()
    CoinProperties(balanced=0.5, guessed=0.625)
    """

    arms: int
    ratio: tuple[int, ...] = ()
    probability: str = "2/3"

    def __post_init__(self) -> None:
        require_lists(self, "ratio")
        object.__setattr__(self, "ratio", self.rule.ratio)

    @property
    def rule(self) -> Minimisation:
        """The same as minimisation: of one factor, whose least variance is with the arm behind."""
        return Minimisation(
            arms=self.arms,
            factors=("stratum",),
            ratio=self.ratio,
            measure="variance",
            probability=self.probability,
        )

    def next_arm(
        self,
        seed: bytes,
        profiles: Sequence[Profile],
        arms: Sequence[int],
        profile: Profile,
        place: int | None = None,
    ) -> int:
        """The arm of the next participant, given the earlier strata and arms."""
        return self.rule.next_arm(seed, profiles, arms, profile, place)

    def list(self, seed: bytes, strata: Sequence[str]) -> tuple[int, ...]:
        """The arms of participants of these strata, in the order they came."""
        return self.rule.list(seed, [(stratum,) for stratum in strata])

    def properties(self) -> CoinProperties:
        """The long run of two equal arms, exactly: with r = p / (1 - p), the difference between
        the arms is 0 with probability (r - 1) / 2r over all participants (Efron 1971, section 3).
        """
        if self.ratio != (1, 1):
            raise DesignError(
                Message("ratio is {ratio}.", ratio=self.ratio),
                rule=Message("The long run is known for two equal arms."),
                fix=Message("Simulate it: `Minimisation.properties` does."),
            )
        p = Fraction(self.probability)
        r = p / (1 - p) if p < 1 else None
        level = (r - 1) / (2 * r) if r else Fraction(1, 2)
        return CoinProperties(float(2 * level), float(level / 2 + (1 - level) * p))

    @property
    def specification(self) -> str:
        """What keeps these random numbers apart from others of the same seed."""
        return self.rule.specification
