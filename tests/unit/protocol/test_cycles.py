"""Visits that come again and again: when each occurrence begins, and what is planned of them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.protocol.basics import Text
from trialwright.protocol.cycles import Cycle, NextFrom, Stretch
from trialwright.protocol.durations import Duration, Unit, parse_duration
from trialwright.protocol.loader import parse_file, read
from trialwright.protocol.schedule import Planning, plan

GOOD = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")
START = date(2026, 1, 31)
WITH_CYCLE = GOOD.replace(
    "code_lists:",
    """  dosing:
    label: "Dosing"
    cycle: three_weeks
    window_after_days: 3
    forms: [scan]
  check:
    label: "Check"
    cycle: three_weeks
    day: 8
    forms: [scan]

cycles:
  three_weeks:
    label: "Cycle"
    from: treatment
    length: 21 d
    until: bleed
    next_from: last_actual

code_lists:""",
    1,
)


def protocol(**edits):
    source = WITH_CYCLE
    for old, new in edits.get("edits", ()):
        assert old in source
        source = source.replace(old, new, 1)
    return parse_file(source.encode(), "cycles.yaml")


def planned(protocol, visit, known, resolved=None):
    found = plan(protocol, known, resolved=resolved or {})
    return [each for each in found if each.visit == visit]


def cycle(*stretches, next_from=NextFrom.PLAN):
    made = tuple(Stretch(parse_duration(every), times) for every, times in stretches)
    return Cycle("c", Text("Cycle", "周期"), "start", made, None, next_from, 1)


def test_until_the_anchor_is_known_the_visit_waits_for_it():
    [waits] = planned(protocol(), "dosing", {})
    assert (waits.planning, waits.occurrence, waits.target) == (Planning.WAITING, 1, None)
    assert str(waits.reason) == "Waits for: Treatment"


def test_the_next_occurrence_alone_is_planned():
    trial, known = protocol(), {"treatment": START}
    [first] = planned(trial, "dosing", known)
    assert (first.occurrence, first.target, first.last) == (1, START, START + timedelta(days=3))
    assert str(first.reason) == "Cycle 1, day 1"
    came = {("dosing", 1): START, ("dosing", 2): None}
    occurrences = planned(trial, "dosing", known, came)
    assert [each.occurrence for each in occurrences] == [1, 2, 3]
    assert occurrences[-1].target == START + timedelta(days=42)


def test_a_delayed_occurrence_moves_the_following_ones_if_the_file_says_so():
    known = {"treatment": START}
    came = {("dosing", 1): START, ("dosing", 2): START + timedelta(days=28)}
    moved = planned(protocol(), "dosing", known, came)[-1]
    assert moved.target == START + timedelta(days=28 + 21)
    fixed = protocol(edits=[("next_from: last_actual", "next_from: plan")])
    assert planned(fixed, "dosing", known, came)[-1].target == START + timedelta(days=42)


def test_another_visit_of_the_cycle_follows_the_day_on_which_its_occurrence_began():
    late = START + timedelta(days=28)
    came = {("dosing", 1): START, ("dosing", 2): late, ("check", 1): START + timedelta(days=7)}
    second = planned(protocol(), "check", {"treatment": START}, came)[-1]
    assert (second.occurrence, second.target) == (2, late + timedelta(days=7))


def test_a_cycle_delayed_ten_times_keeps_its_length_between():
    came, day = {}, START
    for number in range(1, 12):
        came["dosing", number] = day
        day += timedelta(days=23)
    last = planned(protocol(), "dosing", {"treatment": START}, came)[-1]
    assert last.occurrence == 12
    assert last.target == START + timedelta(days=10 * 23 + 21)


def test_no_occurrence_begins_after_the_day_that_ends_the_cycle():
    came = {("dosing", 1): START, ("dosing", 2): START + timedelta(days=21)}
    end = START + timedelta(days=30)
    known = {"treatment": START, "bleed": end}
    assert [each.occurrence for each in planned(protocol(), "dosing", known, came)] == [1, 2]
    on_the_day = known | {"bleed": START + timedelta(days=42)}
    assert planned(protocol(), "dosing", on_the_day, came)[-1].occurrence == 3
    before_it_began = {"treatment": START, "bleed": START - timedelta(days=1)}
    assert planned(protocol(), "dosing", before_it_began) == []


def test_a_cycle_with_a_number_ends_with_it():
    twice = protocol(edits=[("    until: bleed\n", "    times: 2\n")])
    came = {("dosing", 1): START, ("dosing", 2): None}
    last = planned(twice, "dosing", {"treatment": START}, came)
    assert [each.occurrence for each in last] == [1, 2]


def test_stretches_follow_each_other():
    visits = cycle(("1 month", 6), ("3 months", 4), ("6 months", None))
    days = [visits.begins(number, START, {}) for number in range(1, 13)]
    assert days == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
        date(2026, 6, 30),
        date(2026, 7, 31),
        date(2026, 10, 31),
        date(2027, 1, 31),
        date(2027, 4, 30),
        date(2027, 7, 31),
        date(2028, 1, 31),
    ]


def test_yearly_visits_that_begin_on_a_leap_day_return_to_it():
    yearly = cycle(("1 year", 10))
    days = [yearly.begins(number, date(2028, 2, 29), {}) for number in (1, 2, 5)]
    assert days == [date(2028, 2, 29), date(2029, 2, 28), date(2032, 2, 29)]
    assert yearly.begins(11, date(2028, 2, 29), {}) is None


@given(st.integers(1, 200), st.integers(1, 60), st.dates(date(2000, 1, 1), date(2050, 1, 1)))
def test_days_lie_one_length_apart_for_200_occurrences(number, length, start):
    repeats = cycle((f"{length} d", None))
    assert repeats.begins(number, start, {}) == start + timedelta(days=length * (number - 1))


@given(st.lists(st.integers(-3, 30), min_size=1, max_size=40))
def test_from_the_last_actual_day_only_the_last_one_counts(delays):
    repeats = cycle(("21 d", None), next_from=NextFrom.LAST_ACTUAL)
    actual, day = {}, START
    for number, delay in enumerate(delays, start=1):
        day += timedelta(days=21 + delay)
        actual[number] = day
    following = repeats.begins(len(delays) + 1, START, actual)
    assert following == day + timedelta(days=21)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("21 d", Duration(21, Unit.DAY)),
        ("6w", Duration(6, Unit.WEEK)),
        ("1 month", Duration(1, Unit.MONTH)),
        ("3 months", Duration(3, Unit.MONTH)),
        ("10 years", Duration(10, Unit.YEAR)),
    ],
)
def test_lengths_are_read_as_written(text, length):
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "21", "d", "-1 d", "1.5 w", "2 fortnights", "400 years"])
def test_what_is_no_length_is_refused(text):
    with pytest.raises(ValueError):
        parse_duration(text)


def test_a_visit_may_lie_months_after_its_anchor():
    source = GOOD.replace("    day: 14\n", "    after: 3 months\n", 1)
    trial = parse_file(source.encode(), "months.yaml")
    [visit] = planned(trial, "week_2", {"treatment": date(2026, 11, 30)})
    assert visit.target == date(2027, 2, 28)
    assert str(visit.reason) == "3 months from: Treatment"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("length: 21 d", "length: 0 d", "`length` has no length. Write at least `1 d`. [duration]"),
        (
            "length: 21 d",
            "length: three weeks",
            "'three weeks' is not a length of time (`length`). Write a number and a unit: "
            "`21 d`, `6 weeks`, `3 months`, `1 year`. [duration]",
        ),
        (
            "    until: bleed\n",
            "",
            "Nothing ends the cycle `three_weeks`. Add `times:`, or `until:` with an anchor "
            "after whose day no occurrence begins, or `until: participation_end`. [cycle-end]",
        ),
        (
            "until: bleed",
            "until: progression",
            "`progression` is not an anchor (`until`). Choose from `consent`, `treatment`, "
            "`bleed`, `participation_end`. [unknown-anchor]",
        ),
        (
            "cycle: three_weeks\n    day: 8",
            "cycle: three_weeks\n    day: 22",
            "The visit `check` is on day 22 of the cycle `three_weeks`, whose shortest occurrence "
            "has 21 days. Choose an earlier `day`, from 1, or make the cycle longer. "
            "[visit-of-cycle]",
        ),
        (
            "window_after_days: 3",
            "window_after_days: 21",
            "The window of `dosing` is as long as the cycle `three_weeks`, so that a day would "
            "belong to two occurrences. Narrow the window. [overlapping-windows]",
        ),
        (
            "    cycle: three_weeks\n    day: 8",
            "    cycle: three_weeks\n    screening: yes\n    day: 8",
            "The visit `check` has `screening` beside `cycle`. A visit of a cycle is counted from "
            "the cycle alone: by `day`, from day 1. [visit-of-cycle]",
        ),
        (
            "length: 21 d",
            "length: [{every: 6 w}, {every: 9 w}]",
            "A stretch of the cycle `three_weeks` has no end, and another one follows. Write "
            "`length: [{every: 6 w, times: 8}, {every: 9 w}]`; only the last is open. "
            "[cycle-length]",
        ),
        (
            'variable: "week_2.scan.thickness',
            'variable: "dosing.scan.thickness',
            "`dosing` comes again, so `dosing.scan.thickness` would be many "
            "values, at column 1 of `dosing.scan.thickness - screening.scan.thickness`. Refer to "
            "a visit that comes once. [expression]",
        ),
    ],
)
def test_a_bad_cycle_is_told_its_rule_and_way_out(old, new, says):
    assert old in WITH_CYCLE
    _protocol, problems = read(WITH_CYCLE.replace(old, new, 1).encode(), "bad.yaml")
    assert [str(problem).split(": ", 1)[1] for problem in problems] == [says]


def test_a_cycle_that_no_visit_names_is_told():
    weekly = '  weekly: {label: "Weekly", from: treatment, length: 1 w, times: 4}'
    source = GOOD.replace("code_lists:", f"cycles:\n{weekly}\n\ncode_lists:", 1)
    _protocol, [problem] = read(source.encode(), "bad.yaml")
    assert problem.rule == "unused-cycle"


def test_a_cycle_and_its_visit_of_one_name_are_said_once():
    assert protocol().visit("dosing~2").label.en == "Cycle 2, Dosing"
    alike = protocol(edits=[('label: "Cycle"', 'label: "Dosing"')])
    assert alike.visit("dosing~2").label.en == "Dosing 2"


@pytest.mark.parametrize(
    ("named", "rule"),
    [
        ("dosing.scan", "reference"),
        ("dosing.scan.nothing", "unknown-item"),
        ("week_1.scan.scanned_on", "unknown-item"),
        ("dosing.scan.width", "unknown-item"),
        ("dosing.scan.scanned_on", "anchor-item"),
    ],
)
def test_the_day_of_the_next_occurrence_is_a_date_at_the_cycles_own_visits(named, rule):
    text = WITH_CYCLE.replace("length: 21 d", f"length: 21 d\n    next_on: {named}")
    _protocol, found = read(text.encode(), "cycles.yaml")
    assert [problem.rule for problem in found] == [rule]
