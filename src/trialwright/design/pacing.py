"""How soon the next participant may be treated: days apart in the run-in, and the pause.

The same rule, in days of any origin, for a running trial and for a simulated one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trialwright.protocol.allocations import Allocation


@dataclass(frozen=True, slots=True)
class Pacing:
    """The least times between treatments.

    run_in: so many participants are treated `days_apart` or more. pause_after: once so many are
    treated, the next waits until the last of them was watched for `pause_days` (0: no pause).

    >>> pacing = Pacing(10, 7, 5, 28)
    >>> [int(pacing.next_treatment(n, n, 100)) for n in (4, 5, 10)]
    [107, 128, 100]
    """

    run_in: int
    days_apart: float
    pause_after: int
    pause_days: float

    def apart_from(self, randomised: Any, treated: Any, last: Any) -> Any:
        """The earliest day by the days apart alone; arguments as of `next_treatment`."""
        apart = np.logical_and(np.less(randomised, self.run_in), np.greater(treated, 0))
        return last + self.days_apart * apart

    def next_treatment(self, randomised: Any, treated: Any, last: Any) -> Any:
        """The earliest day of the next treatment, elementwise.

        randomised, treated: how many are so far. last: the day of the last treatment.
        """
        waits = bool(self.pause_after) * np.equal(treated, self.pause_after)
        return np.maximum(
            self.apart_from(randomised, treated, last), last + self.pause_days * waits
        )


def pacing_of(allocation: Allocation) -> Pacing:
    """What a protocol's allocation says of it."""
    run_in, pause = allocation.run_in, allocation.pause_after
    return Pacing(
        run_in.participants if run_in else 0,
        run_in.days_apart if run_in else 0,
        pause.participants if pause else 0,
        pause.after_days if pause else 0,
    )
