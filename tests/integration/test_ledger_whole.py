"""The ledger from end to end: read by people, exported, proved without the program, repaired."""

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from tests.superuser import superuser_url
from trialwright.ledger import export, files, journal, projections, reading, repair
from trialwright.ledger.journal import LedgerError
from trialwright.ledger.reading import EMPTY, ERASED, NEVER, WITHHELD, LedgerLine, PlainRow
from trialwright.ledger.seal import study_key
from trialwright.ledger.verify import verify

STUDY = "DEMO-HAEC-01"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALONE = Path(__file__).parents[2] / "src/trialwright/ledger/alone/verify_ledger.py"

_spec = importlib.util.spec_from_file_location("verify_ledger", ALONE)
assert _spec is not None and _spec.loader is not None
alone: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(alone)


@pytest.fixture
def study(transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: Any) -> str:
    settings.TRIALWRIGHT_KEYS = settings.TRIALWRIGHT_HEADS = tmp_path
    monkeypatch.setattr(projections, "_registered", {})
    journal.create(STUDY)
    _write("menses", "3.1")
    _write("menses", "3.10", reason="typing error, see 病历 page 4")
    _write("menses", None)
    _write("arm", "2", sealed=True, reason="block 3")
    return STUDY


def _write(field: str, new: str | None, *, sealed: bool = False, reason: str = "") -> None:
    with transaction.atomic(), journal.open_entry(
        study=STUDY, by="p-1", role="coordinator", action="save_entry", happened_at=NOON,
        reason=reason,
    ) as writer:  # fmt: skip
        writer.write(entity="value", id="C-007", field=field, new=new, sealed=sealed)


def _problems() -> list[str]:
    keys = files.keys()
    verified = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    return [str(problem) for problem in verified.problems]


def _exported(tmp_path: Path, **options: Any) -> list[str]:
    """What the verifier that stands alone says of an export."""
    lines = export.lines(STUDY, [files.keys().public], **options)
    key = study_key(files.keys().sealing, STUDY)
    findings, _ = alone.verify(lines, files.heads_path(), [files.keys().public], key)
    return list(findings)


def _yes(_line: LedgerLine) -> bool:
    return True


def test_rows_tell_old_and_new_the_latest_first(study: str) -> None:
    lines = reading.rows(STUDY, may_reveal=_yes)
    assert [(line.seq, line.old, line.new) for line in lines] == [
        (3, PlainRow("text", "3.10"), EMPTY),
        (2, PlainRow("text", "3.1"), PlainRow("text", "3.10")),
        (1, NEVER, PlainRow("text", "3.1")),
    ]
    assert lines[1].reason == PlainRow("text", "typing error, see 病历 page 4")
    assert lines[0].reason == NEVER
    assert lines[0].hash == journal.head(STUDY).hash.hex()


def test_a_value_that_may_not_be_revealed_is_withheld_with_its_reason(study: str) -> None:
    (line,) = reading.rows(STUDY, "sealed", may_reveal=lambda line: line.field != "arm")
    assert (line.old, line.new, line.reason) == (WITHHELD, WITHHELD, WITHHELD)
    assert "2" not in (line.id, line.field, line.action)
    (line,) = reading.rows(STUDY, "sealed", may_reveal=_yes)
    assert (line.new, line.reason) == (PlainRow("text", "2"), PlainRow("text", "block 3"))


def test_rows_can_be_asked_for_a_record_and_page_by_page(study: str) -> None:
    _write("thickness", "6.2")
    asked = reading.rows(STUDY, may_reveal=_yes, entity="value", id="C-007", field="menses")
    assert [line.seq for line in asked] == [3, 2, 1]
    assert [line.seq for line in reading.rows(STUDY, may_reveal=_yes, limit=2)] == [4, 3]
    assert [line.seq for line in reading.rows(STUDY, may_reveal=_yes, before=3)] == [2, 1]
    assert reading.rows(STUDY, may_reveal=_yes, entity="visit") == []


@pytest.mark.parametrize("options", [{}, {"values": False}, {"chains": ("open",)}])
def test_an_export_proves_itself_without_the_program(
    study: str, tmp_path: Path, options: dict[str, Any]
) -> None:
    assert _exported(tmp_path, **options) == []


def test_an_export_without_values_shows_none(study: str) -> None:
    text = "".join(export.lines(STUDY, [files.keys().public], values=False))
    rows = [json.loads(line) for line in text.splitlines()[1:]]
    assert rows and not [row for row in rows if "values" in row]
    assert '"3.1' not in text and "typing" not in text and 'sealed":' not in text


def test_nothing_of_a_sealed_value_stands_in_an_export_in_clear(study: str) -> None:
    text = "".join(export.lines(STUDY, [files.keys().public], chains=("sealed",)))
    rows = [json.loads(line) for line in text.splitlines()[1:]]
    assert [set(row["values"]["new"]) for row in rows] == [{"sealed"}]
    assert "block 3" not in text


