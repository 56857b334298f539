"""A stopping rule followed through a trial in which some participants are still watched.

Each day events become known, the rule is read, whoever is due is treated unless it held, and the
rule is read again, as a running trial reads it. Exact: the days of treatment being given, a state
is who of those still watched has a known event, and how many events there are; nothing else
matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trialwright.design.checks import Floats, require_choice, require_count
from trialwright.design.counting import EVALUABLE, TIME_WEIGHTED, Course
from trialwright.design.errors import DesignError
from trialwright.messages import Message
from trialwright.numerics.philox import uniforms

if TYPE_CHECKING:
    from trialwright.design.stopping import StoppingCharacteristics, StoppingRule
    from trialwright.design.treatment_schedule import TreatmentSchedule

METHODS = ("auto", "exact", "monte carlo")
MOST_WATCHED, AUTO_WATCHED = 14, 8
"""Participants watched at the same time, up to whom every state is followed: at the most, and
before `auto` simulates."""
_NEVER = np.iinfo(np.int64).max


def follow(
    rule: StoppingRule,
    rates: Floats,
    schedule: TreatmentSchedule,
    *,
    method: str = "auto",
    trials: int = 10_000,
    seed: int = 1,
) -> StoppingCharacteristics:
    """Chance of a hold, expected participants, events and days under a schedule of treatment.

    rates: true event rates within the window. An event of a treated participant counts in the
    expected events whether or not the hold comes before it is known. "exact" follows every state,
    to rounding (about 1e-13), with at most 14 watched at the same time; "auto" does with at most 8
    and else simulates `trials` trials from `seed`, with standard errors.
    """
    require_choice("method", method, METHODS)
    require_count("trials", trials, 1)
    watched = min(-(-schedule.window_days // schedule.days_between), rule.participants)
    if method == "exact" and watched > MOST_WATCHED:
        raise DesignError(
            Message("{watched} participants are watched at the same time.", watched=watched),
            rule=Message("Every state is followed for at most {most}.", most=MOST_WATCHED),
            fix=Message('Leave more days between treatments, or simulate: method="monte carlo".'),
        )
    if method == "monte carlo" or watched > (MOST_WATCHED if method == "exact" else AUTO_WATCHED):
        return _simulate(rule, rates, schedule, trials, seed)
    return _Following(rule, rates, schedule).run()


def _bounds(rule: StoppingRule) -> NDArray[np.int64]:
    return np.array([_NEVER if bound is None else bound for bound in rule.hold_at])


class _Following:
    """The distribution over states: rates x who of the watched has a known event, the longest
    watched being the lowest bit, x known events, those beyond every bound taken together."""

    def __init__(self, rule: StoppingRule, rates: Floats, schedule: TreatmentSchedule) -> None:
        self.rule, self.rates, self.schedule = rule, rates, schedule
        self.bounds = _bounds(rule)
        top = max((bound for bound in rule.hold_at if bound is not None), default=0)
        self.alive = np.zeros((len(rates), 1, top + 1))
        self.alive[:, 0, 0] = 1.0
        self.held = np.zeros((len(rates), rule.participants + 1))
        self.treated_on: list[int] = []
        self.treated = 0
        known = schedule.known_by
        self.hazards = rates * np.diff(known)[:, None] / (1 - rates * known[:-1, None])

    def run(self) -> StoppingCharacteristics:
        from trialwright.design.stopping import StoppingCharacteristics

        due = self.schedule.treatment_days(self.rule.participants)
        last = int(due[-1]) + self.schedule.window_days
        days = np.zeros(len(self.rates))
        reached = np.zeros(len(self.rates))
        for day in range(last + 1):
            self._grow_older(day)
            self._read(day)
            going = self.alive.sum(axis=(1, 2))
            days += going * (day < last)
            if self.treated < len(due) and due[self.treated] == day:
                reached += going
                self._treat(day)
                self._read(day)
        return StoppingCharacteristics(
            self.rates, self.held.sum(axis=1), reached, reached * self.rates, self.held[:, 1:],
            expected_days=days,
        )  # fmt: skip

    def _treat(self, day: int) -> None:
        self.alive = np.concatenate([self.alive, np.zeros_like(self.alive)], axis=1)
        self.treated_on.append(day)
        self.treated += 1

    def _grow_older(self, day: int) -> None:
        """A day more of watching for each: new events, and who was watched to the end leaves."""
        for bit, treated_on in enumerate(self.treated_on):
            self._have_events(bit, self.hazards[day - treated_on - 1])
        if self.treated_on and day - self.treated_on[0] == self.schedule.window_days:
            self.treated_on.pop(0)
            self.alive = self.alive[:, 0::2] + self.alive[:, 1::2]

    def _have_events(self, bit: int, hazard: Floats) -> None:
        rates, who, width = self.alive.shape
        cells = self.alive.reshape(rates, who >> (bit + 1), 2, 1 << bit, width)
        moved = cells[:, :, 0] * hazard[:, None, None, None]
        cells[:, :, 0] -= moved
        cells[:, :, 1, :, 1:] += moved[..., :-1]
        cells[:, :, 1, :, -1] += moved[..., -1]

    def _counted(self, day: int) -> NDArray[np.int64]:
        """How many the rule counts, for each set of those with a known event."""
        who = self.alive.shape[1]
        if self.rule.counted not in (EVALUABLE, TIME_WEIGHTED):
            return np.full(who, self.treated)
        window, done = self.schedule.window_days, self.treated - len(self.treated_on)
        total = np.full(who, done * window)
        for bit, treated_on in enumerate(self.treated_on):
            age = day - treated_on if self.rule.counted == TIME_WEIGHTED else 0
            total += np.where(np.arange(who) >> bit & 1, window, age)
        return total // window

    def _read(self, day: int) -> None:
        bound = self.bounds[self._counted(day)]
        holds = np.arange(self.alive.shape[2]) >= bound[:, None]
        self.held[:, self.treated] += (self.alive * holds).sum(axis=(1, 2))
        self.alive *= ~holds


def _simulate(
    rule: StoppingRule, rates: Floats, schedule: TreatmentSchedule, trials: int, seed: int
) -> StoppingCharacteristics:
    from trialwright.design.stopping import StoppingCharacteristics

    due = schedule.treatment_days(rule.participants)
    drawn = uniforms(seed, 0, 0, trials, 2 * len(due)).reshape(trials, 2, -1)
    after = np.searchsorted(schedule.known_by, drawn[:, 1])
    bounds, last = _bounds(rule), int(due[-1]) + schedule.window_days
    held = np.zeros((len(rates), rule.participants + 1))
    reached, days = np.zeros((2, len(rates)))
    for k, rate in enumerate(rates):
        known = np.where(drawn[:, 0] < rate, due + after, np.inf)
        treated, ended = _one_rate(rule, schedule, due, known, bounds)
        stopped = np.isfinite(ended)
        held[k] = np.bincount(treated[stopped], minlength=rule.participants + 1) / trials
        reached[k] = treated.mean()
        days[k] = np.where(stopped, ended, last).mean()
    chance = held.sum(axis=1)
    return StoppingCharacteristics(
        rates, chance, reached, reached * rates, held[:, 1:], "monte carlo",
        np.sqrt(chance * (1 - chance) / trials), days,
    )  # fmt: skip


def _one_rate(
    rule: StoppingRule,
    schedule: TreatmentSchedule,
    due: NDArray[np.int64],
    known: Floats,
    bounds: NDArray[np.int64],
) -> tuple[NDArray[np.int64], Floats]:
    """How many each trial treats, and the day on which it holds, infinite for never."""
    treated = np.full(len(known), len(due))
    ended = np.full(len(known), np.inf)
    going = np.arange(len(known))
    for day in range(int(due[-1]) + schedule.window_days + 1):
        for before in (True, False):
            so_far = int(np.searchsorted(due, day, "left" if before else "right"))
            if not so_far or (not before and due[so_far - 1] != day):
                continue
            course = Course(due[:so_far].astype(np.float64), known[going, :so_far])
            n, y = course.counts(day, schedule.window_days, rule.counted)
            now = y >= bounds[n]
            treated[going[now]], ended[going[now]] = so_far, day
            going = going[~now]
    return treated, ended
