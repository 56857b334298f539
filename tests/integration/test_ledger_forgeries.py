"""Forgeries by the database's superuser, alone and with the heads file: each is named by `verify`.

The table is ADR 0005's, one line for each kind. A study is entered through the book: three sites in
their table, an arm for each in the sealed chain. Then somebody with all rights over PostgreSQL, and
in the second half with the heads file too, changes something, saves go on, and `verify` is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from typer.testing import CliRunner

from tests.superuser import superuser_url
from trialwright.accounts.models import Site
from trialwright.cli import app
from trialwright.ledger import files, journal, projections, signing
from trialwright.ledger.encoding import Row, commitment, row_hash, value_bytes
from trialwright.ledger.projections import Projected
from trialwright.ledger.verify import verify
from trialwright.ledger.witness import hand_over, last_heard

STUDY = "DEMO-HAEC-01"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN = "study = 'DEMO-HAEC-01' AND chain = 'open'"


def enter(code: str, name: str, *, reason: str = "") -> None:
    entry = journal.open_entry(
        study=STUDY, by="p-1", role="coordinator", action="enter_site", happened_at=NOON,
        reason=reason,
    )  # fmt: skip
    with transaction.atomic(), entry as writer:
        Site.objects.update_or_create(study=STUDY, code=code, defaults={"name_en": name})
        writer.write(entity="site", id=code, field="name_en", new=name)
        writer.write(entity="allocation", id=code, field="arm", new=code, sealed=True)


@dataclass
class Forger:
    """Whoever has all rights over PostgreSQL; and, with `cut`, may write to the heads file."""

    free: psycopg.Connection

    def run(self, *statements: str) -> None:
        for statement in statements:
            assert self.free.execute(statement).rowcount > 0

    def rows(self, begin: int = 1) -> list[Row]:
        columns = ", ".join(Row._fields)
        found = self.free.execute(
            f"SELECT {columns} FROM ledger_row WHERE {OPEN} AND seq >= {begin} ORDER BY seq"
        )
        return [Row(*each) for each in found]

    def put(self, row: Row) -> bytes:
        """Write the row with a hash that is right for what it says."""
        digest, places = row_hash(row), ", ".join(f"{name} = %s" for name in Row._fields)
        self.free.execute(
            f"UPDATE ledger_row SET {places}, format = %s, hash = %s WHERE {OPEN} AND seq = %s",
            [*row, row.format, digest, row.seq],
        )
        return digest

    def recompute(self, begin: int, change: Callable[[Row], Row]) -> None:
        """Change each row from `begin` on and link it to the one above, then the head."""
        rows = self.rows(begin)
        previous = rows[0].previous
        for row in rows:
            previous = self.put(change(row)._replace(previous=previous))
        self.free.execute(f"UPDATE ledger_head SET hash = %s WHERE {OPEN}", [previous])

    def answer(self, seq: int, text: str) -> None:
        """Another answer in table, value and row, and every hash after it right again."""
        (salt,) = self.free.execute(
            f"UPDATE ledger_value SET text = '{text}' WHERE {OPEN} AND seq = {seq} AND part = 'new'"
            " RETURNING salt"
        ).fetchone() or (b"",)
        self.run(f"UPDATE accounts_site SET name_en = '{text}' WHERE code = 'B'")

        def forged(row: Row) -> Row:
            if row.seq != seq:
                return row
            place = (row.study, row.chain, row.entity, row.id, row.field, "new")
            return row._replace(new=commitment(salt, *place, value_bytes(text)))

        self.recompute(seq, forged)

    def cut(self, *, keep: int) -> None:
        """Cut the heads file back, and let the database say that it ended there."""
        lines = files.heads_path().read_text().splitlines(keepends=True)
        files.heads_path().write_text("".join(lines[:keep]))
        self.free.execute("DELETE FROM ledger_signed")


@pytest.fixture
def forger(
    transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: Any
) -> Iterator[Forger]:
    settings.TRIALWRIGHT_KEYS, settings.TRIALWRIGHT_HEADS = tmp_path / "keys", tmp_path / "heads"
    for name in ("keys", "heads"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(projections, "_registered", {})
    projections.register(
        Projected("site", "accounts.Site", id="code", fields={"name_en": "name_en"}),
        Projected("membership", "accounts.Membership", fields={"role": "role"}),
    )
    journal.create(STUDY)
    for code in "ABC":
        enter(code, f"Site {code}", reason="" if code < "C" else "named by the hospital")
    enter("B", "Site Bee")
    with psycopg.connect(superuser_url(connection.settings_dict["NAME"]), autocommit=True) as free:
        free.execute("SET session_replication_role = replica")
        yield Forger(free)


def found(*, later: timedelta = timedelta(), **asked: Any) -> list[str]:
    keys, asked["now"] = files.keys(), datetime.now(UTC) + later
    told = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys, **asked)
    return sorted({one.kind for one in told.problems})


def sql(*statements: str) -> Callable[[Forger], None]:
    return lambda forger: forger.run(*statements)


def _one_row_with_its_hash(forger: Forger) -> None:
    forger.put(forger.rows(2)[0]._replace(by="p-2"))


def _time_turned_back(forger: Forger) -> None:
    back = timedelta(hours=1)
    forger.recompute(3, lambda row: row._replace(recorded_at=row.recorded_at - back))


def _last_row_with_its_hash(forger: Forger) -> None:
    forger.recompute(4, lambda row: row._replace(by="p-2"))


def _tail_cut_off(forger: Forger) -> None:
    forger.run(
        f"DELETE FROM ledger_value WHERE {OPEN} AND seq > 3",
        f"DELETE FROM ledger_row WHERE {OPEN} AND seq > 3",
        "UPDATE accounts_site SET name_en = 'Site B' WHERE code = 'B'",
    )
    last = forger.rows(3)[0]
    forger.free.execute(
        f"UPDATE ledger_head SET seq = 3, hash = %s, recorded_at = %s WHERE {OPEN}",
        [row_hash(last), last.recorded_at],
    )


def _removed_from_the_middle(forger: Forger) -> None:
    """Row 2 goes, and those after it move up and are linked again."""
    forger.run(
        f"DELETE FROM ledger_value WHERE {OPEN} AND seq = 2",
        f"DELETE FROM ledger_row WHERE {OPEN} AND seq = 2",
        f"UPDATE ledger_value SET seq = seq - 1 WHERE {OPEN} AND seq > 2",
        f"UPDATE ledger_row SET seq = seq - 1 WHERE {OPEN} AND seq > 2",
        f"UPDATE ledger_head SET seq = 3 WHERE {OPEN}",
    )
    first = row_hash(forger.rows(1)[0])
    forger.free.execute(f"UPDATE ledger_row SET previous = %s WHERE {OPEN} AND seq = 2", [first])
    forger.recompute(2, lambda row: row._replace(old=b"") if row.seq == 3 else row)


def _as_format_1(forger: Forger) -> None:
    forger.recompute(3, lambda row: row._replace(heads=b""))


def _naming_another_line(forger: Forger) -> None:
    forger.recompute(3, lambda row: row._replace(heads=bytes([1]) * 32))


def _naming_an_older_line(forger: Forger) -> None:
    forger.recompute(4, lambda row: row._replace(heads=bytes(32)))


def _a_reason_taken_away(forger: Forger) -> None:
    forger.run(f"DELETE FROM ledger_value WHERE {OPEN} AND seq = 3 AND part = 'reason'")
    forger.recompute(3, lambda row: row._replace(reason=b""))


ALONE: dict[str, tuple[Callable[[Forger], None], list[str]]] = {
    "an answer in its table": (
        sql("UPDATE accounts_site SET name_en = 'x' WHERE code = 'B'"), ["table_differs"]),
    "a row of a table added": (
        sql("INSERT INTO accounts_site"
            " (study, code, name_en, name_zh, languages, status, time_zone)"
            f" VALUES ('{STUDY}', 'X', 'x', '', '', 'open', '')"), ["table_extra"]),
    "a row of a table removed": (
        sql("DELETE FROM accounts_site WHERE code = 'C'"), ["table_missing"]),
    "a row in a table of which the ledger has nothing": (
        sql("INSERT INTO accounts_membership (person_id, study, role, site)"
            f" VALUES (gen_random_uuid(), '{STUDY}', 'investigator', '')"), ["table_extra"]),
    "a value": (
        sql(f"UPDATE ledger_value SET text = 'x' WHERE {OPEN} AND seq = 2"), ["changed_value"]),
    "a value and its table": (
        sql(f"UPDATE ledger_value SET text = 'x' WHERE {OPEN} AND seq = 4",
            "UPDATE accounts_site SET name_en = 'x' WHERE code = 'B'"), ["changed_value"]),
    "a salt": (
        sql(f"UPDATE ledger_value SET salt = sha256('x') WHERE {OPEN} AND seq = 2"),
        ["changed_value"]),
    "a reason": (
        sql(f"UPDATE ledger_value SET text = 'x' WHERE {OPEN} AND part = 'reason'"),
        ["changed_value"]),
    "a value removed": (
        sql(f"DELETE FROM ledger_value WHERE {OPEN} AND seq = 2"), ["removed_value"]),
    "a reason added": (
        sql("INSERT INTO ledger_value (study, chain, seq, part, salt, text)"
            f" VALUES ('{STUDY}', 'open', 2, 'reason', '', 'x')"), ["added_value"]),
    "a sealed value": (
        sql("UPDATE ledger_value SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40))"
            " WHERE chain = 'sealed' AND seq = 2"), ["changed_value"]),
    "two sealed values swapped": (
        sql("UPDATE ledger_value v SET sealed = o.sealed FROM ledger_value o"
            " WHERE v.chain = 'sealed' AND o.chain = 'sealed' AND v.part = o.part"
            " AND (v.seq, o.seq) IN ((1, 2), (2, 1))"), ["swapped_values"]),
    "who": (
        sql(f"UPDATE ledger_row SET by = 'p-2' WHERE {OPEN} AND seq = 2"), ["changed_row"]),
    "as what": (
        sql(f"UPDATE ledger_row SET role = 'monitor' WHERE {OPEN} AND seq = 2"), ["changed_row"]),
    "when it happened": (
        sql(f"UPDATE ledger_row SET happened_at = now() WHERE {OPEN} AND seq = 2"),
        ["changed_row"]),
    "when it was recorded": (
        sql(f"UPDATE ledger_row SET recorded_at = now() WHERE {OPEN} AND seq = 2"),
        ["changed_row"]),
    "which line stood": (
        sql(f"UPDATE ledger_row SET heads = sha256('x') WHERE {OPEN} AND seq = 2"),
        ["changed_row"]),
    "a row's format": (
        sql(f"UPDATE ledger_row SET format = 1 WHERE {OPEN} AND seq = 2"), ["older_format"]),
    "a row together with its own hash": (
        _one_row_with_its_hash, ["recomputed", "replaced_row"]),
    "the last row together with its hash and head": (_last_row_with_its_hash, ["recomputed"]),
    "a row deleted": (
        sql(f"DELETE FROM ledger_row WHERE {OPEN} AND seq = 2"),
        ["added_value", "removed_rows"]),
    "a row removed and the others moved up": (
        _removed_from_the_middle, ["cut_off", "recomputed"]),
    "the tail": (_tail_cut_off, ["cut_off"]),
    "a head": (sql(f"UPDATE ledger_head SET seq = 3 WHERE {OPEN}"), ["head_differs"]),
    "an answer with every hash after it": (lambda one: one.answer(4, "x"), ["recomputed"]),
    "time turned back": (_time_turned_back, ["recomputed", "time_back"]),
    "rows written again as of format 1": (_as_format_1, ["older_format", "recomputed"]),
    "rows that name another line": (_naming_another_line, ["recomputed", "unknown_line"]),
    "rows that name an older line": (_naming_an_older_line, ["recomputed", "unknown_line"]),
    "a reason taken away with its commitment": (_a_reason_taken_away, ["recomputed"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", ALONE)
def test_a_superuser_alone(forger: Forger, kind: str) -> None:
    forge, kinds = ALONE[kind]
    assert found() == []
    forge(forger)
    assert set(kinds) <= set(found()), found()


def _cut_before(seq: int, line: int) -> Callable[[Forger], None]:
    def forge(forger: Forger) -> None:
        forger.answer(seq, "x")
        forger.cut(keep=line)

    return forge


def _file_deleted(forger: Forger) -> None:
    forger.answer(2, "x")
    files.heads_path().unlink()
    forger.free.execute("DELETE FROM ledger_signed")


def _line_taken_out(forger: Forger) -> None:
    lines = files.heads_path().read_text().splitlines(keepends=True)
    files.heads_path().write_text("".join(lines[:2] + lines[3:]))


def _line_altered(forger: Forger) -> None:
    text = files.heads_path().read_text()
    files.heads_path().write_text(text.replace(" open 4 ", " open 9 "))


def _lines_moved(forger: Forger) -> None:
    lines = files.heads_path().read_text().splitlines(keepends=True)
    files.heads_path().write_text("".join([*lines[:2], lines[3], lines[2], *lines[4:]]))


def _lines_made_to_fit(forger: Forger) -> None:
    """Later rows say that they were written while the line stood at which the file was cut."""
    kept = files.heads_path().read_text().splitlines()[1]
    stood = sha256(kept.encode()).digest()
    forger.answer(2, "x")
    forger.recompute(2, lambda row: row._replace(heads=stood))
    forger.cut(keep=2)


WITH_THE_FILE: dict[str, tuple[Callable[[Forger], None], list[str]]] = {
    "an early answer, and the file cut back": (_cut_before(2, 2), ["unknown_line"]),
    "a later answer, and the file cut back": (_cut_before(3, 4), ["unknown_line"]),
    "the file deleted": (_file_deleted, ["heads_missing", "unknown_line"]),
    "rows made to name the line at the cut": (_lines_made_to_fit, ["left_unsigned"]),
    "the last answer, and its lines cut off": (_cut_before(4, 6), ["left_unsigned"]),
    "a line taken out": (_line_taken_out, ["unlinked_line"]),
    "a line altered": (_line_altered, ["altered_line"]),
    "two lines moved": (_lines_moved, ["unlinked_line"]),
}


@pytest.mark.parametrize("kind", WITH_THE_FILE)
def test_a_superuser_with_the_heads_file(forger: Forger, kind: str) -> None:
    forge, kinds = WITH_THE_FILE[kind]
    forge(forger)
    assert set(kinds) <= set(found(later=timedelta(hours=1))), found(later=timedelta(hours=1))


REFUSED = ("an early answer, and the file cut back", "the file deleted", "two lines moved")


@pytest.mark.parametrize("kind", REFUSED)
def test_what_was_forged_with_the_file_is_not_signed_in_passing(forger: Forger, kind: str) -> None:
    forge, kinds = WITH_THE_FILE[kind]
    forge(forger)
    path = files.heads_path()
    was = path.read_text() if path.exists() else ""
    enter("D", "Site D")
    if kind != "two lines moved":
        assert (path.read_text() if path.exists() else "") == was
    assert set(kinds) <= set(found())


def test_the_witness_names_what_leaves_no_trace_here(
    forger: Forger, tmp_path: Path, settings: Any
) -> None:
    """The last answer is forged within the minute, the file and the note beside the keys fit."""
    settings.TRIALWRIGHT_WITNESS = str(tmp_path / "witness")
    (tmp_path / "witness").mkdir()
    done = CliRunner().invoke(app, ["ledger", "witness"])
    assert done.exit_code == 0 and "took 8 lines" in done.output
    asking = ["verify", STUDY, "--witness", settings.TRIALWRIGHT_WITNESS]
    assert CliRunner().invoke(app, asking).exit_code == 0
    forger.answer(4, "x")
    forger.cut(keep=6)
    files._end_path().unlink()
    assert signing.sign()
    enter("D", "Site D")
    assert found() == []
    asked = CliRunner().invoke(app, asking)
    assert asked.exit_code == 1
    assert "row 4 isn't the one that line 7 of the witness signs" in asked.output
    assert "the witness has 1 signed heads that the heads file lacks" in asked.output
    refused = CliRunner().invoke(app, ["ledger", "witness"])
    assert refused.exit_code == 2 and "lines were removed" in refused.stderr


def test_a_witness_that_heard_nothing_for_an_hour_is_a_finding(
    forger: Forger, tmp_path: Path
) -> None:
    folder = tmp_path / "witness"
    folder.mkdir()
    assert hand_over(files.heads_path(), folder) == 8
    assert hand_over(files.heads_path(), folder) == 0
    enter("D", "Site D")
    assert found(later=timedelta(hours=2), witness=folder) == ["witness_silent"]
    assert hand_over(files.heads_path(), folder) == 2
    assert found(later=timedelta(hours=2), witness=folder) == []


@pytest.fixture
def store() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An address that takes what is put there, and lets nothing be replaced."""
    kept: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200 if self.path in kept else 404, kept.get(self.path, b""))

        def do_PUT(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            there = self.path in kept and self.headers["If-None-Match"] == "*"
            kept.setdefault(self.path, sent)
            self._answer(412 if there else 201, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/heads", kept
        server.shutdown()


def test_a_witness_by_its_address_names_what_leaves_no_trace_here(
    forger: Forger, store: Any, settings: Any
) -> None:
    settings.TRIALWRIGHT_WITNESS, kept = store
    assert last_heard() is None
    assert "took 8 lines" in CliRunner().invoke(app, ["ledger", "witness"]).output
    enter("D", "Site D")
    assert "took 2 lines" in CliRunner().invoke(app, ["ledger", "witness"]).output
    assert "took 0 lines" in CliRunner().invoke(app, ["ledger", "witness"]).output
    assert sorted(kept) == ["/heads/heads-000000001", "/heads/heads-000000002"]
    heard = last_heard()
    assert heard is not None and datetime.now(UTC) - heard < timedelta(minutes=1)
    asking = ["verify", STUDY, "--witness", settings.TRIALWRIGHT_WITNESS]
    assert CliRunner().invoke(app, asking).exit_code == 0
    forger.answer(5, "x")
    forger.cut(keep=8)
    files._end_path().unlink()
    assert signing.sign()
    asked = CliRunner().invoke(app, asking)
    assert asked.exit_code == 1
    assert "row 5 isn't the one that line 9 of the witness signs" in asked.output


def test_an_address_that_does_not_answer_is_told_with_a_sentence(
    forger: Forger, store: Any, settings: Any
) -> None:
    settings.TRIALWRIGHT_WITNESS = "http://127.0.0.1:9/heads"
    refused = CliRunner().invoke(app, ["ledger", "witness"])
    assert refused.exit_code == 2 and "can't be reached" in refused.stderr
    refused = CliRunner().invoke(app, ["verify", STUDY, "--witness", "http://127.0.0.1:9/heads"])
    assert refused.exit_code == 2 and "can't be reached" in refused.stderr


def test_the_mails_that_two_people_kept_name_what_leaves_no_trace_here(
    forger: Forger, tmp_path: Path, settings: Any
) -> None:
    settings.TRIALWRIGHT_WITNESS = "mailto:one@example.org,two@example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "sent")
    assert "took 2 lines" in CliRunner().invoke(app, ["ledger", "witness"]).output
    kept = tmp_path / "kept"
    kept.mkdir()
    (sent,) = (tmp_path / "sent").iterdir()
    mails = [each for each in sent.read_bytes().split(b"-" * 79 + b"\n") if each.strip()]
    assert [b"To: one@example.org" in mails[0], b"To: two@example.org" in mails[1]] == [True] * 2
    for number, mail in enumerate(mails):
        (kept / f"{number}.eml").write_bytes(mail)
    asking = ["verify", STUDY, "--witness", str(kept)]
    assert CliRunner().invoke(app, asking).exit_code == 0
    forger.answer(4, "x")
    forger.cut(keep=6)
    files._end_path().unlink()
    assert signing.sign()
    enter("D", "Site D")
    # Not every minute: the next mail waits for half an hour, unless a person asks for it.
    signing._hand_over_in_passing()
    assert len(list((tmp_path / "sent").iterdir())) == 1
    assert found() == []
    asked = CliRunner().invoke(app, asking)
    assert asked.exit_code == 1
    assert "row 4 isn't the one that line 1 of the witness signs" in asked.output
