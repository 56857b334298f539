"""BOIN12: exact against plain recursion and simulation; what is never chosen."""

from math import comb

import numpy as np
import pytest

from trialwright.design import Boin12, DesignError, DoseState
from trialwright.design.boin12 import EfficacyState
from trialwright.design.characteristics import _TOO_LARGE, Budget, _Forecast, enumerated
from trialwright.numerics.compiled import load

DESIGN = Boin12(target=0.35, min_response=0.25, doses=3, max_participants=9, stop_at_dose=6)
TOX, EFF = [0.1, 0.3, 0.6], [0.1, 0.5, 0.6]


def test_exact_equals_a_plain_recursion() -> None:
    design = Boin12(target=0.35, min_response=0.25, doses=3, max_participants=6, cohort_size=2)

    def below(state: EfficacyState) -> np.ndarray:
        decision = design.decide(state)
        if decision.action == "stop" or decision.dose is None:
            out = np.zeros(4)
            out[(design.select(state) or 4) - 1] = 1.0
            return out
        dose, total = decision.dose, np.zeros(4)
        p, q, size = TOX[dose - 1], EFF[dose - 1], design.next_cohort(state)
        for a in range(size + 1):
            for b in range(size + 1):
                chance = comb(size, a) * p**a * (1 - p) ** (size - a)
                chance *= comb(size, b) * q**b * (1 - q) ** (size - b)
                total += chance * below(state.observe(dose, size, a, b))
        return total

    oc = design.operating_characteristics([TOX], [EFF], method="exact")
    plain = below(design.start())
    assert oc.selected[0] == pytest.approx(plain[:3], abs=1e-12)
    assert oc.none_selected[0] == pytest.approx(plain[3], abs=1e-12)


def test_exact_lies_within_the_monte_carlo_interval() -> None:
    exact = DESIGN.operating_characteristics([TOX], [EFF])
    simulated = DESIGN.operating_characteristics([TOX], [EFF], method="monte-carlo", trials=40_000)
    assert np.all(np.abs(exact.selected - simulated.selected) < 4.5 * simulated.standard_error)
    assert exact.participants == pytest.approx(simulated.participants, abs=0.05)
    assert exact.selected.sum() + exact.none_selected[0] == pytest.approx(1, abs=1e-12)


def test_a_futile_or_toxic_dose_is_never_selected() -> None:
    state = DESIGN.start().observe(1, 9, 0, 0).observe(2, 3, 3, 3)
    assert DESIGN.select(state) is None
    state = DESIGN.start().observe(1, 3, 0, 2).observe(2, 3, 3, 3)
    assert DESIGN.select(state) == 1
    assert DESIGN.decide(state).dose == 1


def test_an_untried_dose_is_explored_once_enough_are_treated() -> None:
    design = Boin12(target=0.35, min_response=0.25, doses=3, stop_at_dose=None)
    known = design.start().observe(1, 9, 3, 7)
    assert design.decide(known).dose == 2
    assert design.decide(known.observe(2, 3, 1, 0).observe(1, 0, 0, 0)).dose == 1


def test_the_table_ranks_more_responses_higher_and_more_dlts_lower() -> None:
    ranks = {row[:3]: row[3] for row in DESIGN.table(3).rows}
    assert ranks[3, 0, 3] > ranks[3, 0, 1] > ranks[3, 2, 1]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Boin12(target=0.35, min_response=0.25, doses=3, neither=30), "add to 100"),
        (lambda: DESIGN.decide(DoseState((3, 0, 0), (0, 0, 0), 1)), "no responses"),
        (lambda: DESIGN.start().observe(1, 3, 0, 4), "responses"),
        (lambda: DESIGN.operating_characteristics([TOX], [EFF, EFF]), "Each scenario has both"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]


def test_a_design_too_large_to_follow_is_told_by_its_first_cohorts() -> None:
    """Twelve cohorts at five doses have far more states than allowed; some thousand say
    so. What is small, or too large for its own budget, is told apart and remembered."""
    large = Boin12(target=0.35, min_response=0.25, doses=5, max_participants=36)
    kernels, followed = load(), []

    def counted(*given: object) -> object:
        found = kernels.one_cohort(*given)
        followed.append(found[-1])
        return found

    forecast = _Forecast(counted, large.rule, 5_000_000)
    *_, states = kernels.follow(large.rule, 5_000_000, 10**9, forecast)
    assert states == -1 and sum(followed) < 200_000
    small = Boin12(target=0.35, min_response=0.25, doses=2, max_participants=36)
    assert enumerated(small.rule, Budget(), forecast=True) is not None
    assert enumerated(large.rule, Budget(1_000), forecast=True) is None
    assert any(budget == Budget(1_000) for _, budget, _ in _TOO_LARGE)


@pytest.mark.parametrize("most", [6, 12])
def test_ends_that_share_a_fit_are_chosen_as_each_by_itself(most: int) -> None:
    """The ends of a row that differ in responses alone have one isotonic fit."""
    rule = Boin12(target=0.35, min_response=0.25, doses=3, max_participants=most).rule
    rows, cells, *_ = enumerated(rule, Budget())  # type: ignore[misc]
    chosen, scratch, at = load().choose_all(*rule.parts, rows, cells), np.empty(9), np.zeros(3, int)
    alone = []
    for row, begin in enumerate(rows[:, 2]):
        dose = load().unpack(*rows[row, :2], 3, at) - 1
        last = rows[row + 1, 2] if row + 1 < len(rows) else len(cells)
        for cell in cells[int(begin) : int(last)]:
            at[dose] = cell
            alone.append(load().choose(*rule.parts, at, scratch))
    assert len(set(alone)) > 2 and np.array_equal(chosen, alone)


def test_a_dose_that_is_full_ends_the_trial_at_once_where_so_asked() -> None:
    full = DESIGN.start().observe(1, 6, 0, 1)
    reached = Boin12(
        target=0.35, min_response=0.25, doses=3, max_participants=9, stop_at_dose=6,
        stop_when="reached",
    )  # fmt: skip
    assert (DESIGN.decide(full).action, reached.decide(full).action) == ("escalate", "stop")
    exact = reached.operating_characteristics([TOX], [EFF], method="exact")
    assert (
        exact.participants.sum() < DESIGN.operating_characteristics([TOX], [EFF]).participants.sum()
    )
    with pytest.raises(DesignError, match="staying, reached"):
        Boin12(target=0.35, min_response=0.25, doses=3, stop_when="soon")
