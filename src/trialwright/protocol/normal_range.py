"""Where a laboratory result stands to the limits of normal."""

from typing import Literal

from trialwright.protocol.answers import read_value
from trialwright.protocol.evaluate import compare
from trialwright.protocol.forms import Item
from trialwright.protocol.values import Missing, Value

Side = Literal["low", "high"]


def outside_normal(item: Item, typed: str) -> Side | None:
    """The side on which a result as typed lies outside the limits; None inside, or where unknown.

    A result beyond the limit of measuring counts as outside only where all that it can be is: with
    normal from 0.8, `<0.5` is low and `<1.2` is neither.
    """
    value = read_value(item, typed) if typed else None
    return side_of(item, value) if isinstance(value, Value) else None


def side_of(item: Item, value: Value | Missing | None) -> Side | None:
    """The same for a result that has been read."""
    if value is None or isinstance(value, Missing):
        return None
    if item.normal_low is not None and compare("<", value, item.normal_low) is True:
        return "low"
    if item.normal_high is not None and compare(">", value, item.normal_high) is True:
        return "high"
    return None
