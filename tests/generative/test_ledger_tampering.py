"""Whatever is entered proves itself; whatever single thing is then changed, something is found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from trialwright.ledger import encoding
from trialwright.ledger.encoding import Row, commitment, genesis, row_hash, value_bytes
from trialwright.ledger.findings import Findings
from trialwright.ledger.gaps import Gaps
from trialwright.ledger.heads import Lines, SignedHead, SignedHeads
from trialwright.ledger.verify_chain import Stored, walk
from trialwright.ledger.verify_projection import Entered, Fold, Kept

STUDY, CHAIN = "S", "open"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTHING = Kept(False, None, None, None)

texts = st.none() | st.text(max_size=5)
changes = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("xy"), texts, st.sampled_from(["", "why"])),
    min_size=2,
    max_size=12,
)


class Book:
    """The two tables in memory: stored rows, and the values beside each."""

    def __init__(self, entered: list[tuple[str, str, str | None, str]]) -> None:
        self.rows: list[Stored] = []
        self.values: list[dict[str, Kept]] = []
        held: dict[tuple[str, str], bytes] = {}
        previous = genesis(STUDY, CHAIN)
        for seq, (id, field, text, why) in enumerate(entered, 1):
            values = {"new": Kept(True, bytes([seq]) * 32, text, None)}
            if why:
                values["reason"] = Kept(True, bytes([seq + 100]) * 32, why, None)
            new, reason = (self._commit(id, field, part, values) for part in ("new", "reason"))
            row = Row(
                STUDY, CHAIN, seq, NOON + timedelta(seconds=seq), NOON, "p-1", "coordinator",
                "save_entry", "value", id, field, held.get((id, field), b""), new, reason, previous,
                heads=bytes([seq - 1]) * 32,
            )  # fmt: skip
            held[id, field] = new
            previous = row_hash(row)
            self.rows.append(Stored(row, encoding.FORMAT, previous))
            self.values.append(values)
        self.signed = SignedHeads()
        self.lines = Lines()
        for stored in self.rows:
            self.signed.add(SignedHead(stored.row.seq, stored.row.seq, stored.hash))
            self.lines.add(stored.row.seq, bytes([stored.row.seq]) * 32)

    def _commit(self, id: str, field: str, part: str, values: dict[str, Kept]) -> bytes:
        if part not in values:
            return b""
        salt, value = values[part].salt or b"", value_bytes(values[part].text)
        return commitment(salt, STUDY, CHAIN, "value", id, field, part, value)

    def problems(self) -> list[str]:
        findings, gaps = Findings(), Gaps(self.signed, self.lines)
        walk(STUDY, CHAIN, self.rows, gaps, findings)
        gaps.tell(CHAIN, NOON + timedelta(minutes=1), findings)
        entered = [
            Entered(
                row.entity, row.id, row.field, row.seq, row.action, row.old, row.new, row.reason,
                values.get("new", NOTHING), values.get("reason", NOTHING),
            )
            for (row, _, _), values in zip(self.rows, self.values, strict=True)
        ]  # fmt: skip
        Fold(STUDY, CHAIN, None, {}, findings).run(sorted(entered, key=lambda one: one[:4]))
        return [str(one) for one in findings.all() if not one.is_note]


@given(changes)
def test_what_was_entered_proves_itself(entered: list[Any]) -> None:
    assert Book(entered).problems() == []


@given(changes, st.data())
def test_a_changed_column_is_found(entered: list[Any], data: st.DataObject) -> None:
    book = Book(entered)
    at = data.draw(st.integers(0, len(book.rows) - 1))
    name = data.draw(st.sampled_from([name for name in Row._fields if name != "seq"]))
    stored = book.rows[at]
    other: dict[type, Callable[[Any], Any]] = {
        str: lambda text: text + "x",
        bytes: lambda digest: b"" if digest else bytes(32),
        datetime: lambda moment: moment + timedelta(microseconds=1),
    }
    was = getattr(stored.row, name)
    changed = stored.row._replace(**{name: other[type(was)](was)})
    book.rows[at] = stored._replace(row=changed)
    assert f"open: row {at + 1} was changed: its content doesn't give its hash" in book.problems()


@given(changes, st.data())
def test_a_changed_value_is_found(entered: list[Any], data: st.DataObject) -> None:
    book = Book(entered)
    at = data.draw(st.integers(0, len(book.rows) - 1))
    part = data.draw(st.sampled_from(sorted(book.values[at])))
    kept = book.values[at][part]
    text = data.draw(texts)
    assume(text != kept.text)
    book.values[at][part] = kept._replace(text=text)
    (problem,) = book.problems()
    assert problem.startswith(f"open: the {part} value of row {at + 1} was changed")


@given(changes, st.data())
def test_a_removed_run_of_rows_is_found(entered: list[Any], data: st.DataObject) -> None:
    book = Book(entered)
    first = data.draw(st.integers(0, len(book.rows) - 1))
    last = data.draw(st.integers(first, len(book.rows) - 1))
    del book.rows[first : last + 1], book.values[first : last + 1]
    problems = book.problems()
    if last == len(entered) - 1:
        assert any("the tail was cut off" in problem for problem in problems)
    else:
        assert f"open: rows {first + 1} to {last + 1} are missing" in problems


@given(changes, st.data())
def test_two_rows_swapped_whole_are_named(entered: list[Any], data: st.DataObject) -> None:
    book = Book(entered)
    one = data.draw(st.integers(0, len(book.rows) - 2))
    other = data.draw(st.integers(one + 1, len(book.rows) - 1))
    rows = book.rows
    for at, came in ((one, rows[other]), (other, rows[one])):
        rows = [*rows[:at], came._replace(row=came.row._replace(seq=at + 1)), *rows[at + 1 :]]
    book.rows = rows
    assert book.problems()[0] == f"open: rows {one + 1} and {other + 1} were swapped"


@given(changes, st.data())
def test_a_chain_recomputed_from_any_row_is_named(entered: list[Any], data: st.DataObject) -> None:
    book = Book(entered)
    at = data.draw(st.integers(0, len(book.rows) - 1))
    previous = book.rows[at].row.previous
    for number in range(at, len(book.rows)):
        row = book.rows[number].row._replace(previous=previous)
        row = row._replace(by="p-2") if number == at else row
        previous = row_hash(row)
        book.rows[number] = Stored(row, encoding.FORMAT, previous)
    (problem,) = book.problems()
    assert problem.startswith(f"open: the chain was computed anew: row {at + 1} isn't")
