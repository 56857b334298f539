"""Results of the tests of a lot or a donor: all passed, or all but one."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random

from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.products import ReleaseTest
from trialwright.protocol.terms import Literal
from trialwright.protocol.values import PartialDate, Value
from trialwright.simulation.values import draw_value, possible, step_of, wide_value

_TRIES = 800
_NUMBERS = (ItemType.NUMBER, ItemType.INTEGER, ItemType.LAB)


def draw_results(
    tests: Sequence[ReleaseTest],
    on: date,
    random: Random,
    *,
    failing: str | None = None,
    suits: Expression | None = None,
    known: Mapping[str, Value | None] | None = None,
) -> dict[str, Value] | None:
    """Results by test under which each is passed, but for one; None where none are found.

    Args:
        failing: the test that isn't passed.
        suits: what must hold of the results beside, with what is known of a participant.
    """
    items = {test.item.key: test.item for test in tests}
    values = {key: draw_value(item, on, random) for key, item in items.items()}
    for _each in range(_TRIES):
        wrong = [
            test.requires
            for test in tests
            if test.requires.holds(values) is not (test.item.key != failing)
        ]
        if not wrong and suits is not None and suits.holds({**(known or {}), **values}) is not True:
            wrong.append(suits)
        if not wrong:
            return values
        expression = random.choice(wrong)
        names = [name for name in expression.references if name in items]
        if not names:
            return None
        name = random.choice(names)
        values[name] = _candidate(items[name], expression, on, random)
    return None


def _candidate(item: Item, expression: Expression, on: date, random: Random) -> Value:
    """A value that may change what an expression says: one it names, one near it, or any."""
    named = [each.value for each in expression.root.walk() if isinstance(each, Literal)]
    fitting = [value for value in named if _fits(item, value)]
    share = random.random()
    if fitting and share < 0.5:
        value = random.choice(fitting)
        if not isinstance(value, Decimal):
            return value
        limits, step = possible(item), step_of(item)
        near = value + step * random.choice((-10, -1, 0, 1, 10))
        return min(max(near, limits.low), limits.high)
    return draw_value(item, on, random) if share < 0.75 else wide_value(item, on, random)


def _fits(item: Item, value: Value) -> bool:
    if isinstance(value, Decimal):
        return item.type in _NUMBERS
    if isinstance(value, bool):
        return item.type is ItemType.YES_NO
    if isinstance(value, PartialDate):
        return item.type in (ItemType.DATE, ItemType.PARTIAL_DATE)
    codes = [each.code for each in item.code_list] if item.code_list is not None else []
    return value in codes
