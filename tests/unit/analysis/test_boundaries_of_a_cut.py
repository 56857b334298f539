"""Dates on their boundary, repeats of a form, and one-sided tests: each told as it is."""

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest

from tests.unit.report.hand_cut import CUT, PROTOCOL
from trialwright.analysis import permutation, wilcoxon
from trialwright.analysis.completeness import VisitCounts, visit_counts
from trialwright.analysis.cut_entries import Visit
from trialwright.analysis.describe import groups_of
from trialwright.analysis.flow import Reason
from trialwright.analysis.outcomes import memberships, outcomes
from trialwright.analysis.values import Values


def counted(visit: Visit, cut_at: str = "2026-05-10") -> VisitCounts:
    (found,) = visit_counts(replace(CUT, visits=(visit,), cut_at=cut_at), PROTOCOL)
    return found


@pytest.mark.parametrize(
    ("actual", "where"),
    [
        ("2026-04-19", "early"),
        ("2026-04-20", "inside"),
        ("2026-05-10", "inside"),
        ("2026-05-11", "late"),
    ],
)
def test_the_first_and_the_last_day_of_a_window_are_inside(actual: str, where: str) -> None:
    visit = Visit("C-1", "month_1", "done", "2026-04-30", "2026-04-20", "2026-05-10", actual)
    found = counted(visit)
    assert [key for key in ("early", "inside", "late") if getattr(found, key)] == [where]


@pytest.mark.parametrize(("cut_at", "overdue"), [("2026-05-10", 0), ("2026-05-11", 1)])
def test_a_visit_is_overdue_from_the_day_after_its_window(cut_at: str, overdue: int) -> None:
    visit = Visit("C-1", "month_1", "planned", "2026-04-30", "2026-04-20", "2026-05-10")
    assert (counted(visit, cut_at).overdue, counted(visit, cut_at).due) == (overdue, overdue)


@pytest.mark.parametrize(
    ("cut_at", "reason"), [("2026-05-10", "not_due"), ("2026-05-11", "not_recorded")]
)
def test_an_outcome_is_not_due_until_the_window_of_its_visit_has_closed(
    cut_at: str, reason: str
) -> None:
    cut = replace(CUT, cut_at=cut_at, entries=(), visits=tuple(
        visit for visit in CUT.visits if visit.participant == "W-1"
    ))  # fmt: skip
    (found,) = outcomes(Values(cut, PROTOCOL), groups_of(cut))[0].groups
    missing = {each.reason: each.count for each in found.missing}
    assert missing == ({"not_due": 5} if reason == "not_due" else {"not_due": 4, reason: 1})


@pytest.mark.parametrize(("cut_at", "evaluable"), [("2026-02-07", 0), ("2026-02-08", 3)])
def test_follow_up_is_reached_on_its_very_day(cut_at: str, evaluable: int) -> None:
    """Treated on 11 January, 28 days are over on 8 February."""
    found = memberships(Values(replace(CUT, cut_at=cut_at), PROTOCOL))["stopping_evaluable"]
    assert len(found.codes) == evaluable


def test_a_later_repeat_of_a_form_never_stands_for_the_first() -> None:
    first = next(e for e in CUT.entries if e.form == "menses" and e.participant == "C-1")
    second = replace(
        first,
        repeat=2,
        values=tuple(replace(v, text="9") for v in first.values if v.item == "pads"),
    )
    for entries in ((*CUT.entries, second), (second, *CUT.entries)):
        values = Values(replace(CUT, entries=entries), PROTOCOL)
        assert values.at("C-1", "first_bleed", "menses", "pads") == Decimal(10)
        assert values.at("C-1", "first_bleed", "menses", "pads_a_day") == Decimal("2.5")
    alone = Values(replace(CUT, entries=(second,)), PROTOCOL)
    assert alone.at("C-1", "first_bleed", "menses", "pads") is None


def test_a_visit_that_was_missed_or_cancelled_is_a_reason_of_its_own() -> None:
    (found,) = outcomes(Values(CUT, PROTOCOL), groups_of(CUT))[0].groups
    assert found.missing == (Reason("not_due", 1), Reason("visit_missed", 2))


def test_a_cut_counts_from_its_day_whatever_the_hour() -> None:
    morning, evening = (
        replace(CUT, cut_at=f"2026-05-10T{hour}+08:00") for hour in ("00:00", "23:59")
    )
    assert visit_counts(morning, PROTOCOL) == visit_counts(evening, PROTOCOL)
    assert morning.cut_on == evening.cut_on == "2026-05-10"


FIRST, SECOND = [1.5, 4.25, 6.0, 2.0], [3.0, 0.5, 1.0]
IRRATIONAL = np.sqrt(np.arange(2, 9))


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_a_sampled_one_sided_test_counts_the_same_side_as_the_whole_one(alternative: str) -> None:
    """45 values that have no common unit can't be listed; their first group is the largest."""
    pooled = np.sort(np.sqrt(np.arange(2, 47)))[::-1]
    found = permutation(pooled[:20], pooled[20:], alternative, samples=2_000, seed=7)
    assert "2000 random splits" in found.method
    least = 1 / 2_001
    assert found.p_value == (pytest.approx(least) if alternative == "greater" else 1.0)
    turned = permutation(pooled[20:], pooled[:20], alternative, samples=2_000, seed=7)
    assert turned.p_value == (1.0 if alternative == "greater" else pytest.approx(least))


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("values", [[*FIRST, *SECOND], IRRATIONAL.tolist()])
def test_one_side_of_a_permutation_test_is_counted_by_listing(
    values: list[float], alternative: str
) -> None:
    for size in (3, 4):
        sums = np.array([sum(each) for each in combinations(values, size)])
        seen, middle, slack = sum(values[:size]), sums.mean(), 1e-9
        far = {
            "greater": sums >= seen - slack,
            "less": sums <= seen + slack,
            "two-sided": np.abs(sums - middle) >= abs(seen - middle) - slack,
        }
        found = permutation(values[:size], values[size:], alternative)
        assert found.p_value == pytest.approx(far[alternative].mean(), abs=1e-12)


@pytest.mark.parametrize(("first", "least"), [(range(300, 600), "greater"), (range(300), "less")])
def test_a_large_rank_sum_test_has_its_tail_on_the_side_asked(first: range, least: str) -> None:
    other = range(300) if first.start else range(300, 600)
    tails = {side: wilcoxon(list(first), list(other), side) for side in ("greater", "less")}
    assert all("normal approximation" in each.method for each in tails.values())
    for side, found in tails.items():
        assert (found.p_value < 1e-9) == (side == least)
        assert (found.p_value > 1 - 1e-9) == (side != least)
