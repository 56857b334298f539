"""What a laboratory's reference range goes by: a participant's sex, and their age at the sample."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.problems import Problem

if TYPE_CHECKING:
    from trialwright.protocol.model import Protocol

FEMALE, MALE = "female", "male"
SEXES = (FEMALE, MALE)


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Where sex and age are found, as `visit.form.item`.

    sex: an item that holds `female` or `male`, or one of these where all participants are of it.
    age: whole years on the day of the visit that the item stands at. born: the date of birth.
    """

    sex: str
    age: str | None
    born: str | None
    line: int

    @property
    def items(self) -> tuple[str, ...]:
        """The items that a range depends on."""
        found = ("" if self.sex in SEXES else self.sex, self.age, self.born)
        return tuple(name for name in found if name)


def laboratory_problems(protocol: "Protocol") -> Iterator[Problem]:
    """What is wrong with the block: each item is there once, open, and of a kind that tells."""
    known = protocol.laboratory
    if known is None:
        return
    if known.age and known.born:
        message = "`laboratory` names both an age and a date of birth"
        yield Problem(known.line, message, "Leave `age` away.", "laboratory")
    kinds = {
        known.age: (ItemType.INTEGER, ItemType.NUMBER),
        known.born: (ItemType.DATE,),
        known.sex: (ItemType.CHOICE,),
    }
    for name in known.items:
        item = _item(protocol, name)
        if item is None:
            message = f"`{name}` names no open item of a form that is filled in once at a visit"
            way_out = "Write `visit.form.item`; of the sex, `female` or `male` where all are."
        elif item.type not in kinds[name]:
            message = f"`{name}` is of the type {item.type}, which doesn't tell it"
            wanted = " or ".join(kinds[name])
            way_out = f"Name an item of the type {wanted}."
        elif name == known.sex and not {code.code for code in item.code_list or ()} & set(SEXES):
            message = f"`{name}` has neither the code `female` nor `male`"
            way_out = "Name the item of the sex, whose codes these are."
        else:
            continue
        yield Problem(known.line, message, way_out, "laboratory")


def _item(protocol: "Protocol", name: str) -> Item | None:
    try:
        visit, form_key, key = name.split(".")
        form = protocol.form(form_key)
        there = form_key in protocol.visit(visit).forms and not form.repeating
        item = form.item(key)
    except (ValueError, UnknownKeyError):
        return None
    return item if there and key not in form.unmasking_items else None
