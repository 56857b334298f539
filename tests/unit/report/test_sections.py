"""What stands in the sections of a trial's report, figure by figure, from a cut of seven people."""

from dataclasses import replace
from itertools import pairwise

import numba
import numpy as np
import pytest
import scipy

from tests.unit.report.hand_cut import CUT, PROTOCOL, SEALED
from trialwright import __version__
from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_entries import Query, Value
from trialwright.analysis.cut_events import AdverseEvent, GradeStep
from trialwright.analysis.cut_participants import Treatment
from trialwright.analysis.cut_situations import Situation
from trialwright.protocol.basics import Fact, Origin, Text
from trialwright.protocol.model import Endpoint
from trialwright.report.document import Bullets, Document, Facts, Figure, Paragraph, Section, Table
from trialwright.report.trial import trial_report
from trialwright.report.words import ReportWords

WORDS = ReportWords("en")
ASSUMED = "Facts that are only assumed"
SITES = "Participants by site"


def report(cut: Cut = CUT, sealed: SealedPart | None = None, **changed: object) -> Document:
    protocol = replace(PROTOCOL, **changed)  # type: ignore[arg-type]
    return trial_report(cut, protocol, language="en", sealed=sealed)


POOLED, BY_ARM = report(), report(sealed=SEALED)


def table(document: Document, caption: str) -> Table:
    (found,) = (b for b in document.walk() if isinstance(b, Table) and b.caption == caption)
    return found


def cells(found: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in found.rows]


def label(form: str, item: str) -> str:
    found = PROTOCOL.item(form, item)
    return f"{found.label.en} ({found.unit})" if found.unit else found.label.en


def of(found: Table, head: str) -> list[tuple[str, ...]]:
    """The row of that head and those indented under it, without the heads."""
    rows = list(found.rows)
    start = next(i for i, row in enumerate(rows) if row.cells[0] == head)
    last = next(
        (i for i in range(start + 1, len(rows)) if rows[i].level <= rows[start].level), len(rows)
    )
    return [row.cells[1:] for row in rows[start:last]]


def test_the_facts_pin_the_cut_on_the_first_page() -> None:
    facts = dict(POOLED.facts.pairs)
    assert facts["Data cut"] == "“by hand”, 2026-05-10 09:30+08:00"
    assert facts["Protocol"] == "version 1.0 of 2026-01-15"
    assert facts["Phase"] == "1"
    assert facts["Sponsor"] == PROTOCOL.sponsor
    assert facts["Shown"] == "pooled, without groups"
    assert dict(BY_ARM.facts.pairs)["Shown"] == "by arm"
    without = dict(report(phase=None, sponsor=None, twin_of=None).facts.pairs)
    assert (without["Phase"], without["Sponsor"]) == ("Not provided", "Not provided")
    assert "Synthetic twin of" in facts and "Synthetic twin of" not in without
    assert POOLED.made_at.isoformat() == "2026-05-10T09:30:00+08:00"
    assert report(replace(CUT, cut_at="2026-05-10")).made_at.isoformat()[10:] == "T00:00:00+00:00"


def test_a_real_trial_carries_no_mark_of_a_demonstration() -> None:
    assert POOLED.running.demonstration == "DEMONSTRATION"
    assert report(replace(CUT, demonstration=False)).running.demonstration is None


@pytest.mark.parametrize("document", [POOLED, BY_ARM], ids=["pooled", "by arm"])
def test_the_summary_counts_people_visits_queries_and_the_primary_outcome(
    document: Document,
) -> None:
    (summary,) = (block for block in document.walk() if isinstance(block, Bullets))
    primary = PROTOCOL.endpoints[0].label.en
    assert summary.items == (
        WORDS("summary_flow", screened=7, randomised=5, target=50, treated=2),
        WORDS("summary_ended", withdrawn=1, lost=1, died=0, completed=1, followed=2),
        WORDS("summary_visits", done=6, due=8, inside=4),
        WORDS("summary_queries", open=1, all=3),
        # Two endpoints of this protocol are primary.
        WORDS("summary_primary", endpoint=primary, known=2, n=5),
        WORDS("summary_primary", endpoint=primary, known=2, n=5),
    )


