"""The archive of a study is verified by a bare Python, and shows what was changed in it."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.integration.conduct.attached import pdf, png
from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.refusing import absent
from tests.integration.conduct.test_locks import TEXT, came, saving
from trialwright.accounts.models import Person
from trialwright.conduct.actions import archiving, cutting
from trialwright.conduct.actions.attaching import OnForm, attach_file, remove_attachment
from trialwright.ledger import files, signing
from trialwright.ledger.verify import verify


@pytest.fixture
def archived(transactional_db: None, tmp_path: Path, settings: Any) -> Path:
    for name in ("KEYS", "HEADS", "CUTS"):
        setattr(settings, f"TRIALWRIGHT_{name}", tmp_path / name)
        (tmp_path / name).mkdir(mode=0o700)
    trial = begin(TEXT)
    code = came(trial)
    saving(trial, code, "3")()
    attach(trial, code, png(), "scan.png", OnForm("baseline", "score"))
    attach(trial, code, pdf(), "report.pdf")
    attach(trial, code, png(shade=1), "scan.png")
    told = {"by": trial.person("coordinator"), "code": code, "at": trial.now}
    remove_attachment(number=3, reason="Of another person", **told)  # type: ignore[arg-type]
    cutting.cut_data(by=trial.person("manager"), name="last", at=trial.now)
    signing.sign()
    by = trial.person("investigator")
    archiving.archive(by=by, to=tmp_path / "study.zip", at=trial.now)
    keys = files.keys()
    found = verify("COHORT-01", heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "study.zip") as archive:
        archive.extractall(folder)
    return folder


def attach(trial: Trial, code: str, content: bytes, name: str, place: OnForm | None = None) -> None:
    by = trial.person("coordinator")
    told = {"file_name": name, "about": "Report", "place": place, "at": trial.now}
    attach_file(by=by, code=code, content=content, **told)  # type: ignore[arg-type]


def checked(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", "-S", str(folder / "verify_archive.py")]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)


def test_a_bare_python_verifies_it_and_finds_what_was_changed(archived: Path) -> None:
    done = checked(archived)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing found" in done.stdout and "COHORT-01" in done.stdout
    names = {path.name for path in archived.iterdir()}
    assert {"ledger.jsonl", "heads", "protocol", "cuts", "reports", "signatures.json"} <= names
    protocol = next((archived / "protocol").iterdir())
    protocol.write_bytes(protocol.read_bytes() + b"# more\n")
    done = checked(archived)
    assert done.returncode == 1
    assert "was changed" in done.stdout and "isn't here as it was signed" in done.stdout
    (archived / "reports" / "last.html").unlink()
    (archived / "more.txt").write_text("more")
    ledger = archived / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"text":"3"', '"text":"4"'))
    said = checked(archived).stdout
    assert "reports/last.html is missing" in said and "more.txt isn't in the manifest" in said
    assert "nothing found" not in said and said.count("\n") > 4


def with_manifest_anew(folder: Path) -> str:
    """What the verifier says once the manifest was written again for what lies there now."""
    manifest = folder / "MANIFEST.sha256"
    manifest.unlink()
    there = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest.write_text(
        "".join(
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
            for path in there
        )
    )
    done = checked(folder)
    assert done.returncode == (0 if "nothing found" in done.stdout else 1), done.stderr
    return done.stdout


def test_an_attachment_changed_missing_or_added_is_named(archived: Path) -> None:
    """The ledger says what was attached, also where manifest and list were made to fit."""
    assert "nothing found" in with_manifest_anew(archived)
    listing, kept = archived / "attachments.json", (archived / "attachments.json").read_text()
    first, second, removed = json.loads(kept)
    assert removed["removed_at"] and not removed["file"]
    scan = archived / first["file"]

    content = png(shade=7)
    scan.write_bytes(content)
    assert f"{first['file']} is not the file that was attached" in with_manifest_anew(archived)
    listing.write_text(kept.replace(first["sha256"], hashlib.sha256(content).hexdigest()))
    said = with_manifest_anew(archived)
    assert f"{first['file']} is not the file that was attached" in said
    assert "attachments.json: attachment 1 of C-001 isn't told as the ledger has it" in said
    scan.write_bytes(png())
    assert f"{first['file']} is not the file" not in with_manifest_anew(archived)

    listing.write_text(kept)
    scan.unlink()
    assert f"{first['file']} is missing, the file of attachment 1 of C-001" in (
        with_manifest_anew(archived)
    )
    for told in ([second, removed], [first | {"file": "", "removed_at": "2023-03-06"}, second]):
        listing.write_text(json.dumps(told))
        said = with_manifest_anew(archived)
        assert "attachment 1 of C-001 isn't told as the ledger has it" in said
    listing.unlink()
    said = with_manifest_anew(archived)
    assert said.count("isn't told as the ledger has it") == 3

    scan.write_bytes(png())
    listing.write_text(kept)
    assert "nothing found" in with_manifest_anew(archived)
    more = archived / "attachments" / "C-001-attachment-4.png"
    more.write_bytes(png(shade=9))
    assert f"attachments/{more.name} belongs to no attachment" in with_manifest_anew(archived)
    name = f"attachments/{more.name}"
    listing.write_text(json.dumps([first, second, removed, first | {"id": "4", "file": name}]))
    said = with_manifest_anew(archived)
    assert "tells of attachment 1 of C-001, which the ledger hasn't (4)" in said
    sealed = more.with_name(f"{first['id']}.sealed")
    more.rename(sealed)
    listing.write_text(kept)
    assert f"attachments/{sealed.name} belongs to no attachment" in with_manifest_anew(archived)


def test_an_attachment_told_of_somebody_else_is_named(archived: Path) -> None:
    listing = archived / "attachments.json"
    first, *others = json.loads(listing.read_text())
    listing.write_text(json.dumps([first | {"participant": "C-002"}, *others]))
    assert "attachment 1 of C-001 isn't told as the ledger has it" in with_manifest_anew(archived)


def test_who_may_not_write_the_protocol_archives_nothing(db: None, tmp_path: Path) -> None:
    trial = begin(TEXT)
    to = tmp_path / "study.zip"
    by = trial.person("coordinator")
    absent(lambda: archiving.archive(by=by, to=to, at=trial.now))
    assert not to.exists()


def test_the_page_sends_an_archive_and_lists_those_written(archived: Path, client: Client) -> None:
    client.force_login(Person.objects.get(username="investigator.cohort-01"))
    page = "/studies/COHORT-01/setup/archive"
    before = client.get(page).content.decode()
    first = hashlib.sha256((archived / "MANIFEST.sha256").read_bytes()).hexdigest()
    assert first in before
    sent = client.post(page)
    assert sent["Content-Disposition"] == 'attachment; filename="COHORT-01-archive.zip"'
    content = b"".join(sent.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        folder = archived.parent / "sent"
        archive.extractall(folder)
    assert checked(folder).returncode == 0
    manifest = hashlib.sha256((folder / "MANIFEST.sha256").read_bytes()).hexdigest()
    after = client.get(page).content.decode()
    assert manifest not in before and first in after
    assert after.index(manifest) < after.index(first)
    client.force_login(Person.objects.get(username="coordinator.cohort-01"))
    assert client.get(page).status_code == client.post(page).status_code == 404
