"""Every finite dose-finding design, whatever its arguments and the truth: the merged engine, every
path one by one, the simulator and a live trial tell one story."""

from itertools import pairwise
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import (
    Boin,
    Boin12,
    Crm,
    DecisionTable,
    DoseState,
    Keyboard,
    LiveTrial,
    Mtpi,
    Mtpi2,
    ThreePlusThree,
)
from trialwright.design.boin12 import EfficacyState
from trialwright.design.characteristics import cohort_distributions, total_chance
from trialwright.design.finding import DoseFinding
from trialwright.numerics.philox import uniforms

INTERVAL = [Boin, Keyboard, Mtpi, Mtpi2]
sizes = {"cohort_size": st.integers(1, 3), "max_participants": st.integers(3, 7)}

intervals = st.builds(
    lambda cls, **given: cls(**given),
    st.sampled_from(INTERVAL),
    target=st.floats(0.12, 0.45),
    doses=st.integers(1, 4),
    eliminate_at=st.floats(0.7, 0.97),
    eliminate_from=st.integers(1, 4),
    extra_safety=st.sampled_from([None, 0.05, 0.2]),
    stop_at_dose=st.sampled_from([None, 3, 6]),
    stop_when=st.sampled_from(["staying", "reached"]),
    first_dose=st.just(1),
    **sizes,
)
titrated = st.builds(
    Boin, target=st.floats(0.2, 0.4), doses=st.integers(2, 4), cohort_size=st.integers(2, 3),
    max_participants=st.integers(5, 8), titration=st.just(True),
)  # fmt: skip
crms = st.builds(
    Crm,
    target=st.floats(0.15, 0.4),
    skeleton=st.lists(st.integers(1, 18), min_size=1, max_size=4, unique=True).map(
        lambda steps: tuple(step / 20 for step in sorted(steps))
    ),
    model=st.sampled_from(["power", "logistic"]),
    estimator=st.sampled_from(["plug-in", "mean"]),
    no_skipping=st.booleans(),
    coherent=st.booleans(),
    stop_above=st.sampled_from([None, 0.8]),
    stop_at_dose=st.sampled_from([None, 4]),
    **sizes,
)
ladders = st.builds(ThreePlusThree, doses=st.integers(1, 3), de_escalate=st.booleans())


@st.composite
def tables(draw: st.DrawFn) -> DecisionTable:
    """Any table whatever: for each number treated, three counts in order."""
    most = draw(st.integers(3, 6))
    rows = [sorted(draw(st.lists(st.integers(0, n + 1), min_size=3, max_size=3)))
            for n in range(1, most + 1)]  # fmt: skip
    return DecisionTable(
        target=0.3,
        doses=draw(st.integers(1, 3)),
        max_participants=most,
        escalate_at_most=tuple(low - 1 for low, _, _ in rows),
        de_escalate_at_least=tuple(middle for _, middle, _ in rows),
        eliminate_at_least=tuple(high for _, _, high in rows),
    )


designs = st.one_of(intervals, titrated, crms, ladders, tables())
truths = st.lists(st.sampled_from([0.0, 0.05, 0.2, 0.35, 0.6, 1.0]) | st.floats(0, 1),
                  min_size=4, max_size=4)  # fmt: skip


def every_path(design: DoseFinding, truth: list[float]) -> np.ndarray:
    """By `decide` alone, one path at a time and none merged: rows selected (none last),
    participants (total chance last), DLTs."""
    doses = design.doses
    sums = np.zeros((3, doses + 1))

    def walk(state: DoseState, chance: float) -> None:
        decision = design.decide(state)
        if decision.action == "stop" or decision.dose is None:
            chosen = design.select(state)
            sums[0, doses if chosen is None else chosen - 1] += chance
            sums[1] += chance * np.array([*state.treated, 1.0])
            sums[2, :doses] += chance * np.array(state.dlts)
            return
        dose, size = decision.dose, design.next_cohort(state)
        p = truth[dose - 1]
        for dlts in range(size + 1):
            further = comb(size, dlts) * p**dlts * (1 - p) ** (size - dlts)
            if further:
                walk(state.observe(dose, size, dlts), chance * further)

    walk(design.start(), 1.0)
    return sums


@settings(max_examples=60, deadline=None)
@given(designs, truths)
def test_the_merged_engine_equals_every_path(design: DoseFinding, rates: list[float]) -> None:
    truth = rates[: design.doses]
    oc = design.operating_characteristics([truth], method="exact")
    plain = every_path(design, truth)
    assert oc.selected[0] == pytest.approx(plain[0, :-1], abs=1e-12)
    assert oc.none_selected[0] == pytest.approx(plain[0, -1], abs=1e-12)
    assert oc.participants[0] == pytest.approx(plain[1, :-1], abs=1e-11)
    assert oc.dlts[0] == pytest.approx(plain[2, :-1], abs=1e-11)
    assert total_chance(design.rule, truth) == pytest.approx(1, abs=1e-12)


def simulated_live(design: DoseFinding, truth: list[float], trials: int, seed: int) -> np.ndarray:
    """The simulator's own random numbers, fed to live trials cohort by cohort."""
    chance = cohort_distributions(design.rule, np.array(truth), None)
    u = uniforms(seed, 0, 0, trials, design.max_participants + 4)
    sums = np.zeros((3, design.doses + 1))
    for i in range(trials):
        trial, cohort = LiveTrial(design), 0
        while not trial.stopped:
            dose, size = trial.decision.dose, design.next_cohort(trial.state)
            assert dose is not None
            trial.record(int((u[i, cohort] > chance[size - 1, dose - 1, :-1]).sum()))
            cohort += 1
        chosen = design.select(trial.state)
        sums[0, design.doses if chosen is None else chosen - 1] += 1
        sums[1] += np.array([*trial.state.treated, 1.0])
        sums[2, :-1] += np.array(trial.state.dlts)
    return sums / trials


