"""The bounds that every design asks of its arguments, each refused in one voice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.design.errors import DesignError

Floats = NDArray[np.float64]


def require_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse what isn't strictly between low and high."""
    if not (isfinite(value) and low < value < high):
        raise DesignError(
            f"{name} is {value}.",
            rule=f"{name} lies strictly between {low:g} and {high:g}.",
            fix="Give a number within these bounds.",
        )


def require_positive(name: str, value: float) -> None:
    """Refuse zero, negative and non-finite numbers."""
    if not (isfinite(value) and value > 0):
        raise DesignError(
            f"{name} is {value}.", rule=f"{name} is above 0.", fix="Give a positive number."
        )


def require_count(name: str, value: int, least: int = 0, most: int | None = None) -> None:
    """Refuse what isn't a whole number from least to most."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        upper = f" to {most}" if most is not None else " or more"
        raise DesignError(
            f"{name} is {value}.",
            rule=f"{name} is a whole number, {least}{upper}.",
            fix="Count again.",
        )


def require_events(treated: int, events: int, word: str = "events") -> None:
    """Refuse negative counts, and more events than treated."""
    require_count("treated", treated)
    require_count(word, events)
    if events > treated:
        raise DesignError(
            f"{events} {word} among {treated} treated.",
            rule=f"There are at most as many {word} as treated participants.",
            fix="Check both counts.",
        )


def require_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Refuse a word that isn't one of the choices."""
    known = tuple(choices)
    if value not in known:
        raise DesignError(
            f"{name} is {value!r}.",
            rule=f"{name} is one of {', '.join(known)}.",
            fix="Choose one of these words.",
        )


def require_increasing(name: str, values: Sequence[float]) -> None:
    """Refuse a sequence that doesn't strictly increase."""
    if any(not b > a for a, b in pairwise(values)):
        raise DesignError(
            f"{name} is {tuple(values)}.",
            rule=f"{name} increases from each dose to the next.",
            fix="Put the values in order, without repeats.",
        )


def scenario_matrix(scenarios: ArrayLike, width: int, word: str = "doses") -> Floats:
    """True rates as an array of scenarios x width, each within 0 and 1."""
    rule = f"A scenario gives one true rate from 0 to 1 for each of the {width} {word}."
    fix = "Write a list of scenarios, each a list of rates."
    try:
        rates = np.atleast_2d(np.asarray(scenarios, dtype=np.float64))
    except ValueError:
        raise DesignError("The scenarios have different lengths.", rule=rule, fix=fix) from None
    if rates.ndim != 2 or rates.size == 0 or rates.shape[1] != width:
        raise DesignError(f"The scenarios have shape {rates.shape}.", rule=rule, fix=fix)
    if not bool(np.all((rates >= 0) & (rates <= 1))):
        raise DesignError("A true rate is not within 0 and 1.", rule=rule, fix=fix)
    return rates
