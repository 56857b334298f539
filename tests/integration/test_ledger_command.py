"""`trialwright verify` and `trialwright ledger`, as typed."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from typer.testing import CliRunner

from trialwright.accounts.models import Person
from trialwright.cli import app
from trialwright.ledger import files, journal, key_escrow, projections
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.verify import verify

STUDY = "DEMO-HAEC-01"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALONE = Path(__file__).parents[2] / "src/trialwright/ledger/alone/verify_ledger.py"
WORDS = "five words drawn at random"


@pytest.fixture
def study(transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: Any) -> str:
    settings.TRIALWRIGHT_KEYS = settings.TRIALWRIGHT_HEADS = tmp_path
    monkeypatch.setattr(projections, "_registered", {})
    journal.create(STUDY)
    with transaction.atomic(), journal.open_entry(
        study=STUDY, by="p-1", role="coordinator", action="save_entry", happened_at=NOON
    ) as writer:  # fmt: skip
        writer.write(entity="value", id="v1", field="text", new="3.10")
        writer.write(entity="allocation", id="C-007", field="arm", new="2", sealed=True)
    return STUDY


def _run(*words: str, **options: Any) -> Any:
    return CliRunner().invoke(app, list(words), **options)


def _spoil() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_value DISABLE TRIGGER ledger_value_no_update")
        cursor.execute("UPDATE ledger_value SET text = 'x' WHERE chain = 'open'")
        cursor.execute("ALTER TABLE ledger_value ENABLE TRIGGER ledger_value_no_update")


def test_verify_says_where_the_chains_stand_and_that_nothing_was_changed(study: str) -> None:
    done = _run("verify")
    assert done.exit_code == 0, done.output
    assert journal.head(STUDY).short in done.output
    assert "as it was entered" in done.output


def test_verify_names_what_was_changed_and_ends_with_1(study: str) -> None:
    _spoil()
    done = _run("verify", STUDY)
    assert done.exit_code == 1
    assert "! open: the new value of row 1 was changed: value v1 text" in done.output
    done = _run("verify", STUDY, "--json")
    assert done.exit_code == 1
    (told,) = json.loads(done.output)
    assert [problem["kind"] for problem in told["problems"]] == ["changed_value"]
    assert told["chains"]["open"] == {"seq": 1, "hash": journal.head(STUDY).hash.hex()}


def test_verify_of_a_study_that_is_not_there_ends_with_2(study: str) -> None:
    done = _run("verify", "NOT-HERE")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no ledger for the study NOT-HERE" in done.stderr


def test_verify_looks_up_a_printed_head(study: str) -> None:
    assert _run("verify", STUDY, "--printed", journal.head(STUDY).short).exit_code == 0
    wrong = "open 1 · 0000 0000 0000 0000"
    done = _run("verify", STUDY, "--printed", wrong)
    assert done.exit_code == 1
    assert f"row 1 isn't the one that a document prints as {wrong}" in done.output
    assert _run("verify", STUDY, "--printed", "page three").exit_code == 2


def test_an_exported_file_is_proved_by_the_standard_library_alone(
    study: str, tmp_path: Path
) -> None:
    file = tmp_path / "export.jsonl"
    assert _run("ledger", "export", STUDY, str(file)).exit_code == 0
    command = [sys.executable, "-I", "-S", ALONE, file, "--heads", files.heads_path()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"open 1 {journal.head(STUDY).hash.hex()}" in done.stdout
    done = _run("ledger", "export", STUDY, str(file))
    assert done.exit_code == 2 and "is there already. Name another file." in done.stderr


def test_keys_are_wrapped_for_a_custodian_and_the_recovery_is_entered(
    study: str, tmp_path: Path
) -> None:
    copy = str(tmp_path / "copy.json")
    wrapped = _run(
        "ledger", "wrap-keys", copy, "--custodian", "A. Notary", input=f"{WORDS}\n{WORDS}\n"
    )
    assert wrapped.exit_code == 0, wrapped.output
    assert files.keys().sealing.hex() not in Path(copy).read_text()
    assert not key_escrow.recovery_was_tested(files.keys())
    Person.objects.create(username="keeper", name="A. Keeper")
    unknown = _run("ledger", "test-keys", copy, "--by", "p-9", input=f"{WORDS}\n")
    assert unknown.exit_code == 2 and "Nobody active is called 'p-9'" in unknown.stderr
    refused = _run("ledger", "test-keys", copy, "--by", "keeper", input="some other passphrase\n")
    assert refused.exit_code == 2 and "the passphrase is another one" in refused.stderr
    assert _run("ledger", "test-keys", copy, "--by", "keeper", input=f"{WORDS}\n").exit_code == 0
    assert key_escrow.recovery_was_tested(files.keys())
    keys = files.keys()
    told = verify(
        journal.INSTALLATION, heads_path=files.heads_path(), publics=[keys.public], keys=keys
    )
    assert told.problems == [] and told.rows == 1


def test_a_copy_given_another_custodian_s_name_does_not_open(study: str) -> None:
    text = key_escrow.wrap(files.keys(), "A. Notary", WORDS)
    assert key_escrow.unwrap(text, WORDS) == files.keys()
    with pytest.raises(LedgerError, match="was changed"):
        key_escrow.unwrap(text.replace("A. Notary", "B. Notary"), WORDS)


def test_a_short_passphrase_is_refused(study: str) -> None:
    with pytest.raises(LedgerError, match="guards every arm"):
        key_escrow.wrap(files.keys(), "A. Notary", "hunter2")
