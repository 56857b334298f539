"""A list of kits as it is put in, and what is wrong with one: above all, numbers that tell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.design.kits import numbers_tell
from trialwright.protocol.kits import hides_products
from trialwright.protocol.model import Protocol

_NUMBER = re.compile(r"[A-Z0-9-]{3,16}")
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class NewKit:
    """A kit as it is listed: its number, what is in it (a product's key), until when it can be
    used; None: without limit."""

    number: str
    product: str
    expires_on: date | None = None


def kits_from(text: str) -> tuple[NewKit, ...]:
    """Read a list: a line for each kit with number, product and, if there is one, the last day of
    use, parted by commas, semicolons or tabs; a first line of heads is passed over.

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
            until = [date.fromisoformat(each) for each in rest if each]
            found.append(NewKit(number.upper(), product, *until))
        except (ValueError, TypeError):
            words = _(
                "Line %(line)d is none of a list of kits. Write the number, the product's key and, "
                "if there is one, the last day of use as in 2027-03-31, parted by commas."
            )
            raise ActionRefused(problems=(Problem("kits", words % {"line": place}),)) from None
    return tuple(found)


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
    numbers = {kit.number for kit in before}
    for kit in new:
        told = {"number": kit.number, "product": kit.product}
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
        numbers.add(kit.number)
    if hides_products(protocol):
        yield from _telling(new, before, given)


def _telling(new: Sequence[NewKit], before: Sequence[NewKit], given: set[str]) -> Iterator[Problem]:
    """What a blinded person could see of a kit must not depend on what is in it."""
    if len({len(kit.number) for kit in (*new, *before)}) > 1:
        words = _("The numbers differ in length, which could tell what is in a kit. Fill them up.")
        yield Problem("kits", words)
    if numbers_tell((kit.number, kit.product) for kit in (*new, *before)):
        words = _(
            "The numbers tell what is in the kits: in their order the products come together, or "
            "in turn. Have them numbered at random."
        )
        yield Problem("kits", words)
    by_day: dict[date | None, set[str]] = {}
    for kit in new:
        by_day.setdefault(kit.expires_on, set()).add(kit.product)
    if any(products != given for products in by_day.values()):
        words = _(
            "A last day of use that not every product has would tell what is in a kit. Give kits "
            "of all products the same days, the earliest where they differ."
        )
        yield Problem("kits", words)
