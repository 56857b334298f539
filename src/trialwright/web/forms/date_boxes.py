"""Dates are typed in three boxes. What they hold together is one raw text, and the way back.

A readable date is ISO text of the precision typed ('2026-03'). Anything else keeps all three boxes
as they are ('2026-Mrach-15'), so that a person finds again what was typed, wrong or not.
"""

import re
from typing import NamedTuple

from trialwright.messages.dates import month_number
from trialwright.protocol.values import PartialDate

# Between the parts of a date that was pasted: a mark, or a word of another script.
_WORD = "\u0080-\uffff"
_YEAR_FIRST = re.compile(
    rf"(\d{{4}})\s*[-/.{_WORD}]\s*(\d{{1,2}})"
    rf"(?:\s*[-/.{_WORD}]\s*(\d{{1,2}})\s*[{_WORD}]?|\s*[{_WORD}])?"
)
_DAY_FIRST = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2}|[A-Za-z]{3,9})\.?[\s./-]+(\d{4})")


class Boxes(NamedTuple):
    """What stands in the three boxes."""

    day: str = ""
    month: str = ""
    year: str = ""


def raw_text(boxes: Boxes) -> str:
    """Put what was typed together: ISO text where it is a date, else the boxes as they are.

    >>> raw_text(Boxes("", "Mar", "2026")), raw_text(Boxes("31", "2", "2026")), raw_text(Boxes())
    ('2026-03', '2026-2-31', '')
    """
    boxes = _spread(Boxes(*(part.strip() for part in boxes)))
    day, month, year = boxes
    if not (day or month or year):
        return ""
    try:
        number = month_number(month) if month else None
        if (month and number is None) or not re.fullmatch(r"\d{4}", year, re.ASCII):
            raise ValueError
        return str(PartialDate(int(year), number, int(day) if day else None))
    except ValueError:
        return f"{year}-{month}-{day}"


def boxes_of(raw: str) -> Boxes:
    """Return what to put in the boxes for a raw text made by `raw_text`.

    >>> boxes_of("2026-03"), boxes_of("2026-Mrach-15")
    (Boxes(day='', month='3', year='2026'), Boxes(day='15', month='Mrach', year='2026'))
    """
    try:
        date = PartialDate.parse(raw)
    except ValueError:
        year, month, day = [*raw.split("-", 2), "", ""][:3]
        return Boxes(day, month, year)
    return Boxes(str(date.day or ""), str(date.month or ""), f"{date.year:04d}")


def _spread(boxes: Boxes) -> Boxes:
    """Spread a whole date that was pasted into one box over the three."""
    filled = [part for part in boxes if part]
    if len(filled) != 1:
        return boxes
    if found := _YEAR_FIRST.fullmatch(filled[0]):
        return Boxes(found[3] or "", found[2], found[1])
    if found := _DAY_FIRST.fullmatch(filled[0]):
        return Boxes(found[1], found[2], found[3])
    return boxes
