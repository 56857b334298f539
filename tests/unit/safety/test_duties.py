"""Clocks of a case: the given cases whose answer needs more than one instant, by their ids."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.loader import parse_file
from trialwright.safety.clock_rules import clock_rules
from trialwright.safety.duties import (
    Case,
    Moves,
    Opens,
    Running,
    Stage,
    Starts,
    Why,
    changes_of,
    due_of_hold,
)
from trialwright.safety.partial import partial_date
from trialwright.safety.reference import ReferenceDocument, is_expected
from trialwright.safety.section_problems import safety_problems

ZONE = ZoneInfo("Asia/Shanghai")
RULES = clock_rules(demonstration())
SUSPECTED = Case(True, False, False, suspected=True, grave=False, nullified=False)
GRAVE = replace(SUSPECTED, grave=True)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def starts(sponsor: str, site: str = "", judgement: str = "") -> Starts:
    return Starts(
        moment(site or sponsor), moment(sponsor), moment(judgement) if judgement else None, ZONE
    )


def told(
    case: Case, at: Starts, running: Sequence[Running] = (), region: str = "EU"
) -> list[Opens | Moves]:
    found = changes_of(case, RULES, at, running)
    return [each for each in found if each.rule.region == region]


def clock(
    rule: str, due: str, *, closed: bool, stage: Stage = Stage.FIRST, region: str = "EU"
) -> Running:
    found = RULES.rule(rule)
    assert found is not None
    keys = frozenset({rule})
    return Running("it", region, stage, keys, found.when, moment(due), closed)


def written(changes: Sequence[Opens | Moves]) -> list[tuple[str, str]]:
    return [(each.stage if isinstance(each, Opens) else "moved", str(each.due)) for each in changes]


def test_a_fatal_reaction_late_on_a_friday_is_not_moved_by_weekends() -> None:
    """G1, C01, C02: 536/2014 Art 42(2), Annex III 2.4 (12)(13)."""
    assert written(told(GRAVE, starts("2026-01-30T23:50+08:00"))) == [
        ("first", "2026-02-06 24:00 Asia/Shanghai"),
        ("complete", "2026-02-14 24:00 Asia/Shanghai"),
    ]


def test_the_site_counts_hours_from_its_knowledge_and_the_sponsor_days_in_its_zone() -> None:
    """G4, G5: 536/2014 Art 41; the protocol names the sponsor's zone."""
    berlin = replace(RULES, zone=ZoneInfo("Europe/Berlin"))
    at = starts("2026-03-01T17:30+01:00", site="2026-03-01T15:00+08:00")
    found = {each.rule.key: str(each.due) for each in changes_of(GRAVE, berlin, at, ())}
    assert found["site_serious"] == "2026-03-02T15:00+08:00"
    first = next(each for each in changes_of(GRAVE, berlin, at, ()) if each.rule.key == "eu_grave")
    assert str(first.due) == "2026-03-08 24:00 Europe/Berlin"


def test_an_upgrade_before_a_report_gives_one_at_the_earlier_due_time() -> None:
    """G6, C08: Annex III 2.4 (16); "the earlier" is the safe reading."""
    open_one = clock("eu_other", "2026-06-17T00:00+08:00", closed=False)
    moved, complete = told(GRAVE, starts("2026-06-10T09:00+08:00"), [open_one])
    assert isinstance(moved, Moves) and moved.why is Why.UPGRADE
    # Due at the end of 16 June already, which is earlier than that of the 17th.
    assert moved.due is None and moved.rule.key == "eu_grave"
    assert written([complete]) == [("complete", "2026-06-25 24:00 Asia/Shanghai")]
    later = clock("eu_other", "2026-06-20T00:00+08:00", closed=False)
    moved, _complete = told(GRAVE, starts("2026-06-10T09:00+08:00"), [later])
    assert str(moved.due) == "2026-06-17 24:00 Asia/Shanghai"


