"""What is sealed of a clock's ending: which report, or why none was due."""

import json
from dataclasses import asdict, dataclass
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


def text_of(details: EndingDetails) -> str:
    """The details as the text that is sealed."""
    plain = asdict(details) | {"sent_at": details.sent_at.isoformat(), "by": str(details.by)}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def details_of_ending(row: ClockEnding) -> EndingDetails:
    """The details of an ending; ask the policy first."""
    held = json.loads(
        sealed_values.open_details("clock_ending", row.study_id, row.pk, bytes(row.sealed))
    )
    moment, how = datetime.fromisoformat(held["sent_at"]), How(held["how"])
    return EndingDetails(**held | {"sent_at": moment, "by": UUID(held["by"]), "how": how})
