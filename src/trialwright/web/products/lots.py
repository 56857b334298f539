"""Lots: the list, one lot, its entry and its containers."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import containers, lots
from trialwright.conduct.products.lots import followed_products
from trialwright.conduct.reads.product_work import (
    containers_coming,
    containers_to_send,
)
from trialwright.conduct.reads.products import (
    DonorLine,
    LotLine,
    LotToRead,
    ProductsToRead,
    lot_to_read,
    near_misses,
    products_to_read,
)
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.products import Product
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.products.deciding import choices_for, facts_of, tests_of
from trialwright.web.products.lot_results import results_table
from trialwright.web.products.near_misses import near_miss_table
from trialwright.web.products.shipping import receive_link
from trialwright.web.products.words import (
    CONTAINER_WORDS,
    container_status,
    context_of,
    lot_status,
    product_name,
)


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All lots, the latest first; under them the donors and the near misses."""
    told = products_to_read(frame.actor)
    listing = Listing(
        heading=_("Products"),
        caption=ngettext("{count} lot", "{count} lots", len(told.lots)).format(
            count=len(told.lots)
        ),
        columns=[
            Column(_("Lot")), Column(_("Product")), Column(_("Supplier")), Column(_("Status")),
            Column(_("Expires")), Column(_("Containers"), number=True),
        ],
        rows=told.lots,
        cells=partial(_cells, frame),
        plain=_plain,
        empty=_("No lot is registered yet."),
        more={
            "offered": _offered(frame, told),
            "tables": [
                _donors(frame, told.donors),
                near_miss_table(frame, near_misses(frame.actor)),
            ],
        },
        template="web/products/list.html",
    )  # fmt: skip
    return answer(frame, listing, kind)


def _cells(frame: Frame, line: LotLine) -> list[Cell]:
    return [
        Cell(line.code, href=f"{frame.href}/products/lots/{line.code}", code=True),
        Cell(product_name(frame, line.product)),
        Cell(line.supplier),
        Cell(lot_status(line.status, frame.language)),
        Cell(dates.written(line.expires_at)),
        Cell(sum(line.containers.values())),
    ]


def _plain(line: LotLine) -> dict[str, object]:
    return {
        "lot": line.code,
        "product": line.product,
        "supplier": line.supplier,
        "supplier_lot": line.supplier_lot,
        "status": line.status.value,
        "expires_at": iso(line.expires_at),
        "containers": sum(line.containers.values()),
    }


def _offered(frame: Frame, told: ProductsToRead) -> list[Link]:
    href = f"{frame.href}/products"
    found = [Link(_("Trace a code"), f"{href}/trace")]
    if told.records:
        found += [
            Link(_("Register a donor"), f"{href}/donors/new"),
            Link(_("Register a lot"), f"{href}/lots/new"),
        ]
    coming = containers_coming(frame.actor, frame.protocol)
    found += [receive_link(frame, each) for each in coming]
    if told.handles:
        found.append(Link(_("Count the stock"), f"{href}/count"))
    return found


def _donors(frame: Frame, donors: Sequence[DonorLine]) -> Table:
    return Table(
        caption=_("Donors, by code alone"),
        columns=[Column(_("Donor")), Column(_("Product")), Column(_("Lots"), number=True),
                 Column(_("Excluded"))],
        rows=[
            [
                Cell(each.code, href=f"{frame.href}/products/donors/{each.code}", code=True),
                Cell(product_name(frame, each.product)),
                Cell(each.lots),
                Cell(dates.written(each.excluded_at) if each.excluded_at else "", unsaid=_("No")),
            ]
            for each in donors
        ],
        empty=_("No donor is registered yet."),
    )  # fmt: skip


@in_study
def new_page(frame: Frame) -> HttpResponse:
    """Register a lot with all that touched it."""
    if not products_to_read(frame.actor).records:
        raise NotFound
    products = followed_products(frame.protocol)
    asked = frame.request.GET.get("product", products[0].key)
    product = next((each for each in products if each.key == asked), None)
    if product is None:
        raise NotFound
    items = [
        question("supplier", Message("Supplier"), ItemType.TEXT, longest=200),
        question("supplier_lot", Message("The supplier's lot number"), ItemType.TEXT, longest=64,
                 optional=True),
        question("expires_on", Message("Last day of use"), ItemType.DATE, future=True),
    ]  # fmt: skip
    if product.donor_tests:
        items += [
            question("donors", Message("Codes of the donors, parted by spaces"), ItemType.TEXT,
                     longest=400),
            question("donated_on", Message("Day of the donation"), ItemType.DATE),
        ]  # fmt: skip
    items += [
        question(each.key, Message("Lot of: {component}", component=each.label), ItemType.TEXT,
                 longest=64)
        for each in product.components
    ]  # fmt: skip
    step = _step(
        frame,
        _("Register a lot: {product}").format(product=product_name(frame, product.key)),
        items,
        partial(_register, frame, product),
        _("The lot is registered, in quarantine."),
        button=_("Register the lot"),
        start={"supplier": product.supplier or ""},
    )
    return steps.run(frame, step, context_of(frame, step))


