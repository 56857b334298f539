"""What is sealed of a narrative: its text for both copies of a report, and for one alone."""

import json
from dataclasses import asdict, dataclass
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


def text_of(narrative: Narrative) -> str:
    """The narrative as the text that is sealed."""
    plain = asdict(narrative) | {
        "written_at": narrative.written_at.isoformat(),
        "by": str(narrative.by),
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def latest_narrative(event: AdverseEvent) -> Narrative | None:
    """The narrative that counts, opened; ask the policy first."""
    row = CaseNarrative.objects.filter(event=event).order_by("-number").first()
    if row is None:
        return None
    held = json.loads(
        sealed_values.open_details("case_narrative", row.study_id, row.pk, bytes(row.sealed))
    )
    moment, by = datetime.fromisoformat(held["written_at"]), UUID(held["by"])
    kept = tuple(held["kept"])
    return Narrative(**held | {"written_at": moment, "by": by, "kept": kept})
