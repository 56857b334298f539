"""Events, accrual and bounds of several arms against R's rpact and MAMS: what each printed.

rpact 3.3.4: getSampleSizeSurvival(typeOfComputation = "Schoenfeld"). MAMS 0.8 (CRAN's archive):
mams(…, r0 = r), whose quadrature has 20 points a look.
"""

from dataclasses import replace
from math import log

import pytest

from trialwright.design.assurance import (
    assurance_normal,
    assurance_sequential,
    assurance_two_proportions,
)
from trialwright.design.errors import DesignError
from trialwright.design.group_sequential import GroupSequential
from trialwright.design.multi_arm import MultiArmMultiStage
from trialwright.design.sample_size import power_two_proportions
from trialwright.design.survival_trial import (
    SurvivalTrial,
    events_needed,
    hazard_of,
    participants_needed,
)

LOOKS = GroupSequential(timing=(0.4, 0.7, 1.0), alpha=0.025, beta=0.1)
TRIAL = SurvivalTrial(
    hazard=hazard_of(12), hazard_ratio=0.7, accrual=24, participants=1, loss=0.1, loss_by=12
)


def test_events_and_participants_of_rpact() -> None:
    """kMax 3, asOF, lambda2 = log(2)/12, hazard ratio 0.7, accrual 24, follow-up 12, dropout 10%
    in 12: maxNumberOfEvents, maxNumberOfSubjects, eventsFixed, nFixed."""
    assert TRIAL.maximum_events(LOOKS) == pytest.approx(335.0693614, abs=1e-5)
    assert participants_needed(TRIAL, LOOKS, duration=36) == pytest.approx(545.9417562, abs=1e-5)
    assert events_needed(0.7, power=0.9) == pytest.approx(330.377914, abs=1e-6)
    fixed = participants_needed(TRIAL, duration=36, power=0.9)
    assert fixed == pytest.approx(538.2977954, abs=1e-6)


def test_days_and_hazard_ratios_of_each_look_of_rpact() -> None:
    trial = replace(TRIAL, participants=participants_needed(TRIAL, LOOKS, duration=36))
    looks = trial.looks(LOOKS)
    assert [look.time for look in looks] == pytest.approx(
        [18.26316261, 25.70247602, 36.0], abs=1e-6
    )
    assert [look.events for look in looks] == pytest.approx(
        [134.0277446, 234.5485530, 335.0693614], abs=1e-5
    )
    assert [look.critical_ratio for look in looks] == pytest.approx(
        [0.5599439126, 0.7267043958, 0.8036594863], abs=1e-7
    )
    gained = [0.0981352627, 0.5157409811, 0.2861237562]
    powers = [gained[0], gained[0] + gained[1], sum(gained)]
    assert [look.power for look in looks] == pytest.approx(powers, abs=1e-5)


def test_two_to_one_allocation_of_rpact() -> None:
    trial = SurvivalTrial(hazard=0.1, hazard_ratio=0.5, accrual=12, participants=1, ratio=2)
    assert events_needed(0.5, power=0.9, ratio=2) == pytest.approx(98.41420994, abs=1e-7)
    needed = participants_needed(trial, duration=24, power=0.9)
    assert needed == pytest.approx(147.6795225, abs=1e-6)


def test_events_that_never_come_are_refused() -> None:
    trial = replace(TRIAL, participants=100)
    with pytest.raises(DesignError, match="never come"):
        trial.when(95.0)
    with pytest.raises(DesignError, match="hazard_ratio is 1"):
        replace(TRIAL, hazard_ratio=1.0)


@pytest.mark.parametrize(
    ("design", "upper", "tolerance"),
    [
        (MultiArmMultiStage(arms=4, timing=(0.5, 1.0), alpha=0.05), (3.068048115, 2.169437627),
         2e-5),
        (MultiArmMultiStage(arms=4, timing=(0.5, 1.0), alpha=0.05, upper="triangular",
                            futility="triangular"), (2.432125785, 2.293030181), 2e-4),
        (MultiArmMultiStage(arms=3, timing=(0.5, 1.0), alpha=0.025, upper="pocock"),
         (2.555441993, 2.555441993), 2e-4),
        (MultiArmMultiStage(arms=3, timing=(1.0,), alpha=0.025), (2.348960133,), 2e-5),
    ],
)  # fmt: skip
def test_bounds_of_several_arms_of_mams(
    design: MultiArmMultiStage, upper: tuple[float, ...], tolerance: float
) -> None:
    assert design.upper_bounds == pytest.approx(upper, abs=tolerance)
    assert design.lower_bounds[-1] == design.upper_bounds[-1]


def test_one_arm_and_look_is_the_normal_test_and_the_error_is_kept_in_simulation() -> None:
    assert MultiArmMultiStage(arms=1, timing=(1.0,)).upper_bounds == pytest.approx((1.959964,))
    design = MultiArmMultiStage(arms=3, timing=(0.5, 1.0), alpha=0.05, futility="none", per_arm=60)
    found = design.performance([0.0] * 3, trials=40_000)
    assert found.any_rejected == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / 40_000) ** 0.5)
    three = MultiArmMultiStage(arms=2, timing=(1 / 3, 2 / 3, 1.0), alpha=0.05, per_arm=60)
    seen = three.performance([0.0] * 2, trials=40_000).any_rejected
    assert seen == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / 40_000) ** 0.5)
    good = design.performance([0.6, 0.0, 0.0], trials=5_000)
    assert good.rejected[0] > 0.8 > 0.1 > good.rejected[1]
    assert good.participants < 4 * 60


def test_assurance_is_power_where_nothing_is_in_doubt_and_less_where_much_is() -> None:
    certain = assurance_two_proportions(25, 25, (6e6, 4e6), (2e6, 8e6))
    assert certain == pytest.approx(power_two_proportions(0.6, 0.2, 25, 25), abs=1e-4)
    assert assurance_two_proportions(25, 25, (6, 4), (2, 8)) < certain
    spread = assurance_normal(25.0, 0.5, 0.25)
    one_look = GroupSequential(timing=(1.0,)).at([25.0], 25.0)
    assert assurance_sequential(one_look, 0.5, 0.25) == pytest.approx(spread, abs=1e-6)
    for information in (100.0, 2_500.0, 50_000.0):
        single = GroupSequential(timing=(1.0,)).at([information], information)
        told = assurance_sequential(single, 0.2, 0.4)
        assert told == pytest.approx(assurance_normal(information, 0.2, 0.4), abs=1e-8)
    assert assurance_normal(25.0, log(2), 1e-6) == pytest.approx(0.934, abs=1e-3)
