"""One simulated trial with backfill: who comes when, where they go, and what is known by then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf, log
from typing import TYPE_CHECKING, NamedTuple

from trialwright.design.finding import DoseState
from trialwright.design.time_to_event import Accrual, shape_of
from trialwright.numerics.philox import uniforms

if TYPE_CHECKING:
    from trialwright.design.backfill_boin import BackfillBoin

_TOGETHER = 64
"""Arrivals whose numbers are drawn at a time."""


class Told(NamedTuple):
    """The dose selected, participants and DLTs at each dose, and how long it took."""

    selected: int | None
    treated: list[int]
    dlts: list[int]
    days: float


class Person(NamedTuple):
    """Who was treated: dose, when assessed, whether with a DLT, and when they respond."""

    dose: int
    assessed: float
    toxic: bool
    responds: float


@dataclass(slots=True)
class BackfillTrial:
    """A trial of the design under true rates, by its own stream of random numbers."""

    design: BackfillBoin
    rates: Sequence[float]
    responding: Sequence[float]
    accrual: Accrual
    seed: int
    stream: int
    trial: int
    people: list[Person] = field(default_factory=list)
    assigned: list[int] = field(default_factory=list)
    backfilled: list[bool] = field(default_factory=list)

    def run(self) -> Told:
        """Follow the trial to its end."""
        design = self.design
        self.assigned, self.backfilled = [0] * design.doses, [False] * design.doses
        now, dose, escalated = 0.0, design.boin.first_dose, 0
        cohort: list[float] = []
        size = min(design.cohort_size, design.max_participants)
        for draws in self._arrivals():
            if len(cohort) == size and max(cohort) <= now:
                over = max(cohort)
                escalated += size
                dose, ended = self._judge(over, dose, escalated)
                if ended:
                    return self._end(dose)
                cohort, size = [], min(design.cohort_size, design.max_participants - escalated)
            if len(cohort) < size:
                self._treat(dose, now, draws)
                cohort.append(self.people[-1].assessed)
            else:
                treated, dlts, responses = self._known(now)
                place = design.open_dose(treated, dlts, self.assigned, responses, dose)
                if place is None:
                    # Whoever comes before something new is known is turned away: the next who
                    # may not be comes a whole gap after it, for gaps of a Poisson stream have no
                    # memory. However fast people come, the trial has few turns.
                    now = self._next_known(now)
                else:
                    self.backfilled[place - 1] = True
                    self._treat(place, now, draws)
            now -= 7 / self.accrual.arrivals_per_week * log(draws[2])
        raise AssertionError("Arrivals never end.")

    def _judge(self, at: float, dose: int, escalated: int) -> tuple[int, bool]:
        """Where the escalation goes once a cohort is assessed, 0 for nowhere; and whether the
        trial ends."""
        treated, dlts, _ = self._known(at)
        after = self.design.next_dose(treated, dlts, self.backfilled, dose)
        ended = after == 0 or escalated >= self.design.max_participants
        enough = self.design.enough(self.assigned[dose - 1], stays=after == dose)
        return after, ended or enough

    def _end(self, dose: int) -> Told:
        treated, dlts, _ = self._known(inf)
        chosen = None
        if dose:
            chosen = self.design.select(DoseState(tuple(treated), tuple(dlts), dose))
        return Told(chosen, treated, dlts, max(person.assessed for person in self.people))

    def _arrivals(self) -> Iterator[list[float]]:
        """Five numbers for each arrival: DLT, its time, the gap to the next, response, its time."""
        first = 0
        while True:
            drawn = uniforms(
                self.seed, self.stream, self.trial, 1, 5 * (first + _TOGETHER), purpose=2
            )[0, 5 * first :]
            yield from drawn.reshape(-1, 5).tolist()
            first += _TOGETHER

    def _treat(self, dose: int, now: float, draws: Sequence[float]) -> None:
        toxic, when, _, active, later = draws
        window, inverse = self.accrual.window_days, 1 / shape_of(self.accrual.late_share)
        longer = self.accrual.response_window_days or window
        dlt = toxic < self.rates[dose - 1]
        assessed = now + (window * when**inverse if dlt else window)
        responds = now + longer * later**inverse if active < self.responding[dose - 1] else inf
        self.people.append(Person(dose, assessed, dlt, responds))
        self.assigned[dose - 1] += 1

    def _next_known(self, now: float) -> float:
        """When the next outcome comes in; of a cohort that is waited for there is one."""
        return min(
            moment
            for person in self.people
            for moment in (person.assessed, person.responds)
            if moment > now
        )

    def _known(self, now: float) -> tuple[list[int], list[int], list[int]]:
        """Assessed, DLTs and responses at each dose by a time."""
        doses = self.design.doses
        treated, dlts, responses = [0] * doses, [0] * doses, [0] * doses
        for dose, assessed, toxic, responds in self.people:
            if assessed <= now:
                treated[dose - 1] += 1
                dlts[dose - 1] += toxic
            responses[dose - 1] += responds <= now
        return treated, dlts, responses
