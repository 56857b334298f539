"""The bounds that every design asks of its arguments, each refused in one voice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.design.errors import DesignError
from trialwright.messages import Message, several
from trialwright.numerics.streams import SEED_BYTES

Floats = NDArray[np.float64]
_LEAST_STEP = 0.002


def _finite(value: Any) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool) and isfinite(value)


def require_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse what isn't strictly between low and high."""
    if not (_finite(value) and low < value < high):
        raise DesignError(
            Message("{name} is {value}.", name=name, value=value),
            rule=Message(
                "{name} lies strictly between {low:g} and {high:g}.", name=name, low=low, high=high
            ),
            fix=Message("Give a number within these bounds."),
        )


def require_rate(name: str, value: float) -> None:
    """A true rate, from 0 to 1, both allowed."""
    if not 0 <= value <= 1:
        raise DesignError(
            Message("{name} is {value}.", name=name, value=value),
            rule=Message("A rate lies within 0 and 1."),
            fix=Message("Write 0.3 for 30%."),
        )


def require_below_one(name: str, value: float) -> None:
    """Refuse what isn't from 0, which asks for nothing, to below 1."""
    if not (_finite(value) and 0 <= value < 1):
        raise DesignError(
            Message("{name} is {value}.", name=name, value=value),
            rule=Message("{name} is 0 or more, and below 1.", name=name),
            fix=Message("Give a number within these bounds."),
        )


def require_positive(name: str, value: float) -> None:
    """Refuse zero, negative and non-finite numbers."""
    if not (_finite(value) and value > 0):
        raise DesignError(
            Message("{name} is {value}.", name=name, value=value),
            rule=Message("{name} is above 0.", name=name),
            fix=Message("Give a positive number."),
        )


def require_count(name: str, value: int, least: int = 0, most: int | None = None) -> None:
    """Refuse what isn't a whole number from least to most."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if most is None:
        rule = Message("{name} is a whole number, {least} or more.", name=name, least=least)
    else:
        rule = Message(
            "{name} is a whole number, {least} to {most}.", name=name, least=least, most=most
        )
    if not whole or value < least or (most is not None and value > most):
        raise DesignError(
            Message("{name} is {value}.", name=name, value=value),
            rule=rule,
            fix=Message("Count again."),
        )


def require_dose(dose: int, doses: int) -> None:
    """Refuse a dose that doesn't exist."""
    if not isinstance(dose, int | np.integer) or not 1 <= dose <= doses:
        raise DesignError(
            Message("There is no dose {dose}.", dose=dose),
            rule=Message("Doses are numbered from 1 to {doses}.", doses=doses),
            fix=Message("Name one of them."),
        )


def require_prior(name: str, prior: Sequence[float]) -> None:
    """Refuse what isn't the two positive parameters of a beta distribution."""
    if len(listed(name, prior)) != 2:
        raise DesignError(
            Message("{name} has {prior} numbers.", name=name, prior=len(prior)),
            rule=Message("{name} is a pair (a, b).", name=name),
            fix=Message("Write for example (0.5, 0.5)."),
        )
    for part, value in zip("ab", prior, strict=True):
        require_positive(f"{name} {part}", value)


def require_lists(design: Any, *names: str) -> None:
    """Keep lists, tuples and arrays as tuples of plain values; refuse what isn't one of them."""
    optional = {field.name for field in fields(design) if field.default is None}
    for name in names:
        value = getattr(design, name)
        if value is not None or name not in optional:
            object.__setattr__(design, name, listed(name, value))


def listed(name: str, values: Any) -> tuple[Any, ...]:
    """The values of a list, a tuple or an array; refuse anything else."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise DesignError(
            Message("{name} is {values!r}.", name=name, values=values),
            rule=Message("{name} is a list.", name=name),
            fix=Message("Write its values between brackets."),
        )
    return tuple(values.tolist() if isinstance(values, np.ndarray) else values)


def require_kind(name: str, value: object, kind: type) -> None:
    """Refuse what isn't an object of a class."""
    if not isinstance(value, kind):
        raise DesignError(
            Message("{name} is {value!r}.", name=name, value=value),
            rule=Message("{name} is a {kind}.", name=name, kind=kind.__name__),
            fix=Message("Make it with {name}(…).", name=kind.__name__),
        )


