"""The items of the baseline table: those that the file names in `baseline`, or all that can be."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialwright.protocol.fields import Fields
from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.protocol.visits import Visit

if TYPE_CHECKING:
    from trialwright.protocol.model import Protocol

DESCRIBED = frozenset(
    {
        ItemType.NUMBER,
        ItemType.INTEGER,
        ItemType.LAB,
        ItemType.SCORE,
        ItemType.CHOICE,
        ItemType.YES_NO,
    }
)


def read_baseline(root: Fields, forms: Sequence[Form], visits: Sequence[Visit]) -> tuple[str, ...]:
    """The names in `baseline`, as `form.item`; each must be one that can stand in the table."""
    known = [f"{form.key}.{item.key}" for form, item in candidates(forms, visits)]
    return root.words_among("baseline", known)


def candidates(forms: Sequence[Form], visits: Sequence[Visit]) -> list[tuple[Form, Item]]:
    """The numbers, choices and yes/no items of the forms completed at screening. Left out are
    repeating forms, unmasking items, and items asked only of some: their denominators differ."""
    at_screening = {key for visit in visits if visit.screening for key in visit.forms}
    return [
        (form, item)
        for form in forms
        if form.key in at_screening and not form.repeating and not form.unmasking
        for item in form.items
        if item.type in DESCRIBED and not item.unmasking and not item.show_when
    ]


def baseline_items(protocol: "Protocol") -> list[tuple[Form, Item]]:
    """The items of the table, by form: those that the file names, else all candidates."""
    found = candidates(protocol.forms, protocol.visits)
    named = set(protocol.baseline)
    return [(f, i) for f, i in found if not named or f"{f.key}.{i.key}" in named]
