"""Interval designs: one table of boundaries per number treated, whatever derives it.

BOIN, Keyboard, mTPI-2, mTPI and any table given by the user differ only in `_boundaries`; the
engine, the elimination rule, the stop rules and the isotonic selection are the same.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor, log
from typing import ClassVar

import numpy as np

from trialwright.analysis.words import Said, sentences
from trialwright.design.checks import require_between, require_choice, require_count
from trialwright.design.errors import DesignError
from trialwright.design.finding import DoseFinding, check_sizes, check_target
from trialwright.design.table import RuleTable
from trialwright.numerics import rule as rules
from trialwright.numerics.rule import Array, Rule

STOP_WHEN = {"staying": rules.STOP_STAYING, "reached": rules.STOP_REACHED}


@dataclass(frozen=True, kw_only=True)
class IntervalDesign(DoseFinding):
    """Escalate, stay or de-escalate by the counts at the current dose alone.

    target: the DLT rate sought, in (0, 1). doses: 1 to 8. cohort_size, max_participants: whole
    numbers; the last cohort is smaller if it must be.
    eliminate_at: a dose and all above are dropped when P(rate > target | Beta(1 + y, 1 + n - y))
        exceeds this, from `eliminate_from` participants on; at dose 1 the trial stops.
    extra_safety: if given, dose 1 is dropped already above eliminate_at - extra_safety.
    stop_at_dose: end when so many participants are at one dose; `stop_when` says whether only when
        the rule stays there ("staying") or at once ("reached").
    titration: single participants up each dose until the first DLT or the top, then the cohort
        there is filled.
    """

    title: ClassVar[Said]
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
                Said("Titration with cohorts of 1.", "队列为 1 例时的加速滴定。"),
                rule=Said(
                    "Titration fills a cohort of 2 or more.", "加速滴定须补足 2 例或以上的队列。"
                ),
                fix=Said(
                    "Raise cohort_size, or leave titration out.",
                    "请增大 cohort_size，或不用 titration。",
                ),
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

    def describe(self) -> Said:
        parts = [
            Said(
                f"{self.title} with target DLT rate {self.target:g}, {self.doses} doses, cohorts "
                f"of {self.cohort_size}, at most {self.max_participants} participants.",
                f"{self.title.zh}：目标 DLT 率 {self.target:g}，{self.doses} 个剂量，每队列 "
                f"{self.cohort_size} 例，最多 {self.max_participants} 例。",
            ),
            self._describe_boundaries(),
            Said(
                f"From {self.eliminate_from} participants on, a dose is eliminated with all above "
                f"it when the posterior probability that its rate exceeds the target is above "
                f"{self.eliminate_at:g} (prior Beta(1, 1)); at dose 1 the trial stops.",
                f"自 {self.eliminate_from} 例起，若某剂量 DLT 率超过目标的后验概率大于 "
                f"{self.eliminate_at:g}（先验 Beta(1, 1)），则剔除该剂量及以上剂量；"
                f"若为剂量 1 则终止试验。",
            ),
        ]
        if self.stop_at_dose:
            parts.append(
                Said(
                    f"The trial ends when a dose has {self.stop_at_dose} participants"
                    f"{' and the rule stays there' if self.stop_when == 'staying' else ''}.",
                    f"某剂量达到 {self.stop_at_dose} 例"
                    f"{'且规则为维持' if self.stop_when == 'staying' else ''}时试验结束。",
                )
            )
        return sentences(*parts)

    def _describe_boundaries(self) -> Said:
        return Said("Moves follow the decision table.", "剂量调整按决策表进行。")


def isotonic_inputs(treated: Array, events: Array) -> Array:
    """Rows `real` of a rule: estimate (y + 0.05)/(n + 0.1), and the inverse of its variance."""
    y, n = events + 0.05, treated + 0.1
    return np.stack([y / n, n**2 * (n + 1) / (y * (n - y)), 0 * n, 0 * n])


@dataclass(frozen=True, kw_only=True)
class Boin(IntervalDesign):
    """Bayesian optimal interval design.

    Escalate when y/n <= lambda_e, de-escalate when y/n >= lambda_d (both inclusive), with
    lambda_e = log((1-p1)/(1-t)) / log(t(1-p1)/(p1(1-t))) and
    lambda_d = log((1-t)/(1-p2)) / log(p2(1-t)/(t(1-p2))), t the target,
    p1 = `subtherapeutic` (0.6 t) and p2 = `overly_toxic` (1.4 t) unless given.

    Source: Liu and Yuan 2015, JRSS C 64:507, equations 4 and 5.

    >>> design = Boin(target=0.30, doses=5)
    >>> [round(x, 3) for x in (design.lambda_e, design.lambda_d)]
    [0.236, 0.359]
    >>> design.table(6).rows
    ((1, 0, 1, None), (2, 0, 1, None), (3, 0, 2, 3), (4, 0, 2, 3), (5, 1, 2, 4), (6, 1, 3, 4))
    >>> design.decide(design.start().observe(dose=1, treated=3, dlts=0)).action
    'escalate'
    """

    kind: ClassVar[str] = "boin"
    title = Said("BOIN", "BOIN")
    subtherapeutic: float | None = None
    overly_toxic: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("subtherapeutic", self._p1, 0, self.target)
        require_between("overly_toxic", self._p2, self.target, 1)

    @property
    def _p1(self) -> float:
        return 0.6 * self.target if self.subtherapeutic is None else self.subtherapeutic

    @property
    def _p2(self) -> float:
        return 1.4 * self.target if self.overly_toxic is None else self.overly_toxic

    @property
    def lambda_e(self) -> float:
        """The escalation boundary, a rate."""
        t, p = self.target, self._p1
        return log((1 - p) / (1 - t)) / log(t * (1 - p) / (p * (1 - t)))

    @property
    def lambda_d(self) -> float:
        """The de-escalation boundary, a rate."""
        t, p = self.target, self._p2
        return log((1 - t) / (1 - p)) / log(p * (1 - t) / (t * (1 - p)))

    def _boundaries(self, treated: int) -> tuple[int, int]:
        return floor(self.lambda_e * treated), ceil(self.lambda_d * treated)

    def _describe_boundaries(self) -> Said:
        return Said(
            f"Escalate when the observed rate at the current dose is {self.lambda_e:.3f} or less, "
            f"de-escalate when it is {self.lambda_d:.3f} or more, otherwise stay.",
            f"当前剂量观察到的 DLT 率不高于 {self.lambda_e:.3f} 时升剂量，不低于 "
            f"{self.lambda_d:.3f} 时降剂量，否则维持。",
        )


@dataclass(frozen=True, kw_only=True)
class _Posterior(IntervalDesign):
    """Interval designs that compare posterior masses under a uniform prior."""

    below: float = 0.05
    above: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("below", self.below, 0, self.target)
        require_between("above", self.above, 0, 1 - self.target)

    @abstractmethod
    def _keys(self) -> tuple[Array, Array]:
        """Lower and upper ends of the intervals compared."""

    def _boundaries(self, treated: int) -> tuple[int, int]:
        from scipy.special import betainc

        low, high = self._keys()
        y = np.arange(treated + 1)[:, None]
        mass = betainc(1 + y, 1 + treated - y, high) - betainc(1 + y, 1 + treated - y, low)
        strongest = np.argmax(mass / (high - low) > (mass / (high - low)).max(1)[:, None] - 1e-12,
                              axis=1)  # fmt: skip
        home = int(np.flatnonzero(np.isclose(low, self.target - self.below))[0])
        up = np.flatnonzero(strongest < home)
        down = np.flatnonzero(strongest > home)
        return (int(up[-1]) if len(up) else -1), (int(down[0]) if len(down) else treated + 1)

    def _describe_boundaries(self) -> Said:
        low, high = self.target - self.below, self.target + self.above
        return Said(
            f"The interval with the highest posterior density decides: below "
            f"({low:g}, {high:g}) escalate, within it stay, above it de-escalate.",
            f"由后验密度最高的区间决定：低于 ({low:g}, {high:g}) 升剂量，位于其中维持，"
            "高于则降剂量。",
        )


@dataclass(frozen=True, kw_only=True)
class Keyboard(_Posterior):
    """Keyboard design: the strongest of equally wide keys decides; partial keys are left out.

    below, above: margins of the target key. Source: Yan, Mandrekar and Yuan 2017, Clin Cancer Res
    23:3994.

    >>> Keyboard(target=0.30, doses=5).table(3).rows[-1]
    (3, 0, 2, 3)
    """

    kind: ClassVar[str] = "keyboard"
    title = Said("Keyboard", "Keyboard")

    def _keys(self) -> tuple[Array, Array]:
        return _equal_keys(self.target, self.below, self.above, partial=False)


@dataclass(frozen=True, kw_only=True)
class Mtpi2(_Posterior):
    """mTPI-2: as Keyboard, with the partial intervals at 0 and 1, by unit probability mass. A dose
    may be excluded whatever the number treated (`eliminate_from`).

    Source: Guo, Wang, Yang, Lynn and Ji 2017, Contemp Clin Trials 58:23.

    >>> Mtpi2(target=0.30, doses=5).table(3).rows[-1]
    (3, 0, 2, 3)
    """

    kind: ClassVar[str] = "mtpi2"
    eliminate_from: int = 1
    title = Said("mTPI-2", "mTPI-2")

    def _keys(self) -> tuple[Array, Array]:
        return _equal_keys(self.target, self.below, self.above, partial=True)


@dataclass(frozen=True, kw_only=True)
class Mtpi(_Posterior):
    """mTPI: three intervals, below, around and above the target, by unit probability mass. A dose
    may be excluded whatever the number treated (`eliminate_from`).

    Source: Ji, Liu, Li and Bekele 2010, Clin Trials 7:653.

    >>> Mtpi(target=0.30, doses=5).table(6).rows[-1]
    (6, 1, 4, 4)
    """

    kind: ClassVar[str] = "mtpi"
    eliminate_from: int = 1
    title = Said("mTPI", "mTPI")

    def _keys(self) -> tuple[Array, Array]:
        low, high = self.target - self.below, self.target + self.above
        return np.array([0.0, low, high]), np.array([low, high, 1.0])


def _equal_keys(target: float, below: float, above: float, *, partial: bool) -> tuple[Array, Array]:
    """Intervals as wide as the target key, laid from it to both ends."""
    low, high = target - below, target + above
    width = high - low
    left = floor(low / width + 1e-9)
    right = floor((1 - high) / width + 1e-9)
    ends = low + width * np.arange(-left, right + 2)
    if partial and ends[0] > 1e-9:
        ends = np.concatenate([[0.0], ends])
    if partial and ends[-1] < 1 - 1e-9:
        ends = np.concatenate([ends, [1.0]])
    return np.clip(ends[:-1], 0, 1), np.clip(ends[1:], 0, 1)


@dataclass(frozen=True, kw_only=True)
class DecisionTable(IntervalDesign):
    """Any table given by the user: for n = 1, 2, … treated, the counts that escalate and that
    de-escalate (None for never), and optionally those that eliminate.

    Without `eliminate_at_least` the posterior rule of the other designs eliminates.

    >>> table = DecisionTable(target=0.3, doses=3, max_participants=4,
    ...     escalate_at_most=(0, 0, 0, 0), de_escalate_at_least=(1, 2, 2, 2))
    >>> table.decide(table.start().observe(1, 3, 1)).action
    'stay'
    """

    kind: ClassVar[str] = "decision-table"
    title = Said("Decision table", "决策表")
    escalate_at_most: tuple[int | None, ...]
    de_escalate_at_least: tuple[int | None, ...]
    eliminate_at_least: tuple[int | None, ...] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("escalate_at_most", "de_escalate_at_least", "eliminate_at_least"):
            column = getattr(self, name)
            if column is not None and len(column) < self.max_participants:
                raise DesignError(
                    Said(f"{name} has {len(column)} entries.", f"{name} 有 {len(column)} 项。"),
                    rule=Said(
                        f"It needs one for each of 1 to {self.max_participants} treated.",
                        f"治疗 1 至 {self.max_participants} 例须各有一项。",
                    ),
                    fix=Said("Add the missing entries, none for never.", "请补足；从不者写 none。"),
                )
        for n in range(1, self.max_participants + 1):
            up, down = self._boundaries(n)
            out = self._eliminate(n, self.eliminate_at)
            down = down if out is None else min(down, out)
            if up >= down:
                raise DesignError(
                    Said(
                        f"With {n} treated, {up} DLTs escalate and {down} de-escalate.",
                        f"治疗 {n} 例时，{up} 例 DLT 升剂量，{down} 例降剂量。",
                    ),
                    rule=Said("No count does both.", "同一例数不能既升又降。"),
                    fix=Said(f"Correct entry {n} of the table.", f"请更正表中第 {n} 项。"),
                )

    def _boundaries(self, treated: int) -> tuple[int, int]:
        up, down = self.escalate_at_most[treated - 1], self.de_escalate_at_least[treated - 1]
        return (-1 if up is None else up), (treated + 1 if down is None else down)

    def _eliminate(self, treated: int, cutoff: float) -> int | None:
        if self.eliminate_at_least is not None:
            return self.eliminate_at_least[treated - 1]
        return super()._eliminate(treated, cutoff)
