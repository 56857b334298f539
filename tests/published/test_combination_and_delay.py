"""Combination tests, closed tests and delayed responses of the R package rpact 3.3.4."""

from math import inf, sqrt

import pytest
from scipy.stats import norm

from trialwright.design import FisherCombination, GroupSequential, InverseNormalTest
from trialwright.design.canonical import Boundaries
from trialwright.design.delayed_response import decision_bounds

# getDesignInverseNormal(kMax=3, alpha=0.025, typeOfDesign="asOF"); getAnalysisResults with means
# 0.35, 0.32, 0.5 of 20, 30, 25 participants, deviations 1.1, 0.9, 1.2, normalApproximation=TRUE.
THREE = InverseNormalTest(test=GroupSequential(timing=(1 / 3, 2 / 3, 1.0)))
MEANS = [0.35, 0.32, 0.5]
ERRORS = [1.1 / sqrt(20), 0.9 / sqrt(30), 1.2 / sqrt(25)]
STAGES = [float(norm.sf(mean / error)) for mean, error in zip(MEANS, ERRORS, strict=True)]


def test_combined_statistics_and_conditional_rejection_probabilities() -> None:
    assert pytest.approx([0.0773749845724, 0.0257399262452, 0.0186104251899]) == STAGES
    combined = THREE.combined(STAGES)
    assert combined == pytest.approx([1.42295234932, 2.38324000083, 3.14872037302], abs=1e-9)
    found = [THREE.conditional_rejection(STAGES[:k]) for k in (1, 2)]
    assert found == pytest.approx([0.0812163432849, 0.467462849355], abs=1e-7)


def test_conditional_power_of_the_last_stage() -> None:
    """nPlanned=40, thetaH1=0.3, assumedStDev=1 after two stages."""
    power = THREE.conditional_power(STAGES[:2], 0.3 * sqrt(40))
    assert power == pytest.approx(0.965293135132, abs=1e-7)


def test_repeated_intervals_and_the_final_p_value() -> None:
    found = THREE.estimate(MEANS, ERRORS)
    low = [-0.5626138637, -0.0178582717713, 0.139801493304]
    high = [1.26261370853, 0.68188781059, 0.621998292101]
    assert [pair[0] for pair in found.repeated] == pytest.approx(low, abs=3e-7)
    assert [pair[1] for pair in found.repeated] == pytest.approx(high, abs=3e-7)
    assert found.p_value == pytest.approx(0.00631459444795, abs=1e-8)


@pytest.mark.parametrize(
    ("looks", "means", "overall", "p", "printed"),
    [
        (2, [0.35, 0.42], sqrt((48 + 25 * 25 / 50 * 0.07**2) / 49), 0.00434031974368,
         [0.377322424547, 0.0976452867176, 0.653428049493]),
        (3, [0.35, 0.32, 0.5], sqrt((72 + 25 * (0.04**2 + 0.07**2 + 0.11**2)) / 74),
         0.00613146845997, [0.335804873832, 0.0752513866815, 0.578756654118]),
    ],
)  # fmt: skip
def test_median_unbiased_estimates_and_final_intervals(
    looks: int, means: list[float], overall: float, p: float, printed: list[float]
) -> None:
    """25 participants a stage, deviation 1 in each. rpact scales its standardised estimate by the
    deviation of all of them together, which is not 1 where the means of the stages differ."""
    timing = tuple((k + 1) / looks for k in range(looks))
    plan = InverseNormalTest(test=GroupSequential(timing=timing))
    found = plan.estimate(means, [0.2] * looks)
    ours = [found.estimate * overall, found.lower * overall, found.upper * overall]
    assert ours == pytest.approx(printed, abs=1e-6)
    assert found.p_value == pytest.approx(p, abs=1e-8)


def test_repeated_p_values() -> None:
    """getRepeatedPValues(…, tolerance=1e-10) of the two stages above."""
    plan = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0)))
    stages = [float(norm.sf(mean / 0.2)) for mean in (0.35, 0.42)]
    assert plan.repeated_p_values(stages) == pytest.approx(
        [0.146560538223, 0.00325214319786], abs=1e-8
    )


@pytest.mark.parametrize(
    ("intersection", "first", "second"),
    [
        ("simes", (0.106846642021, 0.289805832682), (0.00978567891693, 0.034281708416)),
        ("bonferroni", (0.106846642021, 0.289805832682), (0.00978567891693, 0.034281708416)),
        ("sidak", (0.104504422585, 0.276785343281), (0.00954439979744, 0.0326404382)),
    ],
)
def test_three_arms_of_which_one_is_dropped(
    intersection: str, first: tuple[float, float], second: tuple[float, float]
) -> None:
    """kMax=2, typeOfDesign="asP": arm 1 dropped after the first look, arm 2 rejected at the second.
    rpact seeks the repeated p-values to 1e-6."""
    plan = InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0), spending="pocock"))
    assert plan.boundaries.upper == pytest.approx([2.15699921834, 2.20097697526], abs=1e-6)
    found = plan.closed(
        [
            [0.327360423009, None],
            [0.0220856724542, 0.0081975359246],
            [0.0898562474395, 0.0227501319482],
        ],
        intersection=intersection,
    )
    assert found.rejected_at == (None, 2, None)
    for arm, look in ((1, 0), (2, 0), (1, 1), (2, 1)):
        assert found.p_values[arm][look] == pytest.approx((first, second)[look][arm - 1], abs=2e-6)


@pytest.mark.parametrize(
    ("test", "early", "product"),
    [
        (FisherCombination(futile_above=0.5), 0.01018903047, 0.003804223466),
        (FisherCombination(futile_above=0.5, early_level=0.01687030691), None, 0.002398809657),
        (FisherCombination(alpha=0.05, futile_above=1.0), 0.008704940696, 0.008704940696),
    ],
)
def test_products_of_two_p_values(
    test: FisherCombination, early: float | None, product: float
) -> None:
    """getDesignFisher(kMax=2): fullAlpha and equalAlpha with alpha0Vec=0.5, fullAlpha at 0.05; the
    last is the first line of Bauer and Köhne's table 1 with alpha0 = 1."""
    assert test.product == pytest.approx(product, abs=1e-11)
    if early is not None:
        assert test.early == pytest.approx(early, abs=1e-9)


@pytest.mark.parametrize(
    ("bounds", "with_pipeline", "decide"),
    [
        (Boundaries((0.3, 0.7, 1.0), (3.928572543, 2.438227095, 1.991005026), (-0.5, 0.3, -inf)),
         (0.46, 0.9), (2.064512919, 1.485051962, 1.991005026)),
        (Boundaries((0.5, 1.0), (2.156999218, 2.197545417), (0.0, -inf)),
         (0.8,), (1.261728085, 2.197545417)),
    ],
)  # fmt: skip
def test_decision_bounds_of_delayed_responses(
    bounds: Boundaries, with_pipeline: tuple[float, ...], decide: tuple[float, ...]
) -> None:
    """getDesignGroupSequential(bindingFutility=TRUE, delayedInformation=c(0.16, 0.2) and 0.3)."""
    assert decision_bounds(bounds, with_pipeline) == pytest.approx(decide, abs=2e-7)
