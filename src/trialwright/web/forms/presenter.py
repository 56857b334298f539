"""An answer in words: as the last value beside a box, and on the page one signs from."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from trialwright.protocol.forms import CodeList, Form, Item, ItemType
from trialwright.protocol.normal_range import outside_normal
from trialwright.protocol.unit_words import unit_words
from trialwright.protocol.values import Missing, PartialDate
from trialwright.web import dates
from trialwright.web.components import Link, Row
from trialwright.web.forms.posting import DATES, Raw

_NO_NOTES: Mapping[str, str] = MappingProxyType({})


def answer_text(item: Item, raw: Raw, reasons: CodeList | None, language: str) -> str:
    """Put an answer in words of a language; a reason for having none stands for the answer."""
    if isinstance(raw, Missing):
        return reasons.code(raw.reason).label.in_language(language) if reasons else raw.reason
    if not raw:
        return ""
    if item.type is ItemType.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(raw, raw)
    if item.code_list is not None:
        labels = {code.code: code.label.in_language(language) for code in item.code_list}
        return labels.get(raw, raw)
    if item.type in DATES:
        return _date(raw)
    return f"{raw} {unit}" if (unit := unit_text(item.unit)) else raw


def _date(raw: str) -> str:
    try:
        return dates.written(PartialDate.parse(raw))
    except ValueError:
        return raw


def answer_rows(
    form: Form,
    values: Mapping[str, Raw],
    *,
    reasons: CodeList | None,
    language: str,
    skipped: frozenset[str] = frozenset(),
    change: str = "",
    notes: Mapping[str, str] = _NO_NOTES,
    links: Callable[[Item], Sequence[Link]] = lambda _item: (),
) -> list[tuple[str, list[Row]]]:
    """Show a form's answers for checking: (section, rows), what wasn't asked left out.

    `notes` stand after an answer, by item. `change` is the address of the form; each answer links
    to its own box there. `links` are what else each answer leads to.
    """
    shown = []
    for section in form.sections:
        rows = [
            Row(
                item.label.in_language(language),
                _noted(
                    flagged_text(item, values.get(item.key, ""), reasons, language),
                    notes.get(item.key, ""),
                ),
                unsaid=_("Not computed: parts are missing") if item.computed else _("No answer"),
                change=f"{change}#{field_id(item)}" if change and not item.computed else "",
                links=links(item),
            )
            for item in section.items
            if item.key not in skipped
        ]
        if rows:
            shown.append((section.label.in_language(language), rows))
    return shown


def _noted(text: str, note: str) -> str:
    return f"{text} · {note}" if text and note else text


def flagged_text(item: Item, raw: Raw, reasons: CodeList | None, language: str) -> str:
    """An answer in words; of a result outside the limits of normal, on which side it lies."""
    text = answer_text(item, raw, reasons, language)
    flag = flag_words(item, raw) if isinstance(raw, str) and not item.computed else ""
    return _("{result} ({flag})").format(result=text, flag=flag) if flag else text


def flag_words(item: Item, raw: str) -> str:
    """Say that a result lies outside the limits of normal; "" where it doesn't, or is unread."""
    match outside_normal(item, raw):
        case "low":
            return _("Low")
        case "high":
            return _("High")
        case _:
            return ""


def limits_text(item: Item) -> str:
    """The limits of normal of a result; "" where there are none."""
    low, high = item.normal_low, item.normal_high
    if low is not None and high is not None:
        return f"{low:f}–{high:f}"
    if high is not None:
        return f"≤ {high:f}"
    return f"≥ {low:f}" if low is not None else ""


def unit_text(unit: str | None) -> str:
    """Write a unit as people do, in the language of the page."""
    words = unit_words(unit)
    return words if isinstance(words, str) else words.in_language(get_language() or "en")


def field_id(item: Item, prefix: str = "") -> str:
    """Return the id of the first box of an item, where links to it lead."""
    return f"i-{prefix}{item.key}"
