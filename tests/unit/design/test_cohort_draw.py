"""Chance within a dose cohort: numbers hold, each permutation comes as often, places come back."""

from collections import Counter
from itertools import permutations
from math import comb

import pytest

from trialwright.design.cohort_draw import CohortDraw, CohortPlace
from trialwright.design.errors import DesignError

DRAW = CohortDraw(doses=3)
CONTROL = 4


def seeds(count: int) -> list[bytes]:
    return [number.to_bytes(32, "big") for number in range(count)]


def test_each_cohort_has_its_numbers_whatever_the_seed() -> None:
    places = [CohortPlace(c, level, 3, 2) for c, level in ((1, 1), (2, 3), (3, 2)) for _ in "12345"]
    for seed in seeds(40):
        arms = DRAW.list(seed, places)
        assert [Counter(arms[at : at + 5]) for at in (0, 5, 10)] == [
            {level: 3, CONTROL: 2} for level in (1, 3, 2)
        ]


def test_every_order_comes_as_often() -> None:
    """A random permutation of two and two: six orders, each in a sixth of the lists."""
    lists, place = 3_000, CohortPlace(1, 2, 2, 2)
    found = Counter(DRAW.list(seed, [place] * 4) for seed in seeds(lists))
    assert set(found) == set(permutations((2, 2, CONTROL, CONTROL)))
    assert len(found) == comb(4, 2)
    statistic = sum((n - lists / 6) ** 2 / (lists / 6) for n in found.values())
    assert statistic < 20.5, "the 99.9th percentile of chi-squared with 5 degrees of freedom"


def test_the_place_of_who_left_is_free_again_and_only_that() -> None:
    for seed in seeds(60):
        places = [CohortPlace(1, 1, 3, 1)] * 4
        arms = list(DRAW.list(seed, places))
        first = arms[0]
        places.append(CohortPlace(1, 1, 3, 1, left=(1,)))
        assert DRAW.list(seed, places)[-1] == first
    both = [CohortPlace(1, 1, 1, 1)] * 2 + [CohortPlace(1, 1, 1, 1, left=(1, 2))]
    assert {DRAW.list(seed, both)[-1] for seed in seeds(40)} == {1, CONTROL}, "drawn anew"


def test_a_full_cohort_has_no_place() -> None:
    with pytest.raises(DesignError, match="no free place"):
        DRAW.list(bytes(32), [CohortPlace(1, 1, 1, 1)] * 3)


def test_a_place_is_written_and_read() -> None:
    for place in (CohortPlace(3, 2, 6, 2), CohortPlace(12, 1, 3, 1, (1, 4))):
        assert CohortPlace.read(place.text) == place
    assert CohortPlace(3, 2, 6, 2, (1, 4)).text == "3/2/6+2-1-4"
