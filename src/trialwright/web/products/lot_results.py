"""Results of tests: which were entered, and the page on which one is recorded."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import lots
from trialwright.conduct.reads.products import ResultLine, lot_to_read
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.messages import Message, Translatable
from trialwright.protocol.expression import Expression, parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.products import ReleaseTest
from trialwright.protocol.scopes import ItemScope
from trialwright.protocol.values import Value, canonical
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Table
from trialwright.web.forms.posting import CHOSEN
from trialwright.web.forms.presenter import answer_text
from trialwright.web.products.words import context_of

_PREFIX = "result_"
# No code of a protocol's list can be this one.
_INDETERMINATE = "-"


def results_table(
    frame: Frame, tests: Sequence[ReleaseTest], results: Sequence[ResultLine]
) -> Table:
    """Every result that was entered, the latest first."""
    items = {test.item.key: test.item for test in tests}
    names = names_of({each.entered_by for each in results})
    return Table(
        caption=_("Results as they were entered"),
        columns=[Column(_("Test")), Column(_("Result")), Column(_("Sample of")),
                 Column(_("Entered by"))],
        rows=[
            [
                Cell(items[each.test].label.in_language(frame.language)
                     if each.test in items else each.test),
                Cell(_said(items.get(each.test), each.value, frame.language),
                     unsaid=_("Indeterminate")),
                Cell(dates.written(each.on)),
                Cell(names.get(each.entered_by, "")),
            ]
            for each in results
        ],
        empty=_("No result was entered yet."),
    )  # fmt: skip


def _said(item: Item | None, value: Value | None, language: str) -> str:
    """A result in words; "" for an indeterminate one."""
    if value is None or item is None:
        return ""
    return answer_text(item, canonical(value), None, language)


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
    labels = {test.item.key: test.item.label for test in tests}
    asked = frame.request.GET.get("test", "")
    if len(labels) == 1:
        asked = next(iter(labels))

    def record(given: Given) -> None:
        test = str(given["test"])
        result = lots.Result(test, _typed(test, given), steps.day(given["on"]))
        act(result=result)

    step = steps.Step(
        heading=heading,
        button=_("Record the result"),
        form=steps.form_of(
            *_questions(tests), question("on", Message("Day of the sample"), ItemType.DATE)
        ),
        act=record,
        done=_("The result is recorded."),
        then=then,
        start={"test": asked} if asked in labels else None,
    )
    return steps.run(frame, step, context_of(frame, step))


def _questions(tests: Sequence[ReleaseTest]) -> list[Item]:
    """Which test it is, and for each test its result, in the words of the protocol."""
    codes = steps.choices("test", *((each.item.key, each.item.label) for each in tests))
    test = question("test", Message("Test"), ItemType.CHOICE, code_list=codes)

    def only(*keys: str) -> Expression:
        words = " or ".join(f"test == '{key}'" for key in keys)
        return parse(words).typed(ItemScope((test,)))

    found = [test, *(_result(each.item, only(each.item.key)) for each in tests)]
    measured = [each.item.key for each in tests if each.item.type not in CHOSEN]
    if measured:
        found.append(
            question("indeterminate", Message("Was the result indeterminate?"), ItemType.YES_NO,
                     Message("If so, leave the result empty"), optional=True,
                     show_when=only(*measured))
        )  # fmt: skip
    return found


def _result(item: Item, when: Expression) -> Item:
    """The result of one test. Of a choice the indeterminate one is chosen like any other."""
    words = steps.label_of(Message("Result: {test}", test=item.label))
    asked = replace(
        item, key=_PREFIX + item.key, label=words, show_when=when, missing_reasons=(),
        optional=item.type not in CHOSEN,
    )  # fmt: skip
    if item.type not in CHOSEN:
        return asked
    offered = item.code_list.codes if item.code_list else ()
    codes: list[tuple[str, Translatable]] = [(each.code, each.label) for each in offered]
    codes = codes or [("yes", Message("Yes")), ("no", Message("No"))]
    known = steps.choices(item.key, *codes, (_INDETERMINATE, Message("Indeterminate")))
    return replace(asked, type=ItemType.CHOICE, code_list=known)


def _typed(test: str, given: Given) -> str:
    """The result as the action reads it: "" for an indeterminate one."""
    value, key = given.get(_PREFIX + test), _PREFIX + test
    if value == _INDETERMINATE:
        return ""
    unread = given.get("indeterminate") is True
    if value is None and not unread:
        raise ActionRefused(
            problems=(Problem(key, _("Enter the result, or say that it was indeterminate.")),)
        )
    if value is not None and unread:
        words = _("A result that is indeterminate has no value. Leave it empty, or answer no.")
        raise ActionRefused(problems=(Problem("indeterminate", words),))
    return "" if value is None else canonical(value)
