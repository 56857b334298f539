"""Visits of some arms: whom they are planned for, and the files in which they can't be."""

from datetime import date

import pytest

from tests.integration.conduct.test_arm_visits import OPEN
from trialwright.protocol.loader import parse_file, read
from trialwright.protocol.progress import Progress, StepFact, none_given
from trialwright.protocol.schedule import Planning, plan
from trialwright.protocol.steps import Milestone

PROTOCOL = parse_file(OPEN.encode())
KNOWN = {"allocation": date(2026, 1, 31)}


def problems(before: str, after: str) -> list[str]:
    assert OPEN.count(before) == 1, before
    return [str(each) for each in read(OPEN.replace(before, after).encode(), "open.yaml")[1]]


@pytest.mark.parametrize(
    ("arm", "dated"),
    [
        ("", ["month_3"]),
        ("cycles", ["day_1", "month_3"]),
        ("once", ["single", "month_3"]),
        ("none", ["month_3"]),
    ],
)
def test_a_visit_is_planned_in_its_arms_alone(arm: str, dated: list[str]) -> None:
    planned = plan(PROTOCOL, KNOWN, arm=arm)
    assert [each.visit for each in planned if each.planning is Planning.DATED] == dated


def test_what_took_place_in_an_earlier_arm_stays_in_the_plan() -> None:
    came = {("day_1", 1): date(2026, 1, 31), ("day_1", 2): date(2026, 2, 21)}
    planned = plan(PROTOCOL, KNOWN, arm="once", resolved=came)
    assert [(each.occurrence, each.planning) for each in planned if each.visit == "day_1"] == [
        (1, Planning.NOT_PLANNED),
        (2, Planning.NOT_PLANNED),
    ]


def test_doses_at_visits_of_other_arms_are_not_awaited() -> None:
    reached = frozenset({Milestone.CONSENT, Milestone.ELIGIBILITY, Milestone.ALLOCATION})
    refused = Progress(reached, (StepFact("infuse", "single", given=False),))
    assert none_given(PROTOCOL, refused, "once")
    assert not none_given(PROTOCOL, refused, "cycles")
    assert not none_given(PROTOCOL, refused, "none")
    assert [PROTOCOL.gives_doses_in(each) for each in ("cycles", "once", "none")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("role", ["coordinator", "trial_statistician"])
def test_nobody_blinded_may_see_who_comes_to_which_visits(role: str) -> None:
    knows = f"{{like: {role}, knows_arm: yes}}"
    told = problems(knows, knows.replace("yes", "no"))
    assert len(told) == 2 and all("may not learn an arm" in each for each in told)
    assert all(each.endswith("[visit-arms]") for each in told)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("arms: [once]", "arms: [twice]", "is not a choice"),
        ("allocation: {kind: chosen, by: investigator}\n", "", "nobody is allocated to one"),
        ("arms: [once]", "arms: [once]\n    screening: yes", "which come later"),
        ("criteria:", "before: {treatment: {refuse: [single]}}\ncriteria:", "is of some arms"),
        ("records: dose", "after: [month_3, single]\n    records: dose", "which some arms don't"),
        (
            "visits:\n",
            "visits:\n  day_2: {label: D, anchor: allocation, day: 2, forms: [score]}\n",
            "overlaps",
        ),
    ],
    ids=["arm", "none", "screening", "before", "after", "window"],
)
def test_a_visit_of_some_arms_that_cannot_be_is_refused(before: str, after: str, says: str) -> None:
    told = problems(before, after)
    assert any(says in each for each in told), told


def test_windows_of_visits_that_no_arm_has_both_of_may_overlap() -> None:
    other = (
        "visits:\n  day_2: {label: D, anchor: allocation, day: 2, arms: [cycles], forms: [score]}\n"
    )
    assert problems("visits:\n", other) == []
