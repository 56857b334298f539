"""Rules read while some are still watched: exact against simulated, waiting, and what must hold."""

import numpy as np
import pytest

from trialwright.design import (
    BetaBinomialStopping,
    DesignError,
    HistoricalControl,
    LikelihoodRatioBoundary,
    SelectionDesign,
    TreatmentSchedule,
)
from trialwright.design.counting import COUNTINGS, EVALUABLE, TIME_WEIGHTED, TREATED, Course

RATES = [0.05, 0.15, 0.30]


def rule(counted: str = TREATED, participants: int = 20) -> BetaBinomialStopping:
    return BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, participants, counted=counted)


@pytest.mark.parametrize("counted", COUNTINGS)
def test_whoever_waits_for_each_outcome_has_the_figures_of_one_after_the_other(
    counted: str,
) -> None:
    plain = rule().operating_characteristics(RATES)
    waits = rule(counted).operating_characteristics(RATES, TreatmentSchedule(14, 14))
    for name in ("hold_probability", "expected_participants", "expected_events"):
        assert getattr(waits, name) == pytest.approx(getattr(plain, name), abs=1e-12)
    assert waits.hold_distribution == pytest.approx(plain.hold_distribution, abs=1e-12)


@pytest.mark.parametrize("counted", COUNTINGS)
@pytest.mark.parametrize(
    "schedule", [TreatmentSchedule(21, 5), TreatmentSchedule(21, 8, 0.8, pause_after=4)]
)
def test_every_state_followed_agrees_with_trials_simulated(
    counted: str, schedule: TreatmentSchedule
) -> None:
    """The simulation counts by `Course`, as the running trial does; the engine by sets of them."""
    exact = rule(counted).operating_characteristics(RATES, schedule, method="exact")
    drawn = rule(counted).operating_characteristics(
        RATES, schedule, method="monte carlo", trials=4_000, seed=7
    )
    assert exact.method == "exact" and drawn.method == "monte carlo"
    assert drawn.standard_error is not None and exact.expected_days is not None
    off = (drawn.hold_probability - exact.hold_probability) / drawn.standard_error
    assert np.abs(off).max() < 4
    assert drawn.expected_participants == pytest.approx(exact.expected_participants, abs=0.35)
    assert drawn.expected_days == pytest.approx(exact.expected_days, abs=4.0)


def test_two_participants_by_hand() -> None:
    """Hold at one event of one, window of two days, a participant a day, p = 1/2, half known a day.

    The first event is known on day 1 with probability 1/4; else the second is treated that day.
    """
    one = BetaBinomialStopping(0.15, (0.3, 1.7), 0.5, 2)
    assert one.hold_at == (None, 1, 1)
    found = one.operating_characteristics([0.5], TreatmentSchedule(2, 1), method="exact")
    assert found.hold_distribution == pytest.approx(np.array([[0.25, 0.75 - 0.25]]))
    assert found.expected_participants == pytest.approx([1.75])


def test_counting_time_is_between_counting_the_treated_and_the_evaluable() -> None:
    schedule = TreatmentSchedule(28, 7)
    held = {
        each: rule(each).operating_characteristics(RATES, schedule).hold_probability
        for each in COUNTINGS
    }
    assert np.all(held[TREATED] < held[TIME_WEIGHTED])
    assert np.all(held[TIME_WEIGHTED] < held[EVALUABLE])


def test_a_moment_counted_by_hand() -> None:
    """At day 24: an event, 17 of 28 days and 10 of 28 days: 1 + 27/28, of which one is whole."""
    course = Course(np.array([0.0, 7.0, 14.0]), np.array([20.0, np.inf, np.inf]))
    found = [tuple(map(int, course.counts(24.0, 28.0, each))) for each in COUNTINGS]
    assert found == [(3, 1), (1, 1), (1, 1)]
    assert tuple(map(int, course.counts(25.0, 28.0, TIME_WEIGHTED))) == (2, 1)


def test_too_many_watched_at_once_are_simulated_or_refused() -> None:
    schedule = TreatmentSchedule(28, 1)
    found = rule().operating_characteristics([0.15], schedule, trials=200)
    assert found.method == "monte carlo"
    with pytest.raises(DesignError, match="at most 14"):
        rule().operating_characteristics([0.15], schedule, method="exact")


