"""Excess over a control: the posterior by another integral, the recursion by every path."""

from itertools import product

import pytest
from scipy.integrate import quad
from scipy.stats import beta

from trialwright.design import DesignError, ExcessOverControl

RULE = ExcessOverControl(looks=(2, 4), margin=0.1, threshold=0.8)


@pytest.mark.parametrize(
    ("n", "y", "c"), [(10, 6, 1), (10, 0, 0), (4, 2, 3), (30, 20, 15), (200, 100, 66)]
)
def test_the_posterior_probability(n: int, y: int, c: int) -> None:
    expected = quad(
        lambda q: beta.pdf(q, 1 + c, 1 + n - c) * beta.sf(q + 0.1, 1 + y, 1 + n - y), 0, 0.9
    )[0]
    assert RULE.probability(n, y, c) == pytest.approx(expected, abs=1e-5)


def test_no_margin_and_equal_data_is_an_even_chance() -> None:
    even = ExcessOverControl(looks=(10,))
    assert even.probability(10, 3, 3) == pytest.approx(0.5, abs=1e-5)


def test_the_recursion_equals_every_path() -> None:
    p, q = 0.6, 0.2
    held = [0.0, 0.0]
    for path in product((0, 1), repeat=8):
        one, two = path[:4], path[4:]
        chance = (
            p ** sum(one) * (1 - p) ** (4 - sum(one)) * q ** sum(two) * (1 - q) ** (4 - sum(two))
        )
        for k, n in enumerate(RULE.looks):
            if RULE.decide(n, sum(one[:n]), sum(two[:n])).action == "hold":
                held[k] += chance
                break
    assert RULE.operating_characteristics([[p, q]])[0] == pytest.approx([held[0], sum(held)])


def test_more_events_never_undo_a_hold() -> None:
    bounds = [row[2] for row in RULE.table().rows if row[0] == 4]
    known = [b for b in bounds if b is not None]
    assert known == sorted(known)
    with pytest.raises(DesignError, match="looks"):
        ExcessOverControl(looks=(4, 2))


def test_behaviour_at_a_rate_of_the_control_is_that_of_the_looks() -> None:
    rates, control = (0.0, 0.3, 0.6), 0.2
    found = RULE.characteristics(rates, control)
    held = RULE.operating_characteristics([[p, control] for p in rates])
    assert found.hold_probability == pytest.approx(held[:, -1])
    assert found.hold_distribution[:, [2, 4]].cumsum(axis=1) == pytest.approx(held)
    assert found.expected_participants == pytest.approx(4 - 2 * held[:, 0])
    assert found.expected_events == pytest.approx(rates * found.expected_participants)
    with pytest.raises(DesignError, match="within 0 and 1"):
        RULE.characteristics(rates, 1.1)
