"""Any trial that passes the check can be lived, and its ledger then says what its tables say."""

from collections.abc import Callable

import pytest

from tests.generative.simulation.random_trials import random_trial
from trialwright.simulation.run import Simulated

Simulate = Callable[..., Simulated]


def lived(simulated: Simulate, seed: int) -> None:
    done = simulated(random_trial(seed).encode(), participants=3, seed=seed)
    assert done.problems == ()
    assert done.coverage.accepted == ()
    # A file whose answers no check lets through refuses them; nothing else is refused.
    assert done.coverage.refusals == () or done.coverage.unmet != ()


@pytest.mark.parametrize("seed", range(4))
def test_a_random_trial_is_lived(simulated: Simulate, seed: int) -> None:
    lived(simulated, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 60))
def test_many_random_trials_are_lived(simulated: Simulate, seed: int) -> None:
    lived(simulated, seed)
