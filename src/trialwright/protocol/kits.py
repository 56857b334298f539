"""Kits: packs of a product known by their number, of which blinded people see the number alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from trialwright.protocol.basics import Text
from trialwright.protocol.problems import Problem
from trialwright.protocol.roles import CHOOSES, Act, Knows
from trialwright.protocol.steps import Dispenses

if TYPE_CHECKING:
    from trialwright.protocol.model import Arm, Protocol
    from trialwright.protocol.steps import Step


@dataclass(frozen=True, slots=True)
class Strength:
    """A strength that products come in, printed on their kits: everybody may know it."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True)
class Kits:
    """How kits get to participants.

    supplied_by: the role that knows which product is in which kit, lists them and sends them to the
    sites. received_by: the roles at a site that confirm what came, set aside what can't be used and
    take back what participants return. contains: how much a full kit holds, in `unit`. strengths:
    those that whoever hands a kit out chooses among; none where all kits are alike.
    """

    supplied_by: str
    received_by: tuple[str, ...]
    contains: Decimal
    unit: str
    line: int
    strengths: tuple[Strength, ...] = ()

    @property
    def strength_keys(self) -> tuple[str, ...]:
        """The keys of the strengths; one, "", where all kits are alike."""
        return tuple(each.key for each in self.strengths) or ("",)


def strength_words(kits: Kits | None, key: str, language: str) -> str:
    """A strength in words; "" where there are none."""
    known = kits.strengths if kits else ()
    return next((each.label.in_language(language) for each in known if each.key == key), "")


def product_at(protocol: "Protocol", arm: "Arm", visit: str) -> str | None:
    """The product in a kit that this arm is given at a visit ("": at none); None where it isn't
    one product alone.

    Args:
        visit: its name, with or without its occurrence.
    """
    epoch = protocol.visit(visit).epoch if visit else None
    given = arm.given_in(epoch)
    return given[0] if len(given) == 1 else None


def hides_products(protocol: "Protocol") -> bool:
    """Whether somebody sees participants and may not learn what is in a kit."""
    roles = protocol.roles
    return protocol.has_allocated_arms and bool(roles.blinded & roles.who_may(Act.SEE_PARTICIPANTS))


def kit_problems(protocol: "Protocol") -> Iterator[Problem]:
    """Kits that nobody could list, receive or hand out, or that would tell an arm."""
    kits = protocol.kits
    steps = [step for step in protocol.steps if step.dispenses is Dispenses.KIT]
    if kits is None:
        for step in steps:
            message = f"The step `{step.key}` dispenses kits, and the file has no `kits`"
            way_out = "Say under `kits` who supplies and receives them and what one contains."
            yield Problem(step.line, message, way_out, "kits")
        return
    if not steps:
        message = "The file has `kits`, and no step dispenses one"
        yield Problem(kits.line, message, "Add `dispenses: kit` to a step.", "kits")
    yield from _people(protocol, kits)
    for step in steps:
        yield from _step(protocol, step)


def _people(protocol: "Protocol", kits: Kits) -> Iterator[Problem]:
    roles = protocol.roles.by_key
    supplier = roles.get(kits.supplied_by)
    if supplier is not None:
        if supplier.at_site:
            message = f"`{supplier.key}` supplies the kits of all sites and is held at one"
            way_out = "Name a role without `at_site`."
            yield Problem(kits.line, message, way_out, "kits")
        elif protocol.allocation is not None and supplier.knows_arm is not Knows.YES:
            message = f"`{supplier.key}` supplies kits, and so knows what is in each"
            yield Problem(kits.line, message, "Write `knows_arm: yes` for it.", "kits")
        elif hides_products(protocol) and supplier.grants & CHOOSES:
            message = f"`{supplier.key}` knows what is in each kit and decides who is randomised"
            way_out = "Let other roles confirm the eligibility and randomise."
            yield Problem(kits.line, message, way_out, "kits")
    for key in kits.received_by:
        role = roles[key]
        if not role.at_site or Act.SEE_PARTICIPANTS not in role.grants:
            message = f"`{key}` receives kits and works at no site, or sees no participant"
            way_out = "Name a role with `at_site: yes` and `see_participants` in its `may`."
            yield Problem(kits.line, message, way_out, "kits")


def _step(protocol: "Protocol", step: "Step") -> Iterator[Problem]:
    known = {visit.key: visit for visit in protocol.visits}
    early = [key for key in step.at if key in known and known[key].screening]
    if step.run_in or early:
        message = f"The step `{step.key}` dispenses kits before anybody has an arm"
        way_out = "Name visits after screening, and leave `run_in` away."
        yield Problem(step.line, message, way_out, "kits")
        return
    for visit in [key for key in step.at if key in known] or [""]:
        for arm in protocol.arms_at(visit):
            if product_at(protocol, arm, visit) is None:
                place = f" at `{visit}`" if visit else ""
                message = (
                    f"A kit of the step `{step.key}` holds one product, and the arm `{arm.key}` "
                    f"isn't given one product alone{place}"
                )
                way_out = (
                    "Name the one product in `products` of the arm, or in its `in` for the epoch "
                    "of the visit; what is always given together is one product."
                )
                yield Problem(step.line, message, way_out, "kits")
