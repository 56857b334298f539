"""TITE-BOIN12: the simulator against a plain replay of `decide`, and BOIN12 without pending."""

from itertools import product
from math import inf, log

import numpy as np
import pytest
from scipy.special import betainc

from trialwright.design import Accrual, Boin12, DesignError, TiteBoin12
from trialwright.design.boin12 import EfficacyState
from trialwright.design.tite_boin12 import PendingBothState
from trialwright.numerics.kernels import beta_below
from trialwright.numerics.philox import uniforms

TOX, EFF = [0.1, 0.25, 0.5], [0.2, 0.5, 0.55]
DESIGN = TiteBoin12(
    boin12=Boin12(target=0.3, min_response=0.25, doses=3, max_participants=14, stop_at_dose=9)
)
COMING = Accrual(window_days=20, arrivals_per_week=2, late_share=0.5, response_window_days=35)

Record = tuple[int, float, float, float]


def seen_at(now: float, records: list[Record], dose: int) -> PendingBothState:
    state = DESIGN.start()
    for d, start, toxic, active in records:
        open_dlt = toxic > now and now < start + 20
        open_response = active > now and now < start + 35
        state = state.observe(
            d, 1, int(toxic <= now), [(now - start) / 20] if open_dlt else [],
            int(active <= now), [(now - start) / 35] if open_response else [],
        )  # fmt: skip
    return state.observe(dose, 0, 0)


def replay(trial: int, seed: int) -> tuple[int | None, list[int], float]:
    """One trial by `decide` alone: selected dose, participants per dose, duration."""
    most = DESIGN.boin12.max_participants
    u = uniforms(seed, 0, trial, 1, 4 * most, purpose=1)[0].reshape(-1, 4)
    responding = uniforms(seed, 0, trial, 1, 4 * (2**20 + most), purpose=1)[0][-4 * most :]
    responding = responding.reshape(-1, 4)
    records: list[Record] = []
    now, decision = 0.0, DESIGN.decide(DESIGN.start())
    dose = decision.dose or 0
    while decision.action != "stop":
        dose = decision.dose or 0
        for _ in range(min(3, most - len(records))):
            (toxic, when, gap, _), (active, later, *_) = u[len(records)], responding[len(records)]
            records.append((
                dose, now, now + 20 * when if toxic < TOX[dose - 1] else inf,
                now + 35 * later if active < EFF[dose - 1] else inf,
            ))  # fmt: skip
            now -= 7 / 2 * log(gap)
        if len(records) == most:
            now = records[-1][1] + 35
        decision = DESIGN.decide(seen_at(now, records, dose))
        while decision.action == "suspend":
            ends = [min(t, s + 20) for _, s, t, _ in records]
            ends += [min(t, s + 35) for _, s, _, t in records]
            now = min(change for change in ends if change > now)
            decision = DESIGN.decide(seen_at(now, records, dose))
    end = now if decision.dose is None else records[-1][1] + 35
    chosen = None if decision.dose is None else DESIGN.select(seen_at(1e9, records, dose))
    return chosen, [sum(d == k for d, *_ in records) for k in (1, 2, 3)], end


def test_the_simulator_replays_what_decide_says() -> None:
    trials = [replay(i, 5) for i in range(12)]
    oc = DESIGN.operating_characteristics([TOX], [EFF], accrual=COMING, trials=12, seed=5)
    selected = [sum(chosen == d for chosen, _, _ in trials) / 12 for d in (1, 2, 3)]
    assert oc.selected[0] == pytest.approx(selected)
    assert oc.participants[0] == pytest.approx(np.mean([n for _, n, _ in trials], axis=0))
    assert oc.duration_days[0] == pytest.approx(np.mean([end for *_, end in trials]), abs=1e-3)


def test_when_nobody_is_pending_boin12_decides() -> None:
    """Every state of doses 1 and 2 with 3 or 6 treated, 3 untried or with 3."""
    boin12 = DESIGN.boin12
    for n1, n2, n3, dose in product((3, 6), (3, 6), (0, 3), (1, 2)):
        for y1, y2, r1, r2 in product(range(0, n1 + 1, 2), range(n2 + 1), range(n1 + 1), (0, 2, 3)):
            counts = (n1, n2, n3), (y1, y2, min(1, n3)), dose
            responses = (r1, r2, min(2, n3))
            state = PendingBothState(*counts[:2], ((),) * 3, dose, responses, ((),) * 3)
            plain = boin12.decide(EfficacyState(*counts, (0, 0), responses))
            found = DESIGN.decide(state)
            assert (found.action, found.dose) == (plain.action, plain.dose), state


def test_many_who_come_one_by_one_are_boin12s() -> None:
    """Participants so rare that all are followed: the exact figures, within four errors."""
    rare = Accrual(window_days=1, arrivals_per_week=0.001)
    oc = DESIGN.operating_characteristics([TOX], [EFF], accrual=rare, trials=20_000)
    exact = DESIGN.boin12.operating_characteristics([TOX], [EFF], method="exact")
    assert (np.abs(oc.selected - exact.selected) < 4 * oc.standard_error).all()


def test_the_share_that_may_be_pending_holds_for_dlts_and_for_responses() -> None:
    start = DESIGN.start()
    assert DESIGN.decide(start.observe(1, 4, 0, (0.5, 0.5), 0, ())).action != "suspend"
    assert DESIGN.decide(start.observe(1, 3, 0, (0.5, 0.5), 0, ())).action == "suspend"
    told = DESIGN.decide(start.observe(1, 3, 0, (), 0, (0.5, 0.5)))
    assert told.action == "suspend" and str(told.reason).startswith("2 of 3 ")


def test_beta_probabilities_of_the_kernel() -> None:
    rng = np.random.default_rng(7)
    for a, b, x in rng.uniform((1, 1, 0), (41, 41, 1), (300, 3)):
        assert beta_below(a, b, x) == pytest.approx(betainc(a, b, x), abs=1e-13)


def test_states_that_cannot_be_are_refused() -> None:
    with pytest.raises(DesignError, match="2 responses and 2 pending among 3 treated"):
        DESIGN.start().observe(1, 3, 0, responses=2, pending_responses=(0.1, 0.2))
    with pytest.raises(DesignError, match="Each scenario has both"):
        DESIGN.operating_characteristics([TOX], [EFF, EFF])
    with pytest.raises(DesignError, match="response_window_days"):
        Accrual(response_window_days=0)
