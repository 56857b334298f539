"""What a selection can decide: the simulated chances are the exact ones, and the searches keep what
they promise."""

from dataclasses import replace

import pytest

from trialwright.design import BetaBinomialStopping, DesignError, SelectionDesign
from trialwright.design.naming_power import (
    naming_power,
    search_thresholds,
    size_to_name,
    with_thresholds,
)

ARM = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 12)
POOLED = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 24)
DESIGN = SelectionDesign(arms=3, control=2, blocks=8, arm_rule=ARM, pooled_rule=POOLED)
BETTER = [0.3, 0.3, 0.7]


def exact(design: SelectionDesign, rates: list[float]) -> tuple[list[float], float]:
    oc = design.operating_characteristics([[0.0] * 3], [rates])
    return oc.named[0].tolist(), float(oc.none_named[0])


@pytest.mark.parametrize("rates", [[0.3, 0.3, 0.3], BETTER, [0.5, 0.2, 0.4]])
def test_the_chances_are_the_exact_ones_where_nobody_is_held(rates: list[float]) -> None:
    found = naming_power(DESIGN, 8, rates, trials=40_000)
    named, none = exact(DESIGN, rates)
    assert found.named == pytest.approx(named, abs=4.5 * found.standard_error + 1e-3)
    assert found.none_named == pytest.approx(none, abs=0.012)
    assert found.named[1] == 0


def test_the_thresholds_found_keep_the_mistakes_exactly_counted() -> None:
    found = search_thresholds(DESIGN, 8, 0.3, BETTER, mistaken=0.1, trials=40_000)
    searched = with_thresholds(DESIGN, found)
    assert 1 - exact(searched, [0.3] * 3)[1] == pytest.approx(found.mistaken, abs=0.007)
    assert found.mistaken <= 0.1
    assert exact(searched, BETTER)[0][2] == pytest.approx(found.right, abs=0.012)


def test_the_search_is_as_good_as_thresholds_that_make_as_many_mistakes() -> None:
    own = 1 - exact(DESIGN, [0.3] * 3)[1]
    found = search_thresholds(DESIGN, 8, 0.3, BETTER, mistaken=own, trials=40_000)
    assert found.right >= exact(DESIGN, BETTER)[0][2] - 0.01


def test_fewer_mistakes_cost_power_and_more_participants_buy_it() -> None:
    strict = search_thresholds(DESIGN, 8, 0.3, BETTER, mistaken=0.02)
    loose = search_thresholds(DESIGN, 8, 0.3, BETTER, mistaken=0.2)
    more = search_thresholds(DESIGN, 16, 0.3, BETTER, mistaken=0.02)
    assert strict.right < loose.right and strict.right < more.right


def test_the_size_found_is_the_first_with_the_power() -> None:
    n = size_to_name(DESIGN, BETTER, power=0.8)
    assert naming_power(DESIGN, n, BETTER).named[2] >= 0.8
    assert naming_power(DESIGN, n - 1, BETTER).named[2] < 0.8
    with pytest.raises(DesignError, match="isn't reached with 10"):
        size_to_name(DESIGN, [0.3, 0.3, 0.4], limit=10)
    with pytest.raises(DesignError, match="share the highest"):
        size_to_name(DESIGN, [0.6, 0.3, 0.6])


def test_arms_with_other_controls_mirror_each_other() -> None:
    other = naming_power(replace(DESIGN, control=3), 8, [0.3, 0.7, 0.3], trials=20_000)
    here = naming_power(DESIGN, 8, BETTER, trials=20_000)
    assert other.named[1] == pytest.approx(here.named[2], abs=0.015)
