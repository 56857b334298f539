"""Encrypted documents, opened by an independent reader: poppler."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.constants import UserAccessPermissions
from pypdf.errors import FileNotDecryptedError

from tests.unit.report.test_documents import document
from trialwright.report.document import Paragraph
from trialwright.report.encrypted import encrypt_pdf
from trialwright.report.typst import render_pdf

PASSWORD = "K7M2P-93FQX-W4RTA-8CDHJ-N6ZVB"


@pytest.fixture(scope="module")
def plain() -> bytes:
    return render_pdf(document(Paragraph("Grade 3 fever in the arm with cells")))


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(program) is None:
        pytest.skip("NO POPPLER: no reader of PDF but the one that wrote the file was asked")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_poppler_opens_it_with_the_password_alone(plain: bytes, tmp_path: Path) -> None:
    file = tmp_path / "copy.pdf"
    file.write_bytes(encrypt_pdf(plain, PASSWORD))
    told = run("pdfinfo", "-upw", PASSWORD, str(file))
    assert told.returncode == 0, told.stderr
    assert "algorithm:AES-256" in told.stdout and "PDF version:     2.0" in told.stdout
    read = run("pdftotext", "-upw", PASSWORD, str(file), "-")
    (tmp_path / "plain.pdf").write_bytes(plain)
    assert read.stdout == run("pdftotext", str(tmp_path / "plain.pdf"), "-").stdout != ""
    for wrong in ([], ["-upw", PASSWORD.lower()], ["-upw", PASSWORD[:-1]], ["-opw", PASSWORD]):
        for program, out in (("pdfinfo", []), ("pdftotext", ["-"])):
            refused = run(program, *wrong, str(file), *out)
            assert refused.returncode == 1 and "Incorrect password" in refused.stderr


def test_nothing_of_it_can_be_read_without(plain: bytes) -> None:
    content = encrypt_pdf(plain, PASSWORD)
    title = PdfReader(io.BytesIO(plain)).metadata
    assert title is not None and title.title
    assert title.title.encode() in plain or title.title.encode("utf-16-be") in plain
    for telling in (title.title.encode(), title.title.encode("utf-16-be"), b"xmpmeta", b"Typst"):
        assert telling not in content
    with pytest.raises(FileNotDecryptedError):
        PdfReader(io.BytesIO(content)).pages[0]


def test_each_copy_is_drawn_anew(plain: bytes) -> None:
    assert encrypt_pdf(plain, PASSWORD) != encrypt_pdf(plain, PASSWORD)


@pytest.mark.parametrize("password", ["", "a" * 128, "Schlüssel", "two\nlines"])
def test_a_password_that_readers_would_take_differently_is_refused(
    plain: bytes, password: str
) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        encrypt_pdf(plain, password)


def test_a_copy_keeps_what_readers_aloud_need_and_claims_to_be_no_archive(plain: bytes) -> None:
    """PDF/A (ISO 19005-2, 6.1.3) forbids encryption; the plain report is PDF/A, and says so."""
    before: Any = PdfReader(io.BytesIO(plain))
    after: Any = PdfReader(io.BytesIO(encrypt_pdf(plain, PASSWORD)))
    after.decrypt(PASSWORD)
    told = [reader.root_object["/Metadata"].get_data().decode() for reader in (before, after)]
    assert ["<pdfaid:part>" in each for each in told] == [True, False]
    assert "pdfaid:conformance>" not in told[1]
    for kept in ("<pdfuaid:part>1<", "<dc:language>"):
        assert kept in told[0] and kept in told[1]
    assert after.root_object["/MarkInfo"]["/Marked"]
    assert after.root_object["/Lang"] == before.root_object["/Lang"]
    assert after.root_object["/StructTreeRoot"]["/K"] and after.pages[0]["/StructParents"] == 0
    assert after.user_access_permissions & UserAccessPermissions.EXTRACT_TEXT_AND_GRAPHICS
