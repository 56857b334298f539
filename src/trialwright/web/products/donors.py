"""Donors, by code alone: registered, tested, excluded."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from trialwright.conduct.actions import lots
from trialwright.conduct.products.lots import followed_products
from trialwright.conduct.reads.products import DonorToRead, donor_to_read, products_to_read
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import question
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.products.lot_results import results_table, run_result
from trialwright.web.products.words import lot_status, outcome_status, product_name


@in_study
def new_page(frame: Frame) -> HttpResponse:
    """Register a donor: the code is drawn, and nothing else is asked."""
    if not products_to_read(frame.actor).records:
        raise NotFound
    codes = steps.choices(
        "product", *((each.key, each.label) for each in followed_products(frame.protocol))
    )
    step = steps.Step(
        heading=_("Register a donor"),
        button=_("Register the donor"),
        form=steps.form_of(
            question("product", Message("Product"), ItemType.CHOICE, code_list=codes)
        ),
        act=lambda given: (
            f"{frame.href}/products/donors/"
            f"{lots.register_donor(by=frame.actor, product=str(given['product']))}"
        ),
        done=_("The donor has a code."),
        then=f"{frame.href}/products",
        intro=_("A donor is a code here. Who it is, the donor bank knows."),
        goes_on_to_what_came=True,
    )
    return steps.run(frame, step, _context(frame, step.heading))


@in_study
def donor_page(frame: Frame, donor: str) -> HttpResponse:
    """One donor: results, lots, and whether they may give."""
    told = donor_to_read(frame.actor, donor)
    code = told.line.code
    href = f"{frame.href}/products/donors/{code}"
    offered = [Link(_("Who was given of it"), f"{frame.href}/products/trace?code={code}")]
    if told.records and told.product.donor_tests:
        offered.append(Link(_("Record a result"), f"{href}/result"))
    if told.stops and told.line.excluded_at is None:
        offered.append(Link(_("Exclude the donor"), f"{href}/exclude"))
    excluded = told.line.excluded_at
    facts = [
        Row(_("Product"), product_name(frame, told.line.product)),
        Row(_("Registered"), dates.written(told.line.registered_at)),
        Row(_("Excluded"), dates.written(excluded) if excluded else "", unsaid=_("No")),
        Row(_("Why excluded"), told.why_excluded, unsaid="–"),
    ]
    context = _context(
        frame,
        _("Donor {code}").format(code=code),
        offered=offered,
        facts=facts,
        tables=[
            _tests(frame, told),
            results_table(frame, told.product.donor_tests, told.results),
            _lots(frame, told),
        ],
    )
    return render(frame.request, "web/products/page.html", context)


def _tests(frame: Frame, told: DonorToRead) -> Table:
    return Table(
        caption=_("Tests of the donor"),
        columns=[Column(_("Test")), Column(_("Outcome"))],
        rows=[
            [Cell(test.item.label.in_language(frame.language)),
             Cell(outcome_status(told.outcomes[test.item.key]))]
            for test in told.product.donor_tests
        ],
        empty=_("The protocol names no test of donors."),
    )  # fmt: skip


def _lots(frame: Frame, told: DonorToRead) -> Table:
    return Table(
        caption=_("Lots that the donor gave for"),
        columns=[Column(_("Lot")), Column(_("Status"))],
        rows=[
            [Cell(each.code, href=f"{frame.href}/products/lots/{each.code}", code=True),
             Cell(lot_status(each.status, frame.language))]
            for each in told.lots
        ],
        empty=_("None yet."),
    )  # fmt: skip


@in_study
def result_page(frame: Frame, donor: str) -> HttpResponse:
    """Record a result of a donor; one that isn't passed excludes them."""
    told = donor_to_read(frame.actor, donor)
    if not told.records:
        raise NotFound
    code = told.line.code
    return run_result(
        frame,
        _("Result of donor {code}").format(code=code),
        told.product.donor_tests,
        partial(lots.record_result, by=frame.actor, donor=code),
        f"{frame.href}/products/donors/{code}",
    )


@in_study
def exclude_page(frame: Frame, donor: str) -> HttpResponse:
    """Exclude a donor, and fail every lot of theirs."""
    told = donor_to_read(frame.actor, donor)
    if not told.stops or told.line.excluded_at is not None:
        raise NotFound
    code = told.line.code
    step = steps.Step(
        heading=_("Exclude donor {code}").format(code=code),
        button=_("Exclude the donor"),
        form=steps.form_of(
            question("reason", Message("Why"), ItemType.TEXT, longest=lots.LONGEST_REASON)
        ),
        act=lambda given: lots.exclude_donor(
            by=frame.actor, donor=code, reason=str(given["reason"])
        ),
        done=_("The donor is excluded; the lots have failed, and the doctors are told."),
        then=f"{frame.href}/products/donors/{code}",
        intro=_(
            "Every lot of the donor fails, its stock is blocked, and whoever treats a participant "
            "who was given of it is told."
        ),
    )
    return steps.run(frame, step, _context(frame, step.heading))


def _context(frame: Frame, heading: str, **more: object) -> dict[str, object]:
    return frame.context(heading, crumbs=[Link(_("Products"), f"{frame.href}/products")], **more)
