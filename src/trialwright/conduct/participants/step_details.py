"""The details of a step: in the columns of its row, or sealed where they could tell an arm."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from trialwright.conduct import sealed_values
from trialwright.conduct.models import StepRecord


@dataclass(frozen=True, slots=True)
class StepDetails:
    """When a step was taken, how much of a dose, why not all of it, and who else was there.

    at: the moment. amount: as decimal text, in `unit`; empty where none is recorded. why_late: why
    it was recorded long after.
    """

    at: datetime
    planned: str = ""
    amount: str = ""
    unit: str = ""
    reason: str = ""
    why_late: str = ""
    second_person: UUID | None = None


def details_of(study: str, record: StepRecord) -> StepDetails:
    """The details of a step, opened if they are sealed; ask the policy first."""
    if record.sealed is None:
        assert record.at is not None  # noqa: S101 - a constraint of the table
        return StepDetails(
            record.at,
            record.planned,
            record.amount,
            record.unit,
            record.reason,
            record.why_late,
            record.second_person,
        )
    held = json.loads(sealed_values.open_step(study, record.pk, bytes(record.sealed)))
    person = held.pop("second_person")
    return StepDetails(
        **held | {"at": datetime.fromisoformat(held["at"])},
        second_person=UUID(person) if person else None,
    )


def seal_details(study: str, key: UUID, details: StepDetails) -> tuple[bytes, str]:
    """The ciphertext for a step's row, and the text that the sealed chain keeps."""
    person = details.second_person
    plain = asdict(details) | {
        "at": details.at.isoformat(),
        "second_person": str(person) if person else None,
    }
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sealed_values.seal_step(study, key, text), text
