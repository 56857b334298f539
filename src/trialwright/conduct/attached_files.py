"""What an attached file is, read from its bytes, and its bytes under encryption.

A file is what its content says, never what its name says; one that is cut off or of another kind
is refused before it is stored.
"""

import hashlib
import re
import zlib
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.models import AttachedFile, Attachment
from trialwright.conduct.models.attachments import FileKind
from trialwright.conduct.refusals import ActionRefused, Problem, Sentence
from trialwright.ledger import files

LONGEST_FILE = 5 * 1024 * 1024
"""The size in bytes up to which a file is taken."""
MOST_PIXELS = 60_000_000
"""A picture of more would cost every browser that shows it more than a few hundred megabytes."""

_NAMES = {
    "pdf": FileKind.PDF, "png": FileKind.PNG, "jpg": FileKind.JPEG, "jpeg": FileKind.JPEG,
}  # fmt: skip
_PNG = b"\x89PNG\r\n\x1a\n"
# Markers of a JPEG that begin a frame, so that its size follows (ITU-T T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def kind_of(content: bytes, name: str) -> FileKind:
    """What the file is.

    Args:
        name: the name it had, of which only the ending is read.

    Raises:
        ActionRefused: it is empty, too large, of another kind, not what its name says, or cut off.
    """
    if not content:
        raise _refused(_("The file is empty. Choose the file with the document or picture."))
    if len(content) > LONGEST_FILE:
        words = _("The file has %(size).1f MB; at most %(most)d MB are taken. Send it smaller.")
        mega = 1024 * 1024
        raise _refused(words % {"size": len(content) / mega, "most": LONGEST_FILE // mega})
    if content[128:132] == b"DICM":
        raise _refused(
            _(
                "This is a DICOM file, which carries the name of the person it shows. Export the "
                "picture as PNG or JPEG without the name, and attach that."
            )
        )
    kind = _kind(content)
    if kind is None:
        raise _refused(
            _(
                "This is neither a PDF nor a PNG nor a JPEG file, and no other kind is taken. Save "
                "it as one of these, and attach that."
            )
        )
    said = _NAMES.get(name.rpartition(".")[2].lower()) if "." in name else kind
    if said is not kind:
        words = _(
            "The file's name ends in “%(ending)s”, but by its content it is %(kind)s. Attach the "
            "right file, or give it the name of what it is."
        )
        told = {"ending": name.rpartition(".")[2][-10:], "kind": kind.value.upper()}
        raise _refused(words % told)
    return kind


def seal(study: str, attachment: UUID, content: bytes) -> bytes:
    """The file's ciphertext, bound to its attachment."""
    return files.keys().sealer(study).seal(content, ("attachment", str(attachment), "file"))


def opened(study: str, attachment: UUID) -> bytes | None:
    """The file of an attachment; None where it is gone.

    Raises:
        LedgerError: it was changed or moved.
    """
    row = AttachedFile.objects.filter(pk=attachment).first()
    if row is None:
        return None
    bound_to = ("attachment", str(attachment), "file")
    return files.keys().sealer(study).open(bytes(row.sealed), bound_to)


def hash_of_file(study: str, attachment: UUID) -> str | None:
    """SHA-256 of what the file now is, for comparison with the ledger; None where it is gone."""
    content = opened(study, attachment)
    return None if content is None else hashlib.sha256(content).hexdigest()


def name_of(row: Attachment) -> str:
    """What the file is called when it is saved: codes alone, never the name that it came with."""
    ending = "jpg" if row.kind == FileKind.JPEG else row.kind
    return f"{row.participant.code}-attachment-{row.number}.{ending}"


def _refused(sentence: Sentence) -> ActionRefused:
    return ActionRefused(problems=(Problem("file", sentence),))


def _kind(content: bytes) -> FileKind | None:
    """The kind of a file that is whole; refused where it begins as one and isn't."""
    if content.startswith(b"%PDF-"):
        kind, whole = FileKind.PDF, re.match(rb"%PDF-[12]\.\d", content) and _ends_as_pdf(content)
    elif content.startswith(_PNG):
        kind, whole = FileKind.PNG, _is_png(content)
    elif content.startswith(b"\xff\xd8\xff"):
        kind, whole = FileKind.JPEG, _is_jpeg(content)
    else:
        return None
    if not whole:
        words = _(
            "The file begins as %(kind)s but is damaged or cut off. Open it, save it again, and "
            "attach that."
        )
        raise _refused(words % {"kind": kind.value.upper()})
    return kind


def _ends_as_pdf(content: bytes) -> bool:
    return b"%%EOF" in content[-1024:] and b"startxref" in content[-2048:]


def _is_png(content: bytes) -> bool:
    """Whether all chunks are whole, from the head to the end (ISO/IEC 15948, 5.3)."""
    at, seen = len(_PNG), []
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        name, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            return False
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
            return False
        if name == b"IHDR":
            width, height = content[at + 8 : at + 12], content[at + 12 : at + 16]
            _require_size(int.from_bytes(width, "big"), int.from_bytes(height, "big"))
        seen.append(name)
        at = end
    whole = at == len(content) and b"IDAT" in seen
    return whole and seen[0] == b"IHDR" and seen[-1] == b"IEND"


def _is_jpeg(content: bytes) -> bool:
    """Whether its segments lead to a scan, and it has an end (ITU-T T.81, annex B)."""
    at, framed = 2, False
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if marker in _FRAMES and at + 9 <= len(content):
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            _require_size(int.from_bytes(width, "big"), int.from_bytes(height, "big"))
            framed = True
        if marker == 0xDA:
            return framed and b"\xff\xd9" in content[-1024:]
        at += 2 + length
    return False


def _require_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        words = _("The picture has %(width)d × %(height)d pixels, which is too many to show. "
                  "Send it smaller.")  # fmt: skip
        raise _refused(words % {"width": width, "height": height})
