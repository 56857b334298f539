"""What a form is filled with: the texts typed, and a remark where a check will ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from trialwright.demonstration.cohort import Woman
from trialwright.protocol.values import Missing

Typed = Mapping[str, str | Missing]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One filled-in form."""

    typed: Typed
    remarks: Mapping[str, str] = field(default_factory=dict)

    def but(self, **typed: str | Missing) -> "Sheet":
        """The same with other texts in some places."""
        return replace(self, typed={**self.typed, **typed})

    def without(self, item: str) -> "Sheet":
        """The same with one item left empty."""
        return replace(self, typed={**self.typed, item: ""})


@dataclass(frozen=True, slots=True)
class Sitting:
    """A woman on one day of a visit, as she then is.

    flow: her bleeding, from 0 (none) to 3 (normal). scarring: what is left of it, from 0 to 1.
    tablet_day: which day of an oestrogen course it is. cycle_day: which day of a natural cycle.
    """

    woman: Woman
    visit: str
    on: date
    flow: float
    scarring: float
    tablet_day: int | None = None
    cycle_day: int | None = None

    def draw(self, matter: str) -> Random:
        """The random numbers of one matter of this visit."""
        return self.woman.stream(self.visit, matter)


def number(value: float, decimals: int = 0) -> str:
    """A number as a person types it."""
    return f"{value:.{decimals}f}"


def yes(truth: bool) -> str:
    """A yes/no as a person chooses it."""
    return "yes" if truth else "no"
