"""What a stopping rule reads and covers; a simulated trial read as a running one."""

from math import inf

import numpy as np
import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.design.counting import EVALUABLE, TIME_WEIGHTED, TREATED, Course
from trialwright.design.selection import SelectionDesign
from trialwright.design.stopping import BetaBinomialStopping
from trialwright.protocol.loader import parse_file
from trialwright.safety.hold_rules import hold_rules
from trialwright.safety.holding import CountedPerson, Covered, crossings, followed_at, would_hold
from trialwright.safety.section_problems import safety_problems
from trialwright.safety.standing import ALL, standings

ARMS = ("cells_a", "control", "cells_b")
WINDOW = 28.0
RULES = hold_rules(demonstration())


def design(counted: str = EVALUABLE) -> SelectionDesign:
    return SelectionDesign(
        arms=3, control=2, blocks=10, counted=counted,
        arm_rule=BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 30),
        pooled_rule=BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 48),
    )  # fmt: skip


def g31() -> list[CountedPerson]:
    """Six treated in one arm: one with an event, two past day 28, of three watched one has one."""
    return [
        CountedPerson("1", "cells_a", 0, known_at=5),
        CountedPerson("2", "cells_a", 7),
        CountedPerson("3", "cells_a", 14),
        CountedPerson("4", "cells_a", 30),
        CountedPerson("5", "cells_a", 35, known_at=44),
        CountedPerson("6", "cells_a", 44),
    ]


@pytest.mark.parametrize(
    ("counted", "numbers", "holds"), [(TREATED, (6, 2), False), (EVALUABLE, (4, 2), True)]
)
def test_treated_and_evaluable_differ(counted: str, numbers: tuple[int, int], holds: bool) -> None:
    """G31."""
    found = standings(design(counted), ARMS, followed_at(g31(), 45, WINDOW))[0]
    assert (found.counted, found.events) == numbers and found.holds is holds
    assert (found.treated, found.evaluable) == (6, 4)


def test_time_watched_is_counted_in_whole_participants() -> None:
    """At day 45: four whole ones, 15 of 28 days and one of 28. At day 58: 14 of 28 and five."""
    rule = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 30, counted=TIME_WEIGHTED)
    found = [standings(rule, ARMS, followed_at(g31(), now, WINDOW))[0] for now in (45, 58)]
    assert [(one.counted, one.events, one.treated) for one in found] == [(4, 2, 6), (5, 2, 6)]
    assert all(one.holds for one in found), "of six treated the rule would not hold"
    assert rule.hold_at[6] == 3


def test_a_decision_covers_its_counts_and_more_participants_but_no_new_event() -> None:
    """G33."""
    covered = {"cells_a": Covered(4, frozenset({"1", "5"})), ALL: Covered(4, frozenset("15"))}

    def held(people: list[CountedPerson], now: float) -> list[str]:
        followed = followed_at(people, now, WINDOW)
        return [each.group for each in crossings(design(), RULES, ARMS, followed, covered)]

    assert held(g31(), 45) == []
    assert held(g31(), 100) == [], "more watched to the end lift nothing and hold nothing"
    another = [*g31()[:5], CountedPerson("6", "cells_a", 44, known_at=60)]
    assert "cells_a" in held(another, 61)
    fewer = [each for each in g31() if each.who != "2"]
    assert "cells_a" in held(fewer, 45), "a change of the data that leaves fewer counted"


def test_who_was_lost_before_the_end_of_the_window_is_not_evaluable() -> None:
    lost = [CountedPerson("1", "cells_a", 0, watched_until=20), CountedPerson("2", "cells_a", 0)]
    assert [one.watched for one in followed_at(lost, 40, WINDOW)] == [False, True]


def test_the_first_moment_at_which_todays_data_hold_and_who_was_treated_since() -> None:
    (arm,) = would_hold(design(), ARMS, g31(), WINDOW, 60)
    assert (arm.group, arm.at, arm.treated_since) == ("cells_a", 44, 0)
    early = [CountedPerson("1", "cells_a", 0, 1), CountedPerson("2", "cells_a", 0, 2), *g31()[3:]]
    assert would_hold(design(), ARMS, early, WINDOW, 60)[0].treated_since == 3


@pytest.mark.parametrize("counted", [TREATED, EVALUABLE])
def test_a_simulated_trial_is_read_as_a_running_one(counted: str) -> None:
    """1,000 trials of 30: the simulation's arrays and the state builder hold at the same looks."""
    rng = np.random.default_rng(20261201)
    plan = design(counted)
    crossed = 0
    for _ in range(1_000):
        arms = rng.permuted(np.tile(np.arange(3), 10))
        treated = np.cumsum(rng.exponential(5.0, 30))
        known = np.where(rng.random(30) < 0.2, treated + rng.random(30) * WINDOW, np.inf)
        people = [
            CountedPerson(str(n), ARMS[a], t, k)
            for n, (a, t, k) in enumerate(zip(arms, treated, known, strict=True))
        ]
        course = Course(treated, known)
        for now in (*treated[[4, 12, 20, 29]], treated[-1] + WINDOW):
            counts, events = course.at(now, WINDOW, counted)
            simulated = set()
            for arm in (0, 2):
                own = arms == arm
                bound = plan.arm_rule.hold_at[int((counts & own).sum())]
                if bound is not None and int((events & own).sum()) >= bound:
                    simulated.add(ARMS[arm])
            regimens = arms != 1
            bound = plan.pooled_rule.hold_at[int((counts & regimens).sum())]
            if bound is not None and int((events & regimens).sum()) >= bound:
                simulated.add(ALL)
            live = crossings(plan, RULES, ARMS, followed_at(people, now, WINDOW), {})
            assert {each.group for each in live} == simulated
            crossed += bool(simulated)
    assert crossed > 500


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pauses: {arm_rule: all", "pauses: {arm_rule: some", "no scope of a rule"),
        ("decided_by: {safety_board: 1}", "decided_by: {moon: 1}", "no role of this file"),
        ("decided_by: {safety_board: 1}", "decided_by: {safety_board: 0}", "below one signature"),
        ("members: [safety_board]", "members: [moon]", "no role of this file"),
        ("members: [safety_board]", "members: []", "the board has no members"),
        ("quorum: 2", "quorum: 0", "below one member"),
        ("criteria: [death, life_threatening]", "criteria: [moon]", "unknown criteria"),
        ("same: day_0.administration.lot", "same: day_0.administration.moon", "is no item"),
        ("only_related: [death_or_grade_3]", "only_related: [moon]", "is unknown here"),
    ],
)
def test_what_is_wrong_with_the_section_is_said_with_its_line(
    old: str, new: str, said: str
) -> None:
    source = demonstration().source_bytes.decode()
    assert old in source
    (problem,) = safety_problems(parse_file(source.replace(old, new).encode()))
    assert said in str(problem)


def test_nobody_holds_before_anything_is_known() -> None:
    assert crossings(design(), RULES, ARMS, followed_at([], 0, WINDOW), {}) == []
    assert followed_at([CountedPerson("1", "cells_a", 5, inf)], 4, WINDOW) == []
