"""BOIN with backfill: who is backfilled where, what their outcomes change, and the ends."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from trialwright.design import Accrual, BackfillBoin, Boin, DesignError
from trialwright.design.backfill_boin import BackfillState

DESIGN = BackfillBoin(boin=Boin(target=0.25, doses=5), cap=6)  # lambda_e 0.197, lambda_d 0.298


def climbed(responses: int = 1) -> BackfillState:
    """Three at each of doses 1 and 2 without a DLT, responses at dose 1; dose 3 awaited."""
    state = DESIGN.start().observe(1, 3, 0, responses).observe(2, 3, 0)
    return state.observe(3, 0, 0, pending=3)


def test_who_comes_goes_to_the_highest_open_dose() -> None:
    assert DESIGN.backfill_dose(climbed()) == 2
    assert DESIGN.backfill_dose(climbed(0)) is None
    only_second = DESIGN.start().observe(1, 3, 0).observe(2, 3, 0, 1).observe(3, 0, 0, pending=3)
    assert DESIGN.backfill_dose(only_second) == 2
    full = climbed().backfill(2, 1, 0, pending=2)
    assert full.assigned[1] == 6 and DESIGN.backfill_dose(full) == 1
    assert DESIGN.backfill_dose(full.backfill(1, 0, 0, pending=3)) is None


def test_a_dose_is_closed_with_those_above_while_it_and_the_next_are_toxic() -> None:
    toxic = climbed().backfill(1, 1, 1).backfill(1, 1, 1)
    assert toxic.treated[0] == 5 and toxic.dlts[0] == 2
    assert DESIGN.backfill_dose(toxic) == 2  # 2/8 with dose 2 pooled
    both = toxic.backfill(2, 1, 1)  # 3/9 pooled
    assert DESIGN.backfill_dose(both) is None
    assert DESIGN.backfill_dose(both.backfill(2, 3, 0)) == 1  # opens again; dose 2 is full


@pytest.mark.parametrize(
    ("second", "third", "goes"),
    [
        ((0, 0), (3, 0), 4),  # nobody backfilled: BOIN's own move
        ((3, 1), (3, 0), 4),  # 1/6 at dose 2 is an escalation: no conflict
        ((3, 2), (3, 0), 3),  # 2/6 de-escalates; 2/9 pooled: stay
        ((3, 3), (3, 0), 1),  # eliminated with dose 3
        ((3, 2), (3, 2), 1),  # 4/9 pooled, 2/6 at dose 2 too high: below it
        ((9, 2), (3, 2), 2),  # 2/12 at dose 2 is no conflict: down by one
    ],
)
def test_backfilled_outcomes_can_change_the_move(
    second: tuple[int, int], third: tuple[int, int], goes: int
) -> None:
    state = DESIGN.start().observe(1, 3, 0, 1).observe(2, 3, 0)
    if second[0]:
        state = state.backfill(2, *second)
    assert DESIGN.decide(state.observe(3, *third)).dose == goes


def test_a_stay_below_conflicts_with_an_escalation_only() -> None:
    """5/20 at dose 2 is a stay; pooled with 0/3 it is 5/23, a stay; with 1/4 BOIN stays itself."""
    base = DESIGN.start().observe(1, 3, 0, 1).observe(2, 3, 0).backfill(2, 17, 5)
    assert DESIGN.decide(base.observe(3, 3, 0)).action == "stay"
    calm = DESIGN.start().observe(1, 3, 0, 1).observe(2, 3, 0).backfill(2, 5, 2)
    assert DESIGN.decide(calm.observe(3, 12, 0)).action == "escalate"  # 2/20 pooled


def test_one_of_three_may_be_a_stay() -> None:
    stay = BackfillBoin(boin=DESIGN.boin, stay_at_one_of_three=True)
    state = DESIGN.start().observe(1, 3, 0).observe(2, 3, 1)
    assert (DESIGN.decide(state).dose, stay.decide(state).dose) == (1, 2)
    with pytest.raises(DesignError, match=r"0\.20 to 0\.279"):
        BackfillBoin(boin=Boin(target=0.3, doses=3), stay_at_one_of_three=True)


def test_ends() -> None:
    assert DESIGN.decide(DESIGN.start().observe(1, 3, 3)).dose is None
    stopping = BackfillBoin(boin=Boin(target=0.25, doses=3, stop_at_dose=9))
    state = stopping.start().observe(1, 3, 0, 1).observe(2, 6, 1)
    assert stopping.decide(state.backfill(2, 2, 0, pending=1)).action == "escalate"
    full = state.backfill(2, 2, 1, pending=1)
    assert stopping.decide(full).action == "stop" and stopping.decide(full).dose == 2
    small = BackfillBoin(boin=Boin(target=0.25, doses=2, max_participants=6))
    both = small.start().observe(1, 3, 0, 1).observe(2, 3, 1)
    assert small.decide(both.backfill(1, 3, 0)).action == "stop" and small.next_cohort(both) == 0
    assert small.select(both) == 2


def test_without_responses_it_is_boin() -> None:
    """No response is ever seen: the exact figures of BOIN, within four errors."""
    boin, rates = Boin(target=0.25, doses=3, max_participants=18), [[0.1, 0.25, 0.45]]
    oc = BackfillBoin(boin=boin).operating_characteristics(rates, [[0.0] * 3], trials=1_500)
    exact = boin.operating_characteristics(rates, method="exact")
    assert (np.abs(oc.selected - exact.selected) < 4 * oc.standard_error).all()
    assert oc.participants[0] == pytest.approx(exact.participants[0], abs=0.4)


def test_chunks_and_workers_change_nothing() -> None:
    ask = ([[0.1, 0.25], [0.2, 0.4]], [[0.3, 0.4]] * 2)
    small = BackfillBoin(boin=Boin(target=0.25, doses=2, max_participants=9))
    plain = small.operating_characteristics(*ask, trials=600)
    with ThreadPoolExecutor(2) as pool:
        spread = small.operating_characteristics(*ask, trials=600, executor=pool)
    assert plain.selected.tolist() == spread.selected.tolist()
    second = small.operating_characteristics([ask[0][1]], [ask[1][1]], trials=600, first_scenario=1)
    assert second.participants.tolist() == plain.participants[1:].tolist()


def test_more_are_treated_while_the_escalation_waits_longer() -> None:
    slow, fast = (Accrual(arrivals_per_week=rate) for rate in (0.1, 4))
    ask = ([[0.05, 0.1, 0.25]], [[0.5, 0.5, 0.5]])
    small = BackfillBoin(boin=Boin(target=0.25, doses=3, max_participants=12))
    few, many = (
        small.operating_characteristics(*ask, accrual=coming, trials=200).participants.sum()
        for coming in (slow, fast)
    )
    assert few <= 13 and many > 18


def test_however_fast_people_come_the_trial_ends_and_is_the_same() -> None:
    rates, responding = [[0.05, 0.1, 0.2, 0.3, 0.5]], [[0.5] * 5]
    fast, faster = (
        DESIGN.operating_characteristics(
            rates, responding, accrual=Accrual(arrivals_per_week=rate), trials=300
        )
        for rate in (1e4, 1e100)
    )
    assert faster.participants.sum() == pytest.approx(fast.participants.sum(), abs=0.5)
    assert faster.selected == pytest.approx(fast.selected, abs=0.1)
