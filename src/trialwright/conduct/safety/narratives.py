"""What is sealed of a narrative: its text for both copies of a report, and for one alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from trialwright.conduct import sealed_values
from trialwright.conduct.models import AdverseEvent, CaseNarrative


@dataclass(frozen=True, slots=True)
class Narrative:
    """One version. text: of both copies; addition: of the unblinded copy alone; kept: the words
    that could tell an arm and that were kept all the same."""

    event: int
    number: int
    text: str
    addition: str
    kept: tuple[str, ...]
    written_at: datetime
    by: UUID
    role: str


def latest_narrative(event: AdverseEvent) -> Narrative | None:
    """The narrative that counts, opened; ask the policy first."""
    row = CaseNarrative.objects.filter(event=event).order_by("-number").first()
    if row is None:
        return None
    text = sealed_values.open_details("case_narrative", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(Narrative, text)
