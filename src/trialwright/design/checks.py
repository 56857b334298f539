"""The bounds that every design asks of its arguments, each refused in one voice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.analysis.words import Said
from trialwright.design.errors import DesignError
from trialwright.numerics.streams import SEED_BYTES

Floats = NDArray[np.float64]


def _finite(value: Any) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool) and isfinite(value)


def require_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse what isn't strictly between low and high."""
    if not (_finite(value) and low < value < high):
        raise DesignError(
            Said(f"{name} is {value}.", f"{name} 为 {value}。"),
            rule=Said(
                f"{name} lies strictly between {low:g} and {high:g}.",
                f"{name} 须严格介于 {low:g} 与 {high:g} 之间。",
            ),
            fix=Said("Give a number within these bounds.", "请填写此范围内的数。"),
        )


def require_rate(name: str, value: float) -> None:
    """A true rate, from 0 to 1, both allowed."""
    if not 0 <= value <= 1:
        raise DesignError(
            Said(f"{name} is {value}.", f"{name} 为 {value}。"),
            rule=Said("A rate lies within 0 and 1.", "率须在 0 至 1 之间。"),
            fix=Said("Write 0.3 for 30%.", "30% 请写作 0.3。"),
        )


def require_positive(name: str, value: float) -> None:
    """Refuse zero, negative and non-finite numbers."""
    if not (_finite(value) and value > 0):
        raise DesignError(
            Said(f"{name} is {value}.", f"{name} 为 {value}。"),
            rule=Said(f"{name} is above 0.", f"{name} 须大于 0。"),
            fix=Said("Give a positive number.", "请填写正数。"),
        )


def require_count(name: str, value: int, least: int = 0, most: int | None = None) -> None:
    """Refuse what isn't a whole number from least to most."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        upper = f" to {most}" if most is not None else " or more"
        upper_zh = f" {least} 至 {most} 的整数" if most is not None else f"不小于 {least} 的整数"
        raise DesignError(
            Said(f"{name} is {value}.", f"{name} 为 {value}。"),
            rule=Said(f"{name} is a whole number, {least}{upper}.", f"{name} 须为{upper_zh}。"),
            fix=Said("Count again.", "请重新核对。"),
        )


def require_dose(dose: int, doses: int) -> None:
    """Refuse a dose that doesn't exist."""
    if not isinstance(dose, int | np.integer) or not 1 <= dose <= doses:
        raise DesignError(
            Said(f"There is no dose {dose}.", f"没有剂量 {dose}。"),
            rule=Said(f"Doses are numbered from 1 to {doses}.", f"剂量编号为 1 至 {doses}。"),
            fix=Said("Name one of them.", "请填写其中之一。"),
        )


def require_prior(name: str, prior: Sequence[float]) -> None:
    """Refuse what isn't the two positive parameters of a beta distribution."""
    if len(listed(name, prior)) != 2:
        raise DesignError(
            Said(f"{name} has {len(prior)} numbers.", f"{name} 有 {len(prior)} 个数。"),
            rule=Said(f"{name} is a pair (a, b).", f"{name} 须为一对数 (a, b)。"),
            fix=Said("Write for example (0.5, 0.5).", "例如 (0.5, 0.5)。"),
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
            Said(f"{name} is {values!r}.", f"{name} 为 {values!r}。"),
            rule=Said(f"{name} is a list.", f"{name} 须为列表。"),
            fix=Said("Write its values between brackets.", "请将各值写在括号内。"),
        )
    return tuple(values.tolist() if isinstance(values, np.ndarray) else values)


def require_kind(name: str, value: object, kind: type) -> None:
    """Refuse what isn't an object of a class."""
    if not isinstance(value, kind):
        raise DesignError(
            Said(f"{name} is {value!r}.", f"{name} 为 {value!r}。"),
            rule=Said(f"{name} is a {kind.__name__}.", f"{name} 须为 {kind.__name__}。"),
            fix=Said(f"Make it with {kind.__name__}(…).", f"请用 {kind.__name__}(…) 生成。"),
        )


