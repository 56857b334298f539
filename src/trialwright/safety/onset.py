"""Where an event's onset stands to the consent and to the treatment, as far as its date tells.

Both days are what blinded people see of every participant, whatever the arm: consent, and day 0 of
the treatment. An event that began before either is marked, and stays.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trialwright.safety.partial import PartialDate


class Onset(StrEnum):
    """How an onset stands to a day. An onset on the very day counts as since it."""

    BEFORE = "before"
    MAY_BE_BEFORE = "may_be_before"
    SINCE = "since"
    NO_DAY = "no_day"
    """There is no such day: no consent is recorded, nothing of the treatment was given."""


def onset_against(known: PartialDate | None, day: date | None) -> Onset:
    """How an onset, as far as it is known, stands to a day; an unknown one may be before.

    >>> onset_against(PartialDate(date(2024, 3, 1), date(2024, 3, 31)), date(2024, 3, 4)).value
    'may_be_before'
    """
    if day is None:
        return Onset.NO_DAY
    if known is None:
        return Onset.MAY_BE_BEFORE
    if known.last < day:
        return Onset.BEFORE
    return Onset.MAY_BE_BEFORE if known.first < day else Onset.SINCE


@dataclass(frozen=True, slots=True)
class OnsetMarks:
    """How an event's onset stands to the consent, and to the first day of the treatment."""

    consent: Onset
    treatment: Onset

    def marked(self) -> tuple[tuple[str, Onset], ...]:
        """What is to be said of it, by `consent` and `treatment`, each thing once: what began
        before the consent began before the treatment, and nobody is treated without one."""
        marks: list[tuple[str, Onset]] = []
        if self.consent is not Onset.SINCE:
            marks.append(("consent", self.consent))
        if self.consent not in (Onset.BEFORE, Onset.NO_DAY):
            marks.append(("treatment", self.treatment))
        return tuple(marks)


def onset_marks(
    known: PartialDate | None, *, consented_on: date | None, treated_on: date | None
) -> OnsetMarks:
    """The marks of an event by its onset, as far as it is known."""
    return OnsetMarks(onset_against(known, consented_on), onset_against(known, treated_on))