@pytest.mark.parametrize(
    ("row", "change", "expected"),
    [
        (2, lambda row: row.update(by="p-2"), ["DEMO-HAEC-01 open: row 2 was changed"]),
        (
            2,
            lambda row: row["values"]["new"].update(text="3.11"),
            ["DEMO-HAEC-01 open: the new value of row 2 was changed"],
        ),
        (
            4,
            lambda row: row["values"]["new"].update(sealed="00" * 284),
            ["DEMO-HAEC-01 sealed: the new value of row 1 was changed"],
        ),
        (
            2,
            lambda row: row["values"].pop("reason"),
            ["DEMO-HAEC-01 open: the reason value of row 2 was removed"],
        ),
        (
            3,
            lambda row: row.clear(),
            ["DEMO-HAEC-01 open: cut off after row 2: heads line 3 signs row 3"],
        ),
    ],
)
def test_the_verifier_that_stands_alone_names_what_was_changed(
    study: str, row: int, change: Callable[[dict[str, Any]], object], expected: list[str]
) -> None:
    lines = [json.loads(line) for line in export.lines(STUDY, [files.keys().public])]
    change(lines[row])
    told = (json.dumps(line) for line in lines if line)
    key = study_key(files.keys().sealing, STUDY)
    findings, _ = alone.verify(told, files.heads_path(), [files.keys().public], key)
    assert findings == expected


def test_an_erasure_takes_the_values_and_leaves_the_proof(study: str, tmp_path: Path) -> None:
    with transaction.atomic():
        gone = repair.erase(
            study=STUDY, entity="value", id="C-007", fields=["menses"], by="p-9",
            role="data_manager", happened_at=NOON, reason="request of the participant",
        )  # fmt: skip
    assert gone == 4
    assert _problems() == []
    assert _exported(tmp_path) == []
    lines = reading.rows(STUDY, may_reveal=_yes)
    assert [(line.action, line.old, line.new) for line in lines] == [
        ("erase", ERASED, EMPTY),
        ("save_entry", ERASED, ERASED),
        ("save_entry", ERASED, ERASED),
        ("save_entry", NEVER, ERASED),
    ]
    assert lines[0].reason == PlainRow("text", "request of the participant")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_value WHERE text LIKE '%3.1%'")
        assert cursor.fetchone() == (0,)


def test_an_erasure_needs_a_reason(study: str) -> None:
    with pytest.raises(LedgerError, match="the law or the request"), transaction.atomic():
        repair.erase(
            study=STUDY, entity="value", id="C-007", fields=["menses"], by="p-9",
            role="data_manager", happened_at=NOON, reason="",
        )  # fmt: skip


@pytest.fixture
def backup(study: str) -> Iterator[Callable[[], None]]:
    """Takes a backup of the ledger's tables; calling it restores them, as a superuser does."""
    url = superuser_url(connection.settings_dict["NAME"])
    tables = ("ledger_row", "ledger_value", "ledger_head", "ledger_signed")
    with psycopg.connect(url, autocommit=True) as free:
        free.execute("SET session_replication_role = replica")
        for table in tables:
            free.execute(f"CREATE TEMP TABLE backup_{table} AS TABLE {table}")

        def restore() -> None:
            for table in tables:
                free.execute(f"DELETE FROM {table}")
                free.execute(f"INSERT INTO {table} SELECT * FROM backup_{table}")

        yield restore


def test_a_restore_that_lost_rows_is_found_and_can_be_acknowledged(
    backup: Callable[[], None], tmp_path: Path
) -> None:
    _write("menses", "7")
    _write("menses", "8")
    _write("arm", "3", sealed=True)
    backup()
    assert [line.split(":")[1] for line in _problems()] == [" the tail was cut off"] * 2
    losses = repair.acknowledge(by="p-9", happened_at=NOON, reason="disk failed")
    assert [(loss.first, loss.last) for loss in losses] == [(4, 5), (2, 2)]
    _write("menses", "9")
    _write("menses", "10")
    assert _problems() == []
    assert _exported(tmp_path) == []


def test_a_restore_that_nobody_acknowledged_is_a_recomputed_chain(
    backup: Callable[[], None], tmp_path: Path
) -> None:
    _write("menses", "7")
    backup()
    _write("menses", "9")
    (problem,) = _problems()
    assert problem.startswith("open: the chain was computed anew: row 4")
    (told,) = _exported(tmp_path)
    assert told == "DEMO-HAEC-01 open: recomputed: row 4 isn't what heads line 5 signs"


def test_an_acknowledgement_does_not_cover_what_was_signed_after_it(
    backup: Callable[[], None], tmp_path: Path
) -> None:
    _write("menses", "7")
    _write("menses", "8")
    backup()
    repair.acknowledge(by="p-9", happened_at=NOON, reason="disk failed")
    _write("menses", "9")
    backup()
    assert any("cut off" in problem for problem in _problems())


def test_nothing_lost_is_nothing_to_acknowledge(study: str) -> None:
    with pytest.raises(LedgerError, match="as long as the heads file says"):
        repair.acknowledge(by="p-9", happened_at=NOON, reason="none")


def test_a_key_file_is_made_for_an_empty_ledger_and_never_again(study: str, tmp_path: Path) -> None:
    kept = tmp_path / "ledger.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    shutil.move(kept, tmp_path / "aside")
    with pytest.raises(LedgerError, match="no key file"):
        files.keys()
