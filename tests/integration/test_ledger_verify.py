"""`verify` names what was done to the database behind the program's back, even by its superuser.

A small study is entered through the book: five sites in their table, an arm for each in the sealed
chain. Then somebody with all rights over PostgreSQL changes one thing.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from tests.superuser import superuser_url
from trialwright.accounts.models import Site
from trialwright.ledger import encoding, files, heads, journal, projections
from trialwright.ledger import keys as key_file
from trialwright.ledger.projections import Projected
from trialwright.ledger.snapshot import snapshot, studies
from trialwright.ledger.verify import _ADDED_VALUES, _RECORDS, Verified, verify

STUDY = "DEMO-HAEC-01"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODES = ("A", "B", "C", "D", "E")


@pytest.fixture(autouse=True)
def _one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projections, "_registered", {})
    fields = {"name_en": "name_en", "name_zh": "name_zh"}
    projections.register(Projected("site", "accounts.Site", id="code", fields=fields))


@pytest.fixture
def study(transactional_db: None, tmp_path: Path, settings: Any) -> str:
    settings.TRIALWRIGHT_KEYS = settings.TRIALWRIGHT_HEADS = tmp_path
    journal.create(STUDY)
    for code in CODES:
        _enter(code, f"Site {code}", f"中心 {code}")
    _enter("B", "Site Bee", "中心 B", reason="renamed by the hospital")
    return STUDY


def _entry(reason: str = "", action: str = "enter_site") -> Any:
    return journal.open_entry(
        study=STUDY, by="p-1", role="coordinator", action=action, happened_at=NOON, reason=reason
    )


def _enter(code: str, name: str, name_zh: str, reason: str = "") -> None:
    with transaction.atomic(), _entry(reason) as writer:
        columns = {"name_en": name, "name_zh": name_zh}
        Site.objects.update_or_create(study=STUDY, code=code, defaults=columns)
        for field, text in columns.items():
            writer.write(entity="site", id=code, field=field, new=text)
        writer.write(entity="allocation", id=code, field="arm", new=code, sealed=True)


def _verify(**changed: Any) -> Verified:
    keys = files.keys()
    usual = {"heads_path": files.heads_path(), "publics": [keys.public], "keys": keys}
    return verify(STUDY, **(usual | changed))


def _found(verified: Verified) -> list[str]:
    return [str(problem) for problem in verified.problems]


@pytest.fixture
def superuser(study: str) -> Iterator[Callable[..., None]]:
    """Runs statements as the database's superuser, with every trigger and constraint asleep."""
    url = superuser_url(connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as free:
        free.execute("SET session_replication_role = replica")

        def run(statement: str, *parameters: object) -> None:
            assert free.execute(statement, parameters or None).rowcount > 0

        yield run


def test_an_untouched_study_gives_nothing(study: str) -> None:
    verified = _verify()
    assert _found(verified) == []
    assert [(head.chain, head.seq) for head in verified.chains] == [("open", 12), ("sealed", 6)]
    assert [str(note) for note in verified.notes] == [
        "sealed: allocation: 5 records with no table to compare"
    ]


Case = tuple[str, list[str]]
CASES: dict[str, Case] = {
    "a value": (
        "UPDATE ledger_value SET text = 'Site X' WHERE chain = 'open' AND seq = 5",
        ["open: the new value of row 5 was changed: site C name_en"],
    ),
    "a value and its salt": (
        "UPDATE ledger_value SET text = 'X', salt = sha256('x') WHERE chain = 'open' AND seq = 5",
        ["open: the new value of row 5 was changed: site C name_en"],
    ),
    "a value made null": (
        "UPDATE ledger_value SET text = NULL WHERE chain = 'open' AND seq = 5",
        ["open: the new value of row 5 was changed: site C name_en"],
    ),
    "a reason": (
        "UPDATE ledger_value SET text = 'why not' WHERE part = 'reason' AND seq = 11",
        ["open: the reason value of row 11 was changed: site B name_en"],
    ),
    "a sealed value": (
        "UPDATE ledger_value SET sealed = set_byte(sealed, 40, 1 - get_byte(sealed, 40) % 2)"
        " WHERE chain = 'sealed' AND part = 'new' AND seq = 2",
        ["sealed: the new value of row 2 was changed: allocation B arm"],
    ),
    "a value removed": (
        "DELETE FROM ledger_value WHERE chain = 'open' AND seq = 5",
        ["open: the new value of row 5 was removed without an erasure: site C name_en"],
    ),
    "a value added": (
        "INSERT INTO ledger_value (study, chain, seq, part, salt, text)"
        " VALUES ('DEMO-HAEC-01', 'open', 5, 'reason', '', 'because')",
        ["open: a reason value stands at row 5, which commits to none"],
    ),
    "two values swapped": (
        "UPDATE ledger_value v SET salt = o.salt, text = o.text FROM ledger_value o"
        " WHERE v.chain = 'open' AND o.chain = 'open' AND v.part = 'new' AND o.part = 'new'"
        " AND (v.seq, o.seq) IN ((5, 9), (9, 5))",
        ["open: the values of rows 5 and 9 were swapped"],
    ),
    "two sealed values swapped": (
        "UPDATE ledger_value v SET sealed = o.sealed FROM ledger_value o"
        " WHERE v.chain = 'sealed' AND o.chain = 'sealed' AND v.part = 'new' AND o.part = 'new'"
        " AND (v.seq, o.seq) IN ((1, 3), (3, 1))",
        ["sealed: the values of rows 1 and 3 were swapped"],
    ),
    "who": (
        "UPDATE ledger_row SET by = 'p-2' WHERE chain = 'open' AND seq = 4",
        ["open: row 4 was changed: its content doesn't give its hash"],
    ),
    "when": (
        "UPDATE ledger_row SET happened_at = happened_at - interval '1 microsecond'"
        " WHERE chain = 'open' AND seq = 4",
        ["open: row 4 was changed: its content doesn't give its hash"],
    ),
    "the last row": (
        "UPDATE ledger_row SET role = 'monitor' WHERE chain = 'open' AND seq = 12",
        ["open: row 12 was changed: its content doesn't give its hash"],
    ),
    "a deleted row": (
        "DELETE FROM ledger_row WHERE chain = 'sealed' AND seq = 2",
        [
            "sealed: rows 2 to 2 are missing",
            "sealed: row 6 doesn't continue what its field held: allocation B arm",
            "sealed: a new value stands at row 2, which commits to none",
        ],
    ),
    "a swapped pair": (
        "UPDATE ledger_row r SET by = o.by, action = o.action, entity = o.entity, id = o.id,"
        " field = o.field, old = o.old, new = o.new, recorded_at = o.recorded_at"
        " FROM ledger_row o WHERE r.chain = 'open' AND o.chain = 'open'"
        " AND (r.seq, o.seq) IN ((5, 6), (6, 5))",
        [
            "open: rows 5 and 6 were swapped",
            "open: the values of rows 5 and 6 were swapped",
        ],
    ),
    "a pair swapped whole": (
        "UPDATE ledger_row r SET id = o.id, field = o.field, old = o.old, new = o.new,"
        " recorded_at = o.recorded_at, previous = o.previous, heads = o.heads, hash = o.hash"
        " FROM ledger_row o WHERE r.chain = 'sealed' AND o.chain = 'sealed'"
        " AND (r.seq, o.seq) IN ((1, 4), (4, 1))",
        [
            "sealed: rows 1 and 4 were swapped",
            "sealed: the new value of row 4 was changed: allocation A arm",
            "sealed: the new value of row 1 was changed: allocation D arm",
        ],
    ),
    "a row's hash": (
        "UPDATE ledger_row SET hash = sha256('x') WHERE chain = 'open' AND seq = 4",
        ["open: row 4 was changed: its content doesn't give its hash"],
    ),
    "a head": (
        "UPDATE ledger_head SET seq = 11 WHERE chain = 'open'",
        ["open: the chain ends at row 12, but its head says row 11"],
    ),
    "a table": (
        "UPDATE accounts_site SET name_zh = '别处' WHERE code = 'D'",
        ["open: site D name_zh: the table's value isn't the one that the ledger has"],
    ),
    "a table's row removed": (
        "DELETE FROM accounts_site WHERE code = 'D'",
        ["open: site D: the ledger has a record whose row is gone from the table"],
    ),
    "a table's row added": (
        "INSERT INTO accounts_site (study, code, name_en, name_zh, languages, status, time_zone)"
        " VALUES ('DEMO-HAEC-01', 'AA', 'x', 'x', '', 'open', '')",
        ["open: site AA: the table has a row that the ledger doesn't know"],
    ),
    "a row's format": (
        "UPDATE ledger_row SET format = 7 WHERE chain = 'open' AND seq = 4",
        ["open: row 4 is of format 7, which this release doesn't know"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_superuser_changed_is_named(superuser: Callable[..., None], case: str) -> None:
    statement, expected = CASES[case]
    superuser(statement)
    assert _found(_verify()) == expected


def test_a_tail_that_was_cut_off_with_its_head(superuser: Callable[..., None]) -> None:
    superuser("DELETE FROM ledger_value WHERE chain = 'open' AND seq > 10")
    superuser("DELETE FROM ledger_row WHERE chain = 'open' AND seq > 10")
    superuser(
        "UPDATE ledger_head h SET seq = r.seq, hash = r.hash, recorded_at = r.recorded_at"
        " FROM ledger_row r WHERE r.chain = 'open' AND h.chain = 'open' AND r.seq = 10"
    )
    superuser("UPDATE accounts_site SET name_en = 'Site B' WHERE code = 'B'")
    assert _found(_verify()) == [
        "open: the tail was cut off: the chain ends at row 10, but line 11 of the heads file"
        " signs row 12"
    ]


def test_a_study_that_was_deleted_whole(superuser: Callable[..., None]) -> None:
    for table in ("ledger_row", "ledger_value", "ledger_head", "accounts_site"):
        superuser(f"DELETE FROM {table}")
    keys = key_file.load(files.heads_path().parent / "ledger.json")
    assert studies(heads.read(files.heads_path(), [keys.public])) == [STUDY]
    found = _found(verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys))
    assert [line[:40] for line in found if "cut off" in line] == [
        "open: the tail was cut off: the chain en",
        "sealed: the tail was cut off: the chain ",
    ]


def _recompute(superuser: Callable[..., None], begin: int) -> None:
    """What a careful forger does: change a row, then every hash after it, and the head."""
    columns = ", ".join(encoding.Row._fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ledger_row WHERE chain = 'open' ORDER BY seq")
        rows = [encoding.Row(*row) for row in cursor.fetchall()]
    previous = rows[begin - 1].previous
    for row in rows[begin - 1 :]:
        forged = row._replace(previous=previous, by="p-2" if row.seq == begin else row.by)
        previous = encoding.row_hash(forged)
        superuser(
            "UPDATE ledger_row SET by = %s, previous = %s, hash = %s"
            " WHERE chain = 'open' AND seq = %s",
            forged.by, forged.previous, previous, forged.seq,
        )  # fmt: skip
    superuser("UPDATE ledger_head SET hash = %s WHERE chain = 'open'", previous)


@pytest.mark.parametrize(("begin", "says"), [(1, (2, 1, 6, 0)), (7, (8, 7, 3, 6))])
def test_a_chain_that_was_recomputed(
    superuser: Callable[..., None], begin: int, says: tuple[int, int, int, int]
) -> None:
    _recompute(superuser, begin)
    seq, line, count, agrees = says
    assert _found(_verify()) == [
        f"open: the chain was computed anew: row {seq} isn't the one that line {line} of the heads"
        f" file signs (heads that differ: {count}; the last that agrees signs row {agrees})"
    ]


def test_a_recomputed_chain_is_betrayed_by_a_printed_page_when_the_file_is_gone(
    superuser: Callable[..., None],
) -> None:
    printed = journal.head(STUDY).short
    assert _found(_verify(printed=[printed])) == []
    _recompute(superuser, 7)
    files.heads_path().unlink()
    gone = "name a line of the heads file that isn't there, or not in its place: lines were removed"
    assert _found(_verify(printed=[printed])) == [
        f"open: rows 3 to 12 {gone}, or the rows were written anew",
        "open: the file of signed heads has no head of this chain, which has 12 rows",
        f"sealed: rows 2 to 6 {gone}, or the rows were written anew",
        "sealed: the file of signed heads has no head of this chain, which has 6 rows",
        f"open: row 12 isn't the one that a document prints as {printed}",
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: lines.pop(4), ["heads file, line 5 doesn't follow line 4"]),
        (
            lambda lines: lines.insert(4, lines.pop(5)),
            ["heads file, line 5 doesn't", "line 6", "line 7"],
        ),
        (
            lambda lines: lines.insert(4, lines.pop(4).replace(" open 6 ", " open 5 ")),
            ["heads file, line 5 was altered: its signature fails"],
        ),
        (
            lambda lines: lines.insert(11, lines.pop(11).replace(" sealed 6 ", " sealed 5 ")),
            ["heads file, line 12 was altered: its signature fails"],
        ),
        (lambda lines: lines.append(lines[3]), ["heads file, line 13 doesn't follow line 12"]),
    ],
)
def test_a_heads_file_that_was_altered(
    study: str, change: Callable[[list[str]], object], expected: list[str]
) -> None:
    lines = files.heads_path().read_text().splitlines()
    change(lines)
    files.heads_path().write_text("\n".join(lines) + "\n")
    found = _found(_verify())
    assert len(found) == len(expected)
    assert all(part in line for part, line in zip(expected, found, strict=True))


def test_a_heads_file_signed_by_somebody_else_vouches_for_nothing(
    study: str, tmp_path: Path
) -> None:
    forger = key_file.generate(tmp_path / "forged.json")
    files.heads_path().unlink()
    heads.append(files.heads_path(), [journal.head(STUDY)], forger)
    found = _found(_verify())
    assert found[0] == "heads file, line 1 was altered: its signature fails"
    assert "open: the file of signed heads has no head of this chain, which has 12 rows" in found


def test_a_line_torn_by_a_crash_is_a_note_and_the_file_goes_on(study: str) -> None:
    with files.heads_path().open("a") as file:
        file.write("trialwright-head-1 DEMO-HAEC-01 op")
    _enter("F", "Site F", "中心 F")
    verified = _verify()
    assert _found(verified) == []
    assert "heads file, line 13 was left unfinished by a crash" in map(str, verified.notes)


def test_rows_that_nobody_signed_for_a_minute_are_a_finding(study: str) -> None:
    lines = files.heads_path().read_text().splitlines()
    files.heads_path().write_text("\n".join(lines[:-2]) + "\n")
    later = datetime.now(UTC) + timedelta(hours=2)
    assert [line[:57] for line in _found(_verify(now=later))] == [
        "open: rows 11 to 12 have not been signed for 7200 seconds",
        "sealed: rows 6 to 6 have not been signed for 7200 seconds",
    ]


def test_rows_that_nobody_signed_yet_are_a_note(study: str) -> None:
    lines = files.heads_path().read_text().splitlines()
    files.heads_path().write_text("\n".join(lines[:-2]) + "\n")
    verified = _verify()
    assert _found(verified) == []
    assert "open: rows 11 to 12 are not signed yet" in map(str, verified.notes)


def test_without_the_key_the_sealed_chain_is_walked_and_its_values_stay_closed(
    superuser: Callable[..., None],
) -> None:
    superuser(CASES["a sealed value"][0])
    superuser("UPDATE ledger_row SET by = 'p-2' WHERE chain = 'sealed' AND seq = 4")
    verified = _verify(keys=None)
    assert _found(verified) == ["sealed: row 4 was changed: its content doesn't give its hash"]
    assert "sealed: sealed values were not opened: there is no key" in map(str, verified.notes)


def test_a_record_that_was_removed_and_came_back(study: str) -> None:
    with transaction.atomic(), _entry(reason="entered twice", action="remove_site") as writer:
        Site.objects.filter(study=STUDY, code="D").delete()
        writer.remove(entity="site", id="D")
    assert _found(_verify()) == []
    Site.objects.create(study=STUDY, code="D", name_en="Site D", name_zh="中心 D")
    assert _found(_verify()) == ["open: site D: the table has a row that the ledger doesn't know"]
    _enter("D", "Site D", "中心 D")
    assert _found(_verify()) == []


def test_every_finding_has_its_sentence_in_both_languages(superuser: Callable[..., None]) -> None:
    superuser(CASES["a deleted row"][0])
    chinese = [problem.sentence("zh-hans") for problem in _verify().problems]
    assert chinese[0] == "第 2 至 2 行缺失"


@pytest.mark.parametrize("query", [_RECORDS, _ADDED_VALUES])
def test_no_row_is_looked_for_through_its_whole_chain(study: str, query: str) -> None:
    """What a plan for a few rows does takes hours on a chain that the server hasn't counted yet."""
    with snapshot(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}", [STUDY, "open"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Join" in plan and "Nested Loop" not in plan
