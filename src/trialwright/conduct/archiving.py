"""A study as one archive, which anybody verifies without the program.

It holds the whole ledger with its signed heads, each version of the protocol as it was signed, the
data cuts with their reports, the signatures, the public key, and the verifiers that stand alone.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from importlib.resources import files as package_files
from pathlib import Path

from trialwright import __version__
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.attached_files import name_of, opened
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.models import (
    AttachedFile,
    Attachment,
    DataCut,
    ProtocolFile,
    ProtocolVersion,
    Signature,
    Study,
)
from trialwright.ledger import export, files
from trialwright.ledger.encoding import LedgerError
from trialwright.report.html import render_html
from trialwright.report.trial import trial_report

MANIFEST = "MANIFEST.sha256"
_ALONE = ("verify_archive.py", "verify_ledger.py", "verify_allocation.py")
_READ_ME = """\
This is the whole of the study {study}, archived by Trialwright {version}.

Check it with Python 3.9 or newer, without the program:

    python3 -I -S verify_archive.py

ledger.jsonl   every entry of the ledger; what could reveal an arm is sealed
heads          its signed heads
protocol/      each version of the protocol, byte for byte as it was signed
cuts/, cuts.json   the data cuts, each with its pooled report in reports/
attachments/, attachments.json   the files attached; those of restricted forms are sealed
signatures.json    who signed what, bound to the hash of what was signed
public-key.txt     the key that signed the heads: compare it with the one on paper
"""


def write_archive(study: Study, to: Path) -> str:
    """Write the archive of a study as a zip file that isn't there yet; returns its manifest's hash.

    Not inside a transaction: the ledger is read in a snapshot of its own.
    """
    lines = []
    with zipfile.ZipFile(to, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _contents(study):
            archive.writestr(name, content)
            lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        manifest = "".join(sorted(lines, key=lambda line: line[66:])).encode()
        archive.writestr(MANIFEST, manifest)
    return hashlib.sha256(manifest).hexdigest()


def _contents(study: Study) -> Iterator[tuple[str, bytes]]:
    """Every file of the archive, by its name."""
    public = files.keys().public
    # Line by line into one text: an archive is written once, and its hash needs the whole.
    yield "ledger.jsonl", "".join(export.lines(study.identifier, [public])).encode()
    heads = files.heads_path()
    yield "heads", heads.read_bytes() if heads.exists() else b""
    yield "public-key.txt", f"{public.hex()}\n".encode()
    for version in ProtocolVersion.objects.filter(study=study).order_by("signed_at"):
        source = bytes(ProtocolFile.objects.get(pk=version.sha256).source)
        yield f"protocol/{version.sha256[:16]}.yaml", source
    yield from _cuts(study)
    yield (
        "signatures.json",
        _json(
            [
                {
                    "id": str(row.pk),
                    "participant": row.participant.code,
                    "meaning": row.meaning,
                    "content_hash": row.content_hash,
                    "signed_at": row.signed_at.isoformat(),
                    "signed_by": str(row.signed_by),
                    "role": row.role,
                    "void_at": row.void_at.isoformat() if row.void_at else None,
                }
                for row in Signature.objects.filter(participant__study=study)
                .select_related("participant")
                .order_by("signed_at")
            ]
        ),
    )
    yield from _attachments(study)
    for name in _ALONE:
        yield name, package_files("trialwright.ledger").joinpath("alone", name).read_bytes()
    yield "README.txt", _READ_ME.format(study=study.identifier, version=__version__).encode()


def _cuts(study: Study) -> Iterator[tuple[str, bytes]]:
    rows = list(DataCut.objects.filter(study=study).order_by("cut_at"))
    for row in rows:
        cut = cut_store.load_open(study.identifier, row.name, row.sha256)
        folder = cut_store.folder_of(study.identifier, row.name)
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            yield f"cuts/{row.name}/{path.relative_to(folder).as_posix()}", path.read_bytes()
        version = ProtocolVersion.objects.get(study=study, sha256=cut.protocol.sha256)
        report = trial_report(cut, protocol_of(version), language="en")
        yield f"reports/{row.name}.html", render_html(report).encode()
    yield "cuts.json", _json([{"name": row.name, "sha256": row.sha256} for row in rows])


def _attachments(study: Study) -> Iterator[tuple[str, bytes]]:
    """The files that stand, by their hash; of a restricted one the ciphertext, without a word.

    One that is gone or doesn't open stays out, so that the verifier names it and the rest is kept.
    """
    told = []
    rows = Attachment.objects.filter(participant__study=study).select_related("participant")
    for row in rows.order_by("participant__code", "number"):
        if row.restricted:
            file = AttachedFile.objects.filter(pk=row.pk).first()
            if file is not None:
                yield f"attachments/{row.pk}.sealed", bytes(file.sealed)
            continue
        removed = row.removed_at.isoformat() if row.removed_at else None
        name = "" if removed else f"attachments/{name_of(row)}"
        told.append(
            {
                "id": str(row.pk),
                "participant": row.participant.code,
                "number": row.number,
                "sha256": row.sha256,
                "removed_at": removed,
                "file": name,
            }
        )
        content = _content(study, row) if name else None
        if content is not None:
            yield name, content
    yield "attachments.json", _json(told)


def _content(study: Study, row: Attachment) -> bytes | None:
    try:
        return opened(study.identifier, row.pk)
    except LedgerError:
        return None


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
