"""A list of kits as it is put in, and what is wrong with one: above all, numbers that tell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.refusals import ActionRefused, Problem, Sentence
from trialwright.design.kits import numbers_tell
from trialwright.protocol.kits import hides_products
from trialwright.protocol.model import Protocol

_NUMBER = re.compile(r"[A-Z0-9-]{3,16}")
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class NewKit:
    """A kit as it is listed: its number, what is in it (a product's key), until when it can be
    used (None: without limit), and its strength's key, where kits come in strengths."""

    number: str
    product: str
    expires_on: date | None = None
    strength: str = ""


def kits_from(text: str, *, strengths: bool = False) -> tuple[NewKit, ...]:
    """Read a list: a line for each kit with number, product and, if there is one, the last day of
    use, parted by commas, semicolons or tabs; a first line of heads is passed over.

    Args:
        strengths: whether a strength stands after the product.

    Raises:
        ActionRefused: a line is none of these, with its number.
    """
    found = []
    for place, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", line)]
        if not any(cells) or (place == 1 and cells[0].lower() == "number"):
            continue
        try:
            number, product, *rest = cells
            strength = rest.pop(0) if strengths else ""
            until = [date.fromisoformat(each) for each in rest if each]
            if len(until) > 1:
                raise ValueError
            found.append(NewKit(number.upper(), product, until[0] if until else None, strength))
        except (ValueError, IndexError):
            words = _not_a_kit(strengths=strengths)
            raise ActionRefused(problems=(Problem("kits", words % {"line": place}),)) from None
    return tuple(found)


def _not_a_kit(*, strengths: bool) -> Sentence:
    if strengths:
        return _(
            "Line %(line)d is none of a list of kits. Write the number, the product's key, the "
            "strength's key and, if there is one, the last day of use as in 2027-03-31, parted by "
            "commas."
        )
    return _(
        "Line %(line)d is none of a list of kits. Write the number, the product's key and, "
        "if there is one, the last day of use as in 2027-03-31, parted by commas."
    )


def list_problems(
    protocol: Protocol, new: Sequence[NewKit], before: Sequence[NewKit]
) -> Iterator[Problem]:
    """What is wrong with a list, beside the kits that are there already."""
    if not new:
        yield Problem("kits", _("The list has no kit. Enter a line for each."))
        return
    if len(new) > _MOST:
        words = _("The list has more than %(most)d kits. Enter it in parts.")
        yield Problem("kits", words % {"most": _MOST})
        return
    given = {product for arm in protocol.arms for product in arm.products}
    strengths = protocol.kits.strength_keys if protocol.kits else ("",)
    numbers = {kit.number for kit in before}
    for kit in new:
        told = {"number": kit.number, "product": kit.product, "strength": kit.strength}
        if not _NUMBER.fullmatch(kit.number):
            words = _("%(number)s is no number of a kit: 3 to 16 capital letters, digits and -.")
            yield Problem("kits", words % told)
        elif kit.number in numbers:
            yield Problem("kits", _("The kit %(number)s is listed twice.") % told)
        elif kit.product not in given:
            words = _(
                "The kit %(number)s holds “%(product)s”, which isn't the key of a product that an "
                "arm is given."
            )
            yield Problem("kits", words % told)
        elif kit.strength not in strengths:
            words = _(
                "The kit %(number)s is of the strength “%(strength)s”, which isn't the key of one "
                "of the protocol's kits."
            )
            yield Problem("kits", words % told)
        numbers.add(kit.number)
    if hides_products(protocol):
        yield from _telling(new, before, given)


def _telling(new: Sequence[NewKit], before: Sequence[NewKit], given: set[str]) -> Iterator[Problem]:
    """What a blinded person could see of a kit must not depend on what is in it."""
    if len({len(kit.number) for kit in (*new, *before)}) > 1:
        words = _("The numbers differ in length, which could tell what is in a kit. Fill them up.")
        yield Problem("kits", words)
    every = {kit.strength for kit in (*new, *before)}
    alike = [[kit for kit in (*new, *before) if kit.strength == each] for each in every]
    if any(
        numbers_tell((kit.number, kit.product) for kit in group)
        for group in ((*new, *before), *alike)
    ):
        words = _(
            "The numbers tell what is in the kits: in their order the products come together, or "
            "in turn. Have them numbered at random."
        )
        yield Problem("kits", words)
    if any({kit.product for kit in group} != given for group in alike):
        words = _(
            "A strength that not every product comes in would tell what is in a kit. List kits of "
            "all products in it."
        )
        yield Problem("kits", words)
        return
    by_day: dict[tuple[date | None, str], set[str]] = {}
    for kit in new:
        by_day.setdefault((kit.expires_on, kit.strength), set()).add(kit.product)
    if any(products != given for products in by_day.values()):
        words = _(
            "A last day of use that not every product has would tell what is in a kit. Give kits "
            "of all products the same days, the earliest where they differ."
        )
        yield Problem("kits", words)