def _register(frame: Frame, product: Product, given: Given) -> str:
    codes = str(given.get("donors", "")).upper().replace(",", " ").split()
    on = steps.day(given["donated_on"]) if "donated_on" in given else date.min
    ends = datetime.combine(steps.day(given["expires_on"]), time(23, 59, 59))
    code = lots.register_lot(
        by=frame.actor,
        lot=lots.NewLot(
            product.key,
            ends.replace(tzinfo=timezone.get_current_timezone()),
            str(given["supplier"]),
            str(given.get("supplier_lot", "")),
            dict.fromkeys(codes, on),
            {each.key: str(given[each.key]) for each in product.components},
        ),
    )
    return f"{frame.href}/products/lots/{code}"


@in_study
def lot_page(frame: Frame, lot: str) -> HttpResponse:
    """One lot: where it stands, what its release rests on, its containers, its history."""
    told = lot_to_read(frame.actor, lot)
    href = f"{frame.href}/products/lots/{told.line.code}"
    offered = [Link(_("Who was given of it"), f"{frame.href}/products/trace?code={told.line.code}")]
    if told.records:
        offered += [
            Link(_("Record a result"), f"{href}/result"),
            Link(_("Label containers"), f"{href}/containers"),
        ]
    if containers_to_send(frame.actor, told.line.code):
        offered.append(Link(_("Send containers"), f"{href}/send"))
    if told.containers:
        offered.append(Link(_("Labels (PDF)"), f"{href}/labels.pdf"))
    if choices_for(told):
        offered.append(Link(_("Sign its status"), f"{href}/decide"))
    context = frame.context(
        _("Lot {code}").format(code=told.line.code),
        crumbs=[Link(_("Products"), f"{frame.href}/products")],
        offered=offered,
        facts=facts_of(frame, told),
        tables=[
            tests_of(frame, told),
            results_table(frame, told.product.release, told.results),
            _containers(frame, told),
            _decisions(frame, told),
        ],
    )
    return render(frame.request, "web/products/page.html", context)


def _containers(frame: Frame, told: LotToRead) -> Table:
    shown = told.containers[:200]
    note = _("The first {count} are shown.").format(count=len(shown))
    counts = ", ".join(
        f"{CONTAINER_WORDS[status].in_language(frame.language)} {told.line.containers[status]}"
        for status in CONTAINER_WORDS
        if told.line.containers.get(status)
    )
    return Table(
        caption=_("Containers: {counts}").format(counts=counts or "0"),
        columns=[Column(_("Container")), Column(_("Status")), Column(_("Site")),
                 Column(_("Place"))],
        rows=[
            [
                Cell(each.code, href=f"{frame.href}/products/containers/{each.code}", code=True),
                Cell(container_status(each.status, frame.language)),
                Cell(each.site, unsaid=_("Depot")),
                Cell(each.place, unsaid="–"),
            ]
            for each in shown
        ],
        note=note if len(told.containers) > len(shown) else "",
        empty=_("No container was labelled yet."),
    )  # fmt: skip


def _decisions(frame: Frame, told: LotToRead) -> Table:
    names = names_of({each.by for each in told.decisions})
    return Table(
        caption=_("What was decided"),
        columns=[Column(_("Status")), Column(_("When")), Column(_("By")), Column(_("Left open")),
                 Column(_("Why"))],
        rows=[
            [
                Cell(lot_status(each.status, frame.language)),
                Cell(dates.written(each.at)),
                Cell(names.get(each.by, "")),
                Cell(", ".join(each.open_tests), unsaid="–"),
                Cell(each.reason, unsaid="–"),
            ]
            for each in told.decisions
        ],
        empty=_("Nothing was decided yet: it is in quarantine."),
    )  # fmt: skip


@in_study
def containers_page(frame: Frame, lot: str) -> HttpResponse:
    """Give containers of a lot their codes."""
    told = lot_to_read(frame.actor, lot)
    if not told.records:
        raise NotFound
    step = steps.Step(
        heading=_("Label containers of lot {code}").format(code=told.line.code),
        button=_("Label the containers"),
        form=steps.form_of(
            question("number", Message("How many"), ItemType.INTEGER),
            question("place", Message("Where they are kept"), ItemType.TEXT, longest=80),
        ),
        act=lambda given: containers.label_containers(
            by=frame.actor, lot=told.line.code, number=int(str(given["number"])),
            place=str(given["place"]),
        ),
        done=_("The containers have their codes."),
        then=f"{frame.href}/products/lots/{told.line.code}",
    )  # fmt: skip
    return steps.run(frame, step, context_of(frame, step))


def _step(
    frame: Frame,
    heading: str,
    items: Sequence[Item],
    act: Callable[[Given], str],
    done: str,
    *,
    button: str,
    start: dict[str, str] | None = None,
) -> steps.Step:
    return steps.Step(
        heading=heading,
        button=button,
        form=steps.form_of(*items),
        act=act,
        done=done,
        then=f"{frame.href}/products",
        start=start,
        goes_on_to_what_came=True,
    )
