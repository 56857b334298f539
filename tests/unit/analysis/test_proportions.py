"""Intervals and unconditional tests against brute force, SciPy and their own symmetries."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import barnard_exact, boschloo_exact, fisher_exact

from trialwright.analysis import (
    AnalysisError,
    barnard,
    boschloo,
    fisher,
    proportion,
    two_proportions,
)
from trialwright.analysis.one_proportion import ONE
from trialwright.analysis.score import restricted, score
from trialwright.analysis.unconditional import rejection_region, size, table_order

tables = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


def brute_force(measure: str, x1: int, n1: int, x2: int, n2: int, value: float) -> float:
    """The restricted likelihood's highest value on a fine grid."""
    p2 = np.linspace(1e-9, 1 - 1e-9, 200_001)
    if measure == "difference":
        p1 = p2 + value
    elif measure == "ratio":
        p1 = p2 * value
    else:
        p1 = p2 * value / (1 + p2 * (value - 1))
    ok = (p1 > 0) & (p1 < 1)
    p1, p2 = p1[ok], p2[ok]
    return float(
        (x1 * np.log(p1) + (n1 - x1) * np.log1p(-p1) + x2 * np.log(p2)
         + (n2 - x2) * np.log1p(-p2)).max()
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    tables,
    st.sampled_from(
        [("difference", d) for d in (-0.6, -0.1, 0.0, 0.3, 0.8)]
        + [(m, v) for m in ("ratio", "odds-ratio") for v in (0.2, 0.9, 1.0, 3.0)]
    ),
)
def test_restricted_estimates_maximise_the_likelihood(
    table: tuple[int, int, int, int], at: tuple[str, float]
) -> None:
    x1, n1, x2, n2 = table
    p1, p2 = (float(np.clip(p, 1e-12, 1 - 1e-12)) for p in restricted(at[0], x1, n1, x2, n2, at[1]))
    reached = (
        x1 * np.log(p1) + (n1 - x1) * np.log1p(-p1) + x2 * np.log(p2) + (n2 - x2) * np.log1p(-p2)
    )
    assert reached >= brute_force(at[0], *table, at[1]) - 1e-6


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from(["miettinen-nurminen", "score", "newcombe"]))
def test_intervals_of_a_difference_turn_with_the_groups(
    table: tuple[int, int, int, int], method: str
) -> None:
    x1, n1, x2, n2 = table
    one = two_proportions(x1, n1, x2, n2, "difference", method)
    other = two_proportions(x2, n2, x1, n1, "difference", method)
    assert one.lower == pytest.approx(-other.upper, abs=1e-7)
    assert one.lower <= one.estimate + 1e-9 and one.estimate <= one.upper + 1e-9


@pytest.mark.parametrize("method", ONE)
@pytest.mark.parametrize(("x", "n"), [(0, 7), (3, 7), (7, 7), (40, 90)])
def test_intervals_of_one_proportion_turn_with_the_outcome(method: str, x: int, n: int) -> None:
    one, other = proportion(x, n, method), proportion(n - x, n, method)
    assert one.lower == pytest.approx(1 - other.upper, abs=1e-9)
    wider = proportion(x, n, method, level=0.99)
    assert wider.lower <= one.lower <= one.upper <= wider.upper


def test_extreme_tables_have_an_interval() -> None:
    whole = two_proportions(10, 10, 0, 10)
    assert (whole.upper, whole.lower > 0.6) == (1.0, True)
    none = two_proportions(0, 10, 0, 10)
    assert none.lower == pytest.approx(-none.upper)
    ratio = two_proportions(3, 10, 0, 10, "ratio")
    assert (ratio.estimate, ratio.upper) == (float("inf"), float("inf"))


@pytest.mark.parametrize("alternative", ["greater", "less"])
@pytest.mark.parametrize("table", [(7, 10, 1, 10), (3, 8, 5, 12), (0, 6, 4, 9)])
def test_exact_tests_agree_with_scipy(table: tuple[int, int, int, int], alternative: str) -> None:
    x1, n1, x2, n2 = table
    counts = [[x1, x2], [n1 - x1, n2 - x2]]
    two_sided = fisher(*table).p_value
    assert two_sided == pytest.approx(fisher_exact(counts).pvalue, abs=1e-9)
    one_sided = fisher(*table, alternative).p_value
    assert one_sided == pytest.approx(fisher_exact(counts, alternative).pvalue, abs=1e-9)
    ours = boschloo(*table, alternative).p_value
    assert ours == pytest.approx(boschloo_exact(counts, alternative).pvalue, abs=2e-4)
    ours = barnard(*table, alternative).p_value
    assert ours == pytest.approx(barnard_exact(counts, alternative).pvalue, abs=2e-4)


