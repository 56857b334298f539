"""Figures: well-formed SVG with a text alternative, in two palettes, nothing outside its box."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from trialwright.analysis.flow import Excluded, Flow, FlowGroup, Reason
from trialwright.demonstration.protocol import demonstration
from trialwright.report.document import Drawing
from trialwright.report.figures.enrolment import (
    EnrolmentChart,
    enrolment_chart,
    enrolment_figure,
    enrolment_sentence,
)
from trialwright.report.figures.flow import Analysed, Labels, flow_figure
from trialwright.report.figures.svg import text_width, wrap
from trialwright.report.figures.timeline import (
    SIZE,
    Timeline,
    TimelineEvent,
    TimelineVisit,
    timeline_figure,
)
from trialwright.report.words import ReportWords

SVG = "{http://www.w3.org/2000/svg}"
EN, ZH = ReportWords("en"), ReportWords("zh")
START = date(2026, 1, 1)


def group(arm: str | None, size: int, **more: object) -> FlowGroup:
    counts: dict[str, object] = {
        "treated": size,
        "partly": (),
        "untreated": (),
        "treatment_pending": 0,
        "withdrawn": (),
        "lost": (),
        "died": 0,
        "completed": 0,
        "followed": size,
    }
    return FlowGroup(arm, tuple(map(str, range(size))), **{**counts, **more})  # type: ignore[arg-type]


def flow_of(*groups: FlowGroup) -> Flow:
    excluded = Excluded("ineligible", 3, (Reason("stage", 2), Reason("unknown-key", 1)), ())
    return Flow(50, 2, (excluded,), sum(g.allocated for g in groups), groups)


def texts(drawing: Drawing) -> list[str]:
    root = ElementTree.fromstring(drawing.svg)
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def inside(drawing: Drawing) -> bool:
    root = ElementTree.fromstring(drawing.svg)
    for node in root.iter(f"{SVG}text"):
        size = float(node.attrib["font-size"])
        wide, x = text_width(node.text or "", size), float(node.attrib["x"])
        left = {"start": x, "end": x - wide, "middle": x - wide / 2}[node.attrib["text-anchor"]]
        if left < -1 or left + wide > drawing.width + 1:
            return False
        if not 0 < float(node.attrib["y"]) <= drawing.height:
            return False
    return True


def test_reasons_of_more_than_the_people_are_explained_and_others_are_not() -> None:
    def drawn(count: int) -> str:
        failed = Excluded("ineligible", count, (Reason("stage", 5), Reason("age", 4)), ())
        told = Flow(50, 0, (failed,), 40, (group(None, 40),))
        return flow_figure(told, EN, Labels({}, {})).svg

    assert "One person may fail several" in drawn(6)
    assert "One person may fail several" not in drawn(9)


def test_the_pooled_flow_names_criteria_and_no_reason_of_a_treatment() -> None:
    pooled = group(None, 40, untreated=(Reason("", 3),), lost=(Reason("", 2),))
    drawn = flow_figure(flow_of(pooled), EN, Labels({}, {"stage": "AFS stage II to III"}))
    found = [text.replace("\xa0", " ") for text in texts(drawn)]
    for words in (
        "Screened (n = 50)",
        "AFS stage II to III (2)",
        "unknown-key (1)",
        "Randomised (n = 40)",
        "Not treated (n = 3)",
        "no reason recorded (2)",
    ):
        assert words in found
    assert "50 screened, 3 excluded, 40 randomised" in drawn.alternative
    assert not [text for text in found if text == "no reason recorded (3)"]


@pytest.mark.parametrize("words", [EN, ZH])
@pytest.mark.parametrize("arms", [0, 2, 5])
def test_the_flow_stays_in_its_box_with_any_number_of_arms(words: ReportWords, arms: int) -> None:
    reasons = (
        Reason("a very long reason, told in every detail " * 3, 1),
        Reason("很长的原因" * 9, 1),
    )
    groups = [group(f"arm{i}" if arms else None, 8, withdrawn=reasons) for i in range(arms or 1)]
    labels = Labels({f"arm{i}": f"Arm {i}, with a long name and a dose" for i in range(arms)}, {})
    analysed = [Analysed(g.arm, 5, reasons) for g in groups]
    drawn = flow_figure(flow_of(*groups), words, labels, analysed)
    assert inside(drawn)
    assert not any("\n" in text for text in texts(drawn))


def test_enrolment_ends_at_its_count_and_compares_with_the_plan() -> None:
    days = tuple(START + timedelta(days=10 * i) for i in range(31))
    chart = EnrolmentChart(
        days, 50, START, START + timedelta(days=430), START + timedelta(days=310)
    )
    assert chart.planned == 36
    assert enrolment_sentence(chart, EN) == "31 of 50 enrolled; the plan was 36."
    drawn = enrolment_figure(chart, EN)
    assert inside(drawn)
    assert "31 enrolled" in texts(drawn)


@pytest.mark.parametrize("count", [0, 1, 80])
def test_enrolment_draws_with_nobody_one_and_more_than_planned(count: int) -> None:
    days = tuple(START + timedelta(days=i) for i in range(count))
    drawn = enrolment_figure(EnrolmentChart(days, 50, None, None, START + timedelta(days=80)), ZH)
    assert inside(drawn)


def visits(*statuses: str) -> tuple[TimelineVisit, ...]:
    return tuple(
        TimelineVisit(
            f"Visit {i} with a name too long for its place",
            status,
            START + timedelta(days=30 * i),
            START + timedelta(days=30 * i + 14),
            START + timedelta(days=30 * i + 20) if status == "done" else None,
        )
        for i, status in enumerate(statuses)
    )


@pytest.mark.parametrize("words", [EN, ZH])
def test_a_timeline_keeps_crowded_labels_apart_and_in_its_box(words: ReportWords) -> None:
    names = ("Consent", "Randomised", "Treated", "First bleed without hormones", "Withdrew")
    events = tuple(TimelineEvent(n, START + timedelta(days=2 * i)) for i, n in enumerate(names))
    timeline = Timeline(visits("done", "missed", "planned", "cancelled"), events, START)
    drawn = timeline_figure(timeline, words)
    assert inside(drawn)
    root = ElementTree.fromstring(drawn.svg)
    placed = {
        n.text: (float(n.attrib["x"]), float(n.attrib["y"]))
        for n in root.iter(f"{SVG}text")
        if n.text in (*names, words("today"))
    }
    assert len(placed) == len(names) + 1
    for (one, (x, y)), (other, (x2, y2)) in combinations(placed.items(), 2):
        apart = x + text_width(one, SIZE) < x2 or x2 + text_width(other, SIZE) < x
        assert y != y2 or apart, f"{one} and {other} overlap"
    assert "4" in drawn.alternative


def test_a_long_name_of_a_visit_is_shown_whole_in_a_row_of_its_own_height() -> None:
    name = "Second baseline cycle, or 90 days without bleeding, by telephone where nobody comes"
    long, short = (TimelineVisit(n, "done", START, START, START) for n in (name, "Day 1"))
    drawn = timeline_figure(Timeline((long, short), (), START), EN)
    texts = list(ElementTree.fromstring(drawn.svg).iter(f"{SVG}text"))
    lines = [n for n in texts if n.attrib["x"] == "0"]
    assert " ".join((n.text or "").strip() for n in lines) == f"{name} Day 1"
    heights = [float(n.attrib["y"]) for n in lines]
    assert all(later - earlier >= SIZE for earlier, later in pairwise(heights))
    assert inside(drawn)


def test_a_label_goes_to_the_left_where_another_moment_s_line_would_cross_it() -> None:
    treated = TimelineEvent("Treated", START + timedelta(days=20))
    later = START + timedelta(days=24)
    drawn = timeline_figure(Timeline(visits("done", "planned"), (treated,), later), EN)
    root = ElementTree.fromstring(drawn.svg)
    left = {n.text: float(n.attrib["x"]) for n in root.iter(f"{SVG}text")}
    today = min(
        float(n.attrib["x1"]) for n in root.iter(f"{SVG}line") if n.attrib["stroke-width"] == "1.6"
    )
    assert left["Treated"] + text_width("Treated", SIZE) < today < left[EN("today")]


def test_a_timeline_without_visits_or_at_the_right_edge_still_draws() -> None:
    late = TimelineEvent("An event at the very end", START + timedelta(days=400))
    assert inside(timeline_figure(Timeline((), (late,), START), EN))
    assert inside(timeline_figure(Timeline((), (), START), ZH))


def test_colours_are_variables_with_a_print_colour_each() -> None:
    drawn = flow_figure(flow_of(group(None, 3)), EN, Labels({}, {}))
    root = ElementTree.fromstring(drawn.svg)
    for node in root.iter():
        for name in ("fill", "stroke"):
            colour = node.attrib.get(name, "none")
            assert colour == "none" or colour.startswith("var(--")
    assert root.find(f"{SVG}title") is not None


def test_text_is_broken_between_words_or_chinese_characters_never_before_a_stop() -> None:
    assert wrap("one two three", 60, 12) == ("one two", "three")
    assert wrap("", 60, 12) == ("",)
    lines = wrap("正常的凝血功能，没有任何其他疾病。", 60, 12)
    assert "".join(lines) == "正常的凝血功能，没有任何其他疾病。"
    assert not any(line[0] in "，。" for line in lines)
    assert all(text_width(line, 12) <= 60 for line in wrap("x" * 300, 60, 12))


def test_the_plan_of_the_protocol_counts_from_the_day_the_study_began() -> None:
    protocol, began = demonstration(), date(2026, 1, 1)
    assert protocol.enrolment is not None
    first, last = protocol.enrolment.between(began)
    assert (first - began).days == 60 and (last - began).days == 395
    days = [first + timedelta(days=9 * n) for n in range(20)]
    halfway = first + (last - first) / 2
    chart = enrolment_chart(protocol, days, began=began, until=halfway)
    assert enrolment_sentence(chart, EN) == "20 of 50 enrolled; the plan was 24."
    unplanned = replace(protocol, enrolment=None)
    chart = enrolment_chart(unplanned, days, began=began, until=halfway)
    assert enrolment_sentence(chart, EN) == "20 of 50 enrolled."
