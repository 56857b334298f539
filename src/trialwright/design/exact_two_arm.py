"""Two arms with a yes/no outcome and a few looks: exact size, power and expected numbers.

Bounds on Z from normal theory are read with the counts that can really occur; the size is the
largest chance of rejection over the common rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.unconditional import masses
from trialwright.design.checks import (
    Floats,
    require_between,
    require_choice,
    require_count,
    require_lists,
    require_some,
    scenario_matrix,
)
from trialwright.design.errors import DesignError
from trialwright.design.table import Decision, RuleTable
from trialwright.messages import Message

STATISTICS = ("pooled", "unpooled")


@dataclass(frozen=True, slots=True)
class TwoArmCharacteristics(Notebook):
    """At each pair of true rates: chance to reject, by look, and expected participants in all.

    >>> one = ExactTwoArm(per_arm=(1,), upper=(1.0,))
    >>> one.operating_characteristics([[0.5, 0.5]]).reject
    array([0.25])
    """

    rates: Floats
    reject: Floats
    reject_by_look: Floats
    futile_by_look: Floats
    expected_participants: Floats


@dataclass(frozen=True, kw_only=True)
class ExactTwoArm(Notebook):
    """One-sided test that arm 1 has the higher rate, with looks after given numbers per arm.

    Estimand: p1 - p2, tested against p1 <= p2. Accuracy: rounding (1e-12) at each pair of rates;
    the size is the largest over a grid of common rates.
    per_arm: participants in each arm at each look, increasing. upper: Z at or above which H0 is
    rejected at each look. lower: Z at or below which the trial stops without rejection; None for
    no such bound. statistic: Z with the "pooled" or the "unpooled" variance (0 when the arms agree;
    infinite when the unpooled variance is 0 and they differ).

    Source: the recursion over sufficient statistics of Jennison and Turnbull 2000, chapter 12.

    >>> one = ExactTwoArm(per_arm=(25,), upper=(1.96,))
    >>> round(one.size()[0], 4)
    0.0325
    """

    kind: ClassVar[str] = "exact-two-arm"
    per_arm: tuple[int, ...]
    upper: tuple[float, ...]
    lower: tuple[float | None, ...] | None = None
    statistic: str = "pooled"

    def __post_init__(self) -> None:
        require_choice("statistic", self.statistic, STATISTICS)
        require_lists(self, "per_arm", "upper", "lower")
        require_some("per_arm", self.per_arm)
        previous = 0
        for n in self.per_arm:
            require_count("per_arm", n, previous + 1, 500)
            previous = n
        for name, bounds in (("upper", self.upper), ("lower", self.lower)):
            if bounds is not None and len(bounds) != len(self.per_arm):
                raise DesignError(
                    Message(
                        "{name} has {bounds} bounds for {per_arm} looks.",
                        name=name,
                        bounds=len(bounds),
                        per_arm=len(self.per_arm),
                    ),
                    rule=Message("There is one bound for each look."),
                    fix=Message("Give as many bounds as looks."),
                )
        for bound in (*self.upper, *(self.lower or ())):
            if bound is not None:
                require_between("bound", bound, -1e6, 1e6)

    def z(self, look: int) -> Floats:
        """Z at [x1, x2] at a look (from 1)."""
        n = self.per_arm[look - 1]
        p1, p2 = np.ogrid[0 : n + 1, 0 : n + 1]
        p1, p2 = p1 / n, p2 / n
        both = (p1 + p2) / 2
        variance = (
            2 * both * (1 - both) / n
            if self.statistic == "pooled"
            else (p1 * (1 - p1) + p2 * (1 - p2)) / n
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (p1 - p2) / np.sqrt(variance)
        return np.asarray(np.where(p1 == p2, 0.0, z))

    @cached_property
    def _codes(self) -> tuple[NDArray[np.int8], ...]:
        """1 rejects, -1 stops without, 0 goes on, at [x1, x2] of each look."""
        codes = []
        for look, bound in enumerate(self.upper, start=1):
            z = self.z(look)
            code = (z >= bound - 1e-12).astype(np.int8)
            low = self.lower[look - 1] if self.lower else None
            if low is not None:
                code[(z <= low + 1e-12) & (code == 0)] = -1
            if look == len(self.upper):
                code[code == 0] = -1
            codes.append(code)
        return tuple(codes)

    def operating_characteristics(self, rates: ArrayLike) -> TwoArmCharacteristics:
        """Exact behaviour at each pair (p1, p2) of true rates."""
        p = scenario_matrix(rates, 2, "arms")
        looks = len(self.per_arm)
        reject, futile = np.zeros((len(p), looks)), np.zeros((len(p), looks))
        expected = np.zeros(len(p))
        alive = np.ones((len(p), 1, 1))
        previous = 0
        for k, (n, code) in enumerate(zip(self.per_arm, self._codes, strict=True)):
            expected += 2 * (n - previous) * alive.sum(axis=(1, 2))
            grow1, grow2 = (_growth(previous, n, p[:, arm]) for arm in (0, 1))
            joint = np.matmul(np.matmul(grow1.transpose(0, 2, 1), alive), grow2)
            reject[:, k] = (joint * (code == 1)).sum(axis=(1, 2))
            futile[:, k] = (joint * (code == -1)).sum(axis=(1, 2))
            alive, previous = joint * (code == 0), n
        return TwoArmCharacteristics(p, reject.sum(axis=1), reject, futile, expected)

    def size(self, points: int = 99) -> tuple[float, float]:
        """The largest chance to reject over common rates k/(points + 1), and where it is."""
        require_count("points", points, 1, 100_000)
        common = np.arange(1, points + 1) / (points + 1)
        chances = self.operating_characteristics(np.column_stack([common, common])).reject
        return float(chances.max()), float(common[chances.argmax()])

    def decide(self, look: int, x1: int, x2: int) -> Decision:
        """Read the table at a look (from 1)."""
        require_count("look", look, 1, len(self.per_arm))
        n = self.per_arm[look - 1]
        for name, x in (("x1", x1), ("x2", x2)):
            require_count(name, x, 0, n)
        code = int(self._codes[look - 1][x1, x2])
        action = {1: "stop for effect", -1: "stop without effect", 0: "continue"}[code]
        z = float(self.z(look)[x1, x2])
        reason = Message(
            "{x1} of {n} against {x2} of {n}: Z = {z:.3f}, bound {upper:.3f}.",
            x1=x1,
            n=n,
            x2=x2,
            z=z,
            upper=self.upper[look - 1],
        )
        return Decision(action, None, reason, "ExactTwoArm")

    def table(self) -> RuleTable:
        """Rows (look, x2, reject_at_least, stop_at_most): bounds of x1 for each x2."""
        rows: list[tuple[int | None, ...]] = []
        for look, code in enumerate(self._codes, start=1):
            for x2 in range(code.shape[1]):
                up = np.flatnonzero(code[:, x2] == 1)
                down = np.flatnonzero(code[:, x2] == -1)
                rows.append(
                    (
                        look,
                        x2,
                        int(up[0]) if len(up) else None,
                        int(down[-1]) if len(down) else None,
                    )
                )
        columns = ("look", "x2", "reject_at_least", "stop_at_most")
        return RuleTable("ExactTwoArm", columns, tuple(rows))

    def describe(self) -> Message:
        """The rule in words."""
        looks = ", ".join(map(str, self.per_arm))
        bounds = ", ".join(f"{b:.3f}" for b in self.upper)
        return Message(
            "Looks after {looks} per arm; reject at Z ({statistic}) of {bounds} or more.",
            looks=looks,
            statistic=self.statistic,
            bounds=bounds,
        )


def _growth(before: int, after: int, p: Floats) -> Floats:
    """[scenario, x before, x after]: chance of moving from one count to another."""
    more = masses(after - before, p)
    grow = np.zeros((len(p), before + 1, after + 1))
    for x in range(before + 1):
        grow[:, x, x : x + after - before + 1] = more
    return grow
