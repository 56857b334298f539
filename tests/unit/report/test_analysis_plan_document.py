"""The statistical analysis plan, its shells, and the listings and tables of a cut."""

import csv
import io
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.unit.report.small_trial import ENDPOINTS, cut_of, protocol, protocol_text
from trialwright.cli import app
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.analysis_plan import HypothesisTest, Method, Multiplicity
from trialwright.protocol.loader import parse_file
from trialwright.report.analysis_plan import analysis_plan
from trialwright.report.csv_tables import csv_tables
from trialwright.report.document import Document, Section, Table
from trialwright.report.html import render_html
from trialwright.report.listings import listings
from trialwright.report.trial import trial_report
from trialwright.report.words_methods import METHOD_NOTES, PROCEDURE_NOTES, TEST_NOTES

EXAMPLES = sorted(
    each
    for each in (files("trialwright.protocol") / "examples").iterdir()
    if each.name[:3] == "nct"
)

PROTOCOL = protocol()
CUT, SEALED = cut_of(PROTOCOL)


def tables(document: Document) -> dict[str, Table]:
    return {b.caption: b for b in document.walk() if isinstance(b, Table)}


def test_every_method_test_and_procedure_has_its_formula_and_source() -> None:
    assert set(METHOD_NOTES) == set(Method)
    assert set(TEST_NOTES) == set(HypothesisTest)
    assert set(PROCEDURE_NOTES) == set(Multiplicity) - {Multiplicity.NONE}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_plan_says_every_endpoint_as_the_report_does(language) -> None:  # type: ignore[no-untyped-def]
    written = demonstration()
    plan = render_html(analysis_plan(written, language=language))
    for endpoint in written.endpoints:
        assert endpoint.label.in_language(language) in plan
        if endpoint.analysis is not None:
            note = METHOD_NOTES[endpoint.analysis.method]
            assert note.source in plan
    assert written.sha256 in plan.replace("<wbr>", "").replace("\u200b", "")


def test_block_sizes_are_said_only_where_asked_for() -> None:
    written = demonstration()
    assert written.allocation is not None
    sizes = ", ".join(map(str, written.allocation.block_sizes))
    assert f"block sizes {sizes}" not in str(analysis_plan(written, language="en"))
    assert f"block sizes {sizes}" in str(analysis_plan(written, language="en", block_sizes=True))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_each_example_has_its_plan(file: Any) -> None:
    written = parse_file(file.read_bytes())
    plan = str(analysis_plan(written, language="en"))
    assert plan and str(analysis_plan(written, language="zh"))
    if any(each.kind is AllocationKind.DOSE_COHORT for each in written.allocations[:1]):
        assert "the dose of the cohort that is open" in plan


def test_later_allocations_are_said_with_when_who_and_what_it_means() -> None:
    file = files("trialwright.protocol") / "examples" / "nct07220811.yaml"
    plan = str(analysis_plan(parse_file(file.read_bytes()), language="en"))
    assert "Randomisation of part 2" in plan
    assert "of participants with " in plan and "everybody else keeps their arm" in plan
    assert "analyses compare participants by their first arm" in plan
    assert "by their first arm" not in str(analysis_plan(PROTOCOL, language="en"))


def test_shells_are_numbered_and_have_the_columns_of_the_reports_tables() -> None:
    plan = analysis_plan(PROTOCOL, language="en")
    listed = tables(plan)["Outputs by number"]
    numbers = [row.cells[0] for row in listed.rows]
    assert len(numbers) == len(set(numbers)) and numbers[0] == "14.1.1"
    assert sum(row.cells[1] == "Listing" for row in listed.rows) == 5 + len(ENDPOINTS)
    report = tables(trial_report(CUT, PROTOCOL, language="en", sealed=SEALED))
    compared = next(t for c, t in report.items() if c.startswith("Thick: Hazard ratio"))
    shell = next(t for c, t in tables(plan).items() if c.endswith("Thick: comparisons"))
    assert [c.head for c in shell.columns] == [c.head for c in compared.columns]
    assert shell.rows[0].cells[3] == "xx.xx (xx.xx, xx.xx)"


def test_sections_stand_in_the_order_of_a_plan() -> None:
    plan = analysis_plan(PROTOCOL, language="en")
    titles = [block.title for block in plan.blocks if isinstance(block, Section)]
    assert titles == [
        "What this plan is", "Design of the trial", "Analysis populations",
        "Endpoints, estimands and their analysis", "Several endpoints together", "Missing values",
        "Decision and stopping rules", "Conventions", "Tables, figures and listings",
    ]  # fmt: skip


def test_listings_say_no_arm_without_the_restricted_part() -> None:
    pooled = listings(CUT, PROTOCOL, language="en")
    assert "Arm" not in " ".join(tables(pooled)) and "Arm 1" not in str(pooled)
    assert not any(caption.startswith("16.2.5") for caption in tables(pooled))
    by_arm = tables(listings(CUT, PROTOCOL, language="en", sealed=SEALED))
    assert len(by_arm["16.2.5 Allocation, and treatment received"].rows) == 24
    times = by_arm["16.2.6.2 Thick: values by participant"]
    first = next(row for row in times.rows if row.cells[0] == "S1-05")
    assert first.cells[2:] == ("Arm\xa02", "No", "0", "")
    values = by_arm["16.2.6.1 Change: values by participant"]
    gone = next(row for row in values.rows if row.cells[0] == "S1-05")
    assert gone.cells[3:] == ("–", "visit missed")


def test_tables_are_files_that_a_spreadsheet_reads() -> None:
    held = csv_tables(listings(CUT, PROTOCOL, language="en", sealed=SEALED))
    rows = list(csv.reader(io.StringIO(held["16-2-5.csv"].decode("utf-8-sig"))))
    assert rows[0] == ["16.2.5 Allocation, and treatment received"]
    assert rows[1][:2] == ["Participant", "Site"] and len(rows) == 26
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_the_command_writes_pdf_page_or_shells(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(protocol_text(), encoding="utf-8")
    for out in ("plan.pdf", "plan.html", "shells"):
        told = CliRunner().invoke(
            app, ["protocol", "plan", str(file), "--out", str(tmp_path / out)]
        )
        assert told.exit_code == 0, told.output
    assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF")
    assert "Hazard ratio" in (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert (tmp_path / "shells" / "14-1-1.csv").exists()
