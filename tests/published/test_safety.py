"""Given cases of safety: laboratory grades, clocks, and the tables of the CDISC pilot study.

The sources stand in `safety/README.md`.
"""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trialwright.cli import app
from trialwright.safety.grading import COLUMNS, grade_row
from trialwright.safety.laboratory import LabValue, grade
from trialwright.safety.periods import PeriodError, due, instant, period, zone_of
from trialwright.safety.sdtm import read_study
from trialwright.safety.tables import CountCell, safety_tables
from trialwright.safety.xpt import read_transport

GIVEN = Path(__file__).parent / "safety"
ONE_INSTANT = ("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C10", "C11")


def rows(name: str) -> list[dict[str, str]]:
    with (GIVEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "case", rows("lab_cases.csv"), ids=lambda case: "-".join(case.values())[:40]
)
def test_laboratory_values_have_the_given_grade(case: dict[str, str]) -> None:
    found = grade_row({name: case[name] for name in COLUMNS}).grade
    assert ("" if found is None else str(found)) == case["grade"]


def test_the_two_systems_of_units_disagree_about_magnesium() -> None:
    """CTCAE 6.0, Hypomagnesemia: <1.2 - 0.9 mg/dL is grade 2, and <0.4 - 0.3 mmol/L grade 3."""
    lab = LabValue("MG", "mg/dL", Decimal("0.95"), Decimal("1.7"), Decimal("2.4"))
    assert (grade("6.0", lab, "US").grade, grade("6.0", lab, "SI").grade) == (2, 3)


@pytest.mark.parametrize("name", ONE_INSTANT)
def test_clocks_are_due_as_given(name: str) -> None:
    (case,) = (each for each in rows("clock_cases.csv") if each["id"] == name)
    zone = zone_of(case["zone"])
    moment, _twice = instant(case["known_at"], zone)
    assert str(due(moment, period(case["period"]), zone)) == case["due"]


@pytest.mark.parametrize("typed", ["2026-03-29T02:30", "2026-03-29T02:30+01:00"])
def test_a_time_that_no_wall_clock_shows_is_refused(typed: str) -> None:
    """C12."""
    with pytest.raises(PeriodError, match="2026-03-29 02:30 does not exist in Europe/Berlin"):
        instant(typed, zone_of("Europe/Berlin"))


def test_a_time_that_comes_twice_is_the_earlier() -> None:
    """C11: 02:30 of 25 October 2026 in Berlin, typed without an offset."""
    berlin = zone_of("Europe/Berlin")
    moment, twice = instant("2026-10-25T02:30", berlin)
    assert twice and str(due(moment, period("24 hours"), berlin)) == "2026-10-26T01:30+01:00"


def pilot() -> list[CountCell]:
    return safety_tables(read_study(GIVEN / "cdisc_pilot"))


def test_emergent_events_of_the_pilot_study() -> None:
    found = {
        cell.arm: (cell.people, cell.n)
        for cell in pilot()
        if (cell.table, cell.row) == ("events", "emergent")
    }
    assert found == {
        "Placebo": (65, 86), "Xanomeline Low Dose": (77, 84), "Xanomeline High Dose": (76, 84),
    }  # fmt: skip


def test_the_rows_of_the_pilot_study_that_contradict_themselves_are_named() -> None:
    named = [cell.row for cell in pilot() if cell.table == "contradiction"]
    assert len(named) == 33
    assert sum("AESDTH=Y" in name for name in named) == 3
    assert all("AESER=N" in name for name in named)


def test_people_stand_once_in_a_table_and_events_each_time() -> None:
    cells = [cell for cell in pilot() if cell.arm == "Placebo"]
    worst = [cell for cell in cells if cell.table == "worst severity"]
    assert (sum(cell.people for cell in worst), sum(cell.events or 0 for cell in worst)) == (
        65,
        281,
    )
    terms = [cell for cell in cells if cell.table == "term"]
    assert sum(cell.events or 0 for cell in terms) == 281
    assert sum(cell.people for cell in terms) > 65


def test_a_transport_file_reads_as_what_another_program_wrote() -> None:
    found = read_transport((GIVEN / "lb_pyreadstat.xpt").read_bytes())
    numbers = {"LBSEQ", "LBSTRESN", "LBSTNRLO", "LBSTNRHI", "VISITNUM"}
    for read, written in zip(found, rows("lb_pyreadstat.csv"), strict=True):
        for name, text in written.items():
            if name in numbers and text:
                assert float(read[name]) == float(text)
            else:
                assert read[name] == text


def run(*arguments: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, ["safety", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    told: list[dict[str, object]] = json.loads(done.stdout)
    return told


def test_the_commands_answer_in_the_order_of_the_rows() -> None:
    graded = run("grade", str(GIVEN / "lab_cases.csv"))
    wanted = [each["grade"] for each in rows("lab_cases.csv")]
    assert ["" if each["grade"] is None else str(each["grade"]) for each in graded] == wanted
    told = {str(each["id"]): each for each in run("clocks", str(GIVEN / "clock_cases.csv"))}
    assert list(told) == [each["id"] for each in rows("clock_cases.csv")]
    for case in rows("clock_cases.csv"):
        if case["id"] in ONE_INSTANT:
            assert told[case["id"]]["due"] == case["due"]
        else:
            assert told[case["id"]]["due"] is None and told[case["id"]]["why"]
    (cell, *_others) = run("tables", str(GIVEN / "cdisc_pilot"))
    assert list(cell) == ["table", "row", "arm", "people", "events", "n"]
