"""The report on a design: every part, in both languages, and the engine's own numbers."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from trialwright.design import (
    BackfillBoin,
    BetaBinomialStopping,
    Boin,
    Boin12,
    CombinationBoin,
    Crm,
    DelayedResponse,
    DesignError,
    ExactSingleArm,
    ExactTwoArm,
    GroupSequential,
    InverseNormalTest,
    Keyboard,
    PermutedBlocks,
    RegimenComparison,
    ResponseAdaptive,
    SelectionDesign,
    SimonTwoStage,
    ThreePlusThree,
    TiteBoin,
    ToxicityBoundary,
    TreatmentSchedule,
    WangTsiatis,
    from_node,
)
from trialwright.design.writing import section_text
from trialwright.protocol.yaml_nodes import read_nodes
from trialwright.report.design import Source, design_report
from trialwright.report.designs import Question, named, summarise
from trialwright.report.designs.asking import usual_question
from trialwright.report.designs.dose_finding import likely_right
from trialwright.report.document import Code, Document, Figure, Paragraph, Row, Section, Table
from trialwright.report.html import render_html
from trialwright.report.typst import render_pdf
from trialwright.report.words import ReportWords

BOIN = Boin(target=0.3, doses=3, max_participants=18)
ARM = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 12)
POOLED = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 48)
SELECTION = SelectionDesign(5, 2, 10, ARM.reaching(30), POOLED, held_places="refilled")
DESIGNS: dict[str, list[Any]] = {
    "boin": [BOIN],
    "three": [BOIN, Keyboard(target=0.3, doses=3), ThreePlusThree(doses=3)],
    "crm": [Crm(target=0.3, skeleton=(0.1, 0.3, 0.5), max_participants=12)],
    "boin12": [Boin12(target=0.3, min_response=0.2, doses=2, max_participants=9)],
    "safety": [ARM, ToxicityBoundary(limit=0.15, size=0.1, participants=12)],
    "selection": [SELECTION],
    "simon": [SimonTwoStage(n1=10, r1=1, n=29, r=5)],
    "any looks": [
        ExactSingleArm(looks=(6, 12, 20), futile_at=(0, 1, 4), active_at=(None, 6, 5)),
        SimonTwoStage(n1=10, r1=1, n=29, r=5),
    ],
    "two arms": [ExactTwoArm(per_arm=(10, 20), upper=(2.8, 2.0))],
    "sequential": [GroupSequential(timing=(0.5, 1.0), futility="binding")],
    "adaptive": [
        DelayedResponse(
            test=GroupSequential(timing=(0.5, 1.0), futility="binding"), pipeline=(0.2,)
        ),
        InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0))),
        WangTsiatis(timing=(0.5, 1.0), delta=0.25, sides=1),
    ],
    "regimens": [
        RegimenComparison(arms=3, control=1, looks=(3, 6)),
        RegimenComparison(arms=3, control=1, looks=(3, 6), borrowing="similarity"),
        RegimenComparison(arms=3, control=1, looks=(3, 6), futility="predictive"),
    ],
    "a fixed rate": [RegimenComparison(arms=2, reference=0.2, looks=(3, 6), name_early_above=0.9)],
    "responses": [ResponseAdaptive(participants=12, burn_in=2)],
    "two agents": [CombinationBoin(target=0.3, doses_a=2, doses_b=2, max_participants=9)],
    "backfill": [BackfillBoin(boin=BOIN)],
    "tite": [TiteBoin(boin=BOIN), BOIN],
    "blocks": [PermutedBlocks(arms=2, block_sizes=(4,))],
}


def report(name: str, language: Any = "en", **more: Any) -> Document:
    designs = DESIGNS[name]
    return design_report(designs, usual_question(designs[0]), language=language, **more)


def tables(document: Document) -> list[Table]:
    return [block for block in document.walk() if isinstance(block, Table)]


def row(document: Document, caption: str, head: str, after: str = "") -> Row:
    """The row with this head in the table of this caption, after the group named."""
    table = next(t for t in tables(document) if t.caption == caption)
    heads = [r.cells[0] for r in table.rows]
    return table.rows[heads.index(head, heads.index(after) if after else 0)]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", DESIGNS)
def test_each_family_is_told_and_set(name: str, language: str) -> None:
    document = report(name, language)
    titles = [block.title for block in document.walk() if isinstance(block, Section)]
    words = ReportWords(language)
    for key in ("oc_section_rule", "oc_section_performance", "oc_section_method"):
        assert words(key) in titles
    rule = DESIGNS[name][0].describe().in_language(language)
    assert rule in [block.text for block in document.walk() if isinstance(block, Paragraph)]
    for figure in (block for block in document.walk() if isinstance(block, Figure)):
        ElementTree.fromstring(figure.drawing.svg)
        assert figure.drawing.alternative == figure.sentence != ""
    assert render_html(document).count("<h1>") == 1


def test_a_schedule_of_treatments_is_told_with_its_days_and_method() -> None:
    question = Question(((0.1, 0.3),), schedule=TreatmentSchedule(28, 7, pause_after=3))
    document = design_report([ARM], question, language="en")
    days = row(document, "How often the rule holds, and expected numbers",
               "Expected days until the hold or the end")  # fmt: skip
    exact = ARM.operating_characteristics([0.1, 0.3], question.schedule)
    assert exact.expected_days is not None
    assert list(days.cells[1:]) == [f"{each:.0f}" for each in exact.expected_days]
    said = [block.text for block in document.walk() if isinstance(block, Paragraph)]
    assert any("every 7 days and watched for 28" in text for text in said)
    assert any("After 3 participants" in text for text in said)
    crowded = Question(((0.1,),), schedule=TreatmentSchedule(28, 3), trials=300)
    told = summarise(named([ARM], ReportWords("en")), crowded, ReportWords("en"))
    assert told.tree[0]["method"] == "monte-carlo" and told.tree[0]["standard_error"][0] > 0
    assert any("Simulated: 300 trials" in text for text in told.method)


def test_one_arm_with_any_looks_is_told_by_look_beside_two_stages() -> None:
    document = report("any looks")
    one, simon = DESIGNS["any looks"]
    rates = [0.1, 0.2, 0.3, 0.4, 0.5]
    found = one.operating_characteristics(rates)
    caption, name = "Behaviour at each true response rate", "Exact test of one arm"
    active = row(document, caption, "Declared active, %", name)
    assert list(active.cells[1:]) == [f"{100 * each:.1f}" for each in found.active]
    early = row(document, caption, "Stopped before the last look, %", name)
    chances = found.active_by_look[:, :-1].sum(axis=1) + found.futile_by_look[:, :-1].sum(axis=1)
    assert list(early.cells[1:]) == [f"{100 * each:.1f}" for each in chances]
    ended = "How often the trial ends at each look, %: Exact test of one arm"
    futile = row(document, ended, "Not active", "Look 2, 12 treated")
    assert list(futile.cells[1:]) == [f"{100 * each:.1f}" for each in found.futile_by_look[:, 1]]
    stages = row(document, caption, "Stopped after stage 1, %", "Simon’s two stages")
    assert stages.cells[1] == f"{100 * simon.characteristics(0.1).early_stop:.1f}"
    (rule, _) = (t for t in tables(document) if t.caption == "Decision table")
    assert rule.rows[0].cells == ("6", "0", "–")
    assert [column.head for column in rule.columns][1:] == ["Not active: ≤", "Active: ≥"]


@pytest.mark.parametrize("name", ["three", "selection"])
def test_the_pdf_is_the_same_again(name: str) -> None:
    first, second = (render_pdf(report(name)) for _ in range(2))
    assert first == second and first.startswith(b"%PDF")


def test_the_numbers_of_a_table_are_those_of_the_engine() -> None:
    question = usual_question(BOIN)
    exact = BOIN.operating_characteristics(question.rates)
    found = row(report("boin"), "Selection probability of each dose", "BOIN", "Scenario 2")
    chances = [*exact.selected[1], exact.none_selected[1]]
    assert found.cells[1:] == tuple(f"{100 * chance:.1f}" for chance in chances)


def test_the_demonstration_s_published_figures_come_out() -> None:
    held = row(report("selection"), "How often the rule holds, and expected numbers",
               "Probability of a hold, %", "Each regimen alone")  # fmt: skip
    assert held.cells[1:] == ("2.6", "10.1", "34.6", "61.1", "81.3")
    pooled = row(report("selection"), "How often the rule holds, and expected numbers",
                 "Probability of a hold, %", "All regimens together")  # fmt: skip
    assert pooled.cells[1:] == ("1.6", "12.7", "68.1", "96.5", "99.9")


def test_the_method_and_its_error_are_stated() -> None:
    document = report("boin")
    said = " ".join(b.text for b in document.walk() if isinstance(b, Paragraph))
    assert "BOIN: exact." in said and "nothing was simulated" in said
    question = usual_question(BOIN, method="monte-carlo")
    told = summarise(named([BOIN], ReportWords("en")), question, ReportWords("en"))
    assert re.search(r"simulated, 10,000 trials .* at most 0\.\d\d percentage", told.method[0])
    assert not any(isinstance(b, Figure) and "harsher" in b.caption for b in told.performance)


@pytest.mark.parametrize("name", DESIGNS)
def test_the_section_that_is_printed_makes_the_same_design(name: str) -> None:
    for design in DESIGNS[name]:
        root, problems = read_nodes(section_text(design).encode())
        assert root is not None and not problems
        assert from_node(root.get("design") or root) == design
    codes = [b.text for b in report(name).walk() if isinstance(b, Code)]
    assert codes == [section_text(design) for design in DESIGNS[name]]


def test_a_protocol_is_named_dated_and_marked_when_it_is_a_demonstration() -> None:
    source = Source("DEMO-1", "1.0", "2026-01-15", "ab" * 32, demonstration=True)
    document = report("boin", source=source)
    assert document.running.study == "DEMO-1" and document.running.demonstration
    assert ("Protocol", "DEMO-1, version 1.0 of 2026-01-15") in document.facts.pairs
    assert document.made_at.date().isoformat() == "2026-01-15"
    assert BOIN.table().sha256[:12] in document.running.head


def test_two_designs_of_one_kind_are_told_apart() -> None:
    names = [case.name for case in named([BOIN, Boin(target=0.2, doses=3)], ReportWords("en"))]
    assert names == ["BOIN A", "BOIN B"]


def test_the_right_dose_is_the_nearest_or_none_when_all_are_too_toxic() -> None:
    import numpy as np

    assert likely_right(np.array([0.1, 0.25, 0.35]), 0.3) == 1
    assert likely_right(np.array([0.5, 0.6]), 0.3) is None


@pytest.mark.parametrize(
    ("designs", "question", "said"),
    [
        ([BOIN] * 4, Question(((0.1, 0.2, 0.3),)), "One to three"),
        ([BOIN, ARM], Question(((0.1, 0.2, 0.3),)), "same question"),
        (
            [RegimenComparison(arms=3, control=arm, looks=(5,)) for arm in (1, 2)],
            Question(((0.1, 0.2, 0.3),)),
            "the same control",
        ),
        ([BOIN], Question(((0.1, 0.2),)), "each of the 3 doses"),
        ([BOIN], Question(((0.1, 0.2, 1.3),)), "not within 0 and 1"),
        ([BOIN], Question(((0.1, 0.2, 0.3),), method="exact", max_states=9), "more than 9 states"),
    ],
)
def test_a_question_that_can_t_be_answered_is_refused(
    designs: list[Any], question: Question, said: str
) -> None:
    with pytest.raises(DesignError, match=said):
        design_report(designs, question, language="en")
