#!/usr/bin/env bash
# pypdf 7.1.1 (PyPI), with typst 0.15.2: a PDF/A-2a document that is encrypted by `PdfWriter.encrypt` goes
# on saying in its metadata that it is PDF/A-2a. PDF/A forbids encryption (ISO 19005-2, 6.1.3), so each
# such copy claims what no validator confirms. Nothing is raised or warned; the argument's
# documentation doesn't speak of it. Expected: the claim goes, or the call refuses.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypdf==7.1.1 cryptography==50.0.2 typst==0.15.2
cd "$folder"
"$folder/venv/bin/python" -W error - <<'PY'
import io
from importlib.metadata import version

import typst
from pypdf import PdfReader, PdfWriter

SOURCE = '#set document(title: "Report", date: datetime(year: 2026, month: 1, day: 2))\n#set text(lang: "en")\n= Report\nText.\n'
with open("report.typ", "w") as file:
    file.write(SOURCE)
plain = typst.compile("report.typ", pdf_standards=["a-2a"])
writer = PdfWriter(clone_from=io.BytesIO(plain))
writer.encrypt("a password", algorithm="AES-256")
made = io.BytesIO()
writer.write(made)
reader = PdfReader(io.BytesIO(made.getvalue()))
assert reader.is_encrypted and reader.decrypt("a password")
told = reader.root_object["/Metadata"].get_object().get_data().decode()
print("pypdf", version("pypdf"), "typst", version("typst"))
print("encrypted:", reader.is_encrypted)
print("claims PDF/A:", "<pdfaid:part>2<" in told and "<pdfaid:conformance>A<" in told)
assert "<pdfaid:part>2<" in told and "<pdfaid:conformance>A<" in told, "the claim is gone"
PY
