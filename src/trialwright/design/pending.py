"""States in which some participants are still inside their DLT window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import (
    listed,
    require_between,
    require_dose,
    require_events,
    require_length,
)
from trialwright.design.errors import DesignError
from trialwright.messages import Message

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PendingState(Notebook):
    """Counts per dose with pending participants; doses from 1.

    pending: for each dose, the part of the window followed so far, in [0, 1), of each participant
    without a DLT whose window is open. treated counts everybody.
    """

    _along = "dose"
    treated: tuple[int, ...]
    dlts: tuple[int, ...]
    pending: tuple[tuple[float, ...], ...]
    dose: int

    def __post_init__(self) -> None:
        require_length("dlts", self.dlts, len(self.treated))
        require_length("pending", self.pending, len(self.treated))
        require_dose(self.dose, len(self.treated))
        for treated, dlts, pending in zip(self.treated, self.dlts, self.pending, strict=True):
            _require_outcomes(treated, dlts, pending)

    @classmethod
    def empty(cls, doses: int, dose: int) -> PendingState:
        """Nobody treated; `dose` is current."""
        return cls((0,) * doses, (0,) * doses, ((),) * doses, dose)

    def observe(
        self, dose: int, treated: int, dlts: int, pending: Sequence[float] = ()
    ) -> PendingState:
        """Add `treated` participants: `dlts` with a DLT, `pending` still followed, others done."""
        require_dose(dose, len(self.treated))
        _require_outcomes(treated, dlts, pending)
        d = dose - 1
        return replace(
            self,
            treated=_with(self.treated, d, self.treated[d] + treated),
            dlts=_with(self.dlts, d, self.dlts[d] + dlts),
            pending=_with(self.pending, d, (*self.pending[d], *pending)),
            dose=dose,
        )

    def participants(self) -> tuple[list[int], list[int], list[float]]:
        """Everybody singly: dose, DLT 0 or 1, weight."""
        doses: list[int] = []
        dlts: list[int] = []
        weights: list[float] = []
        for d, (n, y, open_) in enumerate(
            zip(self.treated, self.dlts, self.pending, strict=True), start=1
        ):
            done = n - y - len(open_)
            doses += [d] * n
            dlts += [1] * y + [0] * (n - y)
            weights += [1.0] * (y + done) + list(open_)
        return doses, dlts, weights


def _with(old: tuple[T, ...], index: int, new: T) -> tuple[T, ...]:
    return (*old[:index], new, *old[index + 1 :])


def _require_outcomes(treated: int, dlts: int, pending: Sequence[float]) -> None:
    require_events(treated, dlts, "DLTs")
    pending = listed("pending", pending)
    if dlts + len(pending) > treated:
        raise DesignError(
            Message(
                "{dlts} DLTs and {pending} pending among {treated} treated.",
                dlts=dlts,
                pending=len(pending),
                treated=treated,
            ),
            rule=Message("A participant has a DLT, or is pending, or is done."),
            fix=Message("Check the counts."),
        )
    for part in pending:
        require_between("pending follow-up", part, -1e-12, 1)