def test_participants_are_counted_by_site_and_in_all() -> None:
    found = table(POOLED, SITES)
    assert cells(found) == [
        ("C", "Chongqing", "5", "1", "4", "2"),
        ("W", "West China", "2", "0", "1", "0"),
        ("All", "", "7", "1", "5", "2"),
    ]
    assert [row.kind for row in found.rows] == ["plain", "plain", "total"]
    chinese = trial_report(CUT, PROTOCOL, language="zh")
    names = [row.cells[1] for block in chinese.walk() if isinstance(block, Table)
             for row in block.rows if row.cells[0] in ("C", "W")]  # fmt: skip
    assert names == ["重庆", "West China"]


def test_the_figures_say_how_many_came_and_what_became_of_them() -> None:
    enrolment, flow = (block for block in POOLED.walk() if isinstance(block, Figure))
    assert enrolment.sentence.startswith("5 of 50 enrolled")
    assert flow.sentence == WORDS("flow_sentence", screened=7, excluded=1, randomised=5, treated=2)
    # Two have the first primary outcome, and of three it is said why not.
    drawn = flow.drawing.svg.replace("\u00a0", " ")
    assert "Analysed, primary outcome (n = 2)" in drawn and "Not analysed (n = 3)" in drawn
    assert "visit missed (2)" in drawn and "not due by the cut (1)" in drawn


def test_only_who_was_treated_in_full_is_counted_as_that() -> None:
    first, *others = CUT.participants
    partly = replace(first, treatment=Treatment("part", "2026-01-11"))
    found = cells(table(report(replace(CUT, participants=(partly, *others))), SITES))
    assert [row[-1] for row in found] == ["1", "0", "1"]


def test_the_flow_ends_at_the_primary_outcome_wherever_it_stands_in_the_file() -> None:
    primary, *others = PROTOCOL.endpoints
    change = next(e for e in others if e.key == "pbac_change")
    document = report(endpoints=(change, primary))
    flow = [block for block in document.walk() if isinstance(block, Figure)][-1]
    drawn = flow.drawing.svg.replace("\u00a0", " ")
    assert "Analysed, primary outcome (n = 2)" in drawn


def test_a_protocol_without_endpoints_analyses_nobody() -> None:
    document = report(endpoints=())
    (flow,) = (b for b in document.walk() if isinstance(b, Figure) and b.caption.endswith("flow"))
    assert "Analysed" not in flow.drawing.svg
    assert any(block == Paragraph("The protocol names no outcome.") for block in document.walk())


def test_populations_count_who_belongs_to_them_in_each_group() -> None:
    heads = [p.label.en for p in PROTOCOL.populations]
    pooled, by_arm = (table(each, "Analysis populations") for each in (POOLED, BY_ARM))
    assert [row.cells[0] for row in pooled.rows] == heads
    assert [row.cells[1] for row in pooled.rows] == [p.definition.en for p in PROTOCOL.populations]
    assert [row.cells[2:] for row in pooled.rows] == [("5",), ("3",), ("3",)]
    assert [row.cells[2:] for row in by_arm.rows] == [
        ("2", "1", "0", "2", "0"), ("2", "1", "0", "0", "0"), ("2", "1", "0", "0", "0"),
    ]  # fmt: skip


def test_a_number_at_baseline_has_mean_sd_median_and_its_missing() -> None:
    found = table(POOLED, "Baseline of the randomised participants")
    age, height, weight = (label("demographics", key) for key in ("age", "height", "weight"))
    assert of(found, age) == [("32.0 (4.2)", "3"), ("32.0 (30.5, 33.5)", "")]
    assert of(found, height) == [("159.00 (1.41)", "3"), ("159.0 (158.5, 159.5)", "")]
    # One value has no spread; a computed one is shown as finely as it was computed.
    assert of(found, weight) == [("50.00", "4"), ("50.0 (50.0, 50.0)", "")]
    assert of(found, label("demographics", "bmi"))[0] == ("20.00", "4")


def test_choices_and_yes_no_at_baseline_are_counted_among_the_known() -> None:
    found = table(POOLED, "Baseline of the randomised participants")
    rows = of(found, label("history", "cause"))
    assert rows[0] == ("", "2")
    levels = {row.cells[0]: row.level for row in found.rows if row.kind == "plain"}
    assert levels[label("history", "cause")] == levels[label("history", "wish")] == 1
    assert set(levels.values()) == {1, 2}
    assert rows[1:] == [
        ("2 (66.7%)", ""), ("0 (0.0%)", ""), ("0 (0.0%)", ""), ("1 (33.3%)", ""), ("0 (0.0%)", ""),
    ]  # fmt: skip
    codes = [code.label.en for code in PROTOCOL.item("history", "cause").code_list or ()]
    assert [row.cells[0] for row in found.rows if row.cells[0] in codes] == codes
    assert of(found, label("history", "wish")) == [("2 (66.7%)", "2")]
    by_arm = table(BY_ARM, "Baseline of the randomised participants")
    assert of(by_arm, label("history", "wish")) == [("1 (50.0%)", "1 (100.0%)", "–", "–", "–", "2")]
    assert of(by_arm, label("history", "cause"))[4] == ("0 (0.0%)", "1 (100.0%)", "–", "–", "–", "")


