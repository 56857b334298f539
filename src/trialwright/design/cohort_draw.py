"""Chance within a dose cohort: who gets its dose, and who the control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import require_count, require_seed
from trialwright.design.errors import DesignError
from trialwright.design.minimisation import Profile
from trialwright.messages import Message
from trialwright.numerics.streams import SecretStream


@dataclass(frozen=True, slots=True)
class CohortPlace:
    """What is known of a place in a randomised cohort before its arm is drawn.

    cohort, level: from 1. size: how many the cohort has at its dose. controls: how many on the
    control. left: of those who came to the cohort before, counted from 1 in their order, who left
    the place to another.
    """

    cohort: int
    level: int
    size: int
    controls: int
    left: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """It in one line, such as `3/2/6+2-1-4`: cohort 3 at level 2, of 6 and 2 on the control;
        the first and the fourth have left."""
        left = "".join(f"-{number}" for number in self.left)
        return f"{self.cohort}/{self.level}/{self.size}+{self.controls}{left}"

    @classmethod
    def read(cls, text: str) -> CohortPlace:
        """Read it from that line."""
        cohort, level, rest = text.split("/")
        sizes, *left = rest.split("-")
        size, controls = sizes.split("+")
        return cls(int(cohort), int(level), int(size), int(controls), tuple(map(int, left)))


@dataclass(frozen=True, kw_only=True)
class CohortDraw(Notebook):
    """Who joins a cohort gets one of its free places by chance: so many at the dose, so many on the
    control. The places of those who don't count are free again.

    That is a random permutation of each cohort's places, one place at a time (the random allocation
    rule; Rosenberger and Lachin 2016, Randomization in Clinical Trials, section 3.3).

    doses: how many dose levels. Arms are numbered from 1: the levels in their order, then the
    control.

    >>> draw = CohortDraw(doses=2)
    >>> draw.list(bytes(32), [CohortPlace(1, 1, 3, 1)] * 4 + [CohortPlace(2, 2, 3, 1)] * 4)
    (3, 1, 1, 1, 3, 2, 2, 2)
    """

    doses: int

    def __post_init__(self) -> None:
        require_count("doses", self.doses, 1)

    @property
    def control(self) -> int:
        """The number of the control's arm."""
        return self.doses + 1

    def next_arm(
        self,
        seed: bytes,
        profiles: Sequence[Profile],
        arms: Sequence[int],
        profile: Profile,
        place: int | None = None,
    ) -> int:
        """The arm of the next participant, given the earlier places and their arms.

        Args:
            profiles: of each earlier place, as of the next one, the text of its `CohortPlace`.
            place: which random numbers are used, from 0; as many as there are earlier arms if left
                out.

        Raises:
            DesignError: the cohort has no free place.
        """
        require_seed(seed)
        own = CohortPlace.read(profile[0])
        cohort = [
            arm
            for (text,), arm in zip(profiles, arms, strict=True)
            if CohortPlace.read(text).cohort == own.cohort
        ]
        taken = [arm for number, arm in enumerate(cohort, start=1) if number not in own.left]
        on_control = taken.count(self.control)
        at_dose = max(0, own.size - (len(taken) - on_control))
        free = at_dose + max(0, own.controls - on_control)
        if free == 0:
            raise DesignError(
                Message("Cohort {cohort} has no free place.", cohort=own.cohort),
                rule=Message("A cohort takes those at its dose and those on the control."),
                fix=Message("Open the next cohort."),
            )
        stream = SecretStream(seed, self.specification, str(len(arms) if place is None else place))
        return own.level if stream.below(free) < at_dose else self.control

    def list(self, seed: bytes, places: Sequence[CohortPlace]) -> tuple[int, ...]:
        """The arms of these places, in the order they were taken."""
        arms: list[int] = []
        profiles = [(place.text,) for place in places]
        for number, profile in enumerate(profiles):
            arms.append(self.next_arm(seed, profiles[:number], arms, profile))
        return tuple(arms)

    @property
    def specification(self) -> str:
        """What keeps these random numbers apart from others of the same seed."""
        return f"cohort/1 doses={self.doses}"
