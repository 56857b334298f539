"""What is sealed of a clock's ending: which report, or why none was due."""

import hashlib
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
    reference: the receipt's number, or ""; reason: why none was due, or ""; signed_at: when this
    was signed, None where an older version didn't keep it."""

    clock: int
    how: How
    sent_at: datetime
    reference: str
    reason: str
    by: UUID
    role: str
    signed_at: datetime | None = None

    @property
    def content_hash(self) -> str:
        """The hash of what was signed, in hexadecimal."""
        return hashlib.sha256(sealed_values.dump(self).encode()).hexdigest()


def details_of_ending(row: ClockEnding) -> EndingDetails:
    """The details of an ending; ask the policy first."""
    text = sealed_values.open_details("clock_ending", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(EndingDetails, text)
