"""Interval designs: one table of boundaries per number treated, whatever derives it.

BOIN (`boin`), Keyboard, mTPI-2, mTPI (`keyboard`) and any table given by the user
(`decision_table`) differ only in `_boundaries`; the engine, the elimination rule, the stop rules
and the isotonic selection are the same.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from trialwright.design.checks import require_between, require_choice, require_count
from trialwright.design.errors import DesignError
from trialwright.design.finding import DoseFinding, check_sizes, check_target
from trialwright.design.table import RuleTable
from trialwright.messages import Message, sentences
from trialwright.numerics import rule as rules
from trialwright.numerics.rule import Array, Rule

STOP_WHEN = {"staying": rules.STOP_STAYING, "reached": rules.STOP_REACHED}


@dataclass(frozen=True, kw_only=True)
class IntervalDesign(DoseFinding):
    """Escalate, stay or de-escalate by the counts at the current dose alone.

    target: the DLT rate sought, in (0, 1). doses: 1 to 1,000, of which the exact engine holds 8.
    cohort_size, max_participants: whole numbers; the last cohort is smaller if it must be.
    eliminate_at: a dose and all above are dropped when P(rate > target | Beta(1 + y, 1 + n - y))
        exceeds this, from `eliminate_from` participants on; at dose 1 the trial stops.
    extra_safety: if given, dose 1 is dropped already above eliminate_at - extra_safety.
    stop_at_dose: end when so many participants are at one dose; `stop_when` says whether only when
        the rule stays there ("staying") or at once ("reached").
    titration: single participants up each dose until the first DLT or the top, then the cohort
        there is filled.
    """

    title: ClassVar[Message]
    target: float
    doses: int
    cohort_size: int = 3
    max_participants: int = 30
    eliminate_at: float = 0.95
    eliminate_from: int = 3
    extra_safety: float | None = None
    stop_at_dose: int | None = None
    stop_when: str = "staying"
    titration: bool = False
    first_dose: int = 1

    def __post_init__(self) -> None:
        check_target(self.target)
        check_sizes(self.doses, self.cohort_size, self.max_participants, self.first_dose)
        require_between("eliminate_at", self.eliminate_at, 0.5, 1.000001)
        require_count("eliminate_from", self.eliminate_from, 1)
        require_choice("stop_when", self.stop_when, STOP_WHEN)
        if self.extra_safety is not None:
            require_between("extra_safety", self.extra_safety, 0, 0.5)
        if self.stop_at_dose is not None:
            require_count("stop_at_dose", self.stop_at_dose, 1)
        if self.titration and self.cohort_size < 2:
            raise DesignError(
                Message("Titration with cohorts of 1."),
                rule=Message("Titration fills a cohort of 2 or more."),
                fix=Message("Raise cohort_size, or leave titration out."),
            )

    @abstractmethod
    def _boundaries(self, treated: int) -> tuple[int, int]:
        """(escalate when DLTs are at most this, de-escalate when at least this)."""

    def _eliminate(self, treated: int, cutoff: float) -> int | None:
        """Eliminate when DLTs are at least this, 1 or more; None where no count is enough."""
        from scipy.special import betaincc

        if treated < self.eliminate_from:
            return None
        y = np.arange(1, treated + 1)
        above = np.flatnonzero(betaincc(1 + y, 1 + treated - y, self.target) > cutoff)
        return int(y[above[0]]) if len(above) else None

    @cached_property
    def boundaries(self) -> tuple[tuple[int, int, int | None, int | None], ...]:
        """Entry n - 1: escalate at most, de-escalate at least, eliminate at least, and drop dose 1
        at least."""
        first = self.eliminate_at - (self.extra_safety or 0.0)
        rows = []
        for n in range(1, self.max_participants + 1):
            up, down = self._boundaries(n)
            out = self._eliminate(n, self.eliminate_at)
            down = down if out is None else min(down, out)
            rows.append((up, down, out, self._eliminate(n, first)))
        return tuple(rows)

    @cached_property
    def rule(self) -> Rule:
        lattice = rules.pairs(self.cohort_size, self.max_participants)
        code = np.zeros((2, len(lattice["treated"])), dtype=np.int8)
        for n, (up, down, out, out_first) in enumerate(self.boundaries, start=1):
            cells = slice(n * (n + 1) // 2, n * (n + 1) // 2 + n + 1)
            y = np.arange(n + 1)
            moves = np.where(y <= up, rules.ESCALATE, np.where(y >= down, rules.DEESCALATE, 0))
            for row, bound in enumerate((out_first, out)):
                code[row, cells] = moves if bound is None else np.where(y >= bound, 3, moves)
        return rules.make_rule(
            lattice,
            target=self.target,
            plug=self._selection_bound(),
            code=code,
            real=isotonic_inputs(lattice["treated"], lattice["events"]),
            numbers={
                "kind": rules.INTERVAL,
                "doses": self.doses,
                "start": self.first_dose - 1,
                "cohort": self.cohort_size,
                "participants": self.max_participants,
                "stop_at": self.stop_at_dose or 0,
                "stop_mode": STOP_WHEN[self.stop_when] if self.stop_at_dose else 0,
                "titration": int(self.titration),
                "selection": rules.ISOTONIC,
            },
        )

    def _selection_bound(self) -> Array | None:
        """The highest isotonic estimate that a selected dose may have, where there is one."""
        return None

    def table(self, participants: int | None = None) -> RuleTable:
        """Rows (treated, escalate_at_most, de_escalate_at_least, eliminate_at_least).

        None stands where no possible count does it. With `extra_safety`, a further column gives
        the count that drops dose 1.
        """
        last = self.max_participants if participants is None else participants
        require_count("participants", last, 1, self.max_participants)
        columns = ["treated", "escalate_at_most", "de_escalate_at_least", "eliminate_at_least"]
        rows: list[tuple[int | None, ...]] = []
        for n, (up, down, out, first) in enumerate(self.boundaries[:last], start=1):
            row = (n, up if up >= 0 else None, down if down <= n else None, out)
            rows.append((*row, first) if self.extra_safety else row)
        if self.extra_safety:
            columns.append("drop_dose_1_at_least")
        return RuleTable(type(self).__name__, tuple(columns), tuple(rows))

    def describe(self) -> Message:
        parts = [
            Message(
                "{title} with target DLT rate {target:g}, {doses} doses, cohorts of "
                "{cohort_size}, at most {max_participants} participants.",
                title=self.title,
                target=self.target,
                doses=self.doses,
                cohort_size=self.cohort_size,
                max_participants=self.max_participants,
            ),
            self._describe_boundaries(),
            Message(
                "From {eliminate_from} participants on, a dose is eliminated with all above it "
                "when the posterior probability that its rate exceeds the target is above "
                "{eliminate_at:g} (prior Beta(1, 1)); at dose 1 the trial stops.",
                eliminate_from=self.eliminate_from,
                eliminate_at=self.eliminate_at,
            ),
        ]
        if self.stop_at_dose:
            end = (
                Message(
                    "The trial ends when a dose has {stop_at_dose} participants and the rule stays "
                    "there.",
                    stop_at_dose=self.stop_at_dose,
                )
                if self.stop_when == "staying"
                else Message(
                    "The trial ends when a dose has {stop_at_dose} participants.",
                    stop_at_dose=self.stop_at_dose,
                )
            )
            parts.append(end)
        return sentences(*parts)

    def _describe_boundaries(self) -> Message:
        return Message("Moves follow the decision table.")


def isotonic_inputs(treated: Array, events: Array) -> Array:
    """Rows `real` of a rule: estimate (y + 0.05)/(n + 0.1), and the inverse of its variance."""
    y, n = events + 0.05, treated + 0.1
    return np.stack([y / n, n**2 * (n + 1) / (y * (n - y)), 0 * n, 0 * n])
