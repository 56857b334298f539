"""Units in which a laboratory reports a test, and what one of them is in the test's first unit."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from trialwright.safety.data_files import rows_of


class UnknownUnit(LookupError):
    """The unit isn't known for this test."""


@lru_cache(maxsize=1)
def _units() -> Mapping[str, Mapping[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    for row in rows_of("laboratory_units.csv"):
        found.setdefault(row["test"], {})[spelled(row["unit"])] = Decimal(row["in_first_unit"])
    return found


def known_tests() -> frozenset[str]:
    """The tests whose units are known."""
    return frozenset(_units())


def units_known(test: str) -> frozenset[str]:
    """The units that are known for a test, as `spelled` spells them."""
    return frozenset(_units().get(test, ()))


def in_first_unit(test: str, unit: str) -> Decimal:
    """What one of a unit is in the first unit of the test.

    >>> in_first_unit("HGB", "g/dL")
    Decimal('10')

    Raises:
        UnknownUnit: it isn't known for this test.
    """
    try:
        return _units()[test][spelled(unit)]
    except KeyError:
        raise UnknownUnit(unit) from None


def spelled(unit: str) -> str:
    """One spelling of a unit: `×10⁹/L`, `10e9/l` and `10*9/L` are `10^9/l`."""
    text = re.sub(r"\s+", "", unit).casefold()
    for written, meant in (
        ("µ", "u"),
        ("μ", "u"),
        ("×", "x"),
        ("²", "2"),
        ("³", "^3"),
        ("⁶", "^6"),
        ("⁹", "^9"),
    ):
        text = text.replace(written, meant)
    text = re.sub(r"^x(?=10)", "", text)
    return re.sub(r"^10(?:\*\*|\*|e|\^)(?=\d)", "10^", text)
