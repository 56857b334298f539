"""Signing a form, and the history of each of its answers."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import entering
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.history import Change, History, history_of
from trialwright.conduct.reads.value_reviews import reviews_of
from trialwright.web.clinical import signing
from trialwright.web.clinical.form_words import (
    about_form,
    form_href,
    label_of,
    reasons_of,
    rows_of,
    visit_href,
)
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.ledger_words import action_words, reason_words
from trialwright.web.clinical.review_words import notes_of, review_links
from trialwright.web.components import Cell, Column, Link, Table
from trialwright.web.forms.presenter import answer_text
from trialwright.web.signature_words import meaning_of


@in_study
def sign_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Check the answers, then sign them."""
    page = form_page(frame.actor, code, visit, form, repeat)
    if page.signs_as is None:
        raise Http404
    told = signing.signed_by(
        frame,
        lambda content_hash: entering.sign_entry(
            by=frame.actor,
            code=code,
            visit=visit,
            form=form,
            repeat=repeat,
            content_hash=content_hash,
        ),
    )
    if told.signed:
        messages.success(frame.request, _("Signed."))
        return redirect(visit_href(frame, page))
    href = form_href(frame, page)
    role = frame.role_name(page.signs_as)
    context = about_form(
        frame,
        page,
        _("Check “{form}”, then sign").format(form=label_of(frame, page)),
        sections=rows_of(
            frame,
            page,
            change=href if page.completes_as else "",
            notes=notes_of(frame, page, reviews_of(page.entry)),
        ),
        links=review_links(frame, page, href),
        revision=page.content_hash,
        statement=meaning_of(entering.MEANING),
        **signing.context(frame, _("Sign as {role}").format(role=role), told),
    )
    return render(frame.request, "web/check.html", context, status=told.status)


@in_study
def history_page(
    frame: Frame, code: str, visit: str, form: str, item: str, repeat: int = 1
) -> HttpResponse:
    """One answer: what it was, since when, who entered it, why it changed."""
    told = history_of(frame.actor, code, visit, form, repeat, item)
    names = names_of({change.by for change in told.changes})
    table = Table(
        caption=_("Changes, the latest first"),
        columns=[
            Column(_("When")), Column(_("Answer")), Column(_("Who")), Column(_("Action")),
            Column(_("Why")), Column(_("Protocol")), Column(_("Ledger number"), number=True),
        ],
        rows=[_change(frame, told, change, names) for change in told.changes],
        empty=_("This question has not been answered on this form."),
        captioned=False,
    )  # fmt: skip
    label = told.item.label.in_language(frame.language)
    context = about_form(
        frame,
        told.page,
        _("History of “{item}”").format(item=label),
        crumbs=[Link(label_of(frame, told.page), f"{form_href(frame, told.page)}/answers")],
        table=table,
    )
    return render(frame.request, "web/list.html", context)


def _change(frame: Frame, told: History, change: Change, names: dict[str, str]) -> list[Cell]:
    raw = "" if change.value is None else change.value
    answer = answer_text(told.item, raw, reasons_of(told.page), frame.language)
    return [
        Cell(change.at),
        Cell(answer, unsaid=_("taken away")),
        Cell(frame.name_and_role(names.get(change.by, change.by), change.role)),
        Cell(action_words(change.action)),
        Cell(
            reason_words(frame, change.reason),
            unsaid=_("first entry") if change is told.changes[-1] else "–",
        ),
        Cell(change.version),
        Cell(change.seq),
    ]
