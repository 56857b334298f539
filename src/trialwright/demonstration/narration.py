"""The story's clock: many threads, each waiting for its moment, told in the order of time.

A thread is a generator that yields the next moment it waits for and acts when that has come. What
lies after the present never happens, which is how every woman comes to stand where she stands.
"""

import heapq
from collections.abc import Iterator
from datetime import date, datetime, time

from trialwright.conduct.clock import installation_zone
from trialwright.demonstration.team import Team

Thread = Iterator[datetime]


class Narration:
    """All threads of the story, up to the present."""

    def __init__(self, team: Team, until: datetime) -> None:
        self.team, self.until = team, until.astimezone(installation_zone())
        self.now = self.until
        self._waiting: list[tuple[datetime, int, Thread]] = []
        self._begun = 0

    def begin(self, thread: Thread) -> None:
        """Let a thread begin, and wait for its first moment."""
        moment = next(thread, None)
        if moment is not None and moment <= self.until:
            self._begun += 1
            heapq.heappush(self._waiting, (moment, self._begun, thread))

    def go_on(self) -> bool:
        """Let the earliest thread act until it waits again; False when none waits any more."""
        if not self._waiting:
            return False
        self.now, _, thread = heapq.heappop(self._waiting)
        self.begin(thread)
        return True

    def clock(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A time of a day; on the present day, the present at the latest."""
        moment = datetime.combine(day, time(hour, minute), installation_zone())
        return min(moment, self.until) if day == self.until.date() else moment
