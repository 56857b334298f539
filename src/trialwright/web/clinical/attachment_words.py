"""How attachments are said on pages and in casebooks."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from trialwright.conduct.reads.attachments import AttachmentLine


def kind_of(line: AttachmentLine) -> str:
    """What kind of file it is, and how large."""
    size = number_format(max(line.size_bytes / 1024, 1), 0)
    return _("{kind}, {size} KB").format(kind=line.kind.value.upper(), size=size)


def attachment_said(line: AttachmentLine) -> str:
    """One attachment in a line, with its whole hash, by which the file is known again."""
    words = _("Attachment {number}: {kind}, SHA-256 {sha256}")
    if line.about:
        words = _("Attachment {number}: {about} ({kind}), SHA-256 {sha256}")
    return words.format(
        number=line.number, about=line.about, kind=kind_of(line), sha256=line.sha256
    )
