"""What comes back when a form is sent: for each item the raw text, or the reason for having none.

Names: `item` for a box, `item.day`, `item.month`, `item.year` for a date, `item.missing` for why
there is no value, `item.why` for why a completed value is changed, `item.remark` for what is said
about an unlikely one. Whatever else is sent is not read; computed items are never read. An item of
which nothing was sent, because the person may not see it, is not among the values.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.values import Missing
from trialwright.web.forms.date_boxes import Boxes, raw_text

Raw = str | Missing
"""What was typed, not yet read as a value; "" where nothing was."""

MISSING = "missing:"
"""Before the code of a reason, where a reason is one of the choices."""

DATES = frozenset({ItemType.DATE, ItemType.PARTIAL_DATE})
CHOSEN = frozenset({ItemType.CHOICE, ItemType.YES_NO})
_NUMERIC = frozenset({ItemType.NUMBER, ItemType.INTEGER, ItemType.LAB, ItemType.TIME, *DATES})


@dataclass(frozen=True, slots=True)
class Posted:
    """What one person sent. `both` are items with a value and a reason for having none."""

    values: Mapping[str, Raw]
    whys: Mapping[str, str]
    remarks: Mapping[str, str]
    both: tuple[str, ...] = ()


def read_post(form: Form, post: Mapping[str, str]) -> Posted:
    """Read what was sent for a form. Never raises: what can't be read stays as typed."""
    values: dict[str, Raw] = {}
    both = []
    for item in form.items:
        names = [item.key, *(f"{item.key}.{part}" for part in (*Boxes._fields, "missing"))]
        if item.computed or not any(name in post for name in names):
            continue
        text = _text(item, post)
        reason = _reason(item, post)
        if reason and text and not text.startswith(MISSING):
            both.append(item.key)
        values[item.key] = reason if reason and item.key not in both else text
    return Posted(values, _texts(form, post, "why"), _texts(form, post, "remark"), tuple(both))


def _text(item: Item, post: Mapping[str, str]) -> str:
    names = [f"{item.key}.{part}" for part in Boxes._fields] if item.type in DATES else [item.key]
    parts = [_clean(item, post.get(name, "")) for name in names]
    return raw_text(Boxes(*parts)) if item.type in DATES else parts[0]


def _clean(item: Item, sent: str) -> str:
    """Drop what no database keeps and what no eye sees; full-width digits become plain ones."""
    text = sent.replace("\x00", "").replace("\r\n", "\n").strip()
    return unicodedata.normalize("NFKC", text) if item.type in _NUMERIC else text


def _reason(item: Item, post: Mapping[str, str]) -> Missing | None:
    chosen = post.get(item.key, "") if item.type in CHOSEN else ""
    code = chosen.removeprefix(MISSING) if chosen.startswith(MISSING) else ""
    code = code or post.get(f"{item.key}.missing", "")
    return Missing(code) if code in item.missing_reasons else None


def _texts(form: Form, post: Mapping[str, str], part: str) -> dict[str, str]:
    sent = {item.key: post.get(f"{item.key}.{part}", "").replace("\x00", "") for item in form.items}
    return {key: text.strip() for key, text in sent.items() if text.strip()}
