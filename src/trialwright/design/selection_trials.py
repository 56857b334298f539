"""Simulated trials of a selection design, moving forward together as a running one does.

The rules are read whenever an event becomes known, and after a treatment where they have looks:
without looks a bound only rises with the number counted, so that nothing else crosses it. A hold
pauses the trial until a decision lifts it, or closes what it concerns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.design.checks import Floats
from trialwright.design.counting import Course, Flags
from trialwright.design.selection import SelectionDesign
from trialwright.design.selection_conduct import Conduct

Ints = NDArray[np.int64]
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of the rules in some of the trials: `rows` are their numbers, `at` its moments.

    counted, events: what was read, trials x groups: the regimens in their order, then all of them.
    open: the groups on hold after it and before a decision. decided, lifted: whether a decision
    ended all holds at this moment, and whether it lifted them; else it closed.
    """

    rows: Ints
    at: Floats
    counted: Ints
    events: Ints
    open: Flags
    decided: Flags
    lifted: Flags


class SelectionTrials:
    """The state of a chunk of trials. Arrays are trials x participants, arms counted from 0;
    `held` is trials x arms, `pooled` whether all were closed together."""

    def __init__(
        self, design: SelectionDesign, conduct: Conduct, trials: int, *, keep_looks: bool = False
    ) -> None:
        size = conduct.participants
        self.design, self.conduct = design, conduct
        self.regimens = np.array(design.regimens) - 1
        rules = (design.arm_rule.reaching(size), design.pooled_rule.reaching(size))
        self._arm_bounds, self._pooled_bounds = (
            np.array([_NEVER if bound is None else bound for bound in rule.hold_at])
            for rule in rules
        )
        self._has_looks = any(rule.looks for rule in rules)
        self.arms = np.full((trials, size), -1)
        self.course = Course(np.full((trials, size), np.inf), np.full((trials, size), np.inf))
        self.held = np.zeros((trials, design.arms), dtype=bool)
        self.pooled = np.zeros(trials, dtype=bool)
        self.looks: list[Look] | None = [] if keep_looks else None
        groups = len(self.regimens) + 1
        self._open = np.zeros((trials, groups), dtype=bool)
        # What the latest decision covers of each group: so many with an event.
        self._covered = np.full((trials, groups), -1)
        self._due = np.full(trials, np.inf)
        self._lifted = np.zeros(trials, dtype=np.int64)
        self._read_to = np.full(trials, -np.inf)

    @property
    def ended(self) -> Flags:
        """Which trials treat nobody else: all is closed, or no regimen is left to refill with."""
        refills = bool(self.design.refillable)
        return self.pooled | (refills & self.held[:, self.regimens].all(axis=1))

    def wait(self, at: Floats) -> Floats:
        """The moments at which the next participants, who could be treated at these, are: once the
        holds that are in force by then are decided."""
        while True:
            self.follow(at)
            waits = np.isfinite(self._due)
            if not waits.any():
                return at
            at = np.where(waits, self._due, at)

    def treat(self, j: int, at: Floats, treats: Flags, known_at: Floats) -> None:
        """Treat participant j in these trials, whose events become known then (never: infinite)."""
        self.course.treated_at[treats, j] = at[treats]
        self.course.known_at[treats, j] = known_at[treats]
        rows = np.flatnonzero(treats)
        if self._has_looks and len(rows):
            self._read(rows, at[rows])

    def follow(self, until: Floats) -> None:
        """Read the rules at each moment up to these, both included, at which something is due."""
        rows = np.arange(len(until))
        while len(rows):
            known = self.course.known_at[rows]
            news = np.where(known > self._read_to[rows, None], known, np.inf).min(axis=1)
            moment = np.minimum(news, self._due[rows])
            reads = (moment <= until[rows]) & np.isfinite(moment)
            rows, moment = rows[reads], moment[reads]
            self._read_to[rows] = moment
            self._read(rows, moment)

    def _read(self, rows: Ints, at: Floats) -> None:
        counted, events = self._counts(rows, at)
        bounds = np.column_stack(
            [self._arm_bounds[counted[:, :-1]], self._pooled_bounds[counted[:, -1]]]
        )
        closed = np.column_stack([self.held[rows][:, self.regimens], self.pooled[rows]])
        closed |= self.pooled[rows][:, None]
        crosses = (events >= bounds) & (events > self._covered[rows]) & ~closed
        self._open[rows] |= crosses
        begins = self._open[rows].any(axis=1) & np.isinf(self._due[rows])
        self._due[rows[begins]] = at[begins] + self.conduct.decided_after_days
        decided = self._due[rows] <= at
        lifted = decided & (self._lifted[rows] < self.conduct.lifted_holds)
        if self.looks is not None:
            held = self._open[rows].copy()
            self.looks.append(Look(rows, at, counted, events, held, decided, lifted))
        self._decide(rows[decided], events[decided], lifted[decided])

    def _decide(self, rows: Ints, events: Ints, lifted: Flags) -> None:
        """End the holds that are in force; what is closed stays so."""
        closing = rows[~lifted]
        self.held[np.ix_(closing, self.regimens)] |= self._open[closing, :-1]
        self.pooled[closing] |= self._open[closing, -1]
        self._covered[rows] = events
        self._lifted[rows] += 1
        self._open[rows] = False
        self._due[rows] = np.inf

    def _counts(self, rows: Ints, at: Floats) -> tuple[Ints, Ints]:
        """How many count, and how many have an event, of each regimen and of all of them."""
        course = Course(self.course.treated_at[rows], self.course.known_at[rows])
        own = self.arms[rows][:, :, None] == self.regimens
        found = []
        for who in course.at(at[:, None], self.conduct.follow_up_days, self.design.counted):
            each = (who[:, :, None] & own).sum(axis=1)
            found.append(np.column_stack([each, each.sum(axis=1)]))
        return found[0], found[1]
