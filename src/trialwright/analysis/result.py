"""What an analysis returns: the estimate with its interval, how it came about, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.analysis.words import Said

Floats = NDArray[np.float64]
MEASURES = {
    "proportion": Said("Proportion", "比例"),
    "difference": Said("Difference of proportions", "率差"),
    "ratio": Said("Ratio of proportions", "率比"),
    "odds-ratio": Said("Odds ratio", "比值比"),
    "location-shift": Said("Location shift (Hodges-Lehmann)", "位置偏移（Hodges-Lehmann）"),
    "mean-difference": Said("Difference of means", "均值差"),
    "adjusted-difference": Said("Adjusted difference of means", "校正均值差"),
    "test": Said("Test", "检验"),
}


class AnalysisError(ValueError):
    """Data that an analysis can't use: what, the rule, the way out.

    >>> raise AnalysisError("4 of 3.", rule="Events are at most participants.", fix="Count again.")
    Traceback (most recent call last):
    trialwright.analysis.result.AnalysisError: 4 of 3. Events are at most participants. Count again.
    """

    def __init__(self, what: str, *, rule: str, fix: str) -> None:
        self.what, self.rule, self.fix = what, rule, fix
        super().__init__(f"{what} {rule} {fix}")


@dataclass(frozen=True, slots=True)
class Estimate(Notebook):
    """An estimate with a two-sided interval and, where there is one, a p-value.

    `estimate`, `lower` and `upper` are NaN where there is none. population: whom it is about.
    missing: participants left out because the value is missing; nothing is imputed.

    >>> print(Estimate("proportion", "wilson", 0.3, 0.108, 0.603, participants=10))
    Proportion: 0.3 (95% CI 0.108 to 0.603); wilson, 10 participants (all participants given).
    """

    measure: str
    method: str
    estimate: float
    lower: float = float("nan")
    upper: float = float("nan")
    level: float = 0.95
    p_value: float | None = None
    participants: int = 0
    missing: int = 0
    population: str = "all participants given"

    @property
    def sentence(self) -> Said:
        """The result in words."""
        name = MEASURES[self.measure]
        en, zh = f"{name}", name.zh
        if not isnan(self.estimate):
            en, zh = f"{en}: {_text(self.estimate)}", f"{zh}：{_text(self.estimate)}"
        if not isnan(self.lower):
            span = f"{_text(self.lower)} to {_text(self.upper)}"
            en += f" ({self.level:.0%} CI {span})"
            zh += f"（{self.level:.0%} 置信区间 {_text(self.lower)} 至 {_text(self.upper)}）"
        if self.p_value is not None:
            p = "<0.001" if self.p_value < 0.001 else f"= {self.p_value:.3f}"
            en, zh = f"{en}, p {p}", f"{zh}，p {p}"
        left_out = f", {self.missing} missing left out" if self.missing else ""
        left_out_zh = f"，缺失 {self.missing} 例未计入" if self.missing else ""
        return Said(
            f"{en}; {self.method}, {self.participants} participants ({self.population}){left_out}.",
            f"{zh}；{self.method}，{self.participants} 例（{self.population}）{left_out_zh}。",
        )

    def __str__(self) -> str:
        return str(self.sentence)


def _text(value: float) -> str:
    return f"{value:.4g}" if isfinite(value) else ("∞" if value > 0 else "-∞")


def require_counts(events: int, participants: int) -> None:
    """Refuse counts that can't be: negative, fractional, more events than participants, nobody."""
    whole = all(map(_is_whole, (events, participants)))
    if not whole or participants < 1 or not 0 <= events <= participants:
        raise AnalysisError(
            f"{events} of {participants}.",
            rule="Counts are whole numbers, participants 1 or more, events from 0 to participants.",
            fix="Check the counts.",
        )


def _is_whole(value: object) -> bool:
    return is_number(value) and float(value).is_integer()  # type: ignore[arg-type]


def is_number(value: object) -> bool:
    """A finite number; true and false are none."""
    return not isinstance(value, bool) and isinstance(value, Real) and isfinite(value)


def numbers(name: str, values: ArrayLike) -> Floats:
    """Values as an array of numbers, NaN where one is missing; None counts as missing."""
    try:
        return np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        raise AnalysisError(
            f"{name} can't be read as numbers.",
            rule=f"{name} is a list of numbers, NaN where one is missing.",
            fix="Give the values as they were measured.",
        ) from None


def require_level(level: float) -> None:
    """Refuse a confidence level outside (0, 1)."""
    if not (is_number(level) and 0 < level < 1):
        raise AnalysisError(
            f"level is {level}.",
            rule="A confidence level lies strictly between 0 and 1.",
            fix="Write 0.95 for 95%.",
        )


def require_known(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a word that isn't one of those known."""
    if value not in known:
        raise AnalysisError(
            f"{name} is {value!r}.", rule=f"It is one of {', '.join(known)}.", fix="Choose one."
        )
