"""Stratified analyses, adjusted p-values and re-randomisation, against other ways to the same."""

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.analysis import AnalysisError, fisher, two_proportions
from trialwright.analysis.means import t_test
from trialwright.analysis.multiplicity import (
    bonferroni,
    fixed_sequence,
    graphical,
    hochberg,
    holm,
)
from trialwright.analysis.rerandomisation import redrawn, rerandomisation
from trialwright.analysis.stratified import (
    _cells,
    _stratified_z,
    exact_conditional,
    mantel_haenszel,
    stratified_score,
)
from trialwright.design import PermutedBlocks

TABLES = [(8, 10, 4, 10), (6, 12, 3, 12), (1, 5, 2, 9)]


@pytest.mark.parametrize("measure", ["difference", "ratio"])
def test_with_one_stratum_the_score_interval_is_the_plain_one(measure: str) -> None:
    one = stratified_score([(56, 70, 48, 80)], measure)
    plain = two_proportions(56, 70, 48, 80, measure)
    assert (one.estimate, one.lower, one.upper) == pytest.approx(
        (plain.estimate, plain.lower, plain.upper), abs=1e-8
    )


def test_with_one_stratum_the_exact_conditional_test_is_fishers() -> None:
    for table in ((7, 34, 1, 34), (3, 10, 9, 12), (0, 5, 3, 6)):
        assert exact_conditional([table]).p_value == pytest.approx(fisher(*table).p_value)


def test_a_stratum_said_twice_halves_the_variance_and_leaves_the_estimate() -> None:
    for measure in ("difference", "ratio", "odds-ratio"):
        once, twice = mantel_haenszel(TABLES, measure), mantel_haenszel(TABLES * 2, measure)
        assert once.estimate == pytest.approx(twice.estimate)
        wide, narrow = (
            (r.upper - r.lower) if measure == "difference" else np.log(r.upper / r.lower)
            for r in (once, twice)
        )
        assert wide / narrow == pytest.approx(np.sqrt(2))


def test_a_stratum_without_one_of_the_groups_says_nothing() -> None:
    for analysis in (mantel_haenszel, stratified_score, exact_conditional):
        with_empty = analysis([*TABLES, (3, 4, 0, 0)])
        assert (with_empty.estimate, with_empty.p_value) == (
            analysis(TABLES).estimate, analysis(TABLES).p_value,
        )  # fmt: skip
    with pytest.raises(AnalysisError, match="No stratum has both groups"):
        mantel_haenszel([(3, 4, 0, 0)])


def test_the_stratified_interval_keeps_its_level() -> None:
    """Over all outcomes of two small strata with one difference of 0.2, exactly. The interval holds
    0.2 where the statistic there is within the normal limits."""
    from scipy.stats import binom, norm

    sizes, rates = (6, 7, 5, 8), (0.6, 0.4, 0.4, 0.2)
    masses = [binom.pmf(range(n + 1), n, p) for n, p in zip(sizes, rates, strict=True)]
    covered = 0.0
    for x1, x2, y1, y2 in product(*(range(n + 1) for n in sizes)):
        chance = masses[0][x1] * masses[1][x2] * masses[2][y1] * masses[3][y2]
        cells = _cells([(x1, sizes[0], x2, sizes[1]), (y1, sizes[2], y2, sizes[3])])
        covered += chance * (abs(_stratified_z("difference", cells, 0.2)) <= norm.ppf(0.975))
    assert covered == pytest.approx(0.95, abs=0.015)


p_lists = st.lists(st.floats(0.0001, 1), min_size=1, max_size=5)


def closed(p: list[float], weights_of: dict[frozenset[int], dict[int, float]]) -> list[float]:
    """Adjusted p-values by the closure of weighted Bonferroni tests."""
    tests = {
        s: min([1.0] + [p[i] / w for i, w in weights.items() if w > 0])
        for s, weights in weights_of.items()
    }
    return [max(t for s, t in tests.items() if i in s) for i in range(len(p))]


