"""Days apart and the pause: one rule for the running and the simulated trial."""

import numpy as np
import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.design import BetaBinomialStopping, SelectionDesign
from trialwright.design.pacing import Pacing, pacing_of
from trialwright.design.places import blocks_of
from trialwright.design.selection_conduct import Conduct, conduct_of
from trialwright.design.selection_simulation import simulate

PACING = Pacing(run_in=10, days_apart=7, pause_after=5, pause_days=28)


@pytest.mark.parametrize(
    ("randomised", "treated", "days"),
    [(0, 0, 0), (1, 0, 0), (1, 1, 7), (5, 4, 7), (5, 5, 28), (6, 5, 28), (6, 6, 7), (10, 10, 0)],
)
def test_the_next_treatment_waits_as_long_as_it_must(
    randomised: int, treated: int, days: int
) -> None:
    assert PACING.next_treatment(randomised, treated, 100) == 100 + days


def test_the_simulation_paces_as_the_protocol_says() -> None:
    allocation = demonstration().allocation
    assert allocation is not None
    assert pacing_of(allocation) == PACING == conduct_of(demonstration()).pacing
    assert conduct_of(demonstration()).allocation == blocks_of(allocation)


def test_the_pause_lets_the_rule_see_the_first_five_before_the_sixth() -> None:
    """All have an event within 28 days, and everybody comes at once: with the pause two events
    among the first five are known and all are held; without it some of the others are treated."""
    never = BetaBinomialStopping(0.999, (1, 1), 0.9999, 50)
    pooled = BetaBinomialStopping(0.10, (0.2, 1.8), 0.95, 50)
    design = SelectionDesign(arms=5, control=2, blocks=10, arm_rule=never, pooled_rule=pooled)
    blocks = conduct_of(demonstration()).allocation
    crowd = {"arrivals_per_week": 10_000.0, "days_apart": 0.0}
    with_pause, without = (
        simulate(design, Conduct(blocks, pause_after=pause, **crowd), [[1.0] * 5], [[0.3] * 5],
                 trials=200)
        for pause in (5, 0)
    )  # fmt: skip
    assert with_pause.participants.sum() == pytest.approx(5)
    assert without.participants.sum() > 40
    assert np.all(with_pause.stopped_all == 1)
