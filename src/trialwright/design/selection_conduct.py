"""How a trial of a selection design runs: how participants come, and when the next is treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialwright.design.allocation import PermutedBlocks
from trialwright.design.checks import require_count, require_positive
from trialwright.design.errors import DesignError
from trialwright.design.pacing import Pacing, pacing_of
from trialwright.design.places import blocks_of
from trialwright.messages import Message

if TYPE_CHECKING:
    from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the idealised design leaves out.

    participants: all who are randomised; what becomes of a held arm's place, the design says.
    arrivals_per_week: mean of a Poisson stream of participants, who wait when they must.
    follow_up_days: a stopping event becomes known on a uniform day of this window.
    stratum_shares: how participants spread over the strata of `allocation`.
    days_apart: least distance between two treatments of the run-in.
    pause_after: once so many are treated, the next waits until the last of them has completed
    follow-up (0: never).
    lifted_holds: how many of the decisions about holds lift them, the earliest ones; what was
    counted doesn't hold again, one more event over the bound does. Each later one closes what is
    on hold. decided_after_days: how long a hold lasts, under which nobody is treated.

    >>> Conduct(PermutedBlocks(arms=2, strata=("II", "III"))).arrivals_per_week
    0.5
    """

    allocation: PermutedBlocks
    participants: int = 50
    arrivals_per_week: float = 0.5
    follow_up_days: float = 28.0
    stratum_shares: tuple[float, ...] = (0.5, 0.5)
    days_apart: float = 7.0
    pause_after: int = 5
    lifted_holds: int = 0
    decided_after_days: int = 0

    @property
    def pacing(self) -> Pacing:
        """The least times between treatments."""
        run_in = self.allocation.run_in_length
        return Pacing(run_in, self.days_apart, self.pause_after, self.follow_up_days)

    def __post_init__(self) -> None:
        require_count("participants", self.participants, 1, 2_000)
        require_positive("arrivals_per_week", self.arrivals_per_week)
        require_positive("follow_up_days", self.follow_up_days)
        require_count("lifted_holds", self.lifted_holds, 0, 1_000)
        require_count("decided_after_days", self.decided_after_days, 0, 3_660)
        if len(self.stratum_shares) != len(self.allocation.strata) or not np.isclose(
            sum(self.stratum_shares), 1
        ):
            raise DesignError(
                Message("stratum_shares is {stratum_shares}.", stratum_shares=self.stratum_shares),
                rule=Message(
                    "One share for each of {strata} strata, adding to 1.",
                    strata=len(self.allocation.strata),
                ),
                fix=Message("Write the expected shares."),
            )


def conduct_of(protocol: Protocol, **more: Any) -> Conduct:
    """The conduct that a protocol's allocation asks for; `more` gives what it doesn't say."""
    allocation = protocol.allocation
    if allocation is None or not allocation.kind.has_blocks:
        raise DesignError(
            Message("The protocol has no allocation by blocks."),
            rule=Message("Only a trial allocated by blocks can be simulated."),
            fix=Message("Write `allocation:` with `block_sizes`."),
        )
    blocks, pacing = blocks_of(allocation), pacing_of(allocation)
    said: dict[str, Any] = {
        "participants": protocol.participants,
        "stratum_shares": (1 / len(blocks.strata),) * len(blocks.strata),
        "days_apart": pacing.days_apart,
        "pause_after": pacing.pause_after,
    }
    if pacing.pause_days:
        said["follow_up_days"] = pacing.pause_days
    return Conduct(blocks, **{**said, **more})
