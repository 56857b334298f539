"""Where a simulation takes place: its people, its clock, and the one way in which they act."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from trialwright.accounts.policy import Actor
from trialwright.conduct import held_rows
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import Participant
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.tables import row_of
from trialwright.ledger.gathering import gathered
from trialwright.protocol.model import Protocol
from trialwright.protocol.simulation_plan import SimulationPlan
from trialwright.simulation.people import Crew
from trialwright.simulation.streams import stream
from trialwright.simulation.tally import LifeTally

T = TypeVar("T")
_TOGETHER = 50
Thread = Iterator[datetime]
"""What yields the next moment it waits for, and acts when that has come."""


@dataclass(slots=True)
class Stage:
    """The study, who acts in it, and the moment; `until` nothing happens any more.

    zone: the calendar of whoever acts at the moment: of the site where a thread takes place.
    meant: how many of those who are to enter are meant for each group.
    needed: the items (`visit.form.item`) that decide who enters and when visits are.
    """

    crew: Crew
    seed: int
    now: datetime
    until: datetime
    needed: frozenset[str]
    tally: LifeTally = field(default_factory=LifeTally)
    meant: Counter[str] = field(default_factory=Counter)
    zone: ZoneInfo = field(default_factory=installation_zone)
    _waiting: list[tuple[datetime, int, Thread, ZoneInfo]] = field(default_factory=list)
    _begun: int = 0

    @property
    def protocol(self) -> Protocol:
        """The protocol that is lived."""
        return self.crew.protocol

    @property
    def plan(self) -> SimulationPlan:
        """The rates."""
        return self.crew.protocol.simulation

    @property
    def today(self) -> date:
        """The day of the moment, at the site of whoever acts."""
        return day_of(self.now, self.zone)

    def stream(self, *matter: object) -> Random:
        """The random numbers of one matter."""
        return stream("simulation", self.seed, *matter)

    def at(self, day: date, hour: int = 9, minute: int = 0) -> datetime:
        """A time of a day, and never before now."""
        return max(self.now, datetime.combine(day, time(hour, minute), self.zone))

    def in_days(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """A time so many days from today."""
        return self.at(self.today + timedelta(days=days), hour, minute)

    def row(self, code: str) -> Participant:
        """A participant as the study has them now."""
        row = row_of(Participant, study_id=self.protocol.identifier, code=code)
        if row is None:
            raise LookupError(code)
        return row

    def begin(self, thread: Thread, zone: ZoneInfo | None = None) -> None:
        """Let a thread begin, at a site of this zone, and wait for its first moment."""
        before, self.zone = self.zone, zone or self.zone
        moment = next(thread, None)
        if moment is not None and moment <= self.until:
            self._begun += 1
            heapq.heappush(self._waiting, (moment, self._begun, thread, self.zone))
        self.zone = before

    def play(self) -> None:
        """Let threads act, each in its time, until none waits any more.

        Some dozens of their turns are committed, and their heads signed, together; nobody else acts
        in this study.
        """
        while self._waiting:
            with transaction.atomic(), held_rows.held(), gathered():
                for _ in range(_TOGETHER):
                    if self._waiting:
                        self._next()

    def _next(self) -> None:
        moment, _, thread, zone = heapq.heappop(self._waiting)
        self.now = max(self.now, moment)
        self.begin(thread, zone)

    def act(self, what: str, people: Iterable[Actor], action: Callable[[Actor], T]) -> T | None:
        """Have the first who is let do something; None, and a count, where nobody is."""
        try:
            return self.attempt(people, action)
        except (ActionRefused, NotFound) as refusal:
            words = str(refusal) or "Nobody of these roles may do this, or it isn't there."
            self.tally.refusals[what, words] += 1
            return None

    def attempt(self, people: Iterable[Actor], action: Callable[[Actor], T]) -> T:
        """Have the first who is let do something; raises why the last of them wasn't."""
        refused: ActionRefused | NotFound = NotFound()
        for person in people:
            self.tally.actions += 1
            try:
                return action(person)
            except ActionRefused as refusal:
                refused = refusal
            except NotFound as refusal:
                if not isinstance(refused, ActionRefused):
                    refused = refusal
        raise refused