@settings(max_examples=60, deadline=None)
@given(p_lists)
def test_holm_is_the_closure_of_bonferroni_and_a_graph(p: list[float]) -> None:
    n = len(p)
    sets = [frozenset(s) for k in range(1, n + 1) for s in combinations(range(n), k)]
    assert holm(p) == pytest.approx(closed(p, {s: {i: 1 / len(s) for i in s} for s in sets}))
    even = [[0 if i == j else 1 / max(n - 1, 1) for j in range(n)] for i in range(n)]
    assert graphical(p, [1 / n] * n, even) == pytest.approx(holm(p))
    assert all(h <= b + 1e-12 for h, b in zip(holm(p), bonferroni(p), strict=True))
    assert all(h <= b + 1e-12 for h, b in zip(hochberg(p), holm(p), strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0001, 1), min_size=3, max_size=3))
def test_a_gatekeeper_opens_the_graph_to_the_others(p: list[float]) -> None:
    """The first at the full level, then both others by Holm; a chain is a fixed sequence."""
    gate = graphical(p, [1, 0, 0], [[0, 0.5, 0.5], [0, 0, 1], [0, 1, 0]])
    later = holm(p[1:])
    assert gate == pytest.approx((p[0], max(p[0], later[0]), max(p[0], later[1])))
    chain = graphical(p, [1, 0, 0], [[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    assert chain == pytest.approx(fixed_sequence(p))


def test_a_graph_that_hands_on_more_than_it_has_is_refused() -> None:
    with pytest.raises(AnalysisError, match="Correct the graph"):
        graphical([0.1, 0.2], [0.5, 0.6], [[0, 1], [1, 0]])
    with pytest.raises(AnalysisError, match="Correct the graph"):
        graphical([0.1, 0.2], [0.5, 0.5], [[0.5, 0.5], [1, 0]])


def test_over_all_lists_a_rerandomisation_test_is_the_permutation_test_within_blocks() -> None:
    """Two blocks of four: 36 lists, of which each is given once."""
    y = np.array([4.0, 1.0, 3.0, 2.0, 9.0, 7.0, 8.0, 6.0])
    arms = [1, 2, 1, 2, 1, 2, 1, 2]
    halves = sorted(set(permutations([1, 1, 2, 2])))
    lists = np.array([a + b for a in halves for b in halves])
    sums = [y[list_ == 1].sum() for list_ in lists]
    seen = y[np.array(arms) == 1].sum()
    hits = sum(abs(s - y.sum() / 2) >= abs(seen - y.sum() / 2) for s in sums)
    found = rerandomisation(y, arms, lists, arm=1, reference=2)
    assert found.p_value == (hits + 1) / 37


def test_lists_are_drawn_from_the_procedure_with_its_strata_and_run_in() -> None:
    procedure = PermutedBlocks(arms=2, block_sizes=(4,), strata=("old", "young"), run_in=(2,))
    lists = ["run-in", "run-in", *["old", "young"] * 4]
    drawn = redrawn(lists, procedure, samples=200)
    for name, size in (("run-in", 1), ("old", 2), ("young", 2)):
        inside = drawn[:, [n == name for n in lists]]
        assert (inside == 1).sum(axis=1).tolist() == [size] * 200
    assert len(np.unique(drawn, axis=0)) > 50
    assert (redrawn(lists, procedure, samples=200) == drawn).all()


def test_whoever_has_no_outcome_keeps_a_place_and_gives_no_value() -> None:
    lists = np.array([[1, 2, 1, 2], [2, 1, 2, 1], [1, 2, 2, 1]])
    found = rerandomisation([5.0, np.nan, 3.0, 1.0], [1, 2, 1, 2], lists, arm=1, reference=2)
    assert (found.estimate, found.participants, found.missing) == (3.0, 3, 1)


def test_welchs_t_agrees_with_scipy() -> None:
    from scipy.stats import ttest_ind

    a, b = [4.1, 5.0, 5.9, 6.2, 9.0], [3.0, 3.9, 4.4]
    found, peer = t_test(a, b), ttest_ind(a, b, equal_var=False)
    interval = peer.confidence_interval()
    assert (found.p_value, found.lower, found.upper) == pytest.approx(
        (peer.pvalue, interval.low, interval.high), rel=1e-10
    )
    with pytest.raises(AnalysisError, match="two values in each group"):
        t_test([1.0], [1.0, 2.0])
