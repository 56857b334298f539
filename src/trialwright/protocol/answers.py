"""Reading what a person typed for an item, or the words to say why it can't be taken.

Used by pages and actions alike. Full-width characters are taken as their plain twins; nothing else
is guessed. `stored_value` reads back what was stored, whatever the ranges are now.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.values import Censored, Missing, PartialDate, Value

LONGEST_TEXT = 4000
_NUMBER = re.compile(r"-?([0-9]{1,18}(\.[0-9]{0,12})?|\.[0-9]{1,12})")
_TRUTHS = {"yes": True, "no": False, "是": True, "否": False}
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_CHINESE = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was typed can't be taken: what to do instead, in both languages."""

    message: Text


def read_value(item: Item, typed: str, *, today: date | None = None) -> Value | Refusal:
    """The value typed for an item, or why not.

    A date is ISO text of any precision (see `date_text`), a choice its code, a yes/no `yes` or
    `no`. With `today`, a date that lies wholly after it is refused. Blank text is refused: whether
    a blank is allowed is for the caller, who knows about drafts and missing reasons.
    """
    text = _plain(typed, keep_lines=item.type is ItemType.TEXT)
    if item.computed:
        label = item.label
        return _refuse(f"{label.en} is computed, not entered", f"“{label.zh}”由系统计算，不可填写")
    if not text:
        return Refusal(wanted(item))
    try:
        value = stored_value(item, text)
    except ValueError:
        return Refusal(wanted(item))
    return _refused_value(item, value, today) or value


def read_missing(item: Item, reason: str) -> Missing | Refusal:
    """The reason why a value is missing, or why that can't be said here."""
    if reason in item.missing_reasons:
        return Missing(reason)
    if not item.missing_reasons:
        return Refusal(wanted(item))
    return _refuse(
        f"Choose why it is missing: {_named(item.label.en)}",
        f"选择缺失原因：{item.label.zh}",
    )


def date_text(day: str, month: str, year: str) -> str:
    """ISO text from three boxes, as partial as they are; the month may be a name.

    What isn't a date comes back joined as typed, so that `read_value` refuses it with its words.

    >>> date_text("5", "Mar", "2026"), date_text("", "三月", "2026"), date_text("", "", "2026")
    ('2026-03-05', '2026-03', '2026')
    """
    parts = [_plain(year), _month(_plain(month)), _plain(day)]
    while parts and not parts[-1]:
        parts.pop()
    widths = (4, 2, 2)
    return "-".join(
        part.zfill(width) if part else "?" for part, width in zip(parts, widths, strict=False)
    )


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
            if text.lower() not in _TRUTHS:
                raise ValueError(text)
            return _TRUTHS[text.lower()]
        case ItemType.DATE | ItemType.PARTIAL_DATE:
            return PartialDate.parse(text)
        case ItemType.TIME:
            if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", text):
                raise ValueError(text)
            return time.fromisoformat(text.zfill(5))
        case ItemType.TEXT:
            return text


def wanted(item: Item) -> Text:
    """What to enter for an item, in words: 'Enter the thickness in mm, from 0.5 to 30'."""
    name, label = _named(item.label.en), item.label.zh
    match item.type:
        case ItemType.CHOICE | ItemType.YES_NO:
            return Text(f"Choose an answer: {item.label.en}", f"选择一项：{label}")
        case ItemType.DATE:
            return Text(f"Enter the day, month and year: {name}", f"填写完整的年、月、日：{label}")
        case ItemType.PARTIAL_DATE:
            return Text(
                f"Enter the date as far as it is known, at least the year: {name}",
                f"填写已知的日期，至少填写年份：{label}",
            )
        case ItemType.TIME:
            return Text(f"Enter the time as 08:30: {name}", f"按 08:30 格式填写时间：{label}")
        case ItemType.TEXT:
            longest = item.longest or LONGEST_TEXT
            return Text(
                f"Enter a text of at most {longest} characters: {name}",
                f"填写不超过 {longest} 个字符的文字：{label}",
            )
    return _wanted_number(item)


def _wanted_number(item: Item) -> Text:
    english = f"Enter {_named(item.label.en, article=True)}"
    chinese = f"填写{item.label.zh}"
    if item.unit and item.unit != "1":
        english += f" in {item.unit}"
        chinese += f"（{item.unit}）"
    low, high = item.minimum, item.maximum
    if low is not None and high is not None:
        english += f", from {low:f} to {high:f}"
        chinese += f"，范围 {low:f} 至 {high:f}"
    elif low is not None:
        english += f", {low:f} or more"
        chinese += f"，不小于 {low:f}"
    elif high is not None:
        english += f", {high:f} or less"
        chinese += f"，不大于 {high:f}"
    if item.type is ItemType.INTEGER or item.decimals == 0:
        english += ", as a whole number"
        chinese += "，整数"
    elif item.decimals is not None:
        plural = "" if item.decimals == 1 else "s"
        english += f", with at most {item.decimals} decimal{plural}"
        chinese += f"，最多 {item.decimals} 位小数"
    return Text(english, chinese)


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
            if today is not None and value.first > today:
                return _refuse(
                    f"This date is after today ({today}): {_named(item.label.en)}",
                    f"日期晚于今天（{today}）：{item.label.zh}",
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
    if not _NUMBER.fullmatch(digits):
        raise ValueError(text)
    number = Decimal(digits)
    return Censored(side, number) if side else number


def _plain(typed: str, *, keep_lines: bool = False) -> str:
    if keep_lines:
        return typed.replace("\r\n", "\n").strip()
    return unicodedata.normalize("NFKC", typed).replace("\u2212", "-").strip()


def _month(text: str) -> str:
    word = text.lower().removesuffix("月").rstrip(".")
    if word in _CHINESE:
        return str(_CHINESE.index(word) + 1)
    matches = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)]
    return str(matches[0]) if len(word) >= 3 and len(matches) == 1 else word


def _named(label: str, *, article: bool = False) -> str:
    """A label within a sentence: its first letter small, unless the word is an abbreviation."""
    first, rest = label[:1], label[1:]
    word = label.split()[0] if label.split() else ""
    inside = first.lower() + rest if word[1:].islower() or len(word) == 1 else label
    return f"the {inside}" if article else inside


def _refuse(english: str, chinese: str) -> Refusal:
    return Refusal(Text(english, chinese))
