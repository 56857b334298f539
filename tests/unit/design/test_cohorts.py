"""The state that a running trial reads is the one that the design was simulated with."""

from random import Random
from typing import Any

import pytest

from trialwright.design import (
    Boin,
    Boin12,
    Crm,
    Keyboard,
    LiveTrial,
    ThreePlusThree,
    TiteBoin,
    TiteBoin12,
)
from trialwright.design.cohorts import Outcome, Standing, read_rule, state_of

DESIGNS = {
    "3+3": ThreePlusThree(doses=4),
    "BOIN": Boin(target=0.3, doses=4, max_participants=24),
    "Keyboard": Keyboard(target=0.3, doses=4, max_participants=24),
    "CRM": Crm(target=0.25, skeleton=(0.05, 0.12, 0.25, 0.4), max_participants=18),
}


def by_the_design(design: Any, rates: tuple[float, ...], random: Random) -> list[tuple[Any, ...]]:
    live = LiveTrial(design)
    found: list[tuple[Any, ...]] = []
    while not live.stopped:
        dose = live.decision.dose
        assert dose is not None
        size = live.design.next_cohort(live.state)
        events = sum(random.random() < rates[dose - 1] for _ in range(size))
        found.append((dose, size, events))
        live.record(events)
    return [*found, ("selected", live.design.select(live.state))]


def by_outcomes(design: Any, rates: tuple[float, ...], random: Random) -> list[tuple[Any, ...]]:
    """The same through participants: some are replaced, and each is followed first."""
    outcomes: list[Outcome] = []
    found: list[tuple[Any, ...]] = []
    other = Random(7)
    while True:
        reading = read_rule(design, outcomes)
        assert reading.decision is not None
        if reading.decision.action == "stop":
            return [*found, ("selected", reading.selected)]
        dose, cohort = reading.decision.dose, len(found) + 1
        assert dose is not None
        standings = [
            Standing.EVENT if random.random() < rates[dose - 1] else Standing.DONE
            for _ in range(reading.size)
        ]
        waiting = [*outcomes, Outcome(cohort, dose, Standing.PENDING, 0.5)]
        assert read_rule(design, waiting).decision is None
        if other.random() < 0.3:
            outcomes.append(Outcome(cohort, dose, Standing.REPLACED))
        outcomes += [Outcome(cohort, dose, each) for each in standings]
        found.append((dose, reading.size, standings.count(Standing.EVENT)))


@pytest.mark.parametrize("name", DESIGNS)
def test_trials_by_the_design_equal_those_through_outcomes(name: str) -> None:
    design, scenarios = DESIGNS[name], ((0.05, 0.15, 0.3, 0.5), (0.35, 0.5, 0.6, 0.7))
    for trial in range(250):
        rates = scenarios[trial % 2]
        ours, theirs = Random(trial), Random(trial)
        assert by_outcomes(design, rates, ours) == by_the_design(design, rates, theirs)


def test_a_design_over_time_reads_who_is_still_followed() -> None:
    design = TiteBoin(boin=Boin(target=0.3, doses=3))
    outcomes = [Outcome(1, 1, Standing.DONE), Outcome(1, 1, Standing.DONE)]
    outcomes.append(Outcome(1, 1, Standing.PENDING, 0.75))
    state: Any = state_of(design, outcomes)
    assert (state.treated, state.dlts, state.pending[0]) == ((3, 0, 0), (0, 0, 0), (0.75,))
    decision = read_rule(design, outcomes).decision
    assert decision is not None and decision == design.decide(state)


def test_a_design_of_responses_reads_both_windows_of_who_counts() -> None:
    boin12 = Boin12(target=0.35, min_response=0.25, doses=3)
    late = Standing.PENDING
    known = [
        Outcome(1, 1, Standing.EVENT, 1.0, late, 0.5),
        Outcome(1, 1, Standing.DONE, 1.0, Standing.EVENT),
        Outcome(1, 1, Standing.REPLACED, 0.0, Standing.MISSING),
    ]
    followed = [*known, Outcome(1, 1, late, 0.5, Standing.DONE)]
    timed = TiteBoin12(boin12=boin12)
    state: Any = timed.start().observe(1, 3, 1, (0.5,), 1, (0.5,))
    assert state_of(timed, followed) == state
    assert read_rule(timed, followed).decision == timed.decide(state)
    assert state_of(boin12, known) == boin12.start().observe(1, 2, 1, responses=1)
    assert read_rule(boin12, known).decision is None
    missing = [Outcome(1, 1, Standing.DONE, 1.0, Standing.MISSING)]
    assert read_rule(timed, missing).decision is None
    assert read_rule(Boin(target=0.3, doses=3), missing).decision is not None