def test_a_value_beyond_a_laboratorys_limit_takes_the_mean_away_and_is_counted() -> None:
    pooled, by_arm = (
        table(each, "Baseline of the randomised participants") for each in (POOLED, BY_ARM)
    )
    assert of(pooled, label("beta_hcg", "hcg")) == [("–", "3"), ("1", "")]
    assert of(by_arm, label("beta_hcg", "hcg"))[1] == ("1", "0", "0", "0", "0", "")


def test_baseline_stands_under_its_forms_and_names_its_groups() -> None:
    pooled, by_arm = (
        table(each, "Baseline of the randomised participants") for each in (POOLED, BY_ARM)
    )
    groups = [row.cells for row in pooled.rows if row.kind == "group"]
    forms = [PROTOCOL.form(key).label.en for key in ("demographics", "history", "beta_hcg")]
    assert groups == [(form, "", "") for form in forms]
    assert [column.head for column in pooled.columns[1:]] == ["All\n(n\u00a0=\u00a05)", "Missing"]
    assert [column.head for column in by_arm.columns[1:-1]] == [
        f"Arm\u00a0{arm}\n(n\u00a0=\u00a0{n})" for arm, n in enumerate((2, 1, 0, 2, 0), start=1)
    ]
    assert (pooled.narrow, by_arm.narrow) == (True, False)


def test_visits_are_told_by_where_they_fell() -> None:
    names = {visit.key: visit.label.en for visit in PROTOCOL.visits}
    found = table(POOLED, "Visits by the cut")
    assert [column.head for column in found.columns[1:]] == [
        "Due", "Done", "In window", "Early", "Late", "Missed", "Overdue", "Cancelled",
    ]  # fmt: skip
    assert cells(found) == [
        (names["screening"], "3", "2", "1", "1", "0", "0", "1", "0"),
        (names["first_bleed"], "3", "2", "1", "0", "1", "1", "0", "1"),
        (names["pregnancy_12_weeks"], "2", "2", "2", "0", "0", "0", "0", "0"),
    ]


def test_forms_are_expected_entered_complete_signed_and_absent() -> None:
    found = {row.cells[0]: row.cells[1:] for row in table(POOLED, WORDS("table_forms")).rows}
    names = {form.key: form.label.en for form in PROTOCOL.forms}
    assert found[names["menses"]] == ("2", "2", "2", "2", "0")
    assert found[names["pregnancy_follow_up"]] == ("2", "2", "1", "1", "0")
    assert found[names["ultrasound"]] == ("4", "0", "0", "0", "4")
    # Neither expected nor entered: not told. Repeating: nobody knows how many are to come.
    assert names["newborn"] not in found and names["concomitant"] not in found
    first = replace(CUT.entries[0], form="concomitant", visit="running", values=())
    again = report(replace(CUT, entries=(*CUT.entries, first)))
    rows = {row.cells[0]: row.cells[1:] for row in table(again, WORDS("table_forms")).rows}
    assert rows[names["concomitant"]] == ("–", "1", "1", "1", "–")
    unsigned = tuple(
        replace(form, signed_by=None) if form.key == "menses" else form for form in PROTOCOL.forms
    )
    rows = {
        r.cells[0]: r.cells[1:] for r in table(report(forms=unsigned), WORDS("table_forms")).rows
    }
    assert rows[names["menses"]] == ("2", "2", "2", "–", "0")


def test_queries_are_counted_by_form_and_status() -> None:
    names = {form.key: form.label.en for form in PROTOCOL.forms}
    assert cells(table(POOLED, "Queries by form")) == [
        (names["demographics"], "0", "0", "1"), (names["menses"], "1", "1", "0"),
    ]  # fmt: skip
    old = Query(9, "C-1", "screening", "gone", 1, "x", "open", "2026-05-02")
    with_old = report(replace(CUT, queries=(*CUT.queries, old)))
    assert cells(table(with_old, "Queries by form"))[-1] == ("gone", "1", "0", "0")


