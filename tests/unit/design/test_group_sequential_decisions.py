"""What a group-sequential test says at a look: on each bound, beside it, and at the last look."""

import pytest

from trialwright.design import DesignError, GroupSequential

ONE_SIDED = GroupSequential(timing=(0.5, 1.0))
WITH_FUTILITY = GroupSequential(timing=(0.5, 1.0), futility="non-binding")
TWO_SIDED = GroupSequential(timing=(0.5, 1.0), alpha=0.05, sides=2)
BEYOND = 0.01


@pytest.mark.parametrize("design", [ONE_SIDED, WITH_FUTILITY, TWO_SIDED])
@pytest.mark.parametrize("look", [1, 2])
def test_an_effect_is_found_from_the_bound_on(design: GroupSequential, look: int) -> None:
    bound = design.boundaries.upper[look - 1]
    for z in (bound, bound + BEYOND, 40.0):
        decision = design.decide(z, look)
        assert (decision.action, decision.dose) == ("stop for effect", None)
        assert str(decision.reason) == f"Z = {z:.3f} reaches {bound:.3f}."
    below = design.decide(bound - BEYOND, look)
    assert below.action == ("continue" if look == 1 else "stop without effect")


def test_without_a_futility_bound_nothing_stops_the_first_look_for_want_of_effect() -> None:
    assert ONE_SIDED.decide(-40.0, 1).action == "continue"
    assert ONE_SIDED.decide(-40.0, 2).action == "stop without effect"


def test_at_or_under_the_futility_bound_the_trial_stops_without_effect() -> None:
    bound = WITH_FUTILITY.boundaries.lower[0]
    for z in (bound, bound - BEYOND):
        decision = WITH_FUTILITY.decide(z, 1)
        assert decision.action == "stop without effect"
        assert str(decision.reason) == f"Z = {z:.3f} is below {bound:.3f}."
    upper = WITH_FUTILITY.boundaries.upper[0]
    between = WITH_FUTILITY.decide(bound + BEYOND, 1)
    assert between.action == "continue"
    assert str(between.reason) == (
        f"Z = {bound + BEYOND:.3f} lies between {bound:.3f} and {upper:.3f}."
    )


def test_with_two_sides_either_arm_may_win() -> None:
    for look, upper in enumerate(TWO_SIDED.boundaries.upper, start=1):
        lower = TWO_SIDED.boundaries.lower[look - 1]
        assert lower == -upper
        for z in (lower, lower - BEYOND):
            decision = TWO_SIDED.decide(z, look)
            assert decision.action == "stop for effect"
            assert str(decision.reason) == f"Z = {z:.3f} reaches {lower:.3f}."
        assert TWO_SIDED.decide(lower + BEYOND, look).action == (
            "continue" if look == 1 else "stop without effect"
        )
    last = TWO_SIDED.decide(0.0, 2)
    assert str(last.reason) == f"Z = 0.000 is below {TWO_SIDED.boundaries.upper[1]:.3f}."


@pytest.mark.parametrize(("z", "look"), [(1.0, 0), (1.0, 3), (float("nan"), 1), (2e6, 1)])
def test_a_look_that_is_not_planned_or_a_value_that_is_none_is_refused(z: float, look: int) -> None:
    with pytest.raises(DesignError):
        ONE_SIDED.decide(z, look)
