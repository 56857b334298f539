"""A time of day is HH:MM, from 00:00 to 23:59, whatever Python reads: typed, in a rule, a cut."""

from datetime import time

import pytest

from trialwright.analysis.values import typed
from trialwright.protocol.answers import Refusal, read_value
from trialwright.protocol.basics import Text
from trialwright.protocol.expression import ExpressionError, parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.scopes import ItemScope
from trialwright.protocol.values import read_time

ITEM = Item(key="at", label=Text("Time", "时间"), type=ItemType.TIME, line=0)
# Versions of Python differ over some of these, and read others that people don't write.
NONE = [
    "24:00", "24:01", "23:60", "T08:30", "08:30:00", "08:30:00.5", "08", "08:30Z",
    "08:30+08:00", "-8:30", "8:3", "०८:३०", "08.30", " 08:30", "08:30\n", "",
]  # fmt: skip


def test_every_minute_of_the_day_is_one() -> None:
    for minute in range(24 * 60):
        hour, rest = divmod(minute, 60)
        assert read_time(f"{hour:02}:{rest:02}") == time(hour, rest)


@pytest.mark.parametrize("text", NONE)
def test_nothing_else_is_one_anywhere(text: str) -> None:
    with pytest.raises(ValueError):
        read_time(text)
    assert typed(ITEM, text) == text
    if text != text.strip() or not text:
        return  # what stands around a typed answer isn't part of it
    assert isinstance(read_value(ITEM, text), Refusal)
    with pytest.raises(ExpressionError):
        parse(f"at > {text!r}").typed(ItemScope((ITEM,)))


def test_an_hour_may_be_typed_with_one_digit_and_in_a_rule_not() -> None:
    assert read_value(ITEM, "8:30") == time(8, 30)
    assert typed(ITEM, "8:30") == "8:30"


def test_a_time_may_be_typed_without_its_colon_and_in_a_rule_not() -> None:
    assert read_value(ITEM, "0830") == time(8, 30)
    assert typed(ITEM, "0830") == "0830"
    with pytest.raises(ValueError):
        read_time("0830")
    with pytest.raises(ExpressionError):
        parse("at > '0830'").typed(ItemScope((ITEM,)))
