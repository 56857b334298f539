"""TITE designs: the simulator against a plain replay of `decide`, and against the exact engine."""

from concurrent.futures import ThreadPoolExecutor
from math import inf, log, log2

import numpy as np
import pytest

from trialwright.design import Accrual, Boin, Crm, DesignError, TiteBoin, TiteCrm
from trialwright.design.pending import PendingState
from trialwright.design.time_to_event import TimeToEvent
from trialwright.numerics.philox import uniforms

TRUTH = [0.1, 0.3, 0.6]
SKELETON = (0.12, 0.25, 0.40)
DESIGNS: list[TimeToEvent] = [
    TiteBoin(boin=Boin(target=0.30, doses=3, max_participants=14, stop_at_dose=9)),
    TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON, max_participants=12, stop_above=0.9)),
    TiteCrm(
        crm=Crm(target=0.25, skeleton=SKELETON, max_participants=9, cohort_size=1, coherent=False),
        suspend_above=0.7,
    ),
]
FAST = Accrual(window_days=20, arrivals_per_week=3, late_share=0.7)


def seen_at(now: float, records: list[tuple[int, float, float]], dose: int) -> PendingState:
    """The state that a person would enter: (dose, start, time of DLT or inf) of each treated."""
    state = PendingState.empty(3, dose)
    for d, start, toxic in records:
        open_ = toxic > now and now < start + FAST.window_days
        part = [(now - start) / FAST.window_days] if open_ else []
        state = state.observe(d, 1, int(toxic <= now), part)
    return state.observe(dose, 0, 0)


def replay(design: TimeToEvent, trial: int, seed: int) -> tuple[int | None, list[int], float]:
    """One trial by `decide` alone: selected dose, participants per dose, duration."""
    complete = design.complete
    u = uniforms(seed, 0, trial, 1, 4 * complete.max_participants, purpose=1)[0].reshape(-1, 4)
    records: list[tuple[int, float, float]] = []
    now, decision = 0.0, design.decide(design.start())
    dose = decision.dose or 0
    while decision.action != "stop":
        dose = decision.dose or 0
        for _ in range(min(complete.cohort_size, complete.max_participants - len(records))):
            toxic, when, gap, _ = u[len(records)]
            shape = -log2(1 - FAST.late_share)
            time = now + FAST.window_days * when ** (1 / shape) if toxic < TRUTH[dose - 1] else inf
            records.append((dose, now, time))
            now -= 7 / FAST.arrivals_per_week * log(gap)
        if len(records) == complete.max_participants:
            now = records[-1][1] + FAST.window_days
        decision = design.decide(seen_at(now, records, dose))
        while decision.action == "suspend":
            changes = (min(t, start + FAST.window_days) for _, start, t in records)
            now = min(change for change in changes if change > now)
            decision = design.decide(seen_at(now, records, dose))
    end = now if decision.dose is None else records[-1][1] + FAST.window_days
    chosen = None if decision.dose is None else design.select(seen_at(1e9, records, dose))
    return chosen, [sum(d == k for d, _, _ in records) for k in (1, 2, 3)], end


@pytest.mark.parametrize("design", DESIGNS)
def test_the_simulator_replays_what_decide_says(design: TimeToEvent) -> None:
    trials = [replay(design, i, 5) for i in range(60)]
    oc = design.operating_characteristics([TRUTH], accrual=FAST, trials=60, seed=5)
    selected = [sum(chosen == d for chosen, _, _ in trials) / 60 for d in (1, 2, 3)]
    assert oc.selected[0] == pytest.approx(selected)
    assert oc.participants[0] == pytest.approx(np.mean([n for _, n, _ in trials], axis=0))
    assert oc.duration_days[0] == pytest.approx(np.mean([end for *_, end in trials]), abs=1e-3)


@pytest.mark.parametrize(
    "design",
    [
        TiteBoin(boin=Boin(target=0.30, doses=3)),
        TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON, coherent=False)),
    ],
)
def test_with_rare_arrivals_nobody_is_pending_and_the_exact_answer_comes_out(
    design: TimeToEvent,
) -> None:
    rare = Accrual(arrivals_per_week=1e-4)
    oc = design.operating_characteristics([TRUTH], accrual=rare, trials=20_000)
    exact = design.complete.operating_characteristics([TRUTH])
    assert np.all(np.abs(oc.selected - exact.selected) < 4.5 * oc.standard_error + 1e-9)
    assert oc.participants == pytest.approx(exact.participants, abs=0.1)


def test_neither_chunks_nor_workers_nor_the_rest_of_a_grid_change_a_bit() -> None:
    design = DESIGNS[0]
    grid = [TRUTH, [0.2, 0.4, 0.5]]
    alone = design.operating_characteristics(grid, trials=12_000, seed=9)
    with ThreadPoolExecutor(2) as executor:
        shared = design.operating_characteristics(grid, trials=12_000, seed=9, executor=executor)
    second = design.operating_characteristics(grid[1:], trials=12_000, seed=9, first_scenario=1)
    for name in ("selected", "participants", "dlts", "duration_days"):
        assert np.array_equal(getattr(alone, name), getattr(shared, name))
        assert np.array_equal(getattr(alone, name)[1:], getattr(second, name))


def test_faster_arrivals_end_sooner() -> None:
    slow, fast = (
        DESIGNS[0].operating_characteristics(
            [TRUTH], accrual=Accrual(arrivals_per_week=rate), trials=2_000
        )
        for rate in (0.5, 4)
    )
    assert fast.duration_days[0] < slow.duration_days[0]
    assert fast.method == "monte-carlo" and fast.standard_error.max() > 0


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Accrual(window_days=0), "above 0"),
        (lambda: Accrual(late_share=1.0), "strictly between"),
        (lambda: TiteBoin(boin=Boin(target=0.3, doses=2, titration=True)), "whole cohorts"),
        (lambda: TiteBoin(boin=Boin(target=0.3, doses=2), suspend_above=0), "strictly between"),
        (lambda: DESIGNS[0].operating_characteristics([TRUTH], method="exact"), "auto, monte"),
        (lambda: DESIGNS[0].operating_characteristics([[0.1]]), "each of the 3 doses"),
        (lambda: DESIGNS[0].decide(PendingState.empty(2, 1).observe(1, 3, 0)), "has 3"),
        (lambda: DESIGNS[0].decide(DESIGNS[0].start().observe(1, 90, 0)), "0 to 14"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]
