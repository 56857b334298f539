"""The integer table that a finite rule compiles to, and the decision read from it.

The same table is printed into the protocol, run over by the exact engine and the simulator,
stored and signed at activation, and read by the live trial.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialwright.analysis import notebook
from trialwright.messages import Message

if TYPE_CHECKING:
    import polars as pl

Cell = int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule says now.

    action: escalate, stay, de-escalate, stop or suspend for dose finding; continue or hold for
        safety monitoring. dose: where the next participants go, numbered from 1; at a stop
        because the sample is complete, the dose the rule points at; None when no dose is safe.
    reason: one sentence with the numbers. rule: the name of the rule that spoke.

    >>> Decision("stay", 2, Message("2 of 3 DLTs."), "Boin").action
    'stay'
    """

    action: str
    dose: int | None
    reason: Message
    rule: str

    def _repr_html_(self) -> str:
        dose = f" (dose {self.dose})" if self.dose is not None else ""
        return notebook.paragraph(self.reason, f"{self.action}{dose}")


@dataclass(frozen=True, slots=True)
class RuleTable:
    """A rule as whole numbers: named columns, rows in a fixed order, None where nothing applies.

    `sha256` is the hash of the canonical JSON; the same rule gives the same hash on every machine.

    >>> table = RuleTable("Example", ("treated", "hold_at"), ((1, None), (2, 2)))
    >>> table.column("hold_at"), table.sha256[:8]
    ((None, 2), 'a787c691')
    """

    rule: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def canonical(self) -> bytes:
        """The bytes that are stored and signed: JSON without spaces, keys in order."""
        content = {"columns": self.columns, "rows": self.rows, "rule": self.rule, "version": 1}
        return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()

    def column(self, name: str) -> tuple[Cell, ...]:
        """One column, from the first row to the last."""
        index = self.columns.index(name)
        return tuple(row[index] for row in self.rows)

    def to_polars(self) -> pl.DataFrame:
        """The table as a polars frame of whole numbers."""
        import polars as pl

        schema = dict.fromkeys(self.columns, pl.Int64)
        return pl.DataFrame(list(self.rows), schema=schema, orient="row")

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        cells = [self.columns, *(tuple(_shown(cell) for cell in row) for row in self.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in cells
        )

    def _repr_html_(self) -> str:
        return notebook.table(self.columns, self.rows)


def _shown(cell: Cell) -> str:
    return "–" if cell is None else str(cell)