def test_sixty_deviations_are_listed_and_one_more_is_counted() -> None:
    assert cells(table(POOLED, "Protocol deviations")) == [
        ("C-2", "2026-05-11", "Visit outside its window", "a holiday", "Not classified")
    ]
    many = tuple(replace(CUT.deviations[0], description=str(i)) for i in range(61))
    listed = report(replace(CUT, deviations=many[:60]))
    counted = report(replace(CUT, deviations=many))
    assert len(table(listed, "Protocol deviations").rows) == 60
    assert cells(table(counted, "Protocol deviations")) == [("Visit outside its window", "61")]


def test_a_numeric_outcome_is_told_as_finely_as_it_was_recorded() -> None:
    """2.50 and 1.00: mean 1.75, SD 1.5/√2, interval 1.75 ± 12.7062 · 1.0607/√2."""
    found = table(POOLED, label("menses", "pads_a_day"))
    assert cells(found) == [
        ("Known", "2"),
        ("Mean (SD)", "1.750 (1.061)"),
        ("95% CI of the mean", "−7.780, 11.280"),
        ("Median (quartiles)", "1.75 (1.38, 2.12)"),
        ("Smallest to largest", "1.00, 2.50"),
        ("Missing: not due by the cut", "1"),
        ("Missing: visit missed", "2"),
    ]
    assert [row.level for row in found.rows] == [0, 0, 0, 0, 0, 1, 1]
    assert found.notes == (WORDS("mean_note"),)
    assert found.narrow


def test_by_arm_an_outcome_is_told_for_each_arm_and_a_dash_where_nobody_has_it() -> None:
    found = table(BY_ARM, label("menses", "pads_a_day"))
    assert cells(found) == [
        ("Known", "2", "0", "0", "0", "0"),
        ("Mean (SD)", "1.750 (1.061)", "–", "–", "–", "–"),
        ("95% CI of the mean", "−7.780, 11.280", "–", "–", "–", "–"),
        ("Median (quartiles)", "1.75\n(1.38, 2.12)", "–", "–", "–", "–"),
        ("Smallest to largest", "1.00, 2.50", "–", "–", "–", "–"),
        ("Missing: not due by the cut", "0", "0", "0", "1", "0"),
        ("Missing: visit missed", "0", "1", "0", "1", "0"),
    ]
    assert not found.narrow


def test_a_change_between_two_visits_has_one_decimal() -> None:
    """52.3 less 50.0, and 40.0 less 42.5: mean -0.10, SD 4.8/√2."""
    scan = replace(CUT.entries[0], form="ultrasound")
    scans = tuple(
        replace(scan, participant=code, visit=visit, values=(Value("uterine_volume", text),))
        for code, visit, text in (
            ("C-1", "screening", "50.0"), ("C-1", "month_3", "52.3"),
            ("C-2", "screening", "42.5"), ("C-2", "month_3", "40.0"),
        )
    )  # fmt: skip
    head = next(e for e in PROTOCOL.endpoints if e.key == "uterine_volume").label.en
    found = table(report(replace(CUT, entries=(*CUT.entries, *scans))), head)
    assert cells(found)[1] == ("Mean (SD)", "−0.10 (3.39)")
    assert cells(found)[4] == ("Smallest to largest", "−2.5, 2.3")


def test_one_value_has_no_spread_and_no_interval() -> None:
    alone = replace(CUT, entries=tuple(e for e in CUT.entries if e.participant != "C-2"))
    rows = dict(row.cells for row in table(report(alone), label("menses", "pads_a_day")).rows)
    assert (rows["Mean (SD)"], rows["95% CI of the mean"]) == ("2.500", "–")


def test_a_choice_as_outcome_has_the_share_of_each_code_with_its_label() -> None:
    codes = PROTOCOL.item("menses", "category").code_list or ()
    names = {code.code: code.label.en for code in codes}
    found = table(POOLED, label("menses", "category"))
    nobody, one = "0 of 2 (0.0%; 0.0 to 84.2)", "1 of 2 (50.0%; 1.3 to 98.7)"
    assert cells(found)[:6] == [
        ("Known", "2"), (names["amenorrhoea"], nobody), (names["spotting"], nobody),
        (names["scant"], one), (names["normal"], one), (names["heavy"], nobody),
    ]  # fmt: skip
    assert found.notes == (WORDS("ci_note"),)