@pytest.mark.parametrize("schedule", [None, TreatmentSchedule(28, 10)])
@pytest.mark.parametrize("counted", [TREATED, EVALUABLE])
def test_a_calibrated_threshold_keeps_its_size_and_a_lower_one_does_not(
    schedule: TreatmentSchedule | None, counted: str
) -> None:
    found = BetaBinomialStopping.calibrated(
        limit=0.15, prior=(0.3, 1.7), size=0.10, participants=20, counted=counted, schedule=schedule
    )
    spent = found.operating_characteristics([0.15], schedule).hold_probability[0]
    assert spent <= 0.10
    levels = sorted({found.exceedance(n, y) for n in range(1, 21) for y in range(n + 1)})
    lower = max(level for level in levels if level < found.threshold)
    looser = BetaBinomialStopping(0.15, (0.3, 1.7), lower, 20, counted=counted)
    assert looser.operating_characteristics([0.15], schedule).hold_probability[0] > 0.10


@pytest.mark.parametrize("alternative", [None, 0.35])
def test_a_likelihood_ratio_keeps_its_size(alternative: float | None) -> None:
    found = LikelihoodRatioBoundary(0.15, 0.05, 25, alternative)
    assert 0.04 < found.operating_characteristics([0.15]).hold_probability[0] <= 0.05
    read = sorted({found.log_ratio(n, y) for n in range(1, 26) for y in range(n + 1)})
    below = max(level for level in read if level < found.critical)
    assert found._at(below).operating_characteristics([0.15]).hold_probability[0] > 0.05


def test_a_likelihood_ratio_that_no_event_can_reach_warns() -> None:
    idle = LikelihoodRatioBoundary(0.2, 0.05, 1, 0.4)
    assert idle.hold_at == (None, None) and idle.warning is not None


def test_certain_controls_of_the_past_are_a_limit() -> None:
    """A million controls at 15% leave the probability of a rate above 15%."""
    many = HistoricalControl(
        control_participants=1_000_000, control_events=150_000, threshold=0.9, participants=20
    )
    fixed = BetaBinomialStopping(0.15, (1, 1), 0.9, 20)
    assert many.hold_at == fixed.hold_at
    assert many.probability(12, 4) == pytest.approx(fixed.exceedance(12, 4), abs=1e-4)


def test_less_weight_for_the_past_holds_later() -> None:
    bounds = [
        HistoricalControl(
            control_participants=50, control_events=5, weight=weight, threshold=0.95,
            participants=15,
        ).hold_at[15]
        for weight in (1.0, 0.1)
    ]  # fmt: skip
    assert bounds[0] is not None and bounds[1] is not None and bounds[0] < bounds[1]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: rule("somebody"), "treated, evaluable, time-weighted"),
        (lambda: BetaBinomialStopping(0.1, (1, 1), 0.9, 9, (3,), EVALUABLE), "jump over"),
        (lambda: TreatmentSchedule(0), "1 to 3660"),
        (lambda: TreatmentSchedule(late_share=1.0), "strictly between"),
        (lambda: LikelihoodRatioBoundary(0.2, 0.05, 10, 0.1), "alternative"),
        (
            lambda: BetaBinomialStopping.calibrated(
                limit=0.5, prior=(1, 1), size=0.01, participants=2
            ),
            "Plan more participants",
        ),
        (
            lambda: HistoricalControl(
                control_participants=5, control_events=6, threshold=0.9, participants=5
            ),
            "at most as many",
        ),
        (
            lambda: HistoricalControl(
                control_participants=5, control_events=1, threshold=0.9, participants=5, weight=0
            ),
            "at most 1",
        ),
        (
            lambda: SelectionDesign(
                arms=3, control=1, blocks=5, arm_rule=rule(EVALUABLE), pooled_rule=rule()
            ),
            "counted of the selection",
        ),
    ],
)
def test_what_cannot_be_is_refused(make: object, match: str) -> None:
    with pytest.raises(DesignError, match=match):
        make()  # type: ignore[operator]
