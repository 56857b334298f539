"""Products, and the lots and containers they come in: what must hold before one is given."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from trialwright.protocol.basics import Text
from trialwright.protocol.expression import Expression
from trialwright.protocol.forms import Item
from trialwright.protocol.problems import Problem
from trialwright.protocol.roles import Act
from trialwright.protocol.steps import Dispenses

if TYPE_CHECKING:
    from trialwright.protocol.model import Arm, Protocol


@dataclass(frozen=True, slots=True)
class ReleaseTest:
    """A measurement that decides whether a lot may be released: released only if `requires`."""

    item: Item
    requires: Expression


class Counts(StrEnum):
    """What of an administration must lie within the limit after thawing."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Component:
    """Something that touches the product and has a lot of its own."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True)
class ContainerPlan:
    """The containers of a product: how much a full one holds, in `unit`, and for how many years
    after the product's expiry its records are kept."""

    holds: Decimal
    unit: str
    keep_years: int


@dataclass(frozen=True, slots=True)
class Product:
    """What is given to participants, with what a lot must pass before it is.

    may_be_open: tests that may still be open when a lot is released conditionally; none: never.
    donor_tests: what a donor of the product must pass, and `retest_after_days` from the donation
    pass again. suits: over the lot's tests and the participant's items, true of who may be given a
    lot. body_weight: the participant's, in kg. Without `container` nothing of its lots is followed.
    """

    key: str
    label: Text
    description: Text
    supplier: str | None
    use_within_hours: Decimal | None
    release: tuple[ReleaseTest, ...]
    line: int
    limit_counts: Counts = Counts.END
    may_be_open: tuple[str, ...] = ()
    donor_tests: tuple[ReleaseTest, ...] = ()
    retest_after_days: int | None = None
    components: tuple[Component, ...] = ()
    container: ContainerPlan | None = None
    suits: Expression | None = None
    body_weight: Expression | None = None


def lots_tell_arms(protocol: "Protocol") -> bool:
    """Whether it can tell an arm that somebody was given of a lot, and somebody may not know arms:
    arms differ in which of their products are followed."""
    followed = {product.key for product in protocol.products if product.container}
    given = {frozenset(followed & {*arm.products, *_in_epochs(arm)}) for arm in protocol.arms}
    return len(given) > 1 and bool(
        protocol.roles.blinded & protocol.roles.who_may(Act.SEE_PARTICIPANTS)
    )


def _in_epochs(arm: "Arm") -> Iterator[str]:
    for products in arm.in_epochs.values():
        yield from products


_OF_LOTS = ("may_be_open", "donor_tests", "components", "suits", "body_weight")


def product_problems(protocol: "Protocol") -> Iterator[Problem]:
    """Facts about lots of a product that has no containers, and steps that find none to give."""
    for product in protocol.products:
        written = [key for key in _OF_LOTS if getattr(product, key)]
        if product.container is None and written:
            message = f"`{product.key}` has `{written[0]}` and no `container`"
            way_out = "Say under `container` what one holds; without it no lot is followed."
            yield Problem(product.line, message, way_out, "product")
        if product.retest_after_days is not None and not product.donor_tests:
            message = f"Donors of `{product.key}` are tested again, and have no `donor_tests`"
            way_out = "Name the tests, or take `retest_after_days` away."
            yield Problem(product.line, message, way_out, "product")
        if product.use_within_hours is not None and product.use_within_hours <= 0:
            message = f"`{product.key}` is to be used within no time at all"
            yield Problem(product.line, message, "Write hours above 0.", "product")
    if any(product.container for product in protocol.products):
        return
    for step in protocol.steps:
        if step.dispenses is Dispenses.CONTAINER:
            message = f"The step `{step.key}` gives from containers, and no product has any"
            way_out = "Say under `container` of the product what one holds."
            yield Problem(step.line, message, way_out, "product")