def test_a_yes_no_outcome_has_the_share_of_yes_and_its_exact_interval() -> None:
    head = label("pregnancy_follow_up", "ongoing")
    assert cells(table(POOLED, head)) == [
        ("Known", "2"),
        ("Yes", "1 of 2 (50.0%; 1.3 to 98.7)"),
        ("Missing: not due by the cut", "3"),
    ]
    assert cells(table(BY_ARM, head))[1] == (
        "Yes", "1 of 2\n(50.0%;\n1.3 to 98.7)", "–", "–", "–", "–",
    )  # fmt: skip


def test_an_outcome_of_a_population_without_people_says_so() -> None:
    screened = tuple(p for p in CUT.participants if p.at("randomised") is None)
    nobody = replace(CUT, participants=screened, visits=(), entries=(), queries=(), deviations=())
    document = report(nobody)
    for endpoint in PROTOCOL.endpoints:
        (found,) = (b for b in _section(document, endpoint).blocks if isinstance(b, Table))
        assert (found.rows, found.empty) == ((), WORDS("nobody"))


def _section(document: Document, endpoint: Endpoint) -> Section:
    return next(
        b for b in document.walk() if isinstance(b, Section) and b.title == endpoint.label.en
    )


@pytest.mark.parametrize("endpoint", PROTOCOL.endpoints, ids=lambda endpoint: endpoint.key)
def test_each_outcome_stands_under_its_kind_with_its_own_estimand(endpoint: Endpoint) -> None:
    parts = [b for b in POOLED.walk() if isinstance(b, Section)]
    kind = next(b for b in parts if b.title == WORDS(f"kind_{endpoint.kind.value}"))
    assert endpoint.label.en in [b.title for b in kind.blocks if isinstance(b, Section)]
    estimand, _table = _section(POOLED, endpoint).blocks
    assert isinstance(estimand, Facts)
    told = dict(estimand.pairs)
    population = next(p for p in PROTOCOL.populations if p.key == endpoint.population)
    assert told["Population"] == population.label.en
    assert told["Treatments"] == endpoint.treatments.en
    assert told["Variable"] == endpoint.definition.en
    assert told["Summary"] == endpoint.summary.en
    events = told["Intercurrent events"].splitlines()
    assert len(events) == len(endpoint.intercurrent_events)
    for line, event in zip(events, endpoint.intercurrent_events, strict=True):
        strategy = WORDS(f"strategy_{event.strategy.value}")
        detail = f"; {event.detail.en}" if event.detail else ""
        assert line == f"{event.label.en}: {strategy}{detail}"


def test_an_outcome_without_intercurrent_events_says_none() -> None:
    first = replace(PROTOCOL.endpoints[0], intercurrent_events=())
    estimand = _section(report(endpoints=(first,)), first).blocks[0]
    assert isinstance(estimand, Facts)
    assert dict(estimand.pairs)["Intercurrent events"] == "None"


def test_it_is_said_that_stopping_events_are_not_asked_for() -> None:
    head = next(e for e in PROTOCOL.endpoints if e.key == "stopping_event").label.en
    said, unasked = WORDS("no_stopping_events"), report(safety=None)
    shown = (table(unasked, head), table(unasked, "Analysis populations"))
    assert all(said in each.notes for each in shown)
    assert said not in table(unasked, label("menses", "pads_a_day")).notes
    for each in (table(POOLED, head), table(POOLED, "Analysis populations")):
        assert said not in each.notes


def _event(number: int, who: str, **changed: object) -> AdverseEvent:
    told = AdverseEvent(
        number, who, "Fever", "General disorders", "5.0", "2026-02", "", "2026-02-20",
        "recovered", (GradeStep(1),),
    )  # fmt: skip
    return replace(told, **changed)  # type: ignore[arg-type]


