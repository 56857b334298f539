"""Stopping rules: the exact recursion against every path, and what boundaries must obey."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import BetaBinomialStopping, DesignError, ToxicityBoundary
from trialwright.design.stopping import MonitoringState, StoppingRule

rules = st.one_of(
    st.builds(
        BetaBinomialStopping,
        limit=st.floats(0.05, 0.5),
        prior=st.tuples(st.floats(0.1, 2), st.floats(0.1, 2)),
        threshold=st.floats(0.6, 0.98),
        participants=st.integers(1, 9),
    ),
    st.builds(
        ToxicityBoundary,
        limit=st.floats(0.05, 0.5),
        size=st.floats(0.02, 0.3),
        participants=st.integers(1, 9),
        shape=st.sampled_from(["pocock", "obrien-fleming", 0.25]),
    ),
)


def every_path(rule: StoppingRule, p: float) -> tuple[float, float, float]:
    """Hold probability, expected participants and events by listing all outcome sequences."""
    held = treated = events = 0.0
    for path in product((0, 1), repeat=rule.participants):
        chance = np.prod([p if y else 1 - p for y in path])
        state = rule.start()
        for y in path:
            state = state.observe(1, y)
            if rule.decide(state).action == "hold":
                held += chance
                break
        treated += chance * state.treated
        events += chance * state.events
    return held, treated, events


@settings(max_examples=25, deadline=None)
@given(rules, st.floats(0, 1))
def test_the_recursion_equals_every_path(rule: StoppingRule, p: float) -> None:
    oc = rule.operating_characteristics([p])
    exact = (oc.hold_probability[0], oc.expected_participants[0], oc.expected_events[0])
    assert exact == pytest.approx(every_path(rule, p), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(rules)
def test_a_higher_rate_holds_more_often_and_one_level_never_falls(
    rule: StoppingRule,
) -> None:
    bounds = [b for b in rule.hold_at if b is not None]
    # A shape that is strict early allows more at later looks, so its exact bounds may fall.
    if not (isinstance(rule, ToxicityBoundary) and rule.delta < 0.5):
        assert bounds == sorted(bounds)
    chances = rule.operating_characteristics([0.0, 0.1, 0.3, 0.6, 1.0]).hold_probability
    assert np.all(np.diff(chances) >= -1e-12)


def test_a_bound_that_is_strict_early_may_fall_when_its_level_rises() -> None:
    rule = ToxicityBoundary(limit=0.0625, size=0.0625, participants=7, shape="obrien-fleming")
    assert [b for b in rule.hold_at if b is not None] == [3, 2, 2, 2, 3]
    assert rule.levels[3] < 3 * 0.0625**2 < rule.levels[4]


@pytest.mark.parametrize("shape", ["pocock", "obrien-fleming"])
@pytest.mark.parametrize("size", [0.025, 0.05, 0.10])
def test_a_boundary_keeps_its_size_and_uses_it(shape: str, size: float) -> None:
    rule = ToxicityBoundary(limit=0.2, size=size, participants=30, shape=shape)
    spent = rule.operating_characteristics([0.2]).hold_probability[0]
    assert 0.8 * size < spent <= size


def test_obrien_and_fleming_is_strict_early_and_pocock_late() -> None:
    pocock, fleming = (
        ToxicityBoundary(limit=0.2, size=0.05, participants=30, shape=shape)
        for shape in ("pocock", "obrien-fleming")
    )
    first = [next(n for n, b in enumerate(r.hold_at) if b is not None) for r in (pocock, fleming)]
    assert first[0] < first[1]
    last = [rule.hold_at[30] or 0 for rule in (pocock, fleming)]
    assert last[0] > last[1]


def test_looks_restrict_when_the_rule_is_read() -> None:
    rule = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, participants=10, looks=(5, 10))
    assert [n for n, b in enumerate(rule.hold_at) if b is not None] == [5, 10]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: BetaBinomialStopping(0.0, (1, 1), 0.9, 10), "strictly between 0 and 1"),
        (lambda: BetaBinomialStopping(0.1, (0, 1), 0.9, 10), "above 0"),
        (lambda: BetaBinomialStopping(0.1, (1, 1), float("nan"), 10), "strictly between"),
        (lambda: BetaBinomialStopping(0.1, (1, 1), 0.9, 0), "1 to 10000"),
        (lambda: BetaBinomialStopping(0.1, (1, 1), 0.9, 10, looks=(11,)), "1 to 10"),
        (lambda: ToxicityBoundary(0.2, 0.05, 10, "flat"), "pocock, obrien-fleming"),
        (lambda: MonitoringState(3, 4), "at most as many events as treated"),
        (lambda: MonitoringState(-1, 0), "0 or more"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("rates", [[1.2], [-0.1], [float("nan")], []])
def test_true_rates_are_probabilities(rates: list[float]) -> None:
    with pytest.raises(DesignError, match="from 0 to 1"):
        BetaBinomialStopping(0.1, (1, 1), 0.9, 10).operating_characteristics(rates)


def test_a_rule_that_can_never_hold_says_so() -> None:
    """With five participants not even five events reach a posterior probability of 0.9999."""
    idle = BetaBinomialStopping(limit=0.5, prior=(1, 1), threshold=0.9999, participants=5)
    assert set(idle.hold_at) == {None}
    assert "no number of events holds" in str(idle.describe())
    assert "永远不会" in idle.describe().in_language("zh")
    able = BetaBinomialStopping(limit=0.5, prior=(1, 1), threshold=0.9, participants=5)
    assert able.warning is None and "Warning" not in str(able.describe())
