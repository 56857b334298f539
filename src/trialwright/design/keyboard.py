"""Designs that ask which interval of DLT rates is likeliest: Keyboard, mTPI-2, mTPI."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import floor
from typing import ClassVar

import numpy as np

from trialwright.design.checks import require_between
from trialwright.design.interval import IntervalDesign
from trialwright.messages import Message
from trialwright.numerics.rule import Array


@dataclass(frozen=True, kw_only=True)
class _Posterior(IntervalDesign):
    """Interval designs that compare posterior masses per width of interval, under a uniform prior;
    of two alike the higher interval decides, which is the cautious one."""

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
        density = mass / (high - low)
        near = density > density.max(axis=1, keepdims=True) - 1e-12
        strongest = len(low) - 1 - np.argmax(near[:, ::-1], axis=1)
        home = int(np.flatnonzero(np.isclose(low, self.target - self.below))[0])
        up = np.flatnonzero(strongest < home)
        down = np.flatnonzero(strongest > home)
        return (int(up[-1]) if len(up) else -1), (int(down[0]) if len(down) else treated + 1)

    def _describe_boundaries(self) -> Message:
        low, high = self.target - self.below, self.target + self.above
        return Message(
            "The interval with the highest posterior density decides: below ({low:g}, {high:g}) "
            "escalate, within it stay, above it de-escalate.",
            low=low,
            high=high,
        )


@dataclass(frozen=True, kw_only=True)
class Keyboard(_Posterior):
    """Keyboard design: the strongest of equally wide keys decides.

    Estimand: the dose with the DLT rate nearest to `target`. Posterior masses from Beta(1, 1) are
    accurate to 1e-14, ties taken within 1e-12.
    below, above: margins of the target key (target - below, target + above), in which no move is
    needed. What is left at 0 and 1 and too narrow for a key counts by its mass per width, as in the
    Keyboard package for R. The paper leaves it out, which gives the same decisions but where no
    whole key fits below the target: then nothing would ever escalate.

    Source: Yan, Mandrekar and Yuan 2017, Clin Cancer Res 23:3994.

    >>> Keyboard(target=0.30, doses=5).table(3).rows[-1]
    (3, 0, 2, 3)
    """

    kind: ClassVar[str] = "keyboard"
    title = Message("Keyboard")

    def _keys(self) -> tuple[Array, Array]:
        return _equal_keys(self.target, self.below, self.above)


@dataclass(frozen=True, kw_only=True)
class Mtpi2(_Posterior):
    """mTPI-2: intervals as wide as the equivalence interval (target - below, target + above), the
    narrower ones at 0 and 1 by unit probability mass. These are Keyboard's decisions; but a dose
    may be excluded whatever the number treated (`eliminate_from`). Estimand and accuracy as of
    Keyboard.

    Source: Guo, Wang, Yang, Lynn and Ji 2017, Contemp Clin Trials 58:23.

    >>> Mtpi2(target=0.30, doses=5).table(6).rows[-1]
    (6, 1, 3, 4)
    """

    kind: ClassVar[str] = "mtpi2"
    eliminate_from: int = 1
    title = Message("mTPI-2")

    def _keys(self) -> tuple[Array, Array]:
        return _equal_keys(self.target, self.below, self.above)


@dataclass(frozen=True, kw_only=True)
class Mtpi(_Posterior):
    """mTPI: three intervals, below, within and above (target - below, target + above), by unit
    probability mass. A dose may be excluded whatever the number treated (`eliminate_from`).
    Estimand and accuracy as of Keyboard.

    Source: Ji, Liu, Li and Bekele 2010, Clin Trials 7:653.

    >>> Mtpi(target=0.30, doses=5).table(6).rows[-1]
    (6, 1, 4, 4)
    """

    kind: ClassVar[str] = "mtpi"
    eliminate_from: int = 1
    title = Message("mTPI")

    def _keys(self) -> tuple[Array, Array]:
        low, high = self.target - self.below, self.target + self.above
        return np.array([0.0, low, high]), np.array([low, high, 1.0])


def _equal_keys(target: float, below: float, above: float) -> tuple[Array, Array]:
    """Intervals as wide as the target key, laid from it to both ends, where they may be cut."""
    low, high = target - below, target + above
    width = high - low
    left = floor(low / width + 1e-9)
    right = floor((1 - high) / width + 1e-9)
    ends = low + width * np.arange(-left, right + 2)
    if ends[0] > 1e-9:
        ends = np.concatenate([[0.0], ends])
    if ends[-1] < 1 - 1e-9:
        ends = np.concatenate([ends, [1.0]])
    return np.clip(ends[:-1], 0, 1), np.clip(ends[1:], 0, 1)