def test_events_are_counted_by_people_and_events_and_pooled_without_a_term() -> None:
    treated = [p.code for p in CUT.participants if p.treatment and p.treatment.status != "none"]
    one, two = treated[:2]
    events = (
        _event(1, one, grades=(GradeStep(2), GradeStep(3), GradeStep(1))),
        _event(2, one, criteria=("hospitalisation",), related=False),
        _event(3, two, term="Nausea", system="Gastrointestinal disorders", criteria=("death",),
               outcome="fatal", grades=(GradeStep(5),)),
        _event(4, two, nullified="The sheet of another participant"),
        _event(5, two, started="2019"),
    )  # fmt: skip
    cut = replace(CUT, events=events)
    told = report(cut)
    rows = {row.cells[0].strip(): row.cells[1:] for row in table(
        told, WORDS("table_events")).rows}  # fmt: skip
    assert rows["Any event"] == ("2 (3)",)
    assert rows["Related, or not assessed yet"] == ("2 (2)",)
    assert (rows["Serious"], rows["Fatal"]) == (("2 (2)",), ("1 (1)",))
    # Fever of grade 3 counts once, though it was 2 and 1 too; people by the worst of all theirs.
    worst = [rows[f"Grade {grade}"][0] for grade in range(1, 6)]
    assert worst == ["0 (1)", "0 (0)", "1 (1)", "0 (0)", "1 (1)"]
    said = " ".join(cell for b in told.walk() if isinstance(b, Table)
                    for row in b.rows for cell in row.cells)  # fmt: skip
    assert "Nausea" not in said and "Gastrointestinal" not in said


def test_events_before_consent_or_treatment_are_marked_and_not_lost() -> None:
    since = {"onset_to_consent": "since", "onset_to_treatment": "since"}
    events = (
        _event(1, "C-1", **since),
        _event(2, "C-1", started="2025-12", onset_to_consent="before", criteria=("important",),
               onset_to_treatment="before"),
        _event(3, "C-2", started="2026-01-10", onset_to_consent="since",
               onset_to_treatment="before", criteria=("important",)),
        _event(4, "C-3", started="2026-01", criteria=("important",),
               onset_to_consent="may_be_before", onset_to_treatment="may_be_before"),
        _event(5, "C-4", onset_to_consent="since", onset_to_treatment="no_day"),
        _event(6, "C-5", onset_to_consent="since", onset_to_treatment="no_day"),
    )  # fmt: skip
    cut = replace(CUT, events=events)
    told = table(report(cut), WORDS("table_events"))
    rows = {row.cells[0].strip(): row.cells[1:] for row in told.rows}
    assert rows["Any event"] == ("2 (2)",)
    assert rows["Began before consent, or without one"] == ("1 (1)",)
    assert rows["Began before the treatment"] == ("1 (1)",)
    assert rows["Of participants who were not treated"] == ("1 (1)",)
    # One of a participant who was never allocated is in no group, and is told all the same.
    assert WORDS("events_outside", people=1, events=1) in told.notes
    by_arm = report(cut, replace(SEALED, cut_hash=canonical_hash(cut)))
    began = [row[3] for row in cells(table(by_arm, WORDS("table_serious")))]
    assert began == [
        "2025-12 (before consent)", "2026-01-10 (before the treatment)",
        "2026-01 (may be before the treatment)",
    ]  # fmt: skip


def test_situations_and_children_stand_apart_from_events() -> None:
    treated = [p.code for p in CUT.participants if p.treatment and p.treatment.status != "none"]
    one, two = treated[:2]
    birth = Situation(1, one, "pregnancy", "2026-02", "2026-03-01", outcome="birth", children=2)
    cut = replace(
        CUT,
        situations=(
            birth, replace(birth, number=2, participant=two, outcome="", children=0),
            replace(birth, number=3, nullified="A mistake"),
            Situation(4, two, "overdose", "2026-02-20", "2026-02-20"),
        ),
        events=(_event(5, one, child=f"{one}-CH1", criteria=("congenital",), described="Palate"),),
    )  # fmt: skip
    pooled = report(cut)
    rows = {row.cells[0].strip(): row.cells[1:] for row in table(
        pooled, WORDS("table_situations")).rows}  # fmt: skip
    assert rows["Pregnancy"] == ("2 (2)",) and rows["Overdose"] == ("1 (1)",)
    assert rows[WORDS("pregnancy_birth")] == rows[WORDS("pregnancy_goes_on")] == ("1 (1)",)
    assert rows["Children"] == ("1 (2)",)
    assert rows[WORDS("children_malformed")] == ("1 (1)",)
    events = table(pooled, WORDS("table_events"))
    assert {row.cells[1] for row in events.rows if row.cells[0] == "Any event"} == {"0 (0)"}
    said = " ".join(cell for b in pooled.walk() if isinstance(b, Table)
                    for row in b.rows for cell in row.cells)  # fmt: skip
    assert "Palate" not in said
    (child,) = table(
        report(cut, replace(SEALED, cut_hash=canonical_hash(cut))), WORDS("table_children")
    ).rows
    assert child.cells[0] == f"{one}-CH1" and "Palate" in child.cells


