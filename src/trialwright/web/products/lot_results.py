"""Results of tests: which were entered, and the page on which one is recorded."""

from collections.abc import Callable, Sequence
from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import lots
from trialwright.conduct.reads.products import ResultLine, lot_to_read
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.products import ReleaseTest
from trialwright.protocol.values import canonical
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Table
from trialwright.web.products.words import context_of


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
    return steps.run(frame, step, context_of(frame, step))


def _expected(item: Item, language: str) -> str:
    """What a result of a test looks like."""
    if item.code_list is not None:
        return " / ".join(code.code for code in item.code_list)
    if item.type is ItemType.YES_NO:
        return "yes / no"
    return item.unit or item.type.value
