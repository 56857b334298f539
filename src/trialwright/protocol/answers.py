"""Reading what a person typed for an item, or the words to say why it can't be taken.

Used by pages and actions alike. Full-width characters are taken as their plain twins; nothing else
is guessed. `stored_value` reads back what was stored, whatever the ranges are now.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from trialwright.messages import Message, languages
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.misdated import misdated, mistimed
from trialwright.protocol.unit_words import unit_words
from trialwright.protocol.values import Censored, Missing, PartialDate, Value, read_time

LONGEST_TEXT = 4000
_NUMBER = re.compile(r"-?([0-9]{1,18}(\.[0-9]{0,12})?|\.[0-9]{1,12})")
# What is computed has as many digits as the arithmetic gives it.
_COMPUTED = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_COMMA = re.compile(r"([<>]?\s*[+-]?[0-9]+),([0-9]{1,2}|[0-9]{4,})")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was typed can't be taken: what to do instead."""

    message: Message


def read_value(item: Item, typed: str, *, today: date | None = None) -> Value | Refusal:
    """The value typed for an item, or why not.

    A date is ISO text of any precision, a choice its code, a yes/no `yes` or `no`. With `today`, a
    date that lies wholly after it is refused, unless the item's may. Blank text is refused: whether
    a blank is allowed is for the caller, who knows about drafts and missing reasons. Of a number
    the decimal comma is read as the point.
    """
    text = _plain(typed, keep_lines=item.type is ItemType.TEXT)
    if item.computed:
        return Refusal(Message("{label} is computed, not entered", label=item.label))
    if not text:
        return Refusal(wanted(item))
    if item.type in (ItemType.NUMBER, ItemType.LAB):
        text = _with_point(text)
    if item.type is ItemType.TIME:
        text = _with_colon(text)
    try:
        value = stored_value(item, text)
    except ValueError:
        return Refusal(_fault(item, text) or wanted(item))
    return _refused_value(item, value, today) or value


def _fault(item: Item, text: str) -> Message | None:
    """What is wrong with a date or a time that can't be one; None where that isn't known."""
    if item.type in (ItemType.DATE, ItemType.PARTIAL_DATE):
        return misdated(text, _within(item.label))
    return mistimed(text, _within(item.label)) if item.type is ItemType.TIME else None


def read_missing(item: Item, reason: str) -> Missing | Refusal:
    """The reason why a value is missing, or why that can't be said here."""
    if reason in item.missing_reasons:
        return Missing(reason)
    if not item.missing_reasons:
        return Refusal(wanted(item))
    return Refusal(Message("Choose why it is missing: {label}", label=_within(item.label)))


def stored_value(item: Item, text: str) -> Value:
    """The value that canonical text stands for, by the item's type; raises ValueError."""
    match item.type:
        case ItemType.NUMBER | ItemType.INTEGER | ItemType.LAB:
            return _number(item, text)
        case ItemType.SCORE if item.code_list is None:
            return _number(item, text)
        case ItemType.CHOICE | ItemType.SCORE:
            if item.code_list is None or text not in [each.code for each in item.code_list]:
                raise ValueError(text)
            return text
        case ItemType.YES_NO:
            if text.lower() not in _truths():
                raise ValueError(text)
            return _truths()[text.lower()]
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            return PartialDate.parse(text)
        case ItemType.TIME:
            return read_time(text.zfill(5) if len(text) == len("8:30") else text)
        case ItemType.TEXT:
            return text


def wanted(item: Item) -> Message:
    """What to enter for an item, in words: 'Enter the thickness in mm, from 0.5 to 30'."""
    name = _within(item.label)
    match item.type:
        case ItemType.CHOICE | ItemType.YES_NO:
            return Message("Choose an answer: {label}", label=item.label)
        case ItemType.DATE:
            return Message("Enter the day, month and year: {label}", label=name)
        case ItemType.PARTIAL_DATE:
            return Message(
                "Enter the date as far as it is known, at least the year: {label}", label=name
            )
        case ItemType.TIME:
            return Message("Enter the time as 08:30: {label}", label=name)
        case ItemType.TEXT:
            return Message(
                "Enter a text of at most {longest} characters: {label}",
                longest=item.longest or LONGEST_TEXT,
                label=name,
            )
    return _wanted_number(item)


