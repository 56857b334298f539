"""Drafts of registered trials, signed as demonstrations and lived by six invented participants."""

from collections.abc import Callable
from datetime import date

import pytest

from trialwright.protocol.basics import Origin
from trialwright.protocol.problems import ProtocolFileError
from trialwright.registry.draft.draft import draft
from trialwright.registry.library.sample import sample_record, sample_records
from trialwright.simulation.run import Simulated

Simulate = Callable[..., Simulated]
# Several arms, and by the record nobody is randomised to them.
NOT_RANDOMISED = {"NCT03731689"}


def drafted(number: str) -> bytes:
    return draft(sample_record(number), date(2026, 12, 1)).text.encode()


@pytest.mark.parametrize("number", ["NCT02912104", "NCT05381376", "NCT06450301"])
def test_a_draft_is_lived_to_a_verified_report(simulated: Simulate, number: str) -> None:
    done = simulated(drafted(number), participants=6)
    assert done.passed and done.coverage.enrolled == 6
    assert done.coverage.refusals == ()


def test_what_a_draft_leaves_open_is_made_up_outside_of_it(simulated: Simulate) -> None:
    done = simulated(drafted("NCT06450301"), participants=1)
    asked = [answer.key for answer in done.answers]
    assert {"participants", "arms", "criteria", "visits", "forms", "endpoints"} <= set(asked)
    made_up = [f for f in done.protocol.facts if f.source == "simulation_answers"]
    assert made_up and {fact.origin for fact in made_up} == {Origin.ASSUMED}
    again = simulated(drafted("NCT06450301"), participants=1)
    assert again.answers == done.answers and again.cut == done.cut


@pytest.mark.slow
@pytest.mark.parametrize("number", [record.number for record in sample_records()])
def test_every_bundled_draft_is_lived(simulated: Simulate, number: str) -> None:
    if number in NOT_RANDOMISED:
        with pytest.raises(ProtocolFileError, match="no `allocation`"):
            simulated(drafted(number), participants=6)
        return
    done = simulated(drafted(number), participants=6)
    assert done.passed and done.coverage.refusals == ()
