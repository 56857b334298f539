"""Visits count from their own anchors; when an anchor comes, the plan is simply asked again."""

from datetime import date

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.schedule import Planning, Timing, plan

CONSENT, TREATED = date(2026, 1, 10), date(2026, 4, 1)


def planned(key, known, **more):
    return next(each for each in plan(demonstration(), known, **more) if each.visit == key)


def test_every_visit_is_in_the_plan_in_the_protocols_order():
    visits = [each.visit for each in plan(demonstration(), {})]
    assert visits == [visit.key for visit in demonstration().visits]


def test_before_treatment_only_screening_has_dates():
    dated = [each.visit for each in plan(demonstration(), {"consent": CONSENT}) if each.target]
    assert dated == ["screening", "baseline_cycle_1", "baseline_cycle_2"]


def test_a_window_is_counted_from_the_target():
    month_1 = planned("month_1", {"treatment": TREATED})
    assert (month_1.first, month_1.target, month_1.last) == (
        date(2026, 4, 24),
        date(2026, 5, 1),
        date(2026, 5, 8),
    )
    assert str(month_1.reason) == "Day 30 from: Treatment"
    assert month_1.timing(date(2026, 4, 23)) is Timing.BEFORE
    assert month_1.timing(date(2026, 4, 24)) is Timing.OPEN
    assert month_1.timing(date(2026, 5, 8)) is Timing.OPEN
    assert month_1.timing(date(2026, 5, 9)) is Timing.AFTER


def test_the_fallback_holds_until_the_bleed_is_reported_and_then_gives_way():
    before = planned("first_bleed", {"treatment": TREATED})
    assert before.by_fallback and before.target == date(2026, 9, 28)
    assert (before.first, before.last) == (date(2026, 9, 14), date(2026, 10, 12))
    assert before.anchor == "treatment"
    after = planned("first_bleed", {"treatment": TREATED, "first_bleed": date(2026, 7, 20)})
    assert after.planning is Planning.DATED and after.target == date(2026, 7, 20)


def test_the_reason_says_whether_the_anchor_may_still_come():
    waits = planned("first_bleed", {"treatment": TREATED})
    never = planned("first_bleed", {"treatment": TREATED}, impossible={"first_bleed"})
    assert "until this is known" in str(waits.reason)
    assert "since this can't come" in str(never.reason)
    assert waits.target == never.target


def test_without_a_fallback_an_anchor_that_cannot_come_takes_the_visit_away():
    assert planned("pregnancy_12_weeks", {}).planning is Planning.WAITING
    gone = planned("pregnancy_12_weeks", {}, impossible={"conception"})
    assert gone.planning is Planning.NOT_PLANNED


def test_a_visit_for_some_waits_until_it_is_known_for_whom():
    known = {"delivery": date(2027, 5, 1)}
    outcome = "running.pregnancy_outcome.outcome"
    assert planned("newborn_12_months", known).planning is Planning.WAITING
    lost = planned("newborn_12_months", known, values={outcome: "miscarriage"})
    born = planned("newborn_12_months", known, values={outcome: "live_birth"})
    assert lost.planning is Planning.NOT_PLANNED
    assert born.target == date(2028, 4, 30)


def test_running_records_are_open_at_any_time():
    assert planned("running", {}).planning is Planning.ANY_TIME
