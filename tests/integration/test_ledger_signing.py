"""What is signed, and what is not: a gap between the chains and the file of their heads.

The program signs only what goes on from where it left the file; a loss is acknowledged by a person,
once, for all studies; and what is saved is saved, whether it could be signed or not.
"""

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from typer.testing import CliRunner

from tests.superuser import superuser_url
from trialwright.accounts import actions
from trialwright.accounts.models import Person
from trialwright.cli import app
from trialwright.config import starting
from trialwright.ledger import files, journal, projections, signing
from trialwright.ledger.encoding import INSTALLATION, Row, row_hash
from trialwright.ledger.verify import verify

STUDIES = ("DEMO-HAEC-01", "OTHER-02")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLES = ("ledger_row", "ledger_value", "ledger_head", "ledger_signed")


@pytest.fixture
def studies(transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.TRIALWRIGHT_KEYS, settings.TRIALWRIGHT_HEADS = tmp_path / "keys", tmp_path / "heads"
    for folder in (tmp_path / "keys", tmp_path / "heads"):
        folder.mkdir()
    monkeypatch.setattr(projections, "_registered", {})
    with actions.entry("add_people", at=NOON) as writer:
        actions.add_person(writer, username="lin", name="Lin Yue", password="a long password")
    for study in STUDIES:
        journal.create(study)
        save(study, "3.1")
        save(study, "3.10")


def save(study: str = STUDIES[0], text: str = "7", *, arm: str = "") -> None:
    with transaction.atomic(), journal.open_entry(
        study=study, by="p-1", role="coordinator", action="save_entry", happened_at=NOON
    ) as writer:  # fmt: skip
        writer.write(entity="value", id="C-007", field="menses", new=text)
        if arm:
            writer.write(entity="value", id="C-007", field="arm", new=arm, sealed=True)


def problems(study: str = STUDIES[0], **options: Any) -> list[str]:
    keys = files.keys()
    given = {"heads_path": files.heads_path(), "publics": [keys.public], "keys": keys} | options
    return [str(problem) for problem in verify(study, **given).problems]


def lines() -> list[str]:
    return files.heads_path().read_text().splitlines()


def acknowledge(by: str = "lin") -> Any:
    words = ["ledger", "acknowledge", "--by", by, "--reason", "the disk failed"]
    return CliRunner().invoke(app, words)


@pytest.fixture
def free(studies: None) -> Iterator[psycopg.Connection]:
    """The database's superuser, for whom every trigger and constraint is asleep."""
    with psycopg.connect(superuser_url(connection.settings_dict["NAME"]), autocommit=True) as one:
        one.execute("SET session_replication_role = replica")
        yield one


@pytest.fixture
def restore(free: psycopg.Connection) -> Callable[[], None]:
    """Takes a backup of the ledger; calling it puts that back."""
    for table in TABLES:
        free.execute(f"CREATE TEMP TABLE backup_{table} AS TABLE {table}")

    def put_back() -> None:
        for table in TABLES:
            free.execute(f"DELETE FROM {table}")
            free.execute(f"INSERT INTO {table} SELECT * FROM backup_{table}")

    return put_back


def recompute(free: psycopg.Connection, begin: int, study: str = STUDIES[0]) -> None:
    """Change who entered row `begin`, and make every hash after it right again."""
    place = "study = %s AND chain = 'open'"
    rows = [
        Row(*columns)
        for columns in free.execute(
            f"SELECT {', '.join(Row._fields)} FROM ledger_row WHERE {place} AND seq >= %s"
            " ORDER BY seq",
            [study, begin],
        )
    ]
    previous = rows[0].previous
    for row in rows:
        by = "p-2" if row.seq == begin else row.by
        previous, linked = row_hash(row._replace(by=by, previous=previous)), previous
        free.execute(
            f"UPDATE ledger_row SET by = %s, previous = %s, hash = %s WHERE {place} AND seq = %s",
            [by, linked, previous, study, row.seq],
        )
    free.execute(f"UPDATE ledger_head SET hash = %s WHERE {place}", [previous, study])


def test_a_restore_is_acknowledged_once_for_all_studies_and_then_served(
    restore: Callable[[], None],
) -> None:
    for study in STUDIES:
        for text in ("7", "8", "9"):
            save(study, text, arm=text)
    restore()
    with pytest.raises(starting.RestoreError, match="ledger acknowledge"):
        starting.check_restore()
    done = acknowledge()
    assert done.exit_code == 0, done.output
    assert "DEMO-HAEC-01, open chain: rows 3 to 5 are entered as lost." in done.output
    assert "OTHER-02, sealed chain: rows 1 to 3 are entered as lost." in done.output
    starting.check_restore()
    for study in STUDIES:
        save(study, "10")
        save(study, "11")
        assert problems(study) == []
    starting.check_restore()
    assert "nothing was lost" in acknowledge().output.replace("\n", " ")


def test_whoever_acknowledges_must_exist(restore: Callable[[], None]) -> None:
    save(text="8")
    restore()
    done = acknowledge(by="nobody-here")
    assert done.exit_code == 2 and "Nobody active is called 'nobody-here'" in done.output
    Person.objects.update(is_active=False)
    assert acknowledge().exit_code == 2
    with pytest.raises(starting.RestoreError):
        starting.check_restore()


def test_nothing_is_signed_on_top_of_a_restore_before_it_is_acknowledged(
    restore: Callable[[], None],
) -> None:
    save(text="8")
    save(text="9")
    restore()
    before = lines()
    save(text="10")
    assert lines() == before
    assert any("computed anew" in problem for problem in problems())
    assert acknowledge().exit_code == 0
    save(text="11")
    assert problems() == []


def test_an_acknowledged_range_does_not_excuse_tampering_inside_it(
    restore: Callable[[], None], free: psycopg.Connection
) -> None:
    for text in ("7", "8", "9", "10", "11"):
        save(text=text)
    restore()
    acknowledge()
    save(text="20")
    assert problems() == []
    recompute(free, 4)
    assert problems()[0].startswith("open: the chain was computed anew: row 4")
    recompute(free, 3)  # the acknowledging row itself
    assert problems()[0].startswith("open: the chain was computed anew: row 3")


def test_an_acknowledgement_that_a_forger_wrote_is_signed_by_nobody(
    free: psycopg.Connection,
) -> None:
    save(text="8")
    recompute(free, 3)
    with transaction.atomic(), journal.open_entry(
        study=STUDIES[0], by="p-2", role="administrator", action="acknowledge_restore",
        happened_at=NOON, reason="a restore that never was",
    ) as writer:  # fmt: skip
        signed = lines()[-1].split()[5]
        writer.write(entity="ledger", id=f"3:3:{signed}", field="lost", new=None)
    save(text="9")
    assert problems()[0].startswith("open: the chain was computed anew: row 3")


def forged_and_cut(free: psycopg.Connection) -> None:
    """An answer's row is changed, every hash after it made right, the file cut back before it."""
    for text in ("7", "8", "9"):
        save(text=text)
    recompute(free, 3)
    files.heads_path().write_text("\n".join(lines()[:-3]) + "\n")


def test_a_forged_history_is_not_signed_when_the_file_was_cut_back(
    free: psycopg.Connection,
) -> None:
    forged_and_cut(free)
    before = lines()
    save(text="10")
    assert lines() == before
    assert any("name a line of the heads file that isn't there" in each for each in problems())
    with pytest.raises(signing.GapError, match="doesn't hold the line that the program wrote"):
        signing.sign()


def test_nor_when_the_database_was_made_to_agree_with_the_cut_file(
    free: psycopg.Connection,
) -> None:
    forged_and_cut(free)
    free.execute("DELETE FROM ledger_signed")
    before = lines()
    save(text="10")
    assert lines() == before


def test_without_the_note_beside_the_keys_the_rows_still_name_the_lines_that_are_gone(
    free: psycopg.Connection, settings: Any
) -> None:
    forged_and_cut(free)
    free.execute("DELETE FROM ledger_signed")
    (Path(settings.TRIALWRIGHT_KEYS) / "heads.end").unlink()
    save(text="10")
    assert any("rows 4 to 6 name a line" in problem for problem in problems())


def test_a_heads_file_that_was_deleted_is_not_begun_again(studies: None) -> None:
    files.heads_path().unlink()
    save(text="7")
    assert not files.heads_path().exists()
    assert "nothing is signed" in signing.trouble().lower()
    done = acknowledge()
    assert done.exit_code == 0 and "entered as not signed in time" in done.output
    save(text="8")
    assert [problems(study) for study in (*STUDIES, INSTALLATION)] == [[], [], []]


def test_an_older_copy_of_the_heads_file_is_not_gone_on_from(studies: None) -> None:
    old = files.heads_path().read_text()
    save(text="7")
    save(text="8")
    files.heads_path().write_text(old)
    save(text="9")
    assert files.heads_path().read_text() == old
    assert acknowledge().exit_code == 0
    save(text="10")
    assert problems() == []


def test_a_line_that_a_crash_left_unkept_in_the_database_is_found_again(
    free: psycopg.Connection,
) -> None:
    free.execute("CREATE TEMP TABLE kept AS TABLE ledger_signed")
    save(text="7")
    free.execute("DELETE FROM ledger_signed")
    free.execute("INSERT INTO ledger_signed SELECT * FROM kept")
    save(text="8")
    assert lines()[-1].split()[3] == "4"
    assert problems() == []


@contextmanager
def _a_folder_in_its_place() -> Iterator[None]:
    path = files.heads_path()
    aside = path.rename(path.with_name("aside"))
    path.mkdir()
    yield
    path.rmdir()
    aside.rename(path)


@contextmanager
def _no_more_space() -> Iterator[None]:
    """As on a full disk, part of a line still goes in."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    room = files.heads_path().stat().st_size + 50
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("broken", [_a_folder_in_its_place, _no_more_space])
def test_what_is_saved_while_the_heads_can_not_be_written_is_saved_and_the_operator_told(
    studies: None, client: Any, caplog: Any, monkeypatch: Any, broken: Any
) -> None:
    monkeypatch.setattr(signing, "_complaint", signing._Complaint())
    with broken():
        came = client.post("/sign-in", {"username": "lin", "password": "a long password"})
        assert came.status_code == 302
        save(text="7")
        told = [record.message for record in caplog.records if record.name == "trialwright.ledger"]
        trouble, since = signing.trouble(), signing.unsigned_since()
    assert journal.head(STUDIES[0]).seq == 3
    assert len(told) == 1 and told[0].startswith("Entries are saved, but their heads can't be")
    assert trouble and since is not None
    save(text="8")
    assert signing.unsigned_since() is None and signing.trouble() == ""
    assert problems() == []


def test_of_several_hosts_the_one_with_the_file_signs_and_the_others_wait(
    studies: None, settings: Any, tmp_path: Path
) -> None:
    first = {name: getattr(settings, name) for name in ("TRIALWRIGHT_KEYS", "TRIALWRIGHT_HEADS")}
    host, before = settings.TRIALWRIGHT_HOST, lines()
    for name in ("keys", "heads"):
        (tmp_path / "other" / name).mkdir(parents=True)
    shutil.copy(tmp_path / "keys" / "ledger.json", tmp_path / "other" / "keys")
    settings.TRIALWRIGHT_HOST = "web-2"
    settings.TRIALWRIGHT_KEYS, settings.TRIALWRIGHT_HEADS = (
        tmp_path / "other" / name for name in ("keys", "heads")
    )
    save(text="7")
    assert not files.heads_path().exists() and signing.trouble() == ""
    assert signing.unsigned_since() is not None
    settings.TRIALWRIGHT_HOST = host
    for name, folder in first.items():
        setattr(settings, name, folder)
    assert signing.sign()
    assert len(lines()) == len(before) + 1 and problems() == []
