"""Regimens against a control: every path of a small trial by other integrations, the limits of
borrowing, simulation, and the threshold that keeps a stated error."""

from dataclasses import replace
from functools import cache
from itertools import product
from math import comb, exp, log, log1p

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaincc, betaln

from trialwright.design import DesignError, RegimenComparison
from trialwright.design.regimen_errors import calibrate, null_scenarios
from trialwright.design.regimen_paths import MAX_CELLS, cells_of
from trialwright.design.similarity_borrowing import divergence

SMALL = RegimenComparison(
    arms=3, control=2, looks=(2, 4), drop_below=0.45, name_early_above=0.9, name_at=0.8
)
DESIGNS = {
    "independent": SMALL,
    "borrowing": replace(SMALL, borrowing="similarity"),
    "borrowing where alike": replace(SMALL, borrowing="similarity", least_similarity=0.8),
    "predictive": replace(SMALL, futility="predictive", drop_below=0.3, name_early_above=0.8),
    "predictive, borrowing": replace(
        SMALL, futility="predictive", drop_below=0.3, name_early_above=0.8, borrowing="similarity"
    ),
    "another prior": replace(SMALL, prior=(0.5, 1.5), borrowing="similarity", drop_below=0.5),
    "a fixed rate": replace(
        SMALL, arms=2, control=0, reference=0.4, borrowing="similarity", name_early_above=1.0
    ),
}


