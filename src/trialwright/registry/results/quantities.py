"""A figure of a results section: as written, and as a number, or why it is none."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

Reading = Literal["number", "not_estimable", "missing", "unreadable"]

_NOT_ESTIMABLE = {"na", "n/a", "not applicable", "not estimable", "ne", "nan"}
_NUMBER = re.compile(r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure.

    Attributes:
        text: as written; "" where nothing is.
        value: the number; None where it is none. Zero is a number.
        reading: which of the ways there is or is no number: "NA" of the register means that it
            can't be estimated, which is neither zero nor missing.
    """

    text: str
    value: float | None
    reading: Reading


MISSING = Quantity("", None, "missing")


def read_quantity(raw: object) -> Quantity:
    """Read a figure of a results section.

    >>> read_quantity("1,234.5").value, read_quantity("0").value
    (1234.5, 0.0)
    >>> [read_quantity(raw).reading for raw in ("NA", None, "<5")]
    ['not_estimable', 'missing', 'unreadable']
    """
    if isinstance(raw, bool) or raw is None:
        return MISSING
    if isinstance(raw, int | float):
        return Quantity(f"{raw:g}", float(raw), "number") if math.isfinite(raw) else MISSING
    if not isinstance(raw, str) or not (text := raw.strip()):
        return MISSING
    if text.lower() in _NOT_ESTIMABLE:
        return Quantity(text, None, "not_estimable")
    if _NUMBER.fullmatch(text) and math.isfinite(value := float(text.replace(",", ""))):
        return Quantity(text, value, "number")
    return Quantity(text, None, "unreadable")
