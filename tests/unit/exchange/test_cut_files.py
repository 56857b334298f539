"""A cut as files: exact text out and back, the same bytes each time, changes noticed."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.synthetic_cut import synthetic_cut
from trialwright.analysis.cut import Cut, CutError, SealedPart
from trialwright.analysis.cut_entries import Entry, Value
from trialwright.demonstration.protocol import demonstration
from trialwright.exchange.cut_files import (
    csv_bytes,
    read_cut,
    write_cut,
)
from trialwright.exchange.form_tables import ENTRY_COLUMNS, form_tables, item_column, read_entries
from trialwright.exchange.text_tables import TextTable
from trialwright.exchange.typed import _typed


@pytest.fixture(scope="module")
def both() -> tuple[Cut, SealedPart]:
    return synthetic_cut(demonstration(), 12)


def test_a_cut_reads_back_equal(both: tuple[Cut, SealedPart], tmp_path: Path) -> None:
    write_cut(both[0], tmp_path, demonstration())
    assert read_cut(tmp_path) == both[0]


def test_written_again_every_file_has_the_same_bytes(
    both: tuple[Cut, SealedPart], tmp_path: Path
) -> None:
    for name in "ab":
        write_cut(both[0], tmp_path / name, demonstration())
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in "ab")
    assert first == second
    assert len(first) > 50


def test_the_open_folder_holds_no_arm_and_no_unmasking_value(
    both: tuple[Cut, SealedPart], tmp_path: Path
) -> None:
    write_cut(both[0], tmp_path, demonstration())
    protocol = demonstration()
    written = b"".join(p.read_bytes() for p in sorted(tmp_path.glob("*.csv")))
    assert not any(arm.key.encode() in written for arm in protocol.arms)
    for form in protocol.forms:
        table = pl.read_parquet(tmp_path / f"form_{form.key}.parquet")
        for item in form.items:
            if item.unmasking or form.unmasking:
                assert table[item_column(item.key)].null_count() == table.height


def test_a_folder_with_something_in_it_is_left_alone(
    both: tuple[Cut, SealedPart], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(CutError, match="isn't empty"):
        write_cut(both[0], tmp_path, demonstration())
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("harm", ["change a value", "lose a file", "change the head"])
def test_a_change_after_writing_is_named(
    both: tuple[Cut, SealedPart], tmp_path: Path, harm: str
) -> None:
    write_cut(both[0], tmp_path, demonstration())
    file = tmp_path / "participants.csv"
    if harm == "change a value":
        file.write_bytes(file.read_bytes().replace(b"treated", b"Treated", 1))
    elif harm == "lose a file":
        file.unlink()
    else:
        manifest = json.loads((tmp_path / "manifest.json").read_text())
        manifest["cut"]["open_head"]["seq"] += 1
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    expected = "manifest was changed" if harm == "change the head" else "participants.csv"
    with pytest.raises(CutError, match=expected):
        read_cut(tmp_path)


def test_a_folder_without_a_manifest_is_no_cut(tmp_path: Path) -> None:
    with pytest.raises(CutError, match=r"manifest\.json"):
        read_cut(tmp_path)


def test_the_dictionary_explains_every_column_in_both_languages(
    both: tuple[Cut, SealedPart], tmp_path: Path
) -> None:
    write_cut(both[0], tmp_path, demonstration())
    rows = list(csv.DictReader((tmp_path / "dictionary.csv").open(encoding="utf-8", newline="")))
    explained = {(row["file"], row["column"]): row for row in rows}
    files = [p for p in tmp_path.glob("*.csv") if p.stem not in ("dictionary", "codes")]
    for file in files:
        heads = next(csv.reader(file.open(encoding="utf-8", newline="")))
        for head in heads:
            row = explained[file.stem, head]
            assert row["label_en"]
            assert row["label_zh"]
    thickness = explained["form_ultrasound", "thickness"]
    assert (thickness["unit"], thickness["minimum"], thickness["maximum"]) == ("mm", "0.5", "30")
    assert thickness["origin"] in {"stated", "literature", "assumed", "confirmed"}
    assert explained["form_administration", "lot"]["unmasking"] == "yes"


def test_parquet_has_types_and_csv_the_text_as_typed(tmp_path: Path) -> None:
    protocol = demonstration()
    cut, _ = synthetic_cut(protocol, 4)
    entry = next(e for e in cut.entries if e.form == "ultrasound" and len(e.values) > 3)
    values = {v.item: v for v in entry.values} | {"thickness": Value("thickness", "6.50")}
    others = tuple(e for e in cut.entries if e != entry)
    cut = replace(cut, entries=(*others, replace(entry, values=tuple(values.values()))))
    write_cut(cut, tmp_path, protocol)
    assert b"6.50" in (tmp_path / "form_ultrasound.csv").read_bytes()
    table = pl.read_parquet(tmp_path / "form_ultrasound.parquet")
    assert table.schema["thickness"] == pl.Float64
    assert table.schema["scanned_on"] == pl.Date
    assert table.schema["haematometra"] == pl.Boolean
    assert table.schema["signed"] == pl.Boolean
    assert table.schema["repeat"] == pl.Int64
    assert table.schema["thickness__missing"] == pl.String


def test_a_cell_that_does_not_fit_its_type_keeps_the_column_as_text(tmp_path: Path) -> None:
    protocol = demonstration()
    cut, _ = synthetic_cut(protocol, 2)
    bad = tuple(
        replace(e, values=(Value("thickness", "about 6"),)) if e.form == "ultrasound" else e
        for e in cut.entries
    )
    write_cut(replace(cut, entries=bad), tmp_path, protocol)
    column = pl.read_parquet(tmp_path / "form_ultrasound.parquet")["thickness"]
    assert column.drop_nulls().unique().to_list() == ["about 6"]


# Lone surrogates are no text; NUL can't be stored by the database either.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.sampled_from(["thickness", "strange_item"]))
def test_any_text_survives_the_way_out_and_back(texts: list[str], item: str) -> None:
    entries = tuple(
        Entry("C-1", f"v{i}", "ultrasound", 1, "complete", False, "1.0", (Value(item, text),))
        for i, text in enumerate(texts)
    )
    tables = {}
    for table in form_tables(entries, demonstration()):
        rows = list(csv.reader(io.StringIO(csv_bytes(table).decode(), newline="")))
        tables[table.name] = TextTable(table.name, tuple(rows[0]), [tuple(r) for r in rows[1:]])
    assert sorted(read_entries(tables), key=lambda e: e.visit) == list(entries)


@given(st.lists(st.sampled_from([*ENTRY_COLUMNS, "a"]), min_size=1), st.integers(0, 3))
def test_no_item_takes_another_columns_place(keys: list[str], deep: int) -> None:
    names = [key + "_item" * deep for key in keys] + keys + [key + "__missing" for key in keys]
    columns = {item_column(name) for name in names}
    assert columns.isdisjoint(ENTRY_COLUMNS)
    assert not any(column.endswith("__missing") for column in columns)
    assert len(columns) == len(set(names))


def test_csv_is_rfc_4180() -> None:
    table = TextTable("t", ("a", "b"), [('say "no"', "1,2"), ("line\nbreak", "重庆")])
    expected = 'a,b\r\n"say ""no""","1,2"\r\n"line\nbreak",重庆\r\n'
    assert csv_bytes(table) == expected.encode()


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["1.5", "", "0.1"], [1.5, None, 0.1]),
        (["999999999999.999999", "1.5"], [Decimal("999999999999.999999"), Decimal("1.5")]),
        (["0.1", "9007199254740993"], [Decimal("0.1"), Decimal("9007199254740993")]),
        (["1" * 30 + ".5", "0.000000000001"], ["1" * 30 + ".5", "0.000000000001"]),
        (["1e400", "2"], ["1e400", "2"]),
        (["<1.2", "2"], ["<1.2", "2"]),
    ],
)
def test_no_digit_of_a_number_is_lost_in_parquet(cells: list[str], kept: list[object]) -> None:
    """Floats where they hold every digit, else decimals, else the text."""
    assert _typed("number", cells, pl.Float64()).to_list() == kept
