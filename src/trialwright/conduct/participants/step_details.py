"""The details of a step: in the columns of its row, or sealed where they could tell an arm."""

from dataclasses import dataclass
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
    return sealed_values.load(
        StepDetails, sealed_values.open_step(study, record.pk, bytes(record.sealed))
    )


def seal_details(study: str, key: UUID, details: StepDetails) -> tuple[bytes, str]:
    """The ciphertext for a step's row, and the text that the sealed chain keeps."""
    text = sealed_values.dump(details)
    return sealed_values.seal_step(study, key, text), text
