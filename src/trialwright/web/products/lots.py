"""Lots: the list, one lot, its results, its containers, and the signature that decides it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import containers, lots
from trialwright.conduct.lots import followed_products
from trialwright.conduct.reads.products import (
    DonorLine,
    LotLine,
    LotToRead,
    ProductsToRead,
    ResultLine,
    lot_to_read,
    near_misses,
    products_to_read,
)
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.custody.lots import LotStatus, may_become
from trialwright.messages import Message
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.products import Product, ReleaseTest
from trialwright.protocol.values import canonical
from trialwright.web import dates
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.forms.fields import Answers, lay_out
from trialwright.web.forms.posting import read_post
from trialwright.web.products.near_misses import near_miss_table
from trialwright.web.products.words import (
    CONTAINER_WORDS,
    LOT_WORDS,
    container_status,
    lot_status,
    outcome_status,
)

_DECISIONS = (
    LotStatus.CONDITIONAL,
    LotStatus.RELEASED,
    LotStatus.RECALLED,
    LotStatus.FAILED,
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
question("expires_on", Message("Last day of use, as 2027-03-31"), ItemType.TEXT, longest=10),
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
    return steps.run(frame, step, _context(frame, step))


def _register(frame: Frame, product: Product, given: Given) -> str:
    codes = str(given.get("donors", "")).upper().replace(",", " ").split()
    on = steps.day(given["donated_on"]) if "donated_on" in given else date.min
    try:
        last = date.fromisoformat(str(given["expires_on"]))
    except ValueError:
        words = _("Enter the last day of use as 2027-03-31.")
        raise ActionRefused(problems=(Problem("expires_on", words),)) from None
    ends = datetime.combine(last, time(23, 59, 59))
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
    if told.containers:
        offered.append(Link(_("Labels (PDF)"), f"{href}/labels.pdf"))
    if _choices(told):
        offered.append(Link(_("Sign its status"), f"{href}/decide"))
    context = frame.context(
        _("Lot {code}").format(code=told.line.code),
        crumbs=[Link(_("Products"), f"{frame.href}/products")],
        offered=offered,
        facts=_facts(frame, told),
        tables=[
            _tests(frame, told),
            results_table(frame, told.product.release, told.results),
            _containers(frame, told),
            _decisions(frame, told),
        ],
    )
    return render(frame.request, "web/products/page.html", context)


def _facts(frame: Frame, told: LotToRead) -> list[Row]:
    labels = {each.key: each.label for each in told.product.components}
    href = f"{frame.href}/products/donors"
    return [
        Row(_("Product"), product_name(frame, told.line.product)),
        Row(_("Status"), lot_status(told.line.status, frame.language)),
        Row(_("Supplier"), f"{told.line.supplier} {told.line.supplier_lot}".strip()),
        Row(_("Expires"), dates.written(told.line.expires_at)),
        *(
            Row(_("Donor"), each.code, code=True, links=[Link(_("Open"), f"{href}/{each.code}")])
            for each in told.state.donors
        ),
        *(
            Row(labels[key].in_language(frame.language) if key in labels else key, number)
            for key, number in told.state.components.items()
        ),
        Row(_("Records kept at least until"), dates.written(told.kept)),
    ]


def _tests(frame: Frame, told: LotToRead) -> Table:
    return Table(
        caption=_("What a release rests on"),
        columns=[Column(_("Test")), Column(_("Outcome"))],
        rows=[
            [Cell(test.item.label.in_language(frame.language)),
             Cell(outcome_status(told.outcomes[test.item.key]))]
            for test in told.product.release
        ],
        empty=_("The protocol names no test of this product."),
    )  # fmt: skip


def results_table(
    frame: Frame, tests: Sequence[ReleaseTest], results: Sequence[ResultLine]
) -> Table:
    """Every result that was entered, the latest first."""
    labels = {test.item.key: test.item.label for test in tests}
    names = names_of({each.entered_by for each in results})
    return Table(
        caption=_("Results as they were entered"),
        columns=[Column(_("Test")), Column(_("Result")), Column(_("Sample of")),
                 Column(_("Entered by"))],
        rows=[
            [
                Cell(labels[each.test].in_language(frame.language)
                     if each.test in labels else each.test),
                Cell("" if each.value is None else canonical(each.value),
                     unsaid=_("Indeterminate")),
                Cell(dates.written(each.on)),
                Cell(names.get(each.entered_by, "")),
            ]
            for each in results
        ],
        empty=_("No result was entered yet."),
    )  # fmt: skip


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
def result_page(frame: Frame, lot: str) -> HttpResponse:
    """Record a result of a lot."""
    told = lot_to_read(frame.actor, lot)
    if not told.records:
        raise NotFound
    return run_result(
        frame,
        _("Result of lot {code}").format(code=told.line.code),
        told.product.release,
        partial(lots.record_result, by=frame.actor, lot=told.line.code),
        f"{frame.href}/products/lots/{told.line.code}",
    )


def run_result(
    frame: Frame,
    heading: str,
    tests: Sequence[ReleaseTest],
    act: Callable[..., object],
    then: str,
) -> HttpResponse:
    """The page on which a result is recorded: which test it is, then its result."""
    if not tests:
        raise NotFound
    keys = {test.item.key: test.item for test in tests}
    asked = frame.request.GET.get("test", "")
    choices = steps.choices("test", *((key, item.label) for key, item in keys.items()))
    hint = "; ".join(
        f"{item.label.in_language(frame.language)}: {_expected(item, frame.language)}"
        for item in keys.values()
    )
    items = [
        question("test", Message("Test"), ItemType.CHOICE, code_list=choices),
        question("result", Message("Result, empty where it is indeterminate"), ItemType.TEXT,
                 Message("{expected}", expected=hint), longest=200, optional=True),
        question("on", Message("Day of the sample"), ItemType.DATE),
    ]  # fmt: skip

    def record(given: Given) -> None:
        result = lots.Result(
            str(given["test"]), str(given.get("result", "")), steps.day(given["on"])
        )
        act(result=result)

    step = steps.Step(
        heading=heading,
        button=_("Record the result"),
        form=steps.form_of(*items),
        act=record,
        done=_("The result is recorded."),
        then=then,
        start={"test": asked} if asked in keys else None,
    )
    return steps.run(frame, step, _context(frame, step))


def _expected(item: Item, language: str) -> str:
    """What a result of a test looks like."""
    if item.code_list is not None:
        return " / ".join(code.code for code in item.code_list)
    if item.type is ItemType.YES_NO:
        return "yes / no"
    return item.unit or item.type.value


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
    return steps.run(frame, step, _context(frame, step))


def _choices(told: LotToRead) -> list[LotStatus]:
    """What this person may sign of the lot as it stands."""
    return [
        each
        for each in _DECISIONS
        if may_become(told.line.status, each)
        and (told.releases if each in (LotStatus.CONDITIONAL, LotStatus.RELEASED) else told.stops)
        and (each is not LotStatus.CONDITIONAL or told.product.may_be_open)
    ]


@in_study
def decide_page(frame: Frame, lot: str) -> HttpResponse:
    """Read what a status rests on, choose, and sign."""
    told = lot_to_read(frame.actor, lot)
    choices = _choices(told)
    if not choices:
        raise NotFound
    code = told.line.code
    codes = steps.choices("status", *((each.value, LOT_WORDS[each]) for each in choices))
    open_ones = [t for t in told.product.release if t.item.key in told.product.may_be_open]
    form = steps.form_of(
        question("status", Message("Status of the lot"), ItemType.CHOICE, code_list=codes),
        *(
            question(f"open_{test.item.key}", Message("Still open: {test}", test=test.item.label),
                     ItemType.YES_NO, optional=True)
            for test in open_ones
            if LotStatus.CONDITIONAL in choices
        ),
        question("reason", Message("Why"), ItemType.TEXT, longest=lots.LONGEST_REASON,
                 optional=True),
        label=Message("Your decision"),
    )  # fmt: skip

    def sign(content_hash: str) -> None:
        given = steps.read(form, read_post(form, frame.request.POST))
        left = [t.item.key for t in open_ones if given.get(f"open_{t.item.key}") is True]
        lots.decide_lot(
            by=frame.actor, lot=code, status=LotStatus(str(given["status"])),
            content_hash=content_hash, reason=str(given.get("reason", "")), leaves_open=left,
        )  # fmt: skip

    came = signing.signed_by(frame, sign)
    if came.signed:
        messages.success(frame.request, _("Signed and in effect."))
        return redirect(f"{frame.href}/products/lots/{code}")
    posted = read_post(form, frame.request.POST) if frame.request.method == "POST" else None
    answers = Answers(values=posted.values if posted else {})
    context = frame.context(
        _("Sign the status of lot {code}").format(code=code),
        crumbs=[Link(_("Products"), f"{frame.href}/products"),
                Link(code, f"{frame.href}/products/lots/{code}")],
        sections=[(_("The lot"), _facts(frame, told))],
        tables=[_tests(frame, told)],
        groups=lay_out(form, answers, reasons=None, language=frame.language),
        revision=told.state.content_hash,
        statement=_("I have read these results, and this is my decision about the lot."),
        **signing.context(frame, _("Sign the status"), came),
    )  # fmt: skip
    return render(frame.request, "web/safety/decide.html", context, status=came.status)


def product_name(frame: Frame, key: str) -> str:
    """What a product is called; one that the protocol no longer has, by its key."""
    labels = {each.key: each.label for each in frame.protocol.products}
    return labels[key].in_language(frame.language) if key in labels else key


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


def _context(frame: Frame, step: steps.Step) -> dict[str, object]:
    return frame.context(step.heading, crumbs=[Link(_("Products"), f"{frame.href}/products")])
