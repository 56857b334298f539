"""A document that opens with a password alone: PDF encrypted with AES-256.

ISO 32000-2 (PDF 2.0), 7.6.4: revision 6, which readers of PDF open without more. All of the text,
the pictures and the metadata is encrypted; how many pages there are and how long the file is isn't.
That nobody has changed the file it doesn't prove.
"""

from __future__ import annotations

import io
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PdfWriter

_PDF_A = "{http://www.aiim.org/pdfa/ns/id/}"


def encrypt_pdf(content: bytes, password: str) -> bytes:
    """Encrypt a PDF so that this password opens it, and nothing else does.

    Two calls give different bytes: salts and keys are drawn each time. The owner's password, with
    which a reader lifts restrictions, is drawn too and told to nobody, as nothing is restricted.

    Args:
        password: printable ASCII, of at most 127 characters.

    Raises:
        ValueError: the password is empty, too long or holds other characters.
    """
    from pypdf import PdfWriter

    if not 0 < len(password) <= 127 or not (password.isascii() and password.isprintable()):
        raise ValueError("A password is 1 to 127 printable ASCII characters.")
    writer = PdfWriter(clone_from=io.BytesIO(content))
    writer.pdf_header = "%PDF-2.0"
    _claim_no_archive(writer)
    writer.encrypt(password, secrets.token_urlsafe(32), algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _claim_no_archive(writer: PdfWriter) -> None:
    """Take out of the metadata that the document is PDF/A, which forbids encryption.

    The library carries the claim over; who checks it would call the copy broken.
    """
    from lxml import etree

    stream: Any = writer.root_object.get("/Metadata")
    if stream is None:
        return
    stream = stream.get_object()
    told = etree.fromstring(stream.get_data())
    for claim in list(told.iter(f"{_PDF_A}part", f"{_PDF_A}conformance")):
        claim.getparent().remove(claim)
    stream.set_data(etree.tostring(told))
