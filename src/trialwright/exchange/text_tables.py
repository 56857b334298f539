"""A table of text, and the columns of each table of a cut that is no form's."""

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.exchange.attachment_cells import ATTACHMENT_COLUMNS
from trialwright.exchange.diary_cells import DIARY_COLUMNS
from trialwright.exchange.meeting_cells import MEETING_COLUMNS
from trialwright.exchange.product_cells import DOSE_COLUMNS, KIT_COLUMNS
from trialwright.exchange.situation_cells import SITUATION_COLUMNS

Cells = tuple[str, ...]


COLUMNS = {
    "sites": ("code", "name", "name_zh"),
    "participants": (
        "participant",
        "site",
        "screening_number",
        "state",
        "exclusion_kind",
        "exclusion_on",
        "exclusion_criteria",
        "exclusion_reason",
        "treatment_status",
        "treatment_on",
        "kind",
        "linked_to",
        "arm_of",
        "group",
    ),
    "steps": ("participant", "step", "at"),
    "endings": ("participant", "kind", "on", "stops", "reason"),
    "visits": (
        "participant",
        "visit",
        "occurrence",
        "status",
        "target",
        "opens",
        "closes",
        "actual",
        "historic",
    ),
    "queries": (
        "number",
        "participant",
        "visit",
        "occurrence",
        "form",
        "repeat",
        "item",
        "status",
        "opened_on",
        "closed_on",
        "text",
    ),
    "deviations": (
        "participant",
        "on",
        "kind",
        "description",
        "subject",
        "cause",
        "classification",
        "done",
    ),
    "events": (
        "number",
        "participant",
        "term",
        "system",
        "ctcae",
        "started",
        "ended",
        "known_on",
        "outcome",
        "grades",
        "criteria",
        "special",
        "related",
        "assessed",
        "stopping",
        "described",
        "nullified",
        "child",
        "onset_to_consent",
        "onset_to_treatment",
    ),
    "situations": SITUATION_COLUMNS,
    "holds": ("number", "kind", "pauses", "set_on", "ended_on", "goes_on", "reason"),
    "meetings": MEETING_COLUMNS,
    "attachments": ATTACHMENT_COLUMNS,
    "diary_entries": DIARY_COLUMNS,
    "kits": KIT_COLUMNS,
    "doses": DOSE_COLUMNS,
    "epochs": ("participant", "epoch", "start", "end"),
    "judgements": (
        "participant",
        "visit",
        "occurrence",
        "form",
        "repeat",
        "item",
        "significant",
        "comment",
        "judged_on",
    ),
    "consents": (
        "participant",
        "given_at",
        "version",
        "language",
        "explained_by",
        "part",
        "agreed",
        "withdrawn_on",
        "reason",
        "given_by",
        "assent",
    ),
}


@dataclass(frozen=True, slots=True)
class TextTable:
    """A name, column heads, and rows of as many cells."""

    name: str
    columns: Cells
    rows: Sequence[Cells]