def _wanted_number(item: Item) -> Message:
    said = Message("Enter {label}", label=_within(item.label, article=True))
    if unit := unit_words(item.unit):
        said = Message("{said} in {unit}", said=said, unit=unit)
    low, high = item.minimum, item.maximum
    if low is not None and high is not None:
        said = Message("{said}, from {low:f} to {high:f}", said=said, low=low, high=high)
    elif low is not None:
        said = Message("{said}, {low:f} or more", said=said, low=low)
    elif high is not None:
        said = Message("{said}, {high:f} or less", said=said, high=high)
    if item.type is ItemType.INTEGER or item.decimals == 0:
        return Message("{said}, as a whole number", said=said)
    if item.decimals is not None:
        return Message.counted(
            "{said}, with at most {n} decimal",
            "{said}, with at most {n} decimals",
            n=item.decimals,
            said=said,
        )
    return said


def _refused_value(item: Item, value: Value, today: date | None) -> Refusal | None:
    match value:
        case Decimal() | Censored():
            number = value.limit if isinstance(value, Censored) else value
            low, high = item.minimum, item.maximum
            outside = (low is not None and number < low) or (high is not None and number > high)
            return Refusal(wanted(item)) if outside or _too_fine(item, number) else None
        case PartialDate():
            if item.type is ItemType.DATE and value.full is None:
                return Refusal(wanted(item))
            if today is not None and value.first > today and not item.future:
                return Refusal(
                    Message(
                        "This date is after today ({today}): {label}",
                        today=today,
                        label=_within(item.label),
                    )
                )
        case str() if item.type is ItemType.TEXT and len(value) > (item.longest or LONGEST_TEXT):
            return Refusal(wanted(item))
    return None


def _too_fine(item: Item, number: Decimal) -> bool:
    allowed = 0 if item.type is ItemType.INTEGER else item.decimals
    if allowed is None:
        return False
    _, _, fraction = f"{number:f}".partition(".")
    return len(fraction.rstrip("0")) > allowed


def _number(item: Item, text: str) -> Value:
    side = text[0] if item.type is ItemType.LAB and text[:1] in ("<", ">") else ""
    digits = text.removeprefix(side).strip()
    if not (_COMPUTED if item.computed else _NUMBER).fullmatch(digits):
        raise ValueError(text)
    number = Decimal(digits)
    return Censored(side, number) if side else number


def _plain(typed: str, *, keep_lines: bool = False) -> str:
    if keep_lines:
        return typed.replace("\r\n", "\n").strip()
    return unicodedata.normalize("NFKC", typed).replace("\u2212", "-").strip()


def _with_point(text: str) -> str:
    """A number with a decimal comma as one with a point; `1,234` could be either, and stays."""
    found = _COMMA.fullmatch(text)
    return f"{found[1]}.{found[2]}" if found else text


def _with_colon(text: str) -> str:
    """A time typed without its colon, as on a keypad: `0830`."""
    return f"{text[:2]}:{text[2:]}" if _FOUR_DIGITS.fullmatch(text) else text


@cache
def _truths() -> dict[str, bool]:
    """Yes and no as they are typed in any language there is."""
    said = ((Message("yes"), True), (Message("no"), False))
    return {word.in_language(code): truth for code in languages() for word, truth in said}


def _within(label: Text, *, article: bool = False) -> Text:
    """A label within a sentence: in English its first letter small, unless of an abbreviation."""
    word, *_ = label.en.split() or [""]
    plain = word[1:].islower() or len(word) == 1
    inside = label.en[:1].lower() + label.en[1:] if plain else label.en
    return Text(f"the {inside}" if article else inside, label.zh)
