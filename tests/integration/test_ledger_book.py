"""Writing in the book: one lock, one clock, two chains, signed heads; and what is refused."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import errors

from tests.superuser import OWNER, WEB, superuser_url
from trialwright.ledger import encoding, files, heads, journal, rights
from trialwright.ledger.journal import LedgerError

STUDY = "DEMO-HAEC-01"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: object) -> None:
    settings.TRIALWRIGHT_KEYS = tmp_path  # type: ignore[attr-defined]
    settings.TRIALWRIGHT_HEADS = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def study(db: None) -> str:
    journal.create(STUDY)
    return STUDY


def _write(*texts: str | None, sealed: bool = False, id: str = "v1", reason: str = "") -> None:
    with transaction.atomic(), _entry(reason) as writer:
        for text in texts:
            writer.write(entity="value", id=id, field="text", new=text, sealed=sealed)


def _entry(reason: str = ""):  # type: ignore[no-untyped-def]
    return journal.open_entry(
        study=STUDY, by="p-1", role="coordinator", action="save_entry", happened_at=NOON,
        reason=reason,
    )  # fmt: skip


def _rows(columns: str, chain: str = "open") -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ledger_row WHERE chain = %s ORDER BY seq", [chain])
        return cursor.fetchall()


def test_rows_chain_from_the_genesis_and_each_knows_what_its_field_held(study: str) -> None:
    _write("3.1")
    _write("3.10", reason="typing error")
    rows = _rows("seq, previous, hash, old, new, reason")
    assert [row[0] for row in rows] == [1, 2]
    assert rows[0][1] == encoding.genesis(STUDY, "open")
    assert rows[1][1] == rows[0][2]
    assert rows[0][3] == b"" and rows[1][3] == rows[0][4]
    assert rows[0][5] == b"" and len(rows[1][5]) == 32  # type: ignore[arg-type]
    assert journal.head(STUDY).seq == 2 and journal.head(STUDY).hash == rows[1][2]


def test_a_field_changed_twice_in_one_entry_continues_itself(study: str) -> None:
    _write("1", "2", None)
    rows = _rows("old, new, recorded_at")
    assert [row[0] for row in rows] == [b"", rows[0][1], rows[1][1]]
    assert len({row[2] for row in rows}) == 1


def test_recorded_at_is_the_clock_of_the_database_and_rises(study: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    _write("1")
    _write("2")
    (first,), (second,) = _rows("recorded_at")
    assert before < first < second  # type: ignore[operator]


def test_a_sealed_value_leaves_the_open_chain_and_the_database_none_the_wiser(study: str) -> None:
    before = journal.head(STUDY)
    for arm in ("1", "5", "a longer remark that would tell something by its length"):
        _write(arm, sealed=True, id="C-007")
    assert journal.head(STUDY) == before
    assert journal.head(STUDY, "sealed").seq == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT salt, text, length(sealed) FROM ledger_value")
        assert set(cursor.fetchall()) == {(None, None, 12 + 256 + 16)}


def test_a_sealed_value_opens_at_its_own_place_only(study: str) -> None:
    _write("2", sealed=True, id="C-007")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM ledger_value")
        sealed = bytes(cursor.fetchone()[0])
    sealer = files.keys().sealer(STUDY)
    place = (STUDY, "sealed", "1", "value", "C-007", "text", "new")
    assert encoding.value_text(sealer.open(sealed, place)[32:]) == "2"
    with pytest.raises(LedgerError, match="moved from another place"):
        sealer.open(sealed, (*place[:4], "C-008", *place[5:]))


def test_nothing_is_written_when_the_block_raises_or_says_nothing(study: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), _entry() as writer:
        writer.write(entity="value", id="v1", field="text", new="1")
        raise ZeroDivisionError
    _write()
    assert _rows("seq") == []


def test_an_entry_outside_a_transaction_is_refused(transactional_db: None) -> None:
    with pytest.raises(LedgerError, match="outside a transaction"), _entry():
        pass


def test_a_study_that_was_not_begun_has_no_ledger(db: None) -> None:
    with pytest.raises(LedgerError, match="no ledger for the study DEMO-HAEC-01"):
        _write("1")


def test_account_events_go_to_the_chain_of_the_installation(db: None) -> None:
    with transaction.atomic(), journal.open_entry(
        study=journal.INSTALLATION, by="system", role="", action="sign_in", happened_at=NOON
    ) as writer:  # fmt: skip
        writer.write(entity="person", id="p-1", field="signed_in", new=True)
        with pytest.raises(LedgerError, match="only a study has one"):
            writer.write(entity="person", id="p-1", field="arm", new="1", sealed=True)
    assert journal.head(journal.INSTALLATION, "installation").seq == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "Ann Example"}, "can't be the id"),
        ({"field": ""}, "names no field"),
        ({"new": "\0"}, "NUL"),
        ({"new": "\ud800"}, "half a character"),
        ({"new": 3.1}, "float has no ledger text"),
        ({"new": datetime(2026, 3, 1)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_what_could_not_be_proved_for_ever_is_refused(
    study: str, change: dict[str, object], said: str
) -> None:
    whole = {"entity": "value", "id": "v1", "field": "text", "new": "1"} | change
    with pytest.raises(LedgerError, match=said), transaction.atomic(), _entry() as writer:
        writer.write(**whole)
    assert _rows("seq") == []


def test_after_commit_and_only_then_the_heads_are_signed(transactional_db: None) -> None:
    journal.create(STUDY)
    with transaction.atomic():
        with _entry() as writer:
            writer.write(entity="value", id="v1", field="text", new="1")
            writer.write(entity="value", id="v2", field="text", new="1", sealed=True)
        assert not files.heads_path().exists()
    _write("2")
    reading = heads.read(files.heads_path(), [files.keys().public])
    assert reading.troubles == []
    signed = list(reading.heads[STUDY, "open"].since(0))
    assert [(head.seq, head.line) for head in signed] == [(1, 1), (2, 3)]
    assert signed[1].hash == journal.head(STUDY).hash
    assert [head.seq for head in reading.heads[STUDY, "sealed"].since(0)] == [1]


def test_heads_are_signed_once_for_all_entries_of_a_transaction(transactional_db: None) -> None:
    journal.create(STUDY)
    with transaction.atomic():
        _write("1")
        _write("2")
        _write("3", sealed=True)
    assert len(files.heads_path().read_text().splitlines()) == 2


def test_writers_in_parallel_take_turns(transactional_db: None) -> None:
    journal.create(STUDY)
    start, failures = threading.Barrier(4), []

    def work(number: int) -> None:
        try:
            start.wait()
            for turn in range(10):
                _write(f"{number} {turn}", f"{number} {turn} again", id=f"v{turn}")
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    rows = _rows("seq, previous, hash, recorded_at")
    assert [row[0] for row in rows] == list(range(1, 81))
    assert all(later[1] == earlier[2] for earlier, later in pairwise(rows))
    assert len({row[3] for row in rows}) == 40
    assert heads.read(files.heads_path(), [files.keys().public]).troubles == []


@pytest.fixture(scope="module")
def _owner_may_become_web() -> None:
    with psycopg.connect(superuser_url("postgres")) as granting:
        known = {row[0] for row in granting.execute("SELECT rolname FROM pg_roles")}
        if WEB not in known:
            granting.execute(f"CREATE ROLE {WEB}")
        granting.execute(f"GRANT {WEB} TO CURRENT_USER")
        if OWNER in known:
            granting.execute(f"GRANT {WEB} TO {OWNER}")


@pytest.fixture
def as_web(_owner_may_become_web: None, study: str) -> Iterator[psycopg.Cursor]:
    """A cursor with the rights of the web's role, on one row of the ledger and its value."""
    _write("1")
    rights.grant_to_web_role(connection, WEB)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {WEB}")
        yield cursor  # type: ignore[misc]


