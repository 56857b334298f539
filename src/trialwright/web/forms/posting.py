"""What comes back when a form is sent: for each item the raw text, or the reason for having none.

Names: `item` for a box, `item.day`, `item.month`, `item.year` for a date or `item.offered` for the
day of the visit taken over, `item.missing` for why there is no value, `item.why` for why a
completed value is changed, `item.remark` for what is said about an unlikely one. Whatever else is
sent is not read; computed items are never read. An item of which nothing was sent, because the
person may not see it, is not among the values.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.values import Missing
from trialwright.web.forms.columns import spread
from trialwright.web.forms.date_boxes import Boxes, raw_text

Raw = str | Missing
"""What was typed, not yet read as a value; "" where nothing was."""

MISSING = "missing:"
"""Before the code of a reason, where a reason is one of the choices."""

DATES = frozenset({ItemType.DATE, ItemType.PARTIAL_DATE})
CHOSEN = frozenset({ItemType.CHOICE, ItemType.YES_NO})
_PARTS = (*Boxes._fields, "missing", "offered")
_PREFIXED = re.compile(r"(?P<form>[a-z][a-z0-9_]*)(?:-(?P<repeat>[0-9]{1,6}))?--")
_NUMERIC = frozenset({ItemType.NUMBER, ItemType.INTEGER, ItemType.LAB, ItemType.TIME, *DATES})


@dataclass(frozen=True, slots=True)
class Posted:
    """What one person sent. `both` are items with a value and a reason for having none; `too_long`
    are, by section, pasted columns with more lines than there are results.
    """

    values: Mapping[str, Raw]
    change_reasons: Mapping[str, str]
    remarks: Mapping[str, str]
    both: tuple[str, ...] = ()
    too_long: Mapping[str, str] = field(default_factory=dict)


def prefix_of(form: str, repeat: int = 1) -> str:
    """What stands before the names of a form on a page that holds several.

    >>> prefix_of("menses"), prefix_of("concomitant", 2)
    ('menses--', 'concomitant-2--')
    """
    return f"{form}--" if repeat == 1 else f"{form}-{repeat}--"


def forms_in(post: Iterable[str], forms: Collection[str]) -> list[tuple[str, int]]:
    """Which of these forms were sent from a page that holds several, each with its number."""
    found: dict[tuple[str, int], None] = {}
    for name in post:
        if (told := _PREFIXED.match(name)) and told["form"] in forms:
            found[told["form"], int(told["repeat"] or 1)] = None
    return list(found)


def part_of(post: Mapping[str, str], prefix: str) -> dict[str, str]:
    """What was sent of one form of a page that holds several: the names without their prefix."""
    return {
        name.removeprefix(prefix): text for name, text in post.items() if name.startswith(prefix)
    }


def read_post(form: Form, post: Mapping[str, str]) -> Posted:
    """Read what was sent for a form. Never raises: what can't be read stays as typed."""
    values: dict[str, Raw] = {}
    both = []
    post, too_long = spread(form, post)
    for item in form.items:
        names = [item.key, *(f"{item.key}.{part}" for part in _PARTS)]
        if item.computed or not any(name in post for name in names):
            continue
        text = _text(item, post)
        reason = _reason(item, post)
        if reason and text and not text.startswith(MISSING):
            both.append(item.key)
        values[item.key] = reason if reason and item.key not in both else text
    whys, remarks = _texts(form, post, "why"), _texts(form, post, "remark")
    return Posted(values, whys, remarks, tuple(both), too_long)


def _text(item: Item, post: Mapping[str, str]) -> str:
    names = [f"{item.key}.{part}" for part in Boxes._fields] if item.type in DATES else [item.key]
    parts = [_clean(item, post.get(name, "")) for name in names]
    if item.type in DATES:
        # The day of the visit, taken over as it was offered; boxes that are filled come first.
        return raw_text(Boxes(*parts)) or _clean(item, post.get(f"{item.key}.offered", ""))
    return parts[0]


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
