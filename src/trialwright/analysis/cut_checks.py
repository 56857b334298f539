"""What the parts of a cut have in common: their dates, their words, and how they are refused."""

import re
from collections.abc import Iterable
from typing import Any

_DATE = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?)?)?"
)


class CutError(ValueError):
    """A part of a cut that breaks one of its rules; the text names the part and the rule."""


def date_text(text: str | None, where: str) -> None:
    """Refuse what is no date or time of a cut; None is nothing to refuse."""
    if text is not None and not _DATE.fullmatch(text):
        raise CutError(
            f"{where}: {text!r} is not a date of a cut; write 2026-03-04, 2026-03 or 2026, "
            "or a time with its offset, 2026-03-04T09:30+08:00"
        )


def one_of(text: str, choices: tuple[str, ...], where: str) -> None:
    """Refuse a word that is none of these."""
    if text not in choices:
        raise CutError(f"{where}: {text!r} is not known here; choose from {', '.join(choices)}")


def sort_field(owner: object, field: str, key: Any) -> None:
    """Put a frozen part's rows into one order."""
    object.__setattr__(owner, field, tuple(sorted(getattr(owner, field), key=key)))


def require_unique(keys: Iterable[Any], where: str) -> None:
    """Refuse a key that stands there twice."""
    seen = set()
    for key in keys:
        if key in seen:
            raise CutError(f"{where}: {key!r} stands there twice")
        seen.add(key)
