"""What is sealed of a clock's ending: which report, or why none was due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from trialwright.conduct import sealed_values
from trialwright.conduct.models import ClockEnding


class How(StrEnum):
    """How a clock ends: a report went out, whole or to be completed, or none was due."""

    SENT = "sent"
    INCOMPLETE = "incomplete"
    NOT_DUE = "not_due"


@dataclass(frozen=True, slots=True)
class EndingDetails:
    """How a clock ended. sent_at: when the report went out, or it was decided that none was due;
    reference: the receipt's number, or ""; reason: why none was due, or ""."""

    clock: int
    how: How
    sent_at: datetime
    reference: str
    reason: str
    by: UUID
    role: str


def details_of_ending(row: ClockEnding) -> EndingDetails:
    """The details of an ending; ask the policy first."""
    text = sealed_values.open_details("clock_ending", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(EndingDetails, text)
