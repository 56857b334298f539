"""The consent as the protocol has it: who gives it, from which age, or why nobody is asked. Pure.

Below the `majority` a legally authorised representative consents, with the participant's assent
from `assent_from` on; from the majority on the participant consents, so that somebody who comes of
age in the trial is asked again. Ages are counted in whole years from a date of birth that may be
known to the month or the year alone: what may be true is then held to be.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trialwright.protocol.basics import Text
from trialwright.protocol.values import PartialDate


class Giver(StrEnum):
    """Who gives a consent."""

    PARTICIPANT = "participant"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """One thing a participant agrees to or not; the whole is refused only if a part that isn't
    optional is."""

    key: str
    label: Text
    optional: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent document in force under this protocol version.

    given_by: who may give it. assent_from, majority: ages in whole years. waived: why nobody is
    asked; such a consent has no version and no parts.
    """

    version: str
    languages: tuple[str, ...]
    parts: tuple[ConsentPart, ...]
    given_by: tuple[Giver, ...] = (Giver.PARTICIPANT,)
    assent_from: int | None = None
    majority: int | None = None
    waived: Text | None = None

    @property
    def asks_birth(self) -> bool:
        """Whether it must be known when the participant was born."""
        return self.assent_from is not None or self.majority is not None

    def needs_assent(self, born: PartialDate, on: date) -> bool:
        """Whether the participant may be old enough, on a day, to be asked for assent."""
        return self.assent_from is not None and birthday(born.first, self.assent_from) <= on

    def may_be_of_age(self, born: PartialDate, on: date) -> bool:
        """Whether the participant may have reached the majority by a day."""
        return self.majority is not None and birthday(born.first, self.majority) <= on

    def may_be_minor(self, born: PartialDate, on: date) -> bool:
        """Whether the participant may still be below the majority on a day."""
        return self.majority is not None and on < birthday(born.last, self.majority)


def birthday(born: date, age: int) -> date:
    """The day on which somebody reaches an age; who is born on 29 February, on 1 March of other
    years.

    >>> birthday(date(2008, 2, 29), 18)
    datetime.date(2026, 3, 1)
    """
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
