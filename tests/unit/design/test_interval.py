"""Interval designs: one engine, checked against plain recursion, simulation and live replay."""

from functools import cache
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import (
    Boin,
    DecisionTable,
    DesignError,
    DoseState,
    Keyboard,
    LiveTrial,
    Mtpi,
    Mtpi2,
    ThreePlusThree,
)
from trialwright.design.characteristics import cohort_distributions, total_chance
from trialwright.design.finding import DoseFinding
from trialwright.numerics import kernels
from trialwright.numerics.compiled import load
from trialwright.numerics.philox import uniforms

TRUTH = [[0.05, 0.15, 0.30, 0.45, 0.60]]

designs = st.builds(
    lambda cls, **given: cls(**given),
    st.sampled_from([Boin, Keyboard, Mtpi, Mtpi2]),
    target=st.floats(0.15, 0.4),
    doses=st.integers(1, 3),
    cohort_size=st.integers(1, 3),
    max_participants=st.integers(3, 6),
    eliminate_at=st.floats(0.75, 0.95),
    extra_safety=st.sampled_from([None, 0.05]),
    stop_at_dose=st.sampled_from([None, 4, 6]),
    stop_when=st.sampled_from(["staying", "reached"]),
)
titrated = st.builds(
    Boin, target=st.just(0.3), doses=st.integers(2, 3), cohort_size=st.just(3),
    max_participants=st.integers(6, 7), titration=st.just(True),
)  # fmt: skip


def plain_recursion(
    design: DoseFinding, truth: list[float]
) -> tuple[np.ndarray, np.ndarray, float]:
    """Selected, participants, none: follow `decide` alone, one state at a time."""

    @cache
    def below(state: DoseState) -> tuple[np.ndarray, np.ndarray, float]:
        decision = design.decide(state)
        selected, none = np.zeros(design.doses), 0.0
        if decision.action == "stop":
            chosen = design.select(state)
            if chosen is None:
                none = 1.0
            else:
                selected[chosen - 1] = 1.0
            return selected, np.array(state.treated, dtype=float), none
        participants = np.zeros(design.doses)
        size, dose = design.next_cohort(state), decision.dose
        assert dose is not None
        for dlts in range(size + 1):
            p = truth[dose - 1]
            chance = comb(size, dlts) * p**dlts * (1 - p) ** (size - dlts)
            further = below(state.observe(dose, size, dlts))
            selected = selected + chance * further[0]
            participants = participants + chance * further[1]
            none += chance * further[2]
        return selected, participants, none

    return below(design.start())