@settings(max_examples=30, deadline=None)
@given(designs, truths, st.integers(0, 2**64 - 1))
def test_the_simulator_runs_the_live_trial(
    design: DoseFinding, rates: list[float], seed: int
) -> None:
    truth = rates[: design.doses]
    oc = design.operating_characteristics([truth], method="monte-carlo", trials=12, seed=seed)
    live = simulated_live(design, truth, 12, seed)
    assert oc.selected[0] == pytest.approx(live[0, :-1], abs=1e-12)
    assert oc.participants[0] == pytest.approx(live[1, :-1], abs=1e-12)
    assert oc.dlts[0] == pytest.approx(live[2, :-1], abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(designs, truths, st.integers(0, 10**6))
def test_exact_lies_within_the_monte_carlo_interval(
    design: DoseFinding, rates: list[float], seed: int
) -> None:
    truth = rates[: design.doses]
    exact = design.operating_characteristics([truth], method="exact")
    drawn = design.operating_characteristics([truth], method="monte-carlo", trials=4_000, seed=seed)
    error = np.sqrt(np.maximum(exact.selected * (1 - exact.selected), 0) / 4_000)
    assert np.all(np.abs(exact.selected - drawn.selected) <= 6 * error + 1e-9)


def doubted(design: DoseFinding) -> bool:
    """Is the lowest dose too toxic by the prior, for a design that stops then?"""
    if not isinstance(design, Crm) or design.stop_above is None:
        return False
    _, prior, rates = design._nodes
    return bool(prior[rates[0] > design.target].sum() > design.stop_above)


@settings(max_examples=40, deadline=None)
@given(st.one_of(intervals, titrated, crms, ladders))
def test_no_toxicity_at_all_and_nothing_else(design: DoseFinding) -> None:
    """Nobody has a DLT: no DLTs are counted, some dose is selected (unless the prior alone would
    stop at the lowest dose), and it never goes down.
    Everybody has one: no participant above the first dose, nor anyone at all beyond the first."""
    oc = design.operating_characteristics([[0.0] * design.doses, [1.0] * design.doses])
    assert oc.dlts[0].sum() == 0
    if not doubted(design):
        assert oc.none_selected[0] == 0
    assert oc.dlts[1] == pytest.approx(oc.participants[1])
    assert oc.participants[1, 1:].sum() == 0
    assert oc.participants.sum(axis=1).max() <= design.max_participants + 1e-9


@settings(max_examples=60, deadline=None)
@given(intervals)
def test_boundaries_are_ordered_and_never_fall(design: Boin) -> None:
    for (up, down, out, first), (up2, down2, out2, first2) in pairwise(design.boundaries):
        assert up < down
        assert up <= up2 <= up + 1
        assert down <= down2 or down2 == out2  # where elimination begins
        assert out is None or (out2 is not None and down <= out <= out2)
        assert first is None or first2 is None or first <= first2
        assert first is None or out is None or first <= out


@settings(max_examples=60, deadline=None)
@given(st.one_of(intervals, crms), st.data())
def test_one_more_dlt_never_asks_for_a_higher_dose(design: DoseFinding, data: Any) -> None:
    dose = data.draw(st.integers(1, design.doses))
    n = data.draw(st.integers(1, design.max_participants))
    y = data.draw(st.integers(0, n - 1))
    low, high = (design.decide(design.start().observe(dose, n, k)) for k in (y, y + 1))
    assert (high.dose or 0) <= (low.dose or 0)


boin12s = st.builds(
    Boin12,
    target=st.floats(0.2, 0.4),
    min_response=st.floats(0.15, 0.4),
    doses=st.integers(1, 3),
    cohort_size=st.integers(1, 2),
    max_participants=st.integers(3, 5),
    neither=st.just(40.0),
    both=st.just(60.0),
    certain_from=st.integers(2, 6),
    explore_from=st.integers(2, 9),
    toxic_at=st.floats(0.75, 0.95),
    futile_at=st.floats(0.7, 0.9),
    stop_at_dose=st.sampled_from([None, 3]),
)


@settings(max_examples=25, deadline=None)
@given(boin12s, truths, truths)
def test_boin12_equals_every_path(design: Boin12, tox: list[float], eff: list[float]) -> None:
    p, q = tox[: design.doses], eff[: design.doses]
    selected = np.zeros(design.doses + 1)

    def binomial(size: int, k: int, rate: float) -> float:
        return comb(size, k) * rate**k * (1 - rate) ** (size - k)

    def walk(state: EfficacyState, chance: float) -> None:
        decision = design.decide(state)
        if decision.action == "stop" or decision.dose is None:
            selected[(design.select(state) or design.doses + 1) - 1] += chance
            return
        d, size = decision.dose, design.next_cohort(state)
        for a in range(size + 1):
            for b in range(size + 1):
                further = binomial(size, a, p[d - 1]) * binomial(size, b, q[d - 1])
                if further:
                    walk(state.observe(d, size, a, b), chance * further)

    walk(design.start(), 1.0)
    oc = design.operating_characteristics([p], [q], method="exact")
    assert oc.selected[0] == pytest.approx(selected[:-1], abs=1e-12)
    assert oc.none_selected[0] == pytest.approx(selected[-1], abs=1e-12)
    drawn = design.operating_characteristics([p], [q], method="monte-carlo", trials=2_000)
    error = np.sqrt(np.maximum(oc.selected * (1 - oc.selected), 0) / 2_000)
    assert np.all(np.abs(oc.selected - drawn.selected) <= 6 * error + 1e-9)