def test_by_arm_terms_and_serious_events_are_there() -> None:
    cut = replace(CUT, events=(_event(1, "C-1", criteria=("important",), described="Shivers"),))
    sealed = replace(SEALED, cut_hash=canonical_hash(cut))
    by_arm = report(cut, sealed)
    assert cells(table(by_arm, WORDS("table_terms")))[0][0] == "General disorders"
    (serious,) = cells(table(by_arm, WORDS("table_serious")))
    assert serious[0].startswith("C-1 (") and serious[-1] == "Shivers"


def _fact(path: str, value: str, origin: Origin, source: str, critical: bool) -> Fact:
    return Fact(path, Text(value, value), origin, source, 1, critical)


FACTS = (
    _fact("dose.amount", "5", Origin.ASSUMED, "working", True),
    _fact("dose.unit", "mg", Origin.ASSUMED, "working", True),
    _fact("dose.hours", "24", Origin.ASSUMED, "esh_1989", True),
    _fact("stop.limit", "0.1", Origin.CONFIRMED, "record", True),
    _fact("stop.prior", "1", Origin.STATED, "record", True),
    _fact("stop.after", "3", Origin.ASSUMED, "working", True),
    _fact("title", "A trial", Origin.ASSUMED, "afs_1988", False),
    _fact("scale", "0 to 4", Origin.LITERATURE, "afs_1988", False),
    _fact("range", "0 to 9", Origin.LITERATURE, "afs_1988", True),
)


def test_the_assumed_facts_that_bear_on_safety_are_listed_and_no_others() -> None:
    found = table(report(facts=FACTS), ASSUMED)
    assert cells(found) == [("dose", "amount: 5\nhours: 24"), ("stop", "after: 3")]
    cited = {source.key: source.citation for source in PROTOCOL.sources}
    assert found.notes == (
        WORDS("assumed_note"), WORDS("assumed_short", count=1), cited["working"], cited["esh_1989"],
    )  # fmt: skip


def test_how_long_blocks_are_is_told_by_arm_alone() -> None:
    """Whoever knows the blocks can guess the arm that ends one."""
    blocks = _fact("allocation.run_in.block_size", "5", Origin.ASSUMED, "working", True)
    told = ("allocation.run_in", "block_size: 5")
    heads = [row[0] for row in cells(table(report(facts=(*FACTS, blocks)), ASSUMED))]
    assert heads == ["dose", "stop"]
    assert told in cells(table(report(sealed=SEALED, facts=(*FACTS, blocks)), ASSUMED))


def test_facts_are_counted_by_their_origin() -> None:
    lead = WORDS("origins_lead", stated=1, literature=2, assumed=5, confirmed=1)
    assert Paragraph(lead) in tuple(report(facts=FACTS).walk())


def test_the_report_ends_with_the_hashes_that_pin_it() -> None:
    making = next(
        b for b in POOLED.walk() if isinstance(b, Section) and b.title == WORDS("section_making")
    )
    facts = next(b for b in making.blocks if isinstance(b, Facts))
    assert facts.pairs == (
        ("Hash of the cut", canonical_hash(CUT)),
        ("Hash of the protocol", PROTOCOL.sha256),
        ("Open ledger", "row 41, " + "a1" * 32),
        ("Sealed ledger", "row 7, " + "b2" * 32),
        ("Versions", f"Trialwright {__version__}, numpy {np.__version__}, scipy "
         f"{scipy.__version__}, numba {numba.__version__}"),
    )  # fmt: skip


def test_the_sections_come_in_one_order() -> None:
    titles = [block.title for block in POOLED.blocks if isinstance(block, Section)]
    keys = ("summary", "participants", "populations", "baseline", "data", "events", "exposure",
            "holds", "outcomes", "origins", "making")  # fmt: skip
    assert titles == [WORDS(f"section_{key}") for key in keys]
    order = [WORDS(f"kind_{kind}") for kind in ("primary", "secondary", "safety")]
    everywhere = [block.title for block in POOLED.walk() if isinstance(block, Section)]
    places = [everywhere.index(title) for title in order]
    assert all(before < after for before, after in pairwise(places))
