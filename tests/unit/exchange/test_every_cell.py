"""The files of a cut of seven people, cell by cell, and what is refused when they are read."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.unit.report.hand_cut import CUT, PROTOCOL
from trialwright.analysis.cut import CutError
from trialwright.analysis.cut_diaries import DiaryMark
from trialwright.analysis.cut_judgements import ResultJudgement
from trialwright.analysis.cut_participants import ConsentPart
from trialwright.exchange.cut_files import FORMAT, MANIFEST, read_cut, write_cut
from trialwright.exchange.dictionary import HEADS, code_table, dictionary_table, readme
from trialwright.exchange.tables import cut_tables, read_rows
from trialwright.exchange.text_tables import COLUMNS, TextTable
from trialwright.exchange.typed import _typed, _wanted
from trialwright.protocol.forms import ItemType

TABLES = {table.name: table for table in cut_tables(CUT, PROTOCOL)}


def rows(name: str, *columns: str) -> list[tuple[str, ...]]:
    """The cells of a table, of these columns alone where some are named."""
    table = TABLES[name]
    places = [table.columns.index(column) for column in columns or table.columns]
    return [tuple(row[place] for place in places) for row in table.rows]


def test_participants_have_their_exclusion_and_their_treatment() -> None:
    exclusion = ("exclusion_kind", "exclusion_on", "exclusion_criteria", "exclusion_reason")
    assert rows("participants", "participant", *exclusion) == [
        (code, *(("ineligible", "2026-01-04", "age", "") if code == "C-5" else ("",) * 4))
        for code in ("C-1", "C-2", "C-3", "C-4", "C-5", "W-1", "W-2")
    ]
    assert rows("participants", "participant", "site", "treatment_status", "treatment_on") == [
        ("C-1", "C", "full", "2026-01-11"),
        ("C-2", "C", "full", "2026-01-11"),
        ("C-3", "C", "part", "2026-01-11"),
        ("C-4", "C", "none", "2026-01-11"),
        ("C-5", "C", "", ""),
        ("W-1", "W", "", ""),
        ("W-2", "W", "", ""),
    ]


def test_steps_endings_queries_and_deviations_stand_one_a_row() -> None:
    assert ("W-1", "randomised", "2026-05-10") in rows("steps")
    assert len(rows("steps")) == 7 + 5
    assert rows("endings") == [
        ("C-2", "completed", "2026-05-09", "", ""),
        ("C-3", "withdrawn", "2026-02-01", "visits", "moved"),
        ("C-4", "lost", "2026-02-01", "", "no answer"),
    ]
    assert rows("queries", "number", "status", "opened_on", "closed_on") == [
        ("1", "open", "2026-05-02", ""),
        ("2", "closed", "2026-05-02", ""),
        ("3", "answered", "2026-05-02", ""),
    ]
    assert rows("deviations") == [
        ("C-2", "2026-05-11", "visit_window", "a holiday", "", "", "", "")
    ]
    assert rows("sites") == [("C", "Chongqing", "重庆"), ("W", "West China", "")]


def test_entries_of_diaries_stand_one_a_row_and_are_read_back() -> None:
    due, came = "2026-03-05T20:00+08:00", "2026-03-06T21:05+08:00"
    diaries = (
        DiaryMark("C-1", "menses", 2, due, "missed"),
        DiaryMark("C-1", "menses", 1, due, "late", "2026-03-06T21:00+08:00", came),
    )
    cut = replace(CUT, diaries=diaries)
    tables = {table.name: table for table in cut_tables(cut, PROTOCOL)}
    assert tables["diary_entries"].rows == [
        ("C-1", "menses", "1", due, "late", "2026-03-06T21:00+08:00", came),
        ("C-1", "menses", "2", due, "missed", "", ""),
    ]
    assert read_rows(tables).diaries == cut.diaries


def test_consents_stand_one_a_part_and_are_read_back() -> None:
    given = ("C-1", "2026-01-02T09:00+08:00", "1.0", "zh", "Zhao Wen")
    consents = (
        ConsentPart(*given, "contact", True, "2026-02-01", "too many calls"),
        ConsentPart(*given, "samples", False, given_by="representative", assent="yes"),
        ConsentPart("C-2", "2025-01-02T00:00+08:00", "", "", "Wu", "", False, given_by="waived"),
    )
    tables = {table.name: table for table in cut_tables(replace(CUT, consents=consents), PROTOCOL)}
    assert tables["consents"].rows == [
        (*given, "contact", "yes", "2026-02-01", "too many calls", "participant", ""),
        (*given, "samples", "no", "", "", "representative", "yes"),
        ("C-2", "2025-01-02T00:00+08:00", "", "", "Wu", "", "no", "", "", "waived", ""),
    ]
    assert read_rows(tables).consents == consents


def test_judgements_of_results_are_read_back() -> None:
    at = ("C-1", "screening", "chemistry", 1)
    judgements = (
        ResultJudgement(*at, "alt", True, "repeated in a week", "2026-01-03"),
        ResultJudgement(*at, "ast", False, "", "2026-01-03", 2),
    )
    cut = replace(CUT, judgements=judgements)
    tables = {table.name: table for table in cut_tables(cut, PROTOCOL)}
    place = ("chemistry", "1")
    assert tables["judgements"].rows == [
        ("C-1", "screening", "1", *place, "alt", "yes", "repeated in a week", "2026-01-03"),
        ("C-1", "screening", "2", *place, "ast", "no", "", "2026-01-03"),
    ]
    assert read_rows(tables).judgements == cut.judgements
    with pytest.raises(CutError, match="says what is done"):
        ResultJudgement(*at, "alt", True, "", "2026-01-03")


def test_visits_have_their_window_and_the_day_they_took_place() -> None:
    found = {row[:2]: row[2:] for row in rows("visits")}
    window = ("2026-04-30", "2026-04-20", "2026-05-10")
    assert found["C-2", "first_bleed"] == ("1", "done", *window, "2026-05-11", "no")
    assert found["C-3", "first_bleed"] == ("1", "cancelled", *window, "", "no")
    assert found["C-1", "pregnancy_12_weeks"] == ("1", "done", "", "", "", "2026-05-01", "no")


def test_forms_have_their_values_and_why_one_is_missing() -> None:
    asked = ("participant", "status", "signed", "weight", "weight__missing")
    assert rows("form_demographics", *asked) == [
        ("C-1", "complete", "yes", "", "not_done"),
        ("C-2", "complete", "yes", "50.0", ""),
    ]
    drafts = rows("form_pregnancy_follow_up", "participant", "status", "signed", "ongoing")
    assert drafts == [("C-1", "complete", "yes", "yes"), ("C-2", "draft", "no", "no")]


def test_a_cut_of_every_kind_of_row_reads_back_equal(tmp_path: Path) -> None:
    write_cut(CUT, tmp_path, PROTOCOL)
    assert read_cut(tmp_path) == CUT


def explained(form: str) -> dict[str, dict[str, str]]:
    """The rows of the dictionary that explain a form, by column."""
    table = dictionary_table(PROTOCOL, [f"form_{form}"])
    told = (dict(zip(HEADS, row, strict=True)) for row in table.rows)
    return {row["column"]: row for row in told}


def test_the_dictionary_gives_an_items_range_unit_choices_and_rule() -> None:
    age = explained("demographics")["age"]
    assert (age["type"], age["unit"], age["minimum"], age["maximum"]) == (
        "integer",
        "a",
        "14",
        "60",
    )
    assert (age["likely_minimum"], age["likely_maximum"]) == ("20", "40")
    menses = explained("menses")
    assert menses["category"]["code_list"] == "menses_category"
    assert menses["pads"]["shown_when"] == "bled"
    assert menses["pads_a_day"]["computed_as"] == "if bled then round(pads / days, 2) else 0"
    assert (menses["pads"]["origin"], menses["pads"]["source"]) == ("stated", "record")
    assert (menses["category"]["origin"], menses["category"]["source"]) == ("assumed", "working")
    # An answer of this item may not be missing; of that one for the reasons the protocol has.
    assert menses["diary_back"]["missing_reasons"] == ""
    reasons = PROTOCOL.item("menses", "pads").missing_reasons
    assert menses["pads"]["missing_reasons"] == " ".join(reasons) != ""
    assert menses["pads"]["unmasking"] == "no"
    assert explained("administration")["lot"]["unmasking"] == "yes"


def test_the_dictionary_has_each_column_once_in_the_order_of_the_files() -> None:
    table = dictionary_table(PROTOCOL, ["visits", "form_menses"])
    columns = [*COLUMNS["visits"], *TABLES["form_menses"].columns]
    assert sorted(row[1] for row in table.rows) == sorted(columns)
    assert [row[1] for row in table.rows if row[0] == "visits"] == list(COLUMNS["visits"])
    why = next(row for row in table.rows if row[1] == "pads__missing")
    label = PROTOCOL.item("menses", "pads").label
    assert (why[2], label.zh in why[3]) == (f"Why missing: {label.en}", True)


def test_codes_have_their_points() -> None:
    found = {row[:2]: row[4] for row in code_table(PROTOCOL).rows}
    assert found["menses_category", "heavy"] == "4"
    assert found["afs_extent", "none"] == "0"
    assert found["esh_stage", "IV"] == ""


def test_only_what_is_invented_is_marked_as_that() -> None:
    cut = replace(CUT, study="S", name="look")
    marked, real = (
        readme(replace(cut, demonstration=mark), PROTOCOL).decode() for mark in (True, False)
    )
    assert marked.startswith("DEMONSTRATION") and "DEMONSTRATION" not in real
    assert "“look” of S" in real
    copy = readme(cut, replace(PROTOCOL, training_of="A-1")).decode()
    assert copy.startswith("TRAINING COPY of A-1: every person")


def _added(folder: Path, _: dict[str, Any]) -> None:
    (folder / "extra.csv").write_text("a\r\n")


def _other_format(_: Path, manifest: dict[str, Any]) -> None:
    manifest["format"] = "another/1"


def _other_part(_: Path, manifest: dict[str, Any]) -> None:
    manifest["part"] = "sealed"


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_added, "extra.csv is missing, was added"),
        (_other_format, FORMAT),
        (_other_part, "open part"),
    ],
)
def test_a_folder_that_is_not_the_open_part_as_written_is_refused(
    tmp_path: Path, harm: Callable[[Path, dict[str, Any]], None], said: str
) -> None:
    write_cut(CUT, tmp_path, PROTOCOL)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    harm(tmp_path, manifest)
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(CutError, match=said):
        read_cut(tmp_path)


@pytest.mark.parametrize(
    ("cells", "kind", "kept"),
    [
        (["yes", "", "no"], pl.Boolean(), [True, None, False]),
        (["yes", "perhaps"], pl.Boolean(), ["yes", "perhaps"]),
        (["2026-03-04", ""], pl.Date(), ["2026-03-04", None]),
        (["2026-03", "2026-03-04"], pl.Date(), ["2026-03", "2026-03-04"]),
        (["7", ""], pl.Int64(), [7, None]),
        (["7", "7.5"], pl.Int64(), ["7", "7.5"]),
        (["", ""], pl.Float64(), [None, None]),
        (["1" * 28 + ".5", "0.0000000001"], pl.Float64(),
         [Decimal("1" * 28 + ".5"), Decimal("0.0000000001")]),
        (["1" * 28 + ".5", "0.00000000001"], pl.Float64(), ["1" * 28 + ".5", "0.00000000001"]),
    ],
)  # fmt: skip
def test_a_column_has_its_type_where_every_cell_fits_it(
    cells: list[str], kind: pl.DataType, kept: list[object]
) -> None:
    found = _typed("x", cells, kind).to_list()
    assert [str(each) if kind == pl.Date() and each else each for each in found] == kept


def test_every_item_of_a_type_gets_it_and_fixed_columns_theirs() -> None:
    wanted = _wanted(TABLES["form_menses"], PROTOCOL)
    assert (wanted["repeat"], wanted["signed"]) == (pl.Int64(), pl.Boolean())
    assert (wanted["days"], wanted["pads_a_day"]) == (pl.Int64(), pl.Float64())
    assert "category" not in wanted and "first_day" not in wanted
    assert _wanted(TABLES["queries"], PROTOCOL) == {
        "number": pl.Int64(),
        "occurrence": pl.Int64(),
        "repeat": pl.Int64(),
    }
    assert PROTOCOL.item("menses", "first_day").type is ItemType.PARTIAL_DATE
    unknown = replace(TABLES["form_menses"], name="form_gone")
    assert set(_wanted(unknown, PROTOCOL)) == {"occurrence", "repeat", "signed"}
    assert isinstance(unknown, TextTable)