@settings(max_examples=8, deadline=None)
@given(st.one_of(designs, titrated), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_exact_equals_a_plain_recursion(design: DoseFinding, rates: list[float]) -> None:
    truth = rates[: design.doses]
    oc = design.operating_characteristics([truth], method="exact")
    selected, participants, none = plain_recursion(design, truth)
    assert oc.selected[0] == pytest.approx(selected, abs=1e-12)
    assert oc.participants[0] == pytest.approx(participants, abs=1e-11)
    assert oc.none_selected[0] == pytest.approx(none, abs=1e-12)


@pytest.mark.parametrize("cls", [Boin, Keyboard, Mtpi, Mtpi2])
def test_chances_add_to_one(cls: type[Boin]) -> None:
    design = cls(target=0.25, doses=5)
    assert total_chance(design.rule, TRUTH[0]) == pytest.approx(1, abs=1e-12)
    oc = design.operating_characteristics(TRUTH)
    assert oc.selected.sum() + oc.none_selected.sum() == pytest.approx(1, abs=1e-12)
    assert oc.dlts == pytest.approx(oc.participants * TRUTH[0], abs=1e-9)


@pytest.mark.parametrize("cls", [Boin, Keyboard, Mtpi, Mtpi2])
def test_exact_lies_within_the_monte_carlo_interval(cls: type[Boin]) -> None:
    design = cls(target=0.30, doses=5)
    exact = design.operating_characteristics(TRUTH)
    simulated = design.operating_characteristics(TRUTH, method="monte-carlo", trials=40_000)
    assert (exact.method, simulated.method) == ("exact", "monte-carlo")
    assert np.all(np.abs(exact.selected - simulated.selected) < 4.5 * simulated.standard_error)
    assert exact.participants == pytest.approx(simulated.participants, abs=0.08)


def test_auto_simulates_beyond_the_budget_and_exact_refuses() -> None:
    design = Boin(target=0.30, doses=5)
    assert design.operating_characteristics(TRUTH).states == 14746
    beyond = design.operating_characteristics(TRUTH, max_states=1000, trials=100)
    assert beyond.method == "monte-carlo"
    with pytest.raises(DesignError, match="Raise max_states"):
        design.operating_characteristics(TRUTH, method="exact", max_states=1000)
    large = Boin(target=0.30, doses=5, max_participants=45)
    small_memory = large.operating_characteristics(TRUTH, max_memory_mb=2, trials=100)
    assert small_memory.method == "monte-carlo"


@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_compiled_and_plain_kernels_are_the_same_rule() -> None:
    design = Boin(target=0.30, doses=3, max_participants=9, stop_at_dose=6)
    fast = load()
    plain, compiled = (
        module.follow(design.rule, 10**6, 10**9, module.one_cohort) for module in (kernels, fast)
    )
    assert all(np.array_equal(a, b) for a, b in zip(plain, compiled, strict=True))
    chance = cohort_distributions(design.rule, np.array([0.1, 0.3, 0.5]), None)
    for most in (10, 10**5):
        runs = [
            module.simulate(*design.rule, chance, 5, 60, np.uint64(3), 1, most)
            for module in (kernels, fast)
        ]
        assert np.array_equal(*runs)


def test_what_a_simulation_forgets_changes_nothing() -> None:
    design = Boin(target=0.30, doses=5)
    chance = cohort_distributions(design.rule, np.array(TRUTH[0]), None)
    few, many = (
        load().simulate(*design.rule, chance, 0, 5_000, np.uint64(3), 1, most)
        for most in (40, 10**6)
    )
    assert np.array_equal(few, many)
    parts = [
        load().simulate(*design.rule, chance, start, 2_500, np.uint64(3), 1, 10**6)
        for start in (0, 2_500)
    ]
    assert np.array_equal(sum(parts), many)


def test_the_compiled_stream_is_the_published_one() -> None:
    words = np.zeros(4, dtype=np.uint64)
    load().philox(np.uint64(1), np.uint64(7), np.uint64(3 << 16), np.uint64(2**40 + 9), words)
    assert np.array_equal((words + 0.5) * 2.0**-32, uniforms(2**40 + 9, 3, 7, 1, 8)[0, 4:])


def test_live_replay_follows_the_same_paths() -> None:
    design = Boin(target=0.30, doses=4, max_participants=18, stop_at_dose=9)
    for path in ([0, 0, 1, 2, 1, 0], [3], [0, 3, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]):
        trial, state = LiveTrial(design), design.start()
        for dlts in path:
            if trial.stopped:
                break
            assert trial.decision == design.decide(state)
            state = state.observe(trial.decision.dose or 0, design.next_cohort(state), dlts)
            trial.record(dlts)
        assert trial.state == state
    stopped = LiveTrial(design)
    stopped.record(3)
    with pytest.raises(DesignError, match="has ended"):
        stopped.record(0)


@pytest.mark.parametrize("cls", [Boin, Keyboard, Mtpi, Mtpi2])
@pytest.mark.parametrize("target", [0.1, 0.2, 0.3, 0.4])
def test_boundaries_are_ordered_and_never_fall(cls: type[Boin], target: float) -> None:
    rows = cls(target=target, doses=3).boundaries
    for (up, down, out, _), (up2, down2, out2, _) in pairwise(rows):
        assert up < down
        assert up <= up2 and down <= down2
        assert out is None or (out2 is not None and out <= out2)


def test_single_participants_climb_until_the_first_dlt_then_fill_the_cohort() -> None:
    design = Boin(target=0.30, doses=4, titration=True)
    state = design.start()
    assert design.next_cohort(state) == 1
    state = state.observe(1, 1, 0)
    assert (design.decide(state).dose, design.next_cohort(state)) == (2, 1)
    state = state.observe(2, 1, 1)
    assert (design.decide(state).dose, design.next_cohort(state)) == (2, 2)
    state = state.observe(2, 2, 0)
    assert design.next_cohort(state) == 3


def test_elimination_drops_a_dose_and_all_above_for_good() -> None:
    design = Boin(target=0.30, doses=4)
    state = design.start().observe(1, 3, 0).observe(2, 3, 3)
    assert design.decide(state).action == "de-escalate"
    state = state.observe(1, 3, 0)
    assert (design.decide(state).action, design.decide(state).dose) == ("stay", 1)
    assert design.select(state) == 1
    state = design.start().observe(1, 3, 3)
    assert design.decide(state).action == "stop"
    assert design.decide(state).dose is None
    assert design.select(state) is None


def test_a_dose_with_enough_participants_ends_the_trial_where_the_rule_stays() -> None:
    design = Boin(target=0.30, doses=3, stop_at_dose=6)
    state = design.start().observe(1, 3, 0).observe(2, 3, 1).observe(2, 3, 1)
    assert design.decide(state).action == "stop"
    assert design.decide(state).dose == 2
    assert "6 at dose 2" in str(design.decide(state).reason)
    climbing = design.start().observe(1, 6, 0)
    assert design.decide(climbing).action == "escalate"


def test_selection_takes_the_higher_dose_at_a_tie_below_the_target_and_the_lower_above() -> None:
    design = Boin(target=0.30, doses=2, max_participants=20, eliminate_at=0.99)
    below = DoseState((6, 6), (1, 1), 2)
    above = DoseState((6, 6), (3, 3), 2)
    assert (design.select(below), design.select(above)) == (2, 1)


def test_a_users_table_equal_to_boins_performs_as_boin() -> None:
    boin = Boin(target=0.30, doses=4, max_participants=12)
    table = DecisionTable(
        target=0.30,
        doses=4,
        max_participants=12,
        escalate_at_most=tuple(row[0] for row in boin.boundaries),
        de_escalate_at_least=tuple(row[1] for row in boin.boundaries),
        eliminate_at_least=tuple(row[2] for row in boin.boundaries),
    )
    truth = [[0.1, 0.2, 0.3, 0.5]]
    assert np.array_equal(
        table.operating_characteristics(truth).selected,
        boin.operating_characteristics(truth).selected,
    )


def test_the_table_has_one_row_per_number_treated_and_a_stable_hash() -> None:
    table = Boin(target=0.30, doses=5).table(30)
    assert table.to_polars().shape == (30, 4)
    assert table.column("treated") == tuple(range(1, 31))
    assert table.sha256 == Boin(target=0.30, doses=2).table(30).sha256
    assert table.sha256 != Boin(target=0.25, doses=5).table(30).sha256


def test_words_in_two_languages() -> None:
    design = Boin(target=0.30, doses=5)
    assert all("0.236" in design.describe().in_language(code) for code in ("en", "zh"))
    reason = str(design.decide(design.start().observe(1, 3, 2)).reason)
    assert reason == "2 of 3 DLTs at dose 1: stay at dose 1."
    assert "剂量 1" in design.decide(design.start().observe(1, 3, 2)).reason.in_language("zh")


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Boin(target=0.0, doses=5), "strictly between 0 and 1"),
        (lambda: Boin(target=1.0, doses=5), "strictly between 0 and 1"),
        (lambda: Boin(target=float("nan"), doses=5), "strictly between"),
        (lambda: Boin(target=0.3, doses=0), "1 to 1000"),
        (lambda: Boin(target=0.3, doses=5, cohort_size=0), "cohort_size"),
        (lambda: Boin(target=0.3, doses=5, overly_toxic=0.2), "overly_toxic"),
        (lambda: Boin(target=0.3, doses=5, cohort_size=1, titration=True), "Titration"),
        (lambda: Boin(target=0.3, doses=2).start().observe(3, 3, 0), "no dose 3"),
        (lambda: Boin(target=0.3, doses=2).start().observe(1, 3, 4), "at most as many DLTs"),
        (lambda: Boin(target=0.3, doses=2).start().observe(1, -3, 0), "0 or more"),
        (lambda: Boin(target=0.3, doses=2).operating_characteristics([]), "one true rate"),
        (lambda: Boin(target=0.3, doses=2).operating_characteristics([[0.1]]), "2 doses"),
        (lambda: Boin(target=0.3, doses=2).operating_characteristics([[0.1, 2]]), "within 0 and 1"),
        (lambda: Boin(target=0.3, doses=2).decide(DoseState((0,), (0,), 1)), "has 2"),
        (lambda: Boin(target=0.3, doses=2).decide(DoseState((31, 0), (0, 0), 1)), "ends at 30"),
        (
            lambda: DecisionTable(
                target=0.3, doses=2, max_participants=2, cohort_size=1,
                escalate_at_most=(0, 1), de_escalate_at_least=(1, 1),
            ),
            "No count does both",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_rule(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]


def test_results_do_not_depend_on_workers() -> None:
    from concurrent.futures import ThreadPoolExecutor

    design = Boin(target=0.30, doses=3, max_participants=12)
    alone = design.operating_characteristics(
        [[0.1, 0.3, 0.5]] * 2, method="monte-carlo", trials=45_000, seed=9
    )
    with ThreadPoolExecutor(2) as executor:
        shared = design.operating_characteristics(
            [[0.1, 0.3, 0.5]] * 2, method="monte-carlo", trials=45_000, seed=9, executor=executor
        )
    assert np.array_equal(alone.selected, shared.selected)
    assert np.array_equal(alone.participants, shared.participants)


def test_three_plus_three_speaks_as_the_others_do() -> None:
    design = ThreePlusThree(doses=3)
    state = design.start().observe(1, 3, 1)
    assert design.decide(state).action == "stay"
    assert design.decide(state.observe(1, 3, 0)).dose == 2
    assert design.select(state.observe(1, 3, 0).observe(2, 3, 2)) == 1


def test_the_exact_engine_says_how_many_doses_it_holds() -> None:
    design = Boin(target=0.3, doses=50)
    with pytest.raises(DesignError) as refused:
        design.operating_characteristics([[0.3] * 50], method="exact")
    assert "at most 8 doses" in str(refused.value)
    assert 'method="monte-carlo"' in str(refused.value)


def test_any_number_of_doses_is_simulated() -> None:
    truth = [[0.02 * dose for dose in range(1, 31)]]
    oc = Boin(target=0.3, doses=30, max_participants=90).operating_characteristics(truth)
    assert oc.method == "monte-carlo"
    assert oc.selected.sum() + oc.none_selected.sum() == pytest.approx(1)
    assert 10 <= oc.selected[0].argmax() + 1 <= 20


def test_doses_beyond_reach_change_no_bit_of_a_simulation() -> None:
    """Eight cohorts never treat at dose 9: the wider design has the narrower one's trials."""
    rates = [0.05, 0.08, 0.1, 0.12, 0.2, 0.25, 0.3, 0.4]
    narrow = Boin(target=0.3, doses=8, max_participants=24)
    wide = Boin(target=0.3, doses=9, max_participants=24)
    few = narrow.operating_characteristics([rates], method="monte-carlo", trials=5_000)
    many = wide.operating_characteristics([[*rates, 0.5]], method="monte-carlo", trials=5_000)
    assert (many.selected[0, :8] == few.selected[0]).all()
    assert (many.participants[0, :8] == few.participants[0]).all()


def test_a_bounded_mtd_is_never_a_dose_whose_estimate_asks_to_go_down() -> None:
    """Of 2 of 5 at the lowest dose and 4 of 6 above it, 0.40 is nearest 0.30, above 0.359."""
    free, bound = Boin(target=0.3, doses=2), Boin(target=0.3, doses=2, bound_mtd=True)
    state = free.start().observe(1, 5, 2).observe(2, 6, 4)
    assert (free.select(state), bound.select(state)) == (1, None)
    low = free.start().observe(1, 6, 1).observe(2, 6, 4)
    assert free.select(low) == bound.select(low) == 1
    rates = [[0.05, 0.1, 0.2, 0.3, 0.45]]
    with_it = Boin(target=0.3, doses=5, bound_mtd=True).operating_characteristics(rates)
    without = Boin(target=0.3, doses=5).operating_characteristics(rates)
    assert with_it.selected[0, 4] < without.selected[0, 4]
    assert with_it.method == "exact"
    assert with_it.participants == pytest.approx(without.participants)
    assert "0.359 or less" in str(bound.describe())