@cache
def unlike(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Jensen-Shannon divergence of two Beta distributions, from its definition."""

    def apart(p: float) -> float:
        f, g = density(first, p), density(second, p)
        m = (f + g) / 2
        return float((f * log(f / m) if f else 0) + (g * log(g / m) if g else 0)) / 2

    return float(quad(apart, 0, 1, epsabs=1e-11)[0])


@cache
def above(one: tuple[float, float], two: tuple[float, float]) -> float:
    """P(Beta(one) > Beta(two))."""
    return float(quad(lambda p: density(two, p) * betaincc(*one, p), 0, 1, epsabs=1e-11)[0])


def density(of: tuple[float, float], p: float) -> float:
    a, b = of
    return exp((a - 1) * log(p) + (b - 1) * log1p(-p) - betaln(a, b))


def binomial(size: int, y: int, p: float) -> float:
    return comb(size, y) * p**y * (1 - p) ** (size - y)


def beta_binomial(size: int, y: int, of: tuple[float, float]) -> float:
    return comb(size, y) * exp(betaln(of[0] + y, of[1] + size - y) - betaln(*of))


def posterior(design: RegimenComparison, n: int, y: int) -> tuple[float, float]:
    a, b = design.prior
    return a + y, b + n - y


def said(design: RegimenComparison, data: dict[int, tuple[int, int]], arm: int, now: int) -> float:
    """What a look reads for one arm: data are participants and responses by arm."""
    alone = {k: posterior(design, *data[k]) for k in design.regimens}
    mine = alone[arm]
    if design.borrowing == "similarity":
        for k in design.regimens:
            weight = (1 - unlike(alone[arm], alone[k])) ** design.similarity_power
            if k != arm and weight > design.least_similarity:
                mine = (mine[0] + weight * alone[k][0], mine[1] + weight * alone[k][1])
    if design.futility == "posterior" or now == design.per_arm:
        return against(design, mine, posterior(design, *data.get(design.control, (0, 0))))
    more, end, total = design.per_arm - now, design.per_arm, 0.0
    y = data[arm][1]
    n_c, y_c = data.get(design.control, (now, 0))
    for u, v in product(range(more + 1), repeat=2):
        chance = beta_binomial(more, u, mine)
        chance *= beta_binomial(more, v, posterior(design, n_c, y_c))
        last = against(design, posterior(design, end, y + u), posterior(design, end, y_c + v))
        total += chance * (last >= design.name_at - 1e-9)
    return float(total)


def against(
    design: RegimenComparison, mine: tuple[float, float], control: tuple[float, float]
) -> float:
    if design.reference is not None:
        return float(betaincc(*mine, design.reference))
    return above((round(mine[0], 9), round(mine[1], 9)), control)


def every_path(
    design: RegimenComparison, rates: list[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """Named, dropped, participants by arm, any named and a mistake: responses listed look by look,
    one arm after the other."""
    arms = range(1, design.arms + 1)
    named, dropped, people = (np.zeros(design.arms) for _ in range(3))
    any_named = mistaken = 0.0
    reference = rates[design.control - 1] if design.control else design.reference
    assert reference is not None

    def walk(data: dict[int, tuple[int, int]], fate: dict[int, str], look: int, q: float) -> None:
        nonlocal any_named, mistaken
        going = [k for k in design.regimens if k not in fate]
        if not going or look == len(design.looks):
            for k in arms:
                people[k - 1] += q * data[k][0]
                named[k - 1] += q * (fate.get(k) == "named")
                dropped[k - 1] += q * (fate.get(k) == "dropped")
            winners = [k for k in design.regimens if fate.get(k) == "named"]
            any_named += q * bool(winners)
            mistaken += q * any(rates[k - 1] <= reference for k in winners)
            return
        now = design.looks[look]
        grows = [k for k in arms if k == design.control or k in going]
        for gains in product(*(range(now - data[k][0] + 1) for k in grows)):
            after, chance = dict(data), q
            for k, gain in zip(grows, gains, strict=True):
                chance *= binomial(now - data[k][0], gain, rates[k - 1])
                after[k] = (now, data[k][1] + gain)
            told = dict(fate)
            for k in going:
                value = said(design, after, k, now)
                if now == design.per_arm:
                    told[k] = "named" if value >= design.name_at - 1e-9 else "not named"
                elif value > design.name_early_above + 1e-9:
                    told[k] = "named"
                elif value < design.drop_below - 1e-9:
                    told[k] = "dropped"
            walk(after, told, look + 1, chance)

    walk(dict.fromkeys(arms, (0, 0)), {}, 0, 1.0)
    return named, dropped, people, any_named, mistaken


@pytest.mark.parametrize("name", DESIGNS)
def test_the_exact_answer_is_that_of_every_path(name: str) -> None:
    design = DESIGNS[name]
    rates = [0.7, 0.4, 0.3][: design.arms]
    named, dropped, people, any_named, mistaken = every_path(design, rates)
    found = design.operating_characteristics([[0.5] * design.arms, rates])
    assert found.method == "exact" and found.standard_error.max() == 0
    assert named.sum() > 0.1 and dropped.sum() > 0.05 and mistaken > 0
    assert found.named[1] == pytest.approx(named, abs=1e-9)
    assert found.dropped[1] == pytest.approx(dropped, abs=1e-9)
    assert found.participants[1] == pytest.approx(people, abs=1e-9)
    assert found.any_named[1] == pytest.approx(any_named, abs=1e-9)
    assert found.mistaken[1] == pytest.approx(mistaken, abs=1e-9)


def test_without_borrowing_a_regimen_is_judged_as_if_it_were_the_only_one() -> None:
    together = RegimenComparison(arms=4, control=4, looks=(3, 6), drop_below=0.3, name_at=0.8)
    rates = [0.2, 0.5, 0.8, 0.4]
    found = together.operating_characteristics([rates])
    for arm in (1, 2, 3):
        alone = replace(together, arms=2, control=2).operating_characteristics(
            [[rates[arm - 1], 0.4]]
        )
        assert found.named[0, arm - 1] == pytest.approx(alone.named[0, 0], abs=1e-12)
        assert found.dropped[0, arm - 1] == pytest.approx(alone.dropped[0, 0], abs=1e-12)
        assert found.participants[0, arm - 1] == pytest.approx(alone.participants[0, 0])


def test_borrowing_everything_is_the_analysis_of_all_regimens_pooled() -> None:
    """Power 0: one posterior for all, of all responses and of as many priors as regimens."""
    pooled = RegimenComparison(
        arms=4, control=1, looks=(6,), borrowing="similarity", similarity_power=0
    )
    found = pooled.chances((6, 6, 6), np.array([[1, 4, 6]]), 6)[0]
    one = replace(pooled, arms=2, prior=(1, 1), borrowing="none", looks=(6,))
    expected = [above((3 + 11, 3 + 7), (1 + y, 7 - y)) for y in range(7)]
    assert found == pytest.approx(np.tile(expected, (3, 1)), abs=1e-9)
    assert not np.allclose(one.chances((6,), np.array([[4]]), 6)[0, 0], expected, atol=0.05)


def test_arms_that_are_alike_borrow_wholly_and_unlike_ones_little() -> None:
    far, near = divergence(20, 20, (1.0, 1.0))[0, 20], divergence(20, 20, (1.0, 1.0))[9, 10]
    assert divergence(20, 10, (1.0, 1.0))[7, 3] == pytest.approx(unlike((8, 14), (4, 8)), abs=1e-9)
    assert divergence(20, 20, (1.0, 1.0))[7, 7] == 0
    assert near < 0.03 and log(2) - 1e-5 < far <= log(2) + 1e-12


@pytest.mark.parametrize("name", ["independent", "predictive, borrowing", "a fixed rate"])
def test_the_simulation_agrees_within_its_error(name: str) -> None:
    design = replace(DESIGNS[name], looks=(3, 6, 9))
    rates = [[0.6, 0.4, 0.3][: design.arms], [0.4] * design.arms]
    exact = design.operating_characteristics(rates)
    found = design.operating_characteristics(rates, method="monte-carlo", trials=4_000, seed=5)
    assert (exact.method, found.method) == ("exact", "monte-carlo")
    assert np.all(np.abs(found.named - exact.named) <= 4 * found.standard_error + 1e-3)
    for one, two in ((exact.dropped, found.dropped), (exact.mistaken, found.mistaken)):
        assert one == pytest.approx(two, abs=4 * 0.5 / 4_000**0.5)
    assert found.participants == pytest.approx(exact.participants, abs=0.2)


def test_auto_simulates_what_is_too_large_and_exact_says_so() -> None:
    large = RegimenComparison(arms=6, control=1, looks=(10, 20))
    assert cells_of(large) > MAX_CELLS
    found = large.operating_characteristics([[0.3] * 6], trials=200)
    assert found.method == "monte-carlo" and found.standard_error.max() > 0
    with pytest.raises(DesignError, match="method=monte-carlo"):
        large.operating_characteristics([[0.3] * 6], method="exact")


@pytest.mark.parametrize("borrowing", ["none", "similarity"])
def test_the_threshold_found_is_the_least_that_keeps_the_error(borrowing: str) -> None:
    design = RegimenComparison(arms=3, control=1, looks=(4, 8), borrowing=borrowing)
    found = calibrate(design, mistaken=0.08)
    kept = replace(design, name_at=found.name_at)
    scenarios = null_scenarios(design)
    at_it = kept.operating_characteristics(scenarios).mistaken
    assert found.mistaken.tolist() == at_it.tolist() and at_it.max() <= 0.08
    counts = np.indices((9, 9)).reshape(2, -1).T
    dropped = np.indices((5, 9)).reshape(2, -1).T
    values = np.concatenate(
        [
            design.chances((8, 8), counts, 8).ravel(),
            design.chances((4, 8), dropped, 8)[:, 1].ravel(),
        ]
    )
    for lower in np.unique(values[values < found.name_at - 1e-9])[::-1]:
        lowered = replace(design, name_at=float(lower)).operating_characteristics(scenarios)
        if lowered.mistaken.tolist() != at_it.tolist():
            break
    assert lowered.mistaken.max() > 0.08


def test_no_threshold_where_an_early_look_already_mistakes_too_often() -> None:
    hasty = RegimenComparison(arms=3, control=1, looks=(4, 8), name_early_above=0.6)
    with pytest.raises(DesignError, match="No threshold keeps"):
        calibrate(hasty, mistaken=0.01)
    with pytest.raises(DesignError, match="posterior"):
        calibrate(replace(hasty, futility="predictive"))


def test_nulls_are_all_alike_then_some_better() -> None:
    fixed = RegimenComparison(arms=3, reference=0.2, looks=(10,))
    assert null_scenarios(fixed) == ((0.2, 0.2, 0.2), (0.2, 0.2, 0.5), (0.2, 0.5, 0.5))
    assert len(null_scenarios(RegimenComparison(arms=4, control=4, looks=(10,)))) == 9


def test_borrowing_misleads_where_regimens_differ() -> None:
    """The figures of the manual: 10.3% where all are alike, 29.1% where the three others are
    better."""
    design = RegimenComparison(arms=5, control=2, looks=(5, 10), borrowing="similarity")
    found = design.operating_characteristics([[0.3] * 5, [0.3, 0.3, 0.6, 0.6, 0.6]])
    assert found.named[:, 0].round(3).tolist() == [0.103, 0.291]


def test_a_look_tells_of_each_regimen() -> None:
    design = RegimenComparison(arms=3, control=1, looks=(5, 10), drop_below=0.2)
    first = design.decide((5, 5, 5), (3, 0, 4))
    assert (first.action, first.dose) == ("go on", None)
    assert "Dropped for futility: 2." in str(first.reason)
    last = design.decide((10, 5, 10), (3, 0, 9))
    assert (last.action, last.dose) == ("name", 3)
    assert "Arm 2" not in str(last.reason) and "Named: 3." in str(last.reason)
    assert design.decide((5, 5, 5), (5, 0, 0)).action == "none"
    with pytest.raises(DesignError, match="5, 10"):
        design.decide((6, 6, 6), (0, 0, 0))


def test_bounds_are_where_the_chances_cross() -> None:
    design = RegimenComparison(arms=3, control=1, looks=(5, 10), drop_below=0.2, name_at=0.9)
    for look, n in enumerate(design.looks):
        chances = design.chances((n,), np.arange(n + 1)[:, None], n)[:, 0]
        for c, (dropped, named) in enumerate(design.bounds(look)):
            column = chances[:, c]
            assert (dropped is None) == (n == 10 or column[0] >= 0.2)
            if dropped is not None:
                assert column[dropped] < 0.2 <= column[dropped + 1]
            if n == 10 and named is not None:
                assert column[named - 1] < 0.9 <= column[named]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"control": 0}, "a control or with a fixed rate"),
        ({"reference": 0.3}, "a control or with a fixed rate"),
        ({"looks": ()}, "looks"),
        ({"looks": (10, 5)}, "11 to 200"),
        ({"futility": "likelihood"}, "posterior, predictive"),
        ({"borrowing": "all"}, "none, similarity"),
        ({"drop_below": 1.0}, "below 1"),
        ({"name_early_above": 0.05}, "strictly between"),
        ({"prior": (0.0, 1.0)}, "above 0"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(change: dict[str, object], match: str) -> None:
    with pytest.raises(DesignError, match=match):
        RegimenComparison(**{"arms": 3, "control": 1, "looks": (5, 10), **change})  # type: ignore[arg-type]