def require_seed(seed: bytes) -> None:
    """Refuse what isn't the seed of a list."""
    if not isinstance(seed, bytes) or len(seed) != SEED_BYTES:
        raise DesignError(
            Said(f"The seed isn't {SEED_BYTES} bytes.", f"种子不是 {SEED_BYTES} 字节。"),
            rule=Said("A list needs a seed of 256 bits.", "随机表需要 256 位的种子。"),
            fix=Said("Use secrets.token_bytes(32).", "请使用 secrets.token_bytes(32)。"),
        )


def require_length(name: str, values: Sequence[Any], length: int) -> None:
    """Refuse more or fewer values than there are doses, looks or participants."""
    if len(listed(name, values)) != length:
        raise DesignError(
            Said(f"{name} has {len(values)} values.", f"{name} 有 {len(values)} 个值。"),
            rule=Said(f"{name} has {length}.", f"{name} 须有 {length} 个值。"),
            fix=Said("Give one for each.", "请逐一给出。"),
        )


def require_some(name: str, values: Sequence[Any]) -> None:
    """Refuse an empty list."""
    if not listed(name, values):
        raise DesignError(
            Said(f"{name} is empty.", f"{name} 为空。"),
            rule=Said(f"{name} has one entry or more.", f"{name} 至少有一项。"),
            fix=Said("Give at least one.", "请至少给出一项。"),
        )


def require_events(treated: int, events: int, word: str = "events") -> None:
    """Refuse negative counts, and more events than treated."""
    require_count("treated", treated)
    require_count(word, events)
    if events > treated:
        raise DesignError(
            Said(
                f"{events} {word} among {treated} treated.", f"{treated} 例中 {word} 为 {events}。"
            ),
            rule=Said(
                f"There are at most as many {word} as treated participants.",
                f"{word} 不得多于已治疗例数。",
            ),
            fix=Said("Check both counts.", "请核对两个计数。"),
        )


def require_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Refuse a word that isn't one of the choices."""
    known = tuple(choices)
    if value not in known:
        raise DesignError(
            Said(f"{name} is {value!r}.", f"{name} 为 {value!r}。"),
            rule=Said(
                f"{name} is one of {', '.join(known)}.",
                f"{name} 须为其中之一：{'、'.join(known)}。",
            ),
            fix=Said("Choose one of these words.", "请从中选择。"),
        )


def require_increasing(name: str, values: Sequence[float]) -> None:
    """Refuse a sequence that doesn't strictly increase."""
    if any(not b > a for a, b in pairwise(values)):
        raise DesignError(
            Said(f"{name} is {tuple(values)}.", f"{name} 为 {tuple(values)}。"),
            rule=Said(
                f"{name} increases from each dose to the next.", f"{name} 须随剂量逐级递增。"
            ),
            fix=Said("Put the values in order, without repeats.", "请按顺序填写，不得重复。"),
        )


def scenario_matrix(scenarios: ArrayLike, width: int, word: str = "doses") -> Floats:
    """True rates as an array of scenarios x width, each within 0 and 1."""
    places = {"doses": "剂量", "arms": "组"}.get(word, "项")
    rule = Said(
        f"A scenario gives one true rate from 0 to 1 for each of the {width} {word}.",
        f"每个情景须为 {width} 个{places}各给出一个 0 至 1 的真实率。",
    )
    fix = Said("Write a list of scenarios, each a list of rates.", "请逐个情景填写各率。")
    try:
        rates = np.atleast_2d(np.asarray(scenarios, dtype=np.float64))
    except (TypeError, ValueError):
        raise DesignError(
            Said("The scenarios aren't a table of numbers.", "情景不是数值表。"), rule=rule, fix=fix
        ) from None
    if rates.ndim != 2 or rates.size == 0 or rates.shape[1] != width:
        raise DesignError(
            Said(f"The scenarios have shape {rates.shape}.", f"情景的形状为 {rates.shape}。"),
            rule=rule,
            fix=fix,
        )
    if not bool(np.all((rates >= 0) & (rates <= 1))):
        raise DesignError(
            Said("A true rate is not within 0 and 1.", "有真实率不在 0 至 1 之间。"),
            rule=rule,
            fix=fix,
        )
    return rates
