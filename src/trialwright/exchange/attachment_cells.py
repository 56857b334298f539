"""Attachments as cells of a cut's table, and back."""

from trialwright.analysis.cut_attachments import Attachment

ATTACHMENT_COLUMNS = (
    "participant", "attachment", "visit", "occurrence", "form", "repeat", "file_kind", "size_bytes",
    "sha256", "about", "attached_on",
)  # fmt: skip


def attachment_cells(each: Attachment) -> tuple[str, ...]:
    """One row."""
    return (
        each.participant,
        str(each.number),
        each.visit,
        str(each.occurrence),
        each.form,
        str(each.repeat),
        each.kind,
        str(each.size_bytes),
        each.sha256,
        each.about,
        each.attached_on,
    )


def read_attachment(row: tuple[str, ...]) -> Attachment:
    """The attachment of a row."""
    participant, number, visit, occurrence, form, repeat, kind, size, sha256, about, on = row
    place = (participant, int(number), visit, form, int(repeat))
    return Attachment(*place, kind, int(size), sha256, about, on, int(occurrence))
