"""Combination tests and late outcomes: the level is kept, and what can't be is refused."""

import numpy as np
import pytest

from trialwright.design import (
    DelayedResponse,
    DesignError,
    FisherCombination,
    GroupSequential,
    InverseNormalTest,
)

PLAN = InverseNormalTest(test=GroupSequential(timing=(0.4, 1.0), spending="pocock"))
FUTILE = GroupSequential(timing=(0.3, 0.6, 1.0), futility="binding", beta=0.1)


def test_the_level_is_kept_whatever_size_the_second_stage_has() -> None:
    """200,000 trials: after a promising first stage the second is a quarter, else four times."""
    rng = np.random.default_rng(13)
    from scipy.special import ndtr

    first = rng.standard_normal(200_000)
    size = np.where(first > 1, 0.25, 4.0)
    total = rng.standard_normal(200_000) * np.sqrt(size)
    stages = np.column_stack([ndtr(-first), ndtr(-total / np.sqrt(size))])
    weights = np.array(PLAN.weights)
    second = first * weights[0] + -np.sqrt(1 - weights[0] ** 2) * -total / np.sqrt(size)
    upper = PLAN.boundaries.upper
    share = np.mean((first >= upper[0]) | (second >= upper[1]))
    assert share == pytest.approx(0.025, abs=4 * np.sqrt(0.025 * 0.975 / 200_000))
    for row, z in zip(stages[:50], second[:50], strict=True):
        assert PLAN.combined(list(map(float, row)))[1] == pytest.approx(z, abs=1e-9)


def test_conditional_rejection_averages_to_the_level() -> None:
    """Over the first stage under no effect, of those that go on, with those that stop at once."""
    x, w = np.polynomial.legendre.leggauss(200)
    top = PLAN.boundaries.upper[0]
    z = (top + 8) / 2 * x + (top - 8) / 2
    from scipy.special import ndtr

    rest = [PLAN.conditional_rejection([float(ndtr(-each))]) for each in z]
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    found = float(ndtr(-top)) + float(w @ (density * rest)) * (top + 8) / 2
    assert found == pytest.approx(0.025, abs=1e-7)


def test_information_that_is_needed_gives_the_power() -> None:
    info = PLAN.information_needed([0.2], 0.3, power=0.9)
    assert PLAN.conditional_power([0.2], 0.3 * np.sqrt(info)) == pytest.approx(0.9)


def test_a_stage_that_is_strong_enough_needs_nothing_more() -> None:
    assert PLAN.information_needed([1e-12], 0.3) == 0.0


def test_products_keep_their_level_and_their_p_value_agrees_with_the_decision() -> None:
    test = FisherCombination(alpha=0.025, futile_above=0.6)
    grid = (np.arange(4_000) + 0.5) / 4_000
    level = np.mean([test.conditional_error(float(p)) for p in grid])
    assert level == pytest.approx(0.025, abs=2e-4)
    for stages in ([0.3, 0.001], [0.03, 0.12], [0.59, 0.9], [0.011, 0.5], [0.005], [0.7]):
        rejects = test.decide(stages).action == "stop for effect"
        assert rejects is (test.p_value(stages) <= 0.025 + 1e-12)
    assert test.decide([0.3]).action == "continue"


def test_an_arm_needs_all_its_intersections() -> None:
    """Each alone crosses; with a hopeless third arm in the intersection it no longer does."""
    alone = PLAN.closed([[0.04, 0.04]])
    assert alone.rejected_at == (2,)
    beside = PLAN.closed([[0.04, 0.04], [0.9, 0.9], [0.9, 0.9]], intersection="bonferroni")
    assert beside.rejected_at == (None, None, None)
    together, single = beside.p_values[0][1], alone.p_values[0][1]
    assert together is not None and single is not None and together > single


def test_late_outcomes_leave_the_level_and_move_the_power() -> None:
    late = DelayedResponse(test=FUTILE, pipeline=(0.2, 0.25))
    assert late.performance(0.0).power == pytest.approx(0.025, abs=1e-7)
    found = late.performance(1.0)
    assert 0.9 < found.power < 0.95
    without = sum(
        (a + b) * t
        for a, b, t in zip(*_stops(FUTILE), FUTILE.timing, strict=False)
    )  # fmt: skip
    assert found.information > without, "who was recruited before a stop counts"
    assert len(found.stop) == len(found.reversal) == 2


def _stops(test: GroupSequential) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from trialwright.design.canonical import crossing

    return crossing(test.boundaries, 1.0)


def test_late_outcomes_simulated() -> None:
    """100,000 paths under the planned effect: stops, reversals, power."""
    late = DelayedResponse(test=FUTILE, pipeline=(0.2, 0.25))
    rng = np.random.default_rng(5)
    maximum = late.boundaries.information[-1]
    info = np.array([0.3, 0.5, 0.6, 0.85, 1.0]) * maximum
    steps = np.diff(np.concatenate([[0.0], info]))
    score = np.cumsum(steps + rng.standard_normal((100_000, 5)) * np.sqrt(steps), axis=1)
    z = score / np.sqrt(info)
    going, power, reversals = np.ones(len(z), dtype=bool), 0.0, []
    for k, (look, after) in enumerate(((0, 1), (2, 3))):
        up = going & (z[:, look] >= late.boundaries.upper[k])
        down = going & (z[:, look] <= late.boundaries.lower[k])
        rejects = z[:, after] >= late.decision_bounds[k]
        power += np.mean((up | down) & rejects)
        reversals.append(np.mean(up & ~rejects))
        going &= ~(up | down)
    power += np.mean(going & (z[:, 4] >= late.decision_bounds[2]))
    found = late.performance(1.0)
    assert found.power == pytest.approx(power, abs=0.004)
    assert found.reversal == pytest.approx(reversals, abs=0.002)


def test_a_stop_waits_for_the_outcomes() -> None:
    late = DelayedResponse(test=FUTILE, pipeline=(0.2, 0.25))
    high = late.boundaries.upper[1] + 0.1
    assert late.decide(2, high).action == "suspend"
    assert late.decide(2, high, late.decision_bounds[1]).action == "stop for effect"
    assert late.decide(2, high, late.decision_bounds[1] - 0.01).action == "stop without effect"
    assert late.decide(2, 1.0).action == "continue"


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: InverseNormalTest(test=GroupSequential(timing=(1.0,), sides=2)), "one side"),
        (lambda: PLAN.combined([0.1, 0.2, 0.3]), "1 to 2"),
        (lambda: PLAN.combined([1.0]), "strictly between 0 and 1"),
        (lambda: PLAN.conditional_rejection([0.1, 0.2]), "before the last look"),
        (lambda: PLAN.closed([[None, 0.1]]), "doesn't come back"),
        (lambda: PLAN.closed([[0.1], [0.1, 0.2]]), "one for each"),
        (lambda: PLAN.closed([[0.1]], intersection="dunnett"), "simes, bonferroni, sidak"),
        (lambda: PLAN.estimate([0.1], [0.0]), "above 0"),
        (lambda: FisherCombination(early_level=0.03), "strictly between"),
        (lambda: FisherCombination().decide([0.1, 0.1, 0.1]), "1 to 2"),
        (
            lambda: DelayedResponse(test=GroupSequential(timing=(0.5, 1.0)), pipeline=(0.1,)),
            "futility: binding",
        ),
        (lambda: DelayedResponse(test=FUTILE, pipeline=(0.1,)), "Give one for each"),
        (lambda: DelayedResponse(test=FUTILE, pipeline=(0.1, 0.5)), "strictly between"),
    ],
)
def test_what_cannot_be_is_refused(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]
