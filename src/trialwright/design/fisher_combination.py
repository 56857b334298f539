"""An adaptive test of two stages by the product of their p-values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from typing import ClassVar

from trialwright.analysis.notebook import Notebook
from trialwright.design.canonical import falling_root
from trialwright.design.checks import require_between, require_count
from trialwright.design.table import Decision
from trialwright.messages import Message


@dataclass(frozen=True, kw_only=True)
class FisherCombination(Notebook):
    """Combine the p-values of two stages by their product.

    Stop after stage 1 for effect when p1 <= a1, for futility when p1 > futile_above; at the end
    reject when p1 p2 <= c, with a1 + c log(futile_above / a1) = alpha. early_level: a1; without one
    c is that of Fisher's product test of level alpha, and a1 follows.

    Closed form. Source: Bauer and Köhne 1994, Biometrics 50:1029; Brannath, Posch and Bauer 2002,
    JASA 97:236, for the p-value.

    >>> test = FisherCombination(futile_above=0.5)
    >>> round(test.early, 4), round(test.product, 4), test.decide([0.04, 0.05]).action
    (0.0102, 0.0038, 'stop for effect')
    """

    kind: ClassVar[str] = "fisher-combination"
    alpha: float = 0.025
    futile_above: float = 0.5
    early_level: float | None = None

    def __post_init__(self) -> None:
        require_between("alpha", self.alpha, 0, 0.5)
        require_between("futile_above", self.futile_above, self.alpha, 1 + 1e-12)
        if self.early_level is not None:
            require_between("early_level", self.early_level, 0, self.alpha)

    @cached_property
    def product(self) -> float:
        """c, the largest product that rejects."""
        from scipy.special import chdtri

        if self.early_level is None:
            return exp(-float(chdtri(4, self.alpha)) / 2)
        return (self.alpha - self.early_level) / log(self.futile_above / self.early_level)

    @cached_property
    def early(self) -> float:
        """a1, the largest p-value of stage 1 that rejects."""
        if self.early_level is not None:
            return self.early_level
        c = self.product
        return falling_root(
            lambda a: self.alpha - a - c * log(self.futile_above / a), c, self.alpha
        )

    def conditional_error(self, p1: float) -> float:
        """The level that stage 2 may be tested at, given the p-value of stage 1."""
        require_between("p-value", p1, 0, 1)
        if p1 <= self.early:
            return 1.0
        return 0.0 if p1 > self.futile_above else min(1.0, self.product / p1)

    def p_value(self, p_values: Sequence[float]) -> float:
        """The p-value of the whole test, by the stage-wise ordering."""
        p1, p2 = self._read(p_values)
        if p2 is None or p1 <= self.early or p1 > self.futile_above:
            return p1
        found, low, high = p1 * p2, self.early, self.futile_above
        if found >= high:
            return high
        return max(found, low) + found * log(high / max(found, low))

    def decide(self, p_values: Sequence[float]) -> Decision:
        """Stop for effect, without, or go on, after one or two stages."""
        p1, p2 = self._read(p_values)
        name = type(self).__name__
        if p2 is None:
            facts = {"p": p1, "early": self.early, "late": self.futile_above}
            if p1 <= self.early:
                reason = Message("p = {p:.4f} is at most {early:.4f}.", **facts)
                return Decision("stop for effect", None, reason, name)
            if p1 > self.futile_above:
                reason = Message("p = {p:.4f} is above {late:g}.", **facts)
                return Decision("stop without effect", None, reason, name)
            reason = Message("p = {p:.4f} lies between {early:.4f} and {late:g}.", **facts)
            return Decision("continue", None, reason, name)
        effect = self.early < p1 <= self.futile_above and p1 * p2 <= self.product
        effect = effect or p1 <= self.early
        reason = Message("p1 p2 = {product:.5f}, and the test rejects up to {most:.5f}.",
                         product=p1 * p2, most=self.product)  # fmt: skip
        return Decision("stop for effect" if effect else "stop without effect", None, reason, name)

    def _read(self, p_values: Sequence[float]) -> tuple[float, float | None]:
        require_count("stages", len(p_values), 1, 2)
        for p in p_values:
            require_between("p-value", p, 0, 1)
        return p_values[0], p_values[1] if len(p_values) == 2 else None

    def describe(self) -> Message:
        """The rule in words."""
        return Message(
            "Two stages, level {alpha:g}: stop for effect when the p-value of the first is at most "
            "{early:.4f}, for futility when it is above {late:g}; at the end reject when the "
            "product of both is at most {product:.5f}.",
            alpha=self.alpha,
            early=self.early,
            late=self.futile_above,
            product=self.product,
        )