def test_the_web_role_can_do_all_that_the_book_needs(as_web: psycopg.Cursor) -> None:
    _write("2", reason="typing error")
    _write("2", sealed=True)
    journal.create("DEMO-HAEC-02")
    assert journal.head(STUDY).seq == 2


@pytest.mark.parametrize("table", rights.TABLES)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET study = 'X'", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_web_role_may_only_add_and_read(
    as_web: psycopg.Cursor, table: str, statement: str
) -> None:
    with pytest.raises(Exception, match="permission denied"):
        as_web.execute(statement.format(table))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ledger_row SET by = 'p-2'", "append-only: UPDATE on ledger_row"),
        ("DELETE FROM ledger_row", "append-only: DELETE on ledger_row"),
        ("UPDATE ledger_value SET text = '2'", "append-only: UPDATE on ledger_value"),
        ("DELETE FROM ledger_value", "only after its erasure was entered"),
        ("UPDATE ledger_head SET seq = 0", "moves forward with its rows"),
        ("UPDATE ledger_head SET seq = 2", "moves forward with its rows"),
        ("DELETE FROM ledger_head", "append-only: DELETE on ledger_head"),
        ("INSERT INTO ledger_head VALUES ('X', 'open', 9, '', now())", "begins at 0"),
    ],
)
def test_the_owner_of_the_tables_is_refused_too(study: str, statement: str, said: str) -> None:
    _write("1")
    with pytest.raises(Exception, match=said), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", rights.TABLES)
def test_no_table_of_the_ledger_can_be_emptied(study: str, table: str) -> None:
    _write("1")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")
    with pytest.raises(Exception, match="append-only: TRUNCATE"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"recorded_at": "'2026-01-01'"}, "recorded_at is the clock of the database"),
        ({"recorded_at": "clock_timestamp() + interval '1 second'"}, "recorded_at is the clock"),
        ({"seq": "seq + 2"}, "do not continue chain open"),
        ({"previous": "previous"}, "do not continue chain open"),
        ({"chain": "'other'"}, "there is no chain other"),
    ],
)
def test_a_forged_row_is_refused_by_the_database(
    study: str, changed: dict[str, str], said: str
) -> None:
    _write("1")
    columns = {"study": "study", "chain": "chain", "seq": "seq + 1", "format": "format"}
    columns |= {"recorded_at": "clock_timestamp()", "happened_at": "happened_at"}
    for name in ("by", "role", "action", "entity", "id", "field", "old", "new", "reason"):
        columns[name] = name
    columns |= {"previous": "hash", "hash": "hash"} | changed
    with pytest.raises(errors.RaiseException, match=said) as caught, connection.cursor() as cursor:
        try:
            cursor.execute(
                f"INSERT INTO ledger_row ({', '.join(columns)})"
                f" SELECT {', '.join(columns.values())} FROM ledger_row"
            )
        except Exception as error:
            raise error.__cause__ or error from None
    assert caught.value.sqlstate == "P0001"
