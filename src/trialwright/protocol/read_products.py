"""Reading the products with their release tests, donors' tests, components and containers."""

from decimal import Decimal

from trialwright.protocol.fields import Fields
from trialwright.protocol.forms import CodeList
from trialwright.protocol.products import (
    Component,
    ContainerPlan,
    Counts,
    Product,
    ReleaseTest,
)
from trialwright.protocol.read_forms import read_item
from trialwright.protocol.shapes import COMPONENT, CONTAINER, PRODUCT, RELEASE_TEST


def read_products(root: Fields, code_lists: tuple[CodeList, ...]) -> tuple[Product, ...]:
    """The products; their expressions not yet typed."""
    return tuple(
        _product(key, fields, code_lists) for key, fields in root.named("products", PRODUCT)
    )


def _product(key: str, fields: Fields, code_lists: tuple[CodeList, ...]) -> Product:
    release = _tests(fields, "release", code_lists)
    return Product(
        key=key,
        label=fields.text("label"),
        description=fields.text("description"),
        supplier=fields.words("supplier"),
        use_within_hours=fields.number("use_within_hours"),
        release=release,
        line=fields.line,
        limit_counts=fields.choice("limit_counts", Counts) or Counts.END,
        may_be_open=fields.words_among("may_be_open", [test.item.key for test in release]),
        donor_tests=_tests(fields, "donor_tests", code_lists),
        retest_after_days=fields.whole("retest_after_days", minimum=1)
        if fields.has("retest_after_days")
        else None,
        components=tuple(
            Component(name, inner.text("label"))
            for name, inner in fields.named("components", COMPONENT)
        ),
        container=_container(fields),
        suits=fields.expression("suits"),
        body_weight=fields.expression("body_weight"),
    )


def _tests(fields: Fields, key: str, code_lists: tuple[CodeList, ...]) -> tuple[ReleaseTest, ...]:
    return tuple(
        ReleaseTest(read_item(name, test, code_lists), test.needed_expression("requires"))
        for name, test in fields.named(key, RELEASE_TEST)
    )


def _container(fields: Fields) -> ContainerPlan | None:
    inner = fields.within("container", CONTAINER) if fields.has("container") else None
    if inner is None:
        return None
    holds = inner.number("holds") or Decimal(0)
    if inner.has("holds") and holds <= 0:
        message = "A container holds nothing"
        way_out = "Write how much a full one holds, above 0."
        inner.reading.problem(inner.line_of("holds"), message, way_out, "product")
    return ContainerPlan(
        holds, inner.words("unit", longest=32) or "", inner.whole("keep_years", 1, minimum=1)
    )
