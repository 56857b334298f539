"""A finite dose-finding rule as plain arrays, and the lattice of counts that it reads.

A *cell* is what is known at one dose: participants treated, DLTs, and for some designs responses.
Cells are numbered; a state is one cell per dose and the current dose. Engines know nothing else.
"""

from __future__ import annotations

from math import comb
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

STAY, ESCALATE, DEESCALATE, ELIMINATE = 0, 1, 2, 3
"""Codes of a decision table; ELIMINATE means this dose and all above are never used again."""

INTERVAL, CRM, BOIN12 = 0, 1, 2
"""How the next dose is found: a table per dose, a model fit, or desirability ranks."""

STOP_NEVER, STOP_STAYING, STOP_REACHED, STOP_NEXT_FULL, STOP_LADDER = 0, 1, 2, 3, 4
"""When a dose with `stop_at` participants ends the trial: never; when the rule stays there; at
once; when the next dose is already full; or (a ladder) at the first move that isn't up."""

ISOTONIC, HIGHEST, MODEL, BEST_UTILITY = 0, 1, 2, 3
"""How the final dose is selected."""


# Rows of `number`.
(KIND, DOSES, START, COHORT, PARTICIPANTS, STOP_AT, STOP_MODE, TITRATION, SELECTION, NO_SKIP,
 COHERENT, CERTAIN_FROM, EXPLORE_FROM) = range(13)  # fmt: skip
# Rows of `whole`: treated, events, the table's code for the lowest dose and for the others, futile.
TREATED, EVENTS, CODE_FIRST, CODE, FUTILE = range(5)
# Rows of `real`: toxicity estimate and its precision, desirability rank, estimated utility.
ESTIMATE, PRECISION, RANK, UTILITY = range(4)


class Rule(NamedTuple):
    """One rule; doses count from 0 here. The first five are what one decision reads.

    number: int64, the scalars named above. whole: int32, rows over cells. real: float64, rows over
    cells. likelihood: [dose, cell, node] and model: rows over nodes (parameter, prior weight, rate
    of each dose), then one column-wise row block of options; both empty but for model-based rules.
    plug: coded doses, model (0 power, 1 logistic), intercept, estimator, stopping cutoff, target.
    child: [size - 1, cell, outcome] to cell, -1 beyond the table. ways: [size - 1, outcome].
    """

    number: Array
    whole: Array
    real: Array
    likelihood: Array
    model: Array
    plug: Array
    child: Array
    ways: Array

    @property
    def doses(self) -> int:
        return int(self.number[DOSES])

    @property
    def treated(self) -> Array:
        treated: Array = self.whole[TREATED]
        return treated

    @property
    def events(self) -> Array:
        events: Array = self.whole[EVENTS]
        return events

    @property
    def parts(self) -> tuple[Array, Array, Array, Array, Array, Array]:
        """What one decision reads, in the order the kernels take it."""
        return self[:6]

    def changed(self, **numbers: int) -> Rule:
        """The rule with other scalars, by the lower-case names of the rows of `number`."""
        number = self.number.copy()
        for name, value in numbers.items():
            number[globals()[name.upper()]] = value
        return self._replace(number=number)


def pairs(cohort: int, participants: int) -> dict[str, Array]:
    """The lattice of (treated, DLTs): cell n(n+1)/2 + y, and its children for cohorts 1…cohort."""
    n = np.repeat(np.arange(participants + 1), np.arange(1, participants + 2))
    y = np.concatenate([np.arange(k + 1) for k in range(participants + 1)])
    child = np.full((cohort, len(n), cohort + 1), -1, dtype=np.int32)
    ways = np.zeros((cohort, cohort + 1))
    for size in range(1, cohort + 1):
        for k in range(size + 1):
            after = (n + size) * (n + size + 1) // 2 + y + k
            child[size - 1, :, k] = np.where(n + size <= participants, after, -1)
            ways[size - 1, k] = comb(size, k)
    return {"treated": n, "events": y, "child": child, "ways": ways}


def triples(cohort: int, participants: int) -> dict[str, Array]:
    """The lattice of (treated, DLTs, responses); outcomes are (DLTs, responses) in order."""
    sizes = np.arange(participants + 1)
    n = np.repeat(sizes, (sizes + 1) ** 2)
    y = np.concatenate([np.repeat(np.arange(k + 1), k + 1) for k in sizes])
    x = np.concatenate([np.tile(np.arange(k + 1), k + 1) for k in sizes])
    first = np.concatenate([[0], np.cumsum((np.arange(participants + cohort + 1) + 1) ** 2)])
    wide = cohort + 1
    child = np.full((cohort, len(n), wide**2), -1, dtype=np.int32)
    ways = np.zeros((cohort, wide**2))
    for size in range(1, cohort + 1):
        for a in range(size + 1):
            for b in range(size + 1):
                after = first[n + size] + (y + a) * (n + size + 1) + x + b
                child[size - 1, :, a * wide + b] = np.where(n + size <= participants, after, -1)
                ways[size - 1, a * wide + b] = comb(size, a) * comb(size, b)
    return {"treated": n, "events": y, "responses": x, "child": child, "ways": ways}


def make_rule(
    lattice: dict[str, Array],
    *,
    target: float,
    numbers: dict[str, int],
    code: Array | None = None,
    futile: Array | None = None,
    real: Array | None = None,
    likelihood: Array | None = None,
    model: Array | None = None,
    plug: Array | None = None,
) -> Rule:
    """A rule over a lattice; what a kind of rule doesn't use is left out."""
    cells = len(lattice["treated"])
    number = np.zeros(13, dtype=np.int64)
    for name, value in numbers.items():
        number[globals()[name.upper()]] = value
    whole = np.zeros((5, cells), dtype=np.int32)
    whole[TREATED], whole[EVENTS] = lattice["treated"], lattice["events"]
    if code is not None:
        whole[CODE_FIRST], whole[CODE] = code
    if futile is not None:
        whole[FUTILE] = futile
    return Rule(
        number,
        whole,
        np.zeros((4, cells)) if real is None else real,
        np.zeros((1, 1, 1)) if likelihood is None else likelihood,
        np.zeros((1, 1)) if model is None else model,
        np.append(np.zeros(0) if plug is None else plug, target),
        lattice["child"],
        lattice["ways"],
    )
