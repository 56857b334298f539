"""The case report form of the demonstration, blank and annotated, and a casebook as a document."""

from dataclasses import replace
from datetime import UTC, datetime

from trialwright.demonstration.protocol import demonstration
from trialwright.exchange.form_tables import item_column
from trialwright.report.case_report_form import DataNames, case_report_form
from trialwright.report.casebook import Casebook, FilledForm, FilledVisit, casebook_document
from trialwright.report.document import Bullets, Document, Paragraph, Section, Table
from trialwright.report.html import render_html

PROTOCOL = demonstration()
NAMES = DataNames(lambda form: f"form_{form}.csv", item_column)


def table(document: Document, form: str) -> dict[str, tuple[str, ...]]:
    """The rows of a form by its questions."""
    section = next(b for b in document.blocks if isinstance(b, Section) and b.title == form)
    found = next(b for b in section.blocks if isinstance(b, Table))
    return {row.cells[0]: row.cells[1:] for row in found.rows}


def test_every_form_and_every_item_stands_on_the_blank_form() -> None:
    document = case_report_form(PROTOCOL, language="en")
    titles = [block.title for block in document.blocks if isinstance(block, Section)]
    assert titles[1:] == [form.label.en for form in PROTOCOL.forms]
    for form in PROTOCOL.forms:
        asked = [cell.split("\n")[0] for cell in table(document, form.label.en)]
        assert set(asked) >= {item.label.en for item in form.items}


def test_a_blank_answer_says_choices_unit_range_and_reasons() -> None:
    screen = table(case_report_form(PROTOCOL, language="en"), "Infection screen")
    assert any("[   ]  negative" in cells[0].lower() for cells in screen.values())
    count = table(case_report_form(PROTOCOL, language="en"), "Blood count")
    assert "g/L (20–250)" in count["Haemoglobin"][0]
    notes = [b.text for b in case_report_form(PROTOCOL, language="en").walk()
             if isinstance(b, Paragraph)]  # fmt: skip
    assert any("Where there is no value, write why: " in note for note in notes)
    assert "year – month – day" in count["Date of the sample"][0]
    chemistry = table(case_report_form(PROTOCOL, language="en"), "Coagulation, liver and kidney")
    assert chemistry["All within the limits of normal"][0] == "computed"


def test_the_annotated_form_names_the_columns_of_the_data() -> None:
    document = case_report_form(PROTOCOL, language="en", names=NAMES)
    assert table(document, "Blood count")["Haemoglobin"] == ("haemoglobin", "lab", "g/L; (20–250)")
    history = table(document, "History")
    name, kind, values = history["Heart function normal?"]
    assert (name, kind, values) == ("heart_normal", "yes_no", "yes = Yes; no = No")
    chemistry = table(document, "Coagulation, liver and kidney")
    assert "computed as" in chemistry["All within the limits of normal"][2]
    assert "form_blood_count.csv" in render_html(document)
    chinese = case_report_form(PROTOCOL, language="zh", names=NAMES)
    assert table(chinese, "血常规")["血红蛋白"][0] == "haemoglobin"


BOOK = Casebook(
    study="S-1",
    title="A trial",
    code="C-001",
    facts=(("Site", "C"),),
    visits=(
        FilledVisit(
            "Screening",
            "took place on 1 May",
            (
                FilledForm("Menses", (("One", (("Bled?", "Yes"),)),), True, ("Signed: Zhao",)),
                FilledForm("History", (("A", (("Births", ""),)), ("B", (("Cause", "x"),))), False),
            ),
        ),
    ),
    attached=("Attachment 2: Map (PNG, 3 KB)",),
    ledger=(7, "ab" * 32),
    demonstration=True,
    restricted=False,
    printed="Printed by Lin",
    made_at=datetime(2026, 5, 1, tzinfo=UTC),
)


def test_a_casebook_keeps_the_order_and_says_what_is_not_complete() -> None:
    document = casebook_document(BOOK, language="en")
    blocks = list(document.walk())
    assert [each.title for each in blocks if isinstance(each, Section)] == [
        "Screening", "Menses", "History", "Attachments of the participant",
    ]  # fmt: skip
    tables = [each for each in blocks if isinstance(each, Table)]
    assert [row.cells for row in tables[0].rows] == [("Bled?", "Yes")]
    assert [(row.cells, row.kind) for row in tables[1].rows] == [
        (("A", ""), "group"), (("Births", "–"), "plain"), (("B", ""), "group"),
        (("Cause", "x"), "plain"),
    ]  # fmt: skip
    said = [each.items for each in blocks if isinstance(each, Bullets)]
    assert said == [("Signed: Zhao",), ("Not complete.",), BOOK.attached]
    assert document.running.sealed is None and document.running.demonstration


def test_a_casebook_marks_what_is_restricted_and_says_when_it_is_empty() -> None:
    document = casebook_document(replace(BOOK, visits=(), restricted=True), language="en")
    assert document.running.sealed
    assert Paragraph("No form has been filled in yet.") in document.blocks
