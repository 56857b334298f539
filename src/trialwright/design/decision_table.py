"""An interval design whose table the user gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialwright.design.checks import require_lists
from trialwright.design.errors import DesignError
from trialwright.design.interval import IntervalDesign
from trialwright.messages import Message


@dataclass(frozen=True, kw_only=True)
class DecisionTable(IntervalDesign):
    """Any table given by the user: for n = 1, 2, … treated, the counts that escalate and that
    de-escalate (None for never), and optionally those that eliminate.

    Estimand: the dose with the DLT rate nearest to `target`, selected by isotonic estimates. Source
    and accuracy are those of the table given; characteristics are exact as for other designs.
    Without `eliminate_at_least` the posterior rule of the other designs eliminates.

    >>> table = DecisionTable(target=0.3, doses=3, max_participants=4,
    ...     escalate_at_most=(0, 0, 0, 0), de_escalate_at_least=(1, 2, 2, 2))
    >>> table.decide(table.start().observe(1, 3, 1)).action
    'stay'
    """

    kind: ClassVar[str] = "decision-table"
    title = Message("Decision table")
    escalate_at_most: tuple[int | None, ...]
    de_escalate_at_least: tuple[int | None, ...]
    eliminate_at_least: tuple[int | None, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_lists(self, "escalate_at_most", "de_escalate_at_least", "eliminate_at_least")
        for name in ("escalate_at_most", "de_escalate_at_least", "eliminate_at_least"):
            column = getattr(self, name)
            if column is not None and len(column) < self.max_participants:
                raise DesignError(
                    Message("{name} has {column} entries.", name=name, column=len(column)),
                    rule=Message(
                        "It needs one for each of 1 to {max_participants} treated.",
                        max_participants=self.max_participants,
                    ),
                    fix=Message("Add the missing entries, none for never."),
                )
        for n in range(1, self.max_participants + 1):
            up, down = self._boundaries(n)
            out = self._eliminate(n, self.eliminate_at)
            down = down if out is None else min(down, out)
            if up >= down:
                raise DesignError(
                    Message(
                        "With {n} treated, {up} DLTs escalate and {down} de-escalate.",
                        n=n,
                        up=up,
                        down=down,
                    ),
                    rule=Message("No count does both."),
                    fix=Message("Correct entry {n} of the table.", n=n),
                )

    def _boundaries(self, treated: int) -> tuple[int, int]:
        up, down = self.escalate_at_most[treated - 1], self.de_escalate_at_least[treated - 1]
        return (-1 if up is None else up), (treated + 1 if down is None else down)

    def _eliminate(self, treated: int, cutoff: float) -> int | None:
        if self.eliminate_at_least is not None:
            return self.eliminate_at_least[treated - 1]
        return super()._eliminate(treated, cutoff)
