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
            require_outcomes(treated, dlts, pending)

    @classmethod
    def empty(cls, doses: int, dose: int) -> PendingState:
        """Nobody treated; `dose` is current."""
        return cls((0,) * doses, (0,) * doses, ((),) * doses, dose)

    def observe(
        self, dose: int, treated: int, dlts: int, pending: Sequence[float] = ()
    ) -> PendingState:
        """Add `treated` participants: `dlts` with a DLT, `pending` still followed, others done."""
        require_dose(dose, len(self.treated))
        require_outcomes(treated, dlts, pending)
        d = dose - 1
        return replace(
            self,
            treated=with_changed(self.treated, d, self.treated[d] + treated),
            dlts=with_changed(self.dlts, d, self.dlts[d] + dlts),
            pending=with_changed(self.pending, d, (*self.pending[d], *pending)),
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


def with_changed(old: tuple[T, ...], index: int, new: T) -> tuple[T, ...]:
    """The same with another value at one place, from 0."""
    return (*old[:index], new, *old[index + 1 :])


def require_outcomes(
    treated: int, events: int, pending: Sequence[float], word: str = "DLTs"
) -> None:
    """Refuse more outcomes than participants, and parts of a window outside [0, 1)."""
    require_events(treated, events, word)
    pending = listed("pending", pending)
    if events + len(pending) > treated:
        raise DesignError(
            Message(
                "{events} {word} and {pending} pending among {treated} treated.",
                events=events,
                word=word,
                pending=len(pending),
                treated=treated,
            ),
            rule=Message("A participant has one of the {word}, or is pending, or is done.",
                         word=word),
            fix=Message("Check the counts."),
        )  # fmt: skip
    for part in pending:
        require_between("pending follow-up", part, -1e-12, 1)