@settings(max_examples=30, deadline=None)
@given(tables, st.sampled_from(["difference", "ratio", "odds-ratio"]), st.sampled_from([0, 1e-6]))
def test_the_exact_interval_holds_the_estimate_and_turns_with_the_groups(
    table: tuple[int, int, int, int], measure: str, aside: float
) -> None:
    x1, n1, x2, n2 = table
    one = two_proportions(*table, measure, "exact", berger_boos=aside)
    assert one.lower <= one.upper
    if not np.isnan(one.estimate):
        assert one.lower <= one.estimate <= one.upper
    if aside == 0:
        other = two_proportions(x2, n2, x1, n1, measure, "exact", berger_boos=0)
        mirrored = -other.upper if measure == "difference" else 1 / other.upper
        assert one.lower == pytest.approx(mirrored, abs=2e-5, rel=2e-5)


def test_boschloo_is_never_weaker_than_fisher_and_keeps_its_size() -> None:
    fishers, boschloos = (rejection_region(12, 15, 0.025, t) for t in ("Fisher", "Boschloo"))
    assert np.all(boschloos[fishers])
    assert boschloos.sum() > fishers.sum()
    assert size(fishers) < size(boschloos) <= 0.025


@pytest.mark.parametrize(
    ("table", "one_sided", "two_sided"),
    [
        ((30, 30, 0, 30), 2.0**-60, 2.0**-59),
        ((24, 25, 1, 25), 1.1333156635373e-12, 2.2666313270747e-12),
    ],
)
def test_a_small_p_value_is_not_tied_with_larger_ones(
    table: tuple[int, int, int, int], one_sided: float, two_sided: float
) -> None:
    """The most extreme table of 30 and 30 is alone: its chance is largest, 4**-30, at one half."""
    for test in (boschloo, barnard):
        assert test(*table, "greater").p_value == pytest.approx(one_sided, rel=1e-9)
        assert test(*table).p_value == pytest.approx(two_sided, rel=1e-9)


def test_a_region_at_a_level_below_the_rounding_of_one_holds_its_level() -> None:
    for test in ("Fisher", "Boschloo", "Barnard"):
        region = rejection_region(30, 30, 1e-15, test)
        assert region[30, 0] and region[29, 0] and region[30, 1] and not region[28, 2]
        assert size(region) <= 1e-15
    assert not rejection_region(30, 30, 1e-19).any()


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 5), (6, 6), (7, 4)])
def test_the_order_of_tables_is_that_of_exact_fractions(
    sizes: tuple[int, int], alternative: str
) -> None:
    n1, n2 = sizes
    tables = [(a, b) for a in range(n1 + 1) for b in range(n2 + 1)]

    def mass(a: int, events: int) -> Fraction:
        return Fraction(comb(n1, a) * comb(n2, events - a), comb(n1 + n2, events))

    def fishers_p(table: tuple[int, int]) -> Fraction:
        a, events = table[0], sum(table)
        all_of_it = range(max(0, events - n2), min(n1, events) + 1)
        if alternative == "two-sided":
            return sum(mass(k, events) for k in all_of_it if mass(k, events) <= mass(a, events))
        return sum(
            mass(k, events) for k in all_of_it if (k >= a if alternative == "greater" else k <= a)
        )

    def squared_z(table: tuple[int, int]) -> Fraction:
        a, b = table
        top, events = a * n2 - b * n1, a + b
        z = Fraction(top * abs(top), max(events * (n1 + n2 - events), 1))
        return {"two-sided": -abs(z), "greater": -z, "less": z}[alternative]

    for name, key in (("Boschloo", fishers_p), ("Barnard", squared_z)):
        order = table_order(n1, n2, name, alternative)
        values = sorted({key(t) for t in tables})
        assert [order[a + b, a] for a, b in tables] == [values.index(key(t)) for t in tables]


def test_a_small_distance_of_large_groups_is_not_taken_for_none() -> None:
    n = 2_000_000
    assert score("difference", 1, n, 1, n - 1, 0.0) < 0


def test_the_sentence_names_estimate_interval_method_and_what_is_missing() -> None:
    result = proportion(3, 10, "wilson", missing=2, population="treated")
    assert "0.3 (95% CI 0.1078 to 0.6032)" in str(result.sentence)
    assert "10 participants (treated), 2 missing left out" in str(result.sentence)
    assert "缺失 2 例" in result.sentence.in_language("zh")


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: proportion(4, 3), "events from 0 to participants"),
        (lambda: proportion(-1, 3), "events from 0"),
        (lambda: proportion(0, 0), "participants 1 or more"),
        (lambda: proportion(1, 3, "wald"), "clopper-pearson"),
        (lambda: proportion(1, 3, level=1.0), "strictly between"),
        (lambda: two_proportions(0, 3, 3, 3, "odds-ratio", "newcombe"), "neither 0 nor infinite"),
        (lambda: two_proportions(1, 3, 1, 3, "ratio", "exact", berger_boos=0.1), "below the error"),
        (lambda: fisher(1, 3, 1, 3, "both"), "two-sided, greater, less"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(call: object, match: str) -> None:
    with pytest.raises(AnalysisError, match=match):
        call()  # type: ignore[operator]
