"""Two hosts with one database, one folder of keys and a heads file each: one signs, both serve."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests.integration.test_ledger_signing import STUDIES, lines, problems, save
from tests.integration.test_ledger_signing import studies as studies
from trialwright.backup import doctor, making
from trialwright.cli import app
from trialwright.ledger import files, signing
from trialwright.ledger.encoding import LedgerError

Go = Callable[[str], None]


@pytest.fixture
def go(studies: None, settings: Any, tmp_path: Path) -> Go:
    """Goes to a host: "first" has signed what there is, "second" has an empty folder of heads."""
    names = {"first": settings.TRIALWRIGHT_HOST, "second": "web-2"}
    (tmp_path / "second").mkdir()
    places = {"first": settings.TRIALWRIGHT_HEADS, "second": tmp_path / "second" / "heads"}
    places["second"].mkdir()

    def to(host: str) -> None:
        settings.TRIALWRIGHT_HOST, settings.TRIALWRIGHT_HEADS = names[host], places[host]

    return to


def test_the_second_waits_though_the_note_lies_beside_the_shared_keys(go: Go) -> None:
    before = lines()
    go("second")
    ready = Client().get("/ready")
    assert (ready.status_code, json.loads(ready.content)["lacking"]) == (200, [])
    assert not files.heads_path().exists()
    save(text="7")
    assert signing.trouble() == "" and signing.unsigned_since() is not None
    assert not files.heads_path().exists()
    go("first")
    assert signing.sign() and len(lines()) == len(before) + 1
    assert problems() == [] and signing.signer_elsewhere() is None


def test_an_empty_file_is_no_heads_file(go: Go) -> None:
    go("second")
    files.heads_path().touch()
    save(text="7")
    assert signing.trouble() == "" and files.heads_path().read_bytes() == b""


def test_what_needs_the_heads_says_where_they_are(go: Go, tmp_path: Path) -> None:
    first = signing.settings.TRIALWRIGHT_HOST
    go("second")
    with pytest.raises(LedgerError, match=f"on the host {first}, which signs for all"):
        making.make(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    assert doctor._signing() == (True, f"heads are signed on the host {first}")
    told = CliRunner().invoke(
        app, ["ledger", "acknowledge", "--by", "lin", "--reason", "None was lost"]
    )
    assert told.exit_code == 2 and f"on the host {first}" in told.output


def test_with_the_file_of_a_lost_host_the_second_signs(go: Go) -> None:
    kept = files.heads_path()
    go("second")
    save(text="7")
    shutil.copy(kept, files.heads_path())
    assert signing.signer_elsewhere() is None
    assert signing.trouble() == "" and signing.unsigned_since() is None
    assert [problems(study) for study in STUDIES] == [[], []]


def test_the_first_is_still_told_when_its_own_file_is_gone(go: Go) -> None:
    go("first")
    files.heads_path().unlink()
    save(text="7")
    assert "nothing is signed" in signing.trouble().lower()
    assert not files.heads_path().exists()
