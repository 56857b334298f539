"""The database's clock, which the ledger believes: not before its last entry, not far ahead.

An entry from the future would keep everybody from writing until that time has come. So the clock is
held beside one of this machine that nobody can set, from entry to entry; what was entered all the
same is put right by a person, with `repair.correct_clock`.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from trialwright.ledger.encoding import LedgerError

# More than two clocks part between entries; less than anybody would have to wait.
AHEAD: Final = timedelta(minutes=1)
# What the database raises where its clock stands before the last entry.
BEFORE_LAST_ENTRY: Final = "TWCLK"


class ClockError(LedgerError):
    """The clock of the database is wrong; nothing was written."""


def since_boot() -> float:
    """Seconds on a clock that goes on while the machine sleeps, and that nobody sets."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Steady:
    """Remembers when an entry was made by both clocks, and refuses one that is far ahead."""

    def __init__(self, elapsed: Callable[[], float] = since_boot) -> None:
        self._elapsed = elapsed
        self._seen: tuple[datetime, float] | None = None

    def check(self, now: datetime) -> None:
        """Refuse a moment that lies further from the last than time has passed since."""
        elapsed = self._elapsed()
        if self._seen is not None:
            expected = self._seen[0] + timedelta(seconds=elapsed - self._seen[1])
            if now - expected > AHEAD:
                raise ClockError(
                    f"The clock of the database jumped ahead, from {expected:%Y-%m-%d %H:%M:%S} to"
                    f" {now:%Y-%m-%d %H:%M:%S} (UTC). Nothing was written, for nobody could write"
                    " again before that time. Set the clock right; if it is right, start the"
                    " program anew."
                )
        self._seen = now, elapsed


steady = Steady()
