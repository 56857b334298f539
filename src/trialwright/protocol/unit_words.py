"""A unit as people write it: the protocol's own units are codes of UCUM."""

from trialwright.messages import Message, Translatable

_WORDS: dict[str, Message] = {
    "a": Message("years"),
    "d": Message("days"),
    "h": Message("hours"),
    "/d": Message("a day"),
}


def unit_words(unit: str | None) -> Translatable | str:
    """The words of a unit; its code where it is written as it is, "" where there is none.

    >>> unit_words("a").in_language("en"), unit_words("mm"), unit_words("1")
    ('years', 'mm', '')
    """
    if unit is None or unit == "1":
        return ""
    return _WORDS.get(unit, unit)
