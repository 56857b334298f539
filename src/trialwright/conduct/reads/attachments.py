"""The files attached to a participant and their forms, as far as a person may see them."""

from dataclasses import dataclass
from datetime import datetime

from trialwright.accounts.policy import Actor, may_see_attachments, role_to_attach
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.attached_files import name_of, opened
from trialwright.conduct.models import Attachment, Entry, Participant
from trialwright.conduct.models.attachments import FileKind
from trialwright.conduct.reads.participants import participant_and_protocol
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.model import Protocol

__all__ = [
    "AttachmentLine",
    "FileRead",
    "attachments_of",
    "file_of",
    "may_attach",
    "one_attachment",
]


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """One attachment; `visit` and `form` are empty where it stands on the participant."""

    number: int
    visit: str
    form: str
    repeat: int
    restricted: bool
    kind: FileKind
    size_bytes: int
    sha256: str
    about: str
    attached_at: datetime
    attached_by: str
    role: str
    removed_at: datetime | None
    removed_by: str
    removed_reason: str
    may_remove: bool


@dataclass(frozen=True, slots=True)
class FileRead:
    """The bytes of an attachment, and what they are called when they are saved."""

    kind: FileKind
    name: str
    content: bytes


def attachments_of(
    by: Actor, code: str, *, entry: Entry | None = None
) -> tuple[Participant, Protocol, tuple[AttachmentLine, ...]]:
    """A participant's attachments (with `entry` those of one form), the latest first.

    Raises:
        NotFound: the participant isn't there for this person.
    """
    participant, protocol = participant_and_protocol(by, code)
    rows = Attachment.objects.filter(participant=participant).select_related("entry")
    if entry is not None:
        rows = rows.filter(entry=entry)
    knows = knows_arm(by, participant)
    lines = [
        line
        for row in rows.order_by("-number")
        if (line := _line(by, participant, protocol, row, knows))
    ]
    return participant, protocol, tuple(lines)


def one_attachment(by: Actor, code: str, number: int) -> tuple[Participant, AttachmentLine]:
    """One attachment; NotFound where it isn't there for this person."""
    participant, protocol = participant_and_protocol(by, code)
    rows = Attachment.objects.filter(participant=participant, number=number)
    row = rows.select_related("entry").first()
    knows = knows_arm(by, participant)
    line = None if row is None else _line(by, participant, protocol, row, knows)
    if line is None:
        raise NotFound
    return participant, line


def file_of(by: Actor, code: str, number: int) -> FileRead:
    """The bytes of an attachment that stands; NotFound for one that was removed.

    Raises:
        LedgerError: the file was changed since it was stored.
        ActionRefused: the file is gone from where it was stored.
    """
    participant, line = one_attachment(by, code, number)
    if line.removed_at is not None:
        raise NotFound
    row = Attachment.objects.select_related("participant").get(
        participant=participant, number=number
    )
    content = opened(by.study, row.pk)
    if content is None:
        raise ActionRefused(f"the file of attachment {number} of {code} is gone")
    return FileRead(line.kind, name_of(row), content)


def may_attach(by: Actor, code: str, form: str = "") -> bool:
    """Whether this person may attach files to a form of the participant, or to the participant."""
    participant, protocol = participant_and_protocol(by, code)
    the_form = protocol.form(form) if form else None
    knows = knows_arm(by, participant)
    return role_to_attach(by, the_form, site=participant.site, knows_arm=knows) is not None


def _line(
    by: Actor, participant: Participant, protocol: Protocol, row: Attachment, knows: bool
) -> AttachmentLine | None:
    entry, form = row.entry, None
    if entry is not None:
        try:
            form = protocol.form(entry.form)
        except UnknownKeyError:
            return None
    site = participant.site
    if not may_see_attachments(by, form, site=site, knows_arm=knows):
        return None
    return AttachmentLine(
        number=row.number,
        visit=entry.visit if entry else "",
        form=entry.form if entry else "",
        repeat=entry.repeat if entry else 1,
        restricted=row.restricted,
        kind=FileKind(row.kind),
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        about=row.about,
        attached_at=row.attached_at,
        attached_by=str(row.attached_by),
        role=row.role,
        removed_at=row.removed_at,
        removed_by=str(row.removed_by or ""),
        removed_reason=row.removed_reason or "",
        may_remove=row.removed_at is None
        and role_to_attach(by, form, site=site, knows_arm=knows) is not None,
    )
