"""What a lot's status rests on, and the signature that decides it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from trialwright.conduct.actions import lots
from trialwright.conduct.products.words import finding_words
from trialwright.conduct.reads.product_work import LotToDecide
from trialwright.conduct.reads.products import LotToRead, lot_to_read
from trialwright.conduct.refusals import NotFound
from trialwright.custody.lots import LotStatus, may_become
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import question
from trialwright.web.components import Cell, Column, Link, Row, Status, Table, Task
from trialwright.web.forms.fields import Answers, lay_out
from trialwright.web.forms.posting import read_post
from trialwright.web.products.words import LOT_WORDS, lot_status, outcome_status, product_name

_DECISIONS = (
    LotStatus.CONDITIONAL,
    LotStatus.RELEASED,
    LotStatus.RECALLED,
    LotStatus.FAILED,
)


def facts_of(frame: Frame, told: LotToRead) -> list[Row]:
    labels = {each.key: each.label for each in told.product.components}
    href = f"{frame.href}/products/donors"
    return [
        Row(_("Product"), product_name(frame, told.line.product)),
        Row(_("Status"), lot_status(told.line.status, frame.language)),
        Row(_("Supplier"), f"{told.line.supplier} {told.line.supplier_lot}".strip()),
        Row(_("Expires"), dates.written(told.line.expires_at)),
        *(
            Row(
                _("Donor"),
                each.code,
                code=True,
                links=[Link(pgettext("link", "Open"), f"{href}/{each.code}")],
            )
            for each in told.state.donors
        ),
        *(
            Row(labels[key].in_language(frame.language) if key in labels else key, number)
            for key, number in told.state.components.items()
        ),
        Row(_("Records kept at least until"), dates.written(told.kept)),
    ]


def tests_of(frame: Frame, told: LotToRead) -> Table:
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


def choices_for(told: LotToRead) -> list[LotStatus]:
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
    choices = choices_for(told)
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
        sections=[(_("The lot"), facts_of(frame, told))],
        tables=[tests_of(frame, told)],
        groups=lay_out(form, answers, reasons=None, language=frame.language),
        revision=told.state.content_hash,
        statement=_("I have read these results, and this is my decision about the lot."),
        **signing.context(frame, _("Sign the status"), came),
    )  # fmt: skip
    return render(frame.request, "web/safety/decide.html", context, status=came.status)


def lot_task(frame: Frame, lot: LotToDecide) -> Task:
    """A lot that waits for a decision, as something to do."""
    hint = finding_words(lot.product, lot.findings) or _("Nothing stands against its release")
    return Task(
        f"{lot.code} · {product_name(frame, lot.product.key)}",
        Status(_("To be signed"), "todo"),
        f"{frame.href}/products/lots/{lot.code}/decide",
        hint,
    )
