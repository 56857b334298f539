"""The report of a trial: from the cut alone, pooled for masked people, by arm for unmasked ones."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from bench.synthetic_cut import synthetic_cut
from trialwright.analysis.cut import CutError, Deviation, ProtocolVersion
from trialwright.analysis.cut_diaries import DiaryMark
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.model import EndpointKind
from trialwright.report.document import Document, Figure, Section, Table
from trialwright.report.fonts import find_fonts
from trialwright.report.html import render_html
from trialwright.report.trial import trial_report
from trialwright.report.typst import render_pdf

PROTOCOL = demonstration()
CUT, SEALED = synthetic_cut(PROTOCOL, 30)

chinese = pytest.param(
    "zh",
    marks=pytest.mark.skipif(
        not find_fonts().chinese, reason="Noto Sans CJK isn't installed (apt: fonts-noto-cjk)"
    ),
)


def table(document: Document, caption: str) -> Table:
    found = [b for b in document.walk() if isinstance(b, Table) and b.caption == caption]
    assert len(found) == 1
    return found[0]


def row(table: Table, head: str) -> tuple[str, ...]:
    return next(row.cells[1:] for row in table.rows if row.cells[0] == head)


@pytest.mark.parametrize("language", ["en", chinese])
def test_the_pdf_carries_the_pins_and_marks_on_every_page(language: str) -> None:
    document = trial_report(CUT, PROTOCOL, language=language)  # type: ignore[arg-type]
    pdf = render_pdf(document)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    mark = {"en": "DEMONSTRATION", "zh": "演示数据"}[language]
    for page in pages:
        assert CUT.study in page
        assert CUT.open_head.hash[:12] in page
        assert mark in page
    assert pdf == render_pdf(trial_report(CUT, PROTOCOL, language=language))  # type: ignore[arg-type]


def test_a_page_leads_back_and_a_file_does_not() -> None:
    document = trial_report(CUT, PROTOCOL, language="en")
    page = render_html(document, back=("Data cuts & reports", "/cuts?a=1&b=2"))
    assert '<a href="/cuts?a=1&amp;b=2">Data cuts &amp; reports</a>' in page
    assert 'class="report-back"' not in render_html(document)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_masked_report_names_no_arm_beyond_the_protocols_own_words(language: str) -> None:
    document = trial_report(CUT, PROTOCOL, language=language)  # type: ignore[arg-type]
    html = render_html(document)
    for arm in PROTOCOL.arms:
        assert arm.label.in_language(language) not in html
    assert document.running.sealed is None
    for block in document.walk():
        if isinstance(block, Table):
            assert not any(column.head.startswith(("Arm ", "第")) for column in block.columns), (
                block.caption
            )


def test_the_length_of_blocks_stands_in_the_sealed_report_alone() -> None:
    pooled = trial_report(CUT, PROTOCOL, language="en")
    by_arm = trial_report(CUT, PROTOCOL, language="en", sealed=SEALED)
    told = ["\n".join(map(repr, each.walk())).casefold() for each in (pooled, by_arm)]
    assert "block" not in told[0].replace("blocks=", "")
    assert "block" in told[1].replace("blocks=", "")


def test_an_unmasked_report_says_that_it_is_sealed_and_counts_by_arm() -> None:
    pooled = trial_report(CUT, PROTOCOL, language="en")
    by_arm = trial_report(CUT, PROTOCOL, language="en", sealed=SEALED)
    assert by_arm.running.sealed
    assert "SEALED" in render_html(by_arm)
    for population in ("Randomised", "Treated"):
        (everyone,) = row(table(pooled, "Analysis populations"), population)[1:]
        arms = row(table(by_arm, "Analysis populations"), population)[1:]
        assert len(arms) == 5
        assert sum(map(int, arms)) == int(everyone)


def test_each_endpoint_has_its_estimand_and_its_table() -> None:
    document = trial_report(CUT, PROTOCOL, language="en")
    titles = {block.title for block in document.walk() if isinstance(block, Section)}
    for endpoint in PROTOCOL.endpoints:
        assert endpoint.label.en in titles
    html = render_html(document)
    for endpoint in PROTOCOL.endpoints:
        if endpoint.kind is EndpointKind.PRIMARY:
            for event in endpoint.intercurrent_events:
                assert event.label.en in html


def test_what_is_not_recorded_is_said_instead_of_counted_as_none() -> None:
    asks_nothing = replace(PROTOCOL, safety=None)
    html = render_html(trial_report(CUT, asks_nothing, language="en"))
    # Under the populations, and under the outcome.
    assert html.count("asks of no adverse event whether it is a stopping event") == 2
    assert "the plan was" in html


def test_everything_in_both_languages_has_the_same_tables_and_figures() -> None:
    def shape(language: str) -> list[tuple[int, int]]:
        document = trial_report(CUT, PROTOCOL, language=language, sealed=SEALED)  # type: ignore[arg-type]
        return [
            (len(b.rows), len(b.columns)) if isinstance(b, Table) else (0, 0)
            for b in document.walk()
            if isinstance(b, Table | Figure)
        ]

    assert shape("en") == shape("zh")


@pytest.mark.parametrize("count", [0, 1])
def test_a_report_of_nobody_or_one_says_so_instead_of_failing(count: int) -> None:
    cut, sealed = synthetic_cut(PROTOCOL, count)
    for groups in (None, sealed):
        document = trial_report(cut, PROTOCOL, language="en", sealed=groups)
        assert len(render_pdf(document)) > 1000
    if not count:
        assert "Nobody has been screened yet." in render_html(document)


def test_a_report_under_another_protocol_or_sealed_part_is_refused() -> None:
    other = replace(CUT, protocol=ProtocolVersion("D", "0.9", "c" * 64))
    with pytest.raises(CutError, match=r"version 0\.9"):
        trial_report(other, PROTOCOL, language="en")
    with pytest.raises(CutError, match="another cut"):
        trial_report(CUT, PROTOCOL, language="en", sealed=replace(SEALED, cut_hash="d" * 64))


def test_letter_paper_holds_the_same_report() -> None:
    document = trial_report(CUT, PROTOCOL, language="en", sealed=SEALED)
    reader = PdfReader(io.BytesIO(render_pdf(document, paper="us-letter")))
    assert round(reader.pages[0].mediabox.width) == 612
    assert "How this report was made" in "".join(page.extract_text() for page in reader.pages)


def test_entries_of_a_diary_are_counted_by_how_they_came() -> None:
    code, form = CUT.participants[0].code, PROTOCOL.forms[0]
    due, at = "2026-03-05T20:00+08:00", "2026-03-06T21:00+08:00"
    statuses = ("on_time", "on_time", "late", "missed", "missed", "missed", "open")
    marks = tuple(
        DiaryMark(code, form.key, number, due, status, *([at] * 2 if number < 4 else ()))
        for number, status in enumerate(statuses, start=1)
    )
    told = trial_report(replace(CUT, diaries=marks), PROTOCOL, language="en")
    assert row(table(told, "Diary entries"), form.label.en) == ("7", "2", "1", "3", "1")
    without = trial_report(CUT, PROTOCOL, language="en")
    assert "Diary entries" not in render_html(without)


def test_many_deviations_are_counted_by_kind_and_few_listed() -> None:
    one = Deviation(CUT.participants[0].code, "2026-02-01", "visit_window", "late")
    kinds = [replace(one, kind=kind, description=str(i)) for i in range(40) for kind in "ab"]
    few = trial_report(replace(CUT, deviations=(one,)), PROTOCOL, language="en")
    many = trial_report(replace(CUT, deviations=tuple(kinds)), PROTOCOL, language="en")
    assert row(table(few, "Protocol deviations"), one.participant) == (
        "2026-02-01",
        "Visit outside its window",
        "late",
        "Not classified",
    )
    assert [r.cells for r in table(many, "Protocol deviations").rows] == [("a", "40"), ("b", "40")]
