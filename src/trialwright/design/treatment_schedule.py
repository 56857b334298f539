"""When participants of a monitored group are treated, and when their events become known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.design.checks import Floats, require_between, require_count
from trialwright.design.pacing import Pacing
from trialwright.design.time_to_event import shape_of


@dataclass(frozen=True, slots=True)
class TreatmentSchedule:
    """One participant after the other, by whole days.

    window_days: how long each is watched for an event, 1 or more. days_between: from one treatment
    to the next, 1 or more; as many as the window, so that each outcome is known before the next, if
    left out. late_share: the share of the events in the second half of the window, as of `Accrual`.
    pause_after: once so many are treated, the next waits until the last of them was watched to the
    end (0: never).

    >>> TreatmentSchedule(window_days=28, days_between=7, pause_after=3).treatment_days(5).tolist()
    [0, 7, 14, 42, 49]
    """

    window_days: int = 28
    days_between: int = 28
    late_share: float = 0.5
    pause_after: int = 0

    def __post_init__(self) -> None:
        require_count("window_days", self.window_days, 1, 3_660)
        require_count("days_between", self.days_between, 1, 3_660)
        require_between("late_share", self.late_share, 0, 1)
        require_count("pause_after", self.pause_after, 0, 10_000)

    @property
    def waits(self) -> bool:
        """Whether every outcome is known before the next participant is treated."""
        return self.days_between >= self.window_days

    def treatment_days(self, participants: int) -> NDArray[np.int64]:
        """The day of each treatment, the first being day 0, while nothing holds."""
        pacing = Pacing(0, 0, self.pause_after, self.window_days)
        days = [0]
        for treated in range(1, participants):
            paced = pacing.next_treatment(treated, treated, days[-1])
            days.append(int(max(days[-1] + self.days_between, paced)))
        return np.array(days)

    @property
    def known_by(self) -> Floats:
        """The share of the events known by each day after treatment, from day 0 to the window's
        end."""
        days = np.arange(self.window_days + 1) / self.window_days
        shares: Floats = days ** shape_of(self.late_share)
        return shares