def require_seed(seed: bytes) -> None:
    """Refuse what isn't the seed of a list."""
    if not isinstance(seed, bytes) or len(seed) != SEED_BYTES:
        raise DesignError(
            Message("The seed isn't {bytes} bytes.", bytes=SEED_BYTES),
            rule=Message("A list needs a seed of 256 bits."),
            fix=Message("Use secrets.token_bytes(32)."),
        )


def require_length(name: str, values: Sequence[Any], length: int) -> None:
    """Refuse more or fewer values than there are doses, looks or participants."""
    if len(listed(name, values)) != length:
        raise DesignError(
            Message("{name} has {values} values.", name=name, values=len(values)),
            rule=Message("{name} has {length}.", name=name, length=length),
            fix=Message("Give one for each."),
        )


def require_some(name: str, values: Sequence[Any]) -> None:
    """Refuse an empty list."""
    if not listed(name, values):
        raise DesignError(
            Message("{name} is empty.", name=name),
            rule=Message("{name} has one entry or more.", name=name),
            fix=Message("Give at least one."),
        )


def require_events(treated: int, events: int, word: str = "events") -> None:
    """Refuse negative counts, and more events than treated."""
    require_count("treated", treated)
    require_count(word, events)
    if events > treated:
        raise DesignError(
            Message(
                "{events} {word} among {treated} treated.",
                events=events,
                word=word,
                treated=treated,
            ),
            rule=Message("There are at most as many {word} as treated participants.", word=word),
            fix=Message("Check both counts."),
        )


def require_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Refuse a word that isn't one of the choices."""
    known = tuple(choices)
    if value not in known:
        raise DesignError(
            Message("{name} is {value!r}.", name=name, value=value),
            rule=Message("{name} is one of {known}.", name=name, known=several(known)),
            fix=Message("Choose one of these words."),
        )


def require_increasing(name: str, values: Sequence[float]) -> None:
    """Refuse a sequence that doesn't strictly increase."""
    if any(not b > a for a, b in pairwise(values)):
        raise DesignError(
            Message("{name} is {values}.", name=name, values=tuple(values)),
            rule=Message("{name} increases from each dose to the next.", name=name),
            fix=Message("Put the values in order, without repeats."),
        )


def require_steps(name: str, information: Sequence[float], *, last: float | None = None) -> None:
    """Refuse information that doesn't grow from above 0, or by less than the quadrature of looks
    can follow; and that doesn't end at `last`, where there is one."""
    previous = 0.0
    for value in information:
        require_positive(name, value)
        if not value >= previous * (1 + _LEAST_STEP):
            raise DesignError(
                Message("{name} is {information}.", name=name, information=tuple(information)),
                rule=Message(
                    "Values increase from above 0, each by {step:.1%} or more.", step=_LEAST_STEP
                ),
                fix=Message("Leave out looks that are nearer."),
            )
        previous = value
    if last is not None and abs(previous - last) > 1e-12:
        raise DesignError(
            Message("{name} is {information}.", name=name, information=tuple(information)),
            rule=Message("Information fractions increase from above 0 to 1."),
            fix=Message("Write for example (0.5, 1.0)."),
        )


_RATED = {
    "doses": Message("doses"),
    "arms": Message("arms"),
    "combinations": Message("combinations"),
    "rates": Message.in_context("design", "rates"),
}


def scenario_matrix(scenarios: ArrayLike, width: int, word: str = "doses") -> Floats:
    """True rates as an array of scenarios x width, each within 0 and 1."""
    rule = Message(
        "A scenario gives one true rate from 0 to 1 for each of the {width} {word}.",
        width=width,
        word=_RATED[word],
    )
    fix = Message("Write a list of scenarios, each a list of rates.")
    try:
        rates = np.atleast_2d(np.asarray(scenarios, dtype=np.float64))
    except (TypeError, ValueError):
        raise DesignError(
            Message("The scenarios aren't a table of numbers."), rule=rule, fix=fix
        ) from None
    if rates.ndim != 2 or rates.size == 0 or rates.shape[1] != width:
        raise DesignError(
            Message("The scenarios have shape {shape}.", shape=rates.shape),
            rule=rule,
            fix=fix,
        )
    if not bool(np.all((rates >= 0) & (rates <= 1))):
        raise DesignError(
            Message("A true rate is not within 0 and 1."),
            rule=rule,
            fix=fix,
        )
    return rates
