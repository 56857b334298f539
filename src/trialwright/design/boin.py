"""The Bayesian optimal interval design."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log
from typing import ClassVar

import numpy as np

from trialwright.design.checks import require_between
from trialwright.design.interval import IntervalDesign
from trialwright.messages import Message, sentences
from trialwright.numerics.rule import Array


@dataclass(frozen=True, kw_only=True)
class Boin(IntervalDesign):
    """Bayesian optimal interval design.

    Estimand: the dose with the DLT rate nearest to `target`. Escalate when y/n <= lambda_e,
    de-escalate when y/n >= lambda_d (both inclusive), with lambda_e = log((1-p1)/(1-t)) /
    log(t(1-p1)/(p1(1-t))) and lambda_d = log((1-t)/(1-p2)) / log(p2(1-t)/(t(1-p2))), t the target,
    p1 = `subtherapeutic` (0.6 t) and p2 = `overly_toxic` (1.4 t) unless given. bound_mtd: a dose is
    selected only if its isotonic estimate is lambda_d or less, none if no dose's is.

    Accuracy: the table is whole numbers; exact characteristics to rounding (1e-12).
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
    title = Message("BOIN")
    subtherapeutic: float | None = None
    overly_toxic: float | None = None
    bound_mtd: bool = False

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

    def _selection_bound(self) -> Array | None:
        return np.array([self.lambda_d]) if self.bound_mtd else None

    def _boundaries(self, treated: int) -> tuple[int, int]:
        return floor(self.lambda_e * treated), ceil(self.lambda_d * treated)

    def describe(self) -> Message:
        told = super().describe()
        if not self.bound_mtd:
            return told
        return sentences(
            told, Message("A dose is selected only if its estimate is {bound:.3f} or less.",
                          bound=self.lambda_d),
        )  # fmt: skip

    def _describe_boundaries(self) -> Message:
        return Message(
            "Escalate when the observed rate at the current dose is {lambda_e:.3f} or less, "
            "de-escalate when it is {lambda_d:.3f} or more, otherwise stay.",
            lambda_e=self.lambda_e,
            lambda_d=self.lambda_d,
        )