def test_an_upgrade_after_a_report_opens_a_new_clock_from_its_knowledge() -> None:
    """G7, C09: Annex III 2.4 (15)."""
    sent = clock("eu_other", "2026-06-17T00:00+08:00", closed=True)
    assert written(told(GRAVE, starts("2026-06-10T09:00+08:00"), [sent])) == [
        ("first", "2026-06-17 24:00 Asia/Shanghai"),
        ("complete", "2026-06-25 24:00 Asia/Shanghai"),
    ]


def test_significant_news_of_a_reported_case_is_day_0_again_and_a_spelling_is_nothing() -> None:
    """G8, C07: Annex III 2.4 (14)."""
    sent = clock("eu_other", "2026-06-17T00:00+08:00", closed=True)
    at = starts("2026-06-12T08:00+08:00")
    news = told(replace(SUSPECTED, news=True), at, [sent])
    assert written(news) == [("news", "2026-06-27 24:00 Asia/Shanghai")]
    assert told(SUSPECTED, at, [sent]) == []
    not_sent = clock("eu_other", "2026-06-17T00:00+08:00", closed=False)
    assert told(replace(SUSPECTED, news=True), at, [not_sent]) == []
    waiting = clock("eu_news", "2026-06-28T00:00+08:00", closed=False, stage=Stage.NEWS)
    assert told(replace(SUSPECTED, news=True), at, [sent, waiting]) == []


def test_a_nullified_case_that_was_reported_is_told_and_one_that_was_not_is_not() -> None:
    at = starts("2026-06-12T08:00+08:00")
    nullified = replace(SUSPECTED, nullified=True)
    sent = clock("eu_other", "2026-06-17T00:00+08:00", closed=True)
    (news,) = told(nullified, at, [sent])
    assert news.why is Why.NULLIFIED
    assert told(nullified, at, [replace(sent, closed=False)]) == []


def test_going_down_moves_nothing_and_going_up_again_reports_nothing_twice() -> None:
    grave = clock("eu_grave", "2026-06-17T00:00+08:00", closed=False)
    at = starts("2026-06-12T08:00+08:00")
    assert told(SUSPECTED, at, [grave]) == []
    assert told(GRAVE, at, [grave]) == []
    assert told(GRAVE, at, [replace(grave, closed=True)]) == []


def test_a_listed_kind_needs_no_immediate_report_and_a_special_situation_does() -> None:
    """G9, G24: Art 41, Annex I (19)(b); Annex III (2)."""
    at = starts("2026-06-12T08:00+08:00")
    admission = Case(True, False, False, suspected=False, grave=False, nullified=False)
    assert written(told(admission, at, region="")) == [("first", "2026-06-13T08:00+08:00")]
    assert told(replace(admission, exempt=True), at, region="") == []
    error = replace(admission, serious=False, special=True)
    assert written(told(error, at, region="")) == [("first", "2026-06-13T08:00+08:00")]


def test_in_the_us_the_15_days_count_from_the_sponsors_judgement() -> None:
    """21 CFR 312.32(c)(1)."""
    assert told(SUSPECTED, starts("2026-06-01T09:00+08:00"), region="US") == []
    at = starts("2026-06-05T09:00+08:00", judgement="2026-06-05T09:00+08:00")
    assert written(told(SUSPECTED, at, region="US")) == [
        ("first", "2026-06-20 24:00 Asia/Shanghai")
    ]


def uk(key: str, period: str, **dates: str) -> str:
    said = "".join(f", in_force_{name}: {day}" for name, day in dates.items())
    return f"      {key}: {{region: UK, when: [hold], period: {period}{said}, source: working}}\n"


def with_rules(*lines: str) -> bytes:
    source = demonstration().source_bytes.decode()
    return source.replace("    rules:\n", "    rules:\n" + "".join(lines), 1).encode()


