"""What an analysis returns: the estimate with its interval, how it came about, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan, sqrt
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.notebook import Notebook
from trialwright.messages import Message

Floats = NDArray[np.float64]
MEASURES = {
    "proportion": Message("Proportion"),
    "difference": Message("Difference of proportions"),
    "ratio": Message("Ratio of proportions"),
    "odds-ratio": Message("Odds ratio"),
    "location-shift": Message("Location shift (Hodges-Lehmann)"),
    "mean-difference": Message("Difference of means"),
    "adjusted-difference": Message("Adjusted difference of means"),
    "period-difference": Message("Difference within participants"),
    "rate-ratio": Message("Ratio of rates"),
    "win-odds": Message("Win odds"),
    "hazard-ratio": Message("Hazard ratio"),
    "restricted-mean-difference": Message("Difference of restricted means"),
    "survival-difference": Message("Difference of shares without event"),
    "interaction-difference": Message("Difference of two effects"),
    "interaction-ratio": Message("Ratio of two effects"),
    "test": Message("Test"),
}


class AnalysisError(ValueError):
    """Data that an analysis can't use: what, the rule, the way out. What a report may have to say
    of a trial's data is a message; what only a caller in Python can do wrong is English.

    >>> raise AnalysisError("4 of 3.", rule="Events are at most participants.", fix="Count again.")
    Traceback (most recent call last):
    trialwright.analysis.result.AnalysisError: 4 of 3. Events are at most participants. Count again.
    """

    def __init__(self, what: str | Message, *, rule: str | Message, fix: str | Message) -> None:
        self.what, self.rule, self.fix = what, rule, fix
        super().__init__(f"{what} {rule} {fix}")


@dataclass(frozen=True, slots=True)
class Estimate(Notebook):
    """An estimate with a two-sided interval and, where there is one, a p-value.

    `estimate`, `lower` and `upper` are NaN where there is none. population: whom it is about.
    missing: participants left out because the value is missing; nothing is imputed. accuracy: how
    the p-value was reached, where a method has several ways: exactly, approximately, or drawn.

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
    accuracy: Message | None = None

    @property
    def sentence(self) -> Message:
        """The result in words."""
        said = MEASURES[self.measure]
        if not isnan(self.estimate):
            said = Message("{measure}: {estimate}", measure=said, estimate=_text(self.estimate))
        if not isnan(self.lower):
            said = Message(
                "{result} ({level:.0%} CI {lower} to {upper})",
                result=said,
                level=self.level,
                lower=_text(self.lower),
                upper=_text(self.upper),
            )
        if self.p_value is not None:
            p = "<0.001" if self.p_value < 0.001 else f"= {self.p_value:.3f}"
            said = Message("{result}, p {p}", result=said, p=p)
        said = Message(
            "{result}; {method}, {participants} participants ({population})",
            result=said,
            method=self.method,
            participants=self.participants,
            population=self.population,
        )
        if self.missing:
            said = Message(
                "{result}, {missing} missing left out", result=said, missing=self.missing
            )
        return Message("{sentence}.", sentence=said)

    def __str__(self) -> str:
        return str(self.sentence)


EXACTLY = Message("Exact: every way to split the participants is counted.")
APPROXIMATELY = Message("From the normal distribution: there are too many ways to count them.")


def drawn_from(samples: int, p: float) -> Message:
    """How far a p-value may be off that is a share of `samples` drawn: its standard error."""
    return Message(
        "Drawn: {samples} of the ways, standard error of p {error}.",
        samples=samples,
        error=f"{sqrt(p * (1 - p) / samples):.2g}",
    )


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


def require_share(share: float) -> None:
    """Refuse a share outside (0, 1)."""
    if not (is_number(share) and 0 < share < 1):
        raise AnalysisError(
            f"share is {share}.",
            rule="A share lies strictly between 0 and 1.",
            fix="Write 0.5 for one half.",
        )


def require_known(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a word that isn't one of those known."""
    if value not in known:
        raise AnalysisError(
            f"{name} is {value!r}.", rule=f"It is one of {', '.join(known)}.", fix="Choose one."
        )
