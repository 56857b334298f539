"""The state that a running trial reads is the one that the design was simulated with."""

from dataclasses import replace
from functools import partial
from math import inf, log
from random import Random
from typing import Any

import numpy as np
import pytest

from trialwright.design import (
    Accrual,
    BackfillBoin,
    Boin,
    Boin12,
    CombinationBoin,
    Crm,
    EffTox,
    Keyboard,
    LiveTrial,
    ThreePlusThree,
    TiteBoin,
    TiteBoin12,
)
from trialwright.design.backfilling import BackfillTrial, Told
from trialwright.design.cohorts import (
    Outcome,
    Standing,
    backfill_level,
    read_rule,
    state_of,
    waits_for,
)
from trialwright.design.combination_boin import CombinationState

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


def follow_backfill(trial: BackfillTrial) -> Told:
    """A simulated trial of the same arrivals, each decision read from outcomes of participants."""
    design, outcomes, now, cohort = trial.design, [], 0.0, 0
    people: list[tuple[int, int, bool]] = []

    def known(at: float) -> list[Outcome]:
        found = []
        for (number, level, backfilled), person in zip(people, trial.people, strict=True):
            over = Standing.EVENT if person.toxic else Standing.DONE
            standing = over if person.assessed <= at else Standing.PENDING
            response = Standing.EVENT if person.responds <= at else Standing.PENDING
            found.append(Outcome(number, level, standing, 0, response, 0, backfilled))
        return found

    dose, size = 0, 0
    for draws in trial._arrivals():
        outcomes = known(now)
        own = [each for each in outcomes if each.cohort == cohort and not each.backfilled]
        if len(own) == size and not waits_for(design, outcomes):
            over = max((t.assessed for t, p in zip(trial.people, people, strict=True)
                        if p[0] == cohort and not p[2]), default=0.0)  # fmt: skip
            reading = read_rule(design, known(over))
            assert reading.decision is not None
            if reading.decision.dose is None or reading.decision.action in ("stop", "suspend"):
                final = read_rule(design, known(inf))
                chosen = None if reading.decision.dose is None else final.selected
                state: Any = final.state
                return Told(chosen, list(state.treated), list(state.dlts),
                            max(person.assessed for person in trial.people))  # fmt: skip
            dose, size, cohort, own = reading.decision.dose, reading.size, cohort + 1, []
        level: int | None = dose
        if len(own) == size:
            level = backfill_level(design, read_rule(design, outcomes).state)
        if level is None:
            now = trial._next_known(now)
        else:
            people.append((cohort, level, len(own) == size))
            trial._treat(level, now, draws)
        now -= 7 / trial.accrual.arrivals_per_week * log(draws[2])
    raise AssertionError("Arrivals never end.")


@pytest.mark.parametrize("stop_at", [None, 9])
def test_trials_with_backfill_equal_those_through_outcomes(stop_at: int | None) -> None:
    boin = Boin(target=0.25, doses=4, max_participants=18, stop_at_dose=stop_at)
    design = BackfillBoin(boin=boin, cap=6)
    accrual = Accrual(arrivals_per_week=2)
    backfilled = 0
    for number in range(60):
        rates = ((0.05, 0.1, 0.25, 0.45), (0.3, 0.4, 0.5, 0.6))[number % 2]
        args = (design, rates, (0.3, 0.4, 0.5, 0.6), accrual, 7, 0, number)
        alone = BackfillTrial(*args)
        ours, theirs = alone.run(), BackfillTrial(*args)
        theirs.assigned, theirs.backfilled = [0] * 4, [False] * 4
        assert follow_backfill(theirs) == ours
        backfilled += sum(alone.backfilled)
    assert backfilled > 25


EFFTOX = EffTox(
    doses=(1, 2, 4), prior_mean=(-7.9593, 1.5482, 0.7367, 3.4181, 0, 0),
    prior_sd=(3.5487, 3.5018, 2.5423, 2.4406, 0.2, 1), max_participants=12,
)  # fmt: skip


def test_efftox_trials_equal_those_through_outcomes() -> None:
    toxic, active = np.array([0.1, 0.3, 0.5]), np.array([0.3, 0.5, 0.6])
    for number in range(10):
        draws = np.random.default_rng(number).random((12, 2))
        outcomes: list[Outcome] = []
        while (reading := read_rule(EFFTOX, outcomes)).size:
            assert reading.decision is not None and reading.decision.dose is not None
            level, cohort = reading.decision.dose, len(outcomes) // 3 + 1
            for u, v in draws[len(outcomes) : len(outcomes) + reading.size]:
                event, response = v < toxic[level - 1], u < active[level - 1]
                outcomes.append(
                    Outcome(cohort, level, KNOWN[int(event)], 1.0, KNOWN[int(response)])
                )
        assert reading.decision is not None
        assert (reading.state, reading.decision.dose) == EFFTOX._one_trial(toxic, active, draws)


KNOWN = (Standing.DONE, Standing.EVENT)


def _tie(draws: np.ndarray, state: CombinationState) -> float:
    """As the simulator draws it after so many participants; at the first there is no tie."""
    used = sum(map(sum, state.treated))
    return float(draws[-used]) if used else 0.0


def test_combination_trials_equal_those_through_outcomes() -> None:
    design = CombinationBoin(target=0.3, doses_a=2, doses_b=3, max_participants=18)
    rates = np.array([[0.1, 0.25, 0.4], [0.2, 0.4, 0.6]])
    for number in range(100):
        draws = np.random.default_rng(number).random(36)
        outcomes: list[Outcome] = []
        while (reading := read_rule(design, outcomes, partial(_tie, draws))).size:
            assert reading.decision is not None and reading.decision.dose is not None
            level, used = reading.decision.dose, len(outcomes)
            i, j = design.pair(level)
            for u in draws[used : used + reading.size]:
                limited = u < rates[i - 1, j - 1]
                outcomes.append(Outcome(used // 3 + 1, level, KNOWN[int(limited)]))
        state, toxic = design._one_trial(rates, draws)
        chosen = None if toxic else design.select(state)
        assert reading.state == state
        assert reading.selected == (design.number(chosen) if chosen else None)


def test_backfilled_participants_are_waited_for_only_where_they_must() -> None:
    design = BackfillBoin(boin=Boin(target=0.25, doses=3, max_participants=3))
    cohort = [Outcome(1, 1, Standing.DONE, response=Standing.MISSING) for _ in range(3)]
    late = Outcome(1, 1, Standing.PENDING, backfilled=True)
    said = read_rule(design, [*cohort, late]).decision
    assert said is not None and said.action == "suspend" and "1 backfilled" in str(said.reason)
    assert read_rule(design, [*cohort, replace(late, standing=Standing.MISSING)]).decision is None
    done = read_rule(design, [*cohort, replace(late, standing=Standing.DONE)]).decision
    assert done is not None and done.action == "stop"