def test_a_rule_applies_to_what_starts_on_its_days() -> None:
    """UK notice of an urgent measure: 3 days, from 28 April 2026 on 7."""
    file = with_rules(
        uk("uk_before", "3 days", until="2026-04-27"),
        uk("uk_now", "7 days", **{"from": "2026-04-28"}),
    )
    rules = clock_rules(parse_file(file, "uk"))

    def due(at: str) -> list[str]:
        found = due_of_hold(rules, moment(at))
        return [str(each.due) for each in found if each.rule.region == "UK"]

    assert due("2026-04-27T23:59+08:00") == ["2026-04-30 24:00 Asia/Shanghai"]
    assert due("2026-04-28T00:00+08:00") == ["2026-05-05 24:00 Asia/Shanghai"]


def test_a_hold_has_clocks_of_its_own() -> None:
    """C10: Art 38 (halt), Art 54 (urgent measure)."""
    found = {
        each.rule.key: str(each.due)
        for each in due_of_hold(RULES, moment("2026-08-03T15:00+08:00"))
    }
    assert found == {
        "eu_urgent_measure": "2026-08-10 24:00 Asia/Shanghai",
        "eu_halt": "2026-08-18 24:00 Asia/Shanghai",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("      wrong: {when: [moon], period: 7 days}\n", "names no occasion"),
        ("      wrong: {when: [hold], period: 5 working days}\n", "is no period"),
        ("      wrong: {when: [hold], period: 7 days, zone: here}\n", "the unknown key `zone`"),
        ("      wrong: {when: [hold], period: 7 days, counts_from: moon}\n", "is 'moon'"),
        ("      wrong: {when: [hold], period: 7 days, in_force_from: soon}\n", "is no day"),
        (
            "      wrong: {when: [hold], period: 7 days, complete_within: 8 hours}\n",
            "have different units",
        ),
        (
            "      wrong: {when: [hold], period: 7 days, in_force_from: 2026-02-01, "
            "in_force_until: 2026-01-01}\n",
            "ends before it begins",
        ),
    ],
)
def test_what_can_not_be_a_rule_is_said_with_its_line(line: str, said: str) -> None:
    (problem,) = safety_problems(parse_file(with_rules(line), "wrong"))
    assert said in problem.message and problem.line > 1000


REFERENCE = [
    ReferenceDocument("1", date(2026, 1, 1), date(2026, 6, 30), {}),
    ReferenceDocument("2", date(2026, 7, 1), None, {"Fever": 2}),
]


@pytest.mark.parametrize(
    ("onset", "grade", "expected"),
    [
        # G20: the version at the moment of occurrence counts (Annex III (8)).
        ("2026-06-28", 2, False),
        ("2026-07-01", 2, True),
        ("2026-07-01", 3, False),
        ("2026-07", 2, True),
        ("2026", 2, False),
        ("", 2, False),
        ("2025-12-31", 2, False),
    ],
)
def test_expected_is_what_every_document_in_force_lists(
    onset: str, grade: int, expected: bool
) -> None:
    assert is_expected(REFERENCE, "Fever", grade, partial_date(onset)) is expected
    assert not is_expected([], "Fever", grade, partial_date(onset))


@pytest.mark.parametrize(
    ("second", "said"),
    [("2026-06-30", "overlap"), ("2026-07-02", "is a gap"), ("soon", "is no day")],
)
def test_documents_follow_each_other_without_gap_or_overlap(second: str, said: str) -> None:
    source = demonstration().source_bytes.decode()
    one = '    "1": {in_force_from: 2017-01-01, lists: {}}\n'
    assert one in source
    two = (
        '    "1": {in_force_from: 2017-01-01, in_force_until: 2026-06-30, lists: {Fever: 1}}\n'
        f'    "2": {{in_force_from: {second}, lists: {{Fever: 2}}}}\n'
    )
    (problem,) = safety_problems(parse_file(source.replace(one, two).encode(), "wrong"))
    assert said in problem.message


def test_the_demonstration_has_each_region_and_the_source_of_each_number() -> None:
    assert {each.region for each in RULES.rules} == {"", "EU", "US", "CN"}
    known = {each.key for each in demonstration().sources}
    assert all(each.source in known for each in RULES.rules)
