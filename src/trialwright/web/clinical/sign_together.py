"""Signing the forms of a visit, or of a participant's whole casebook, after checking them all."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.actions import signing_together
from trialwright.conduct.reads.forms import FormPage
from trialwright.conduct.reads.participants import one
from trialwright.conduct.reads.to_sign import ToSign, next_to_sign, to_sign
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.basics import UnknownKeyError
from trialwright.web.clinical import signing
from trialwright.web.clinical.form_words import form_href, label_of, rows_of
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Link


@in_study
def visit_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Check the forms of a visit, then sign them."""
    try:
        label = frame.protocol.visit(visit).label.in_language(frame.language)
    except UnknownKeyError:
        raise NotFound from None
    return _page(frame, code, visit, _("Check “{form}”, then sign").format(form=label))


@in_study
def casebook_page(frame: Frame, code: str) -> HttpResponse:
    """Check all forms of a participant that wait, then sign them."""
    return _page(frame, code, None, _("Check the casebook of {code}, then sign").format(code=code))


@in_study
def next_page(frame: Frame) -> HttpResponse:
    """The same for the next visit whose forms wait for this person's signature, one by one."""
    signers = {form.signed_by for form in frame.protocol.forms if form.signed_by is not None}
    if frame.actor.role_among(signers) is None:
        raise NotFound
    code, _slash, visit = frame.request.GET.get("after", "").partition("/")
    found = next_to_sign(frame.actor, (code, visit))
    if found is None:
        words = _("Nothing more waits for your signature here.")
        return render(
            frame.request,
            "web/check.html",
            frame.context(_("Signatures due"), crumbs=[], under=words),
        )
    code, visit = found
    label = frame.protocol.visit(visit).label.in_language(frame.language)
    after = f"{frame.href}/to-sign?{urlencode({'after': f'{code}/{visit}'})}"
    return _page(frame, code, visit, _("Check “{form}”, then sign").format(form=label), after)


def _page(
    frame: Frame, code: str, visit: str | None, heading: str, after: str = ""
) -> HttpResponse:
    """Args: after: where one goes on to the next, where one signs one visit after another."""
    participant = one(frame.actor, code)
    waits = to_sign(frame.actor, code, visit)
    told = signing.signed_by(frame, partial(_sign, frame, code, visit))
    href = f"{frame.href}/participants/{code}"
    here = href if visit is None else f"{href}/visits/{visit}"
    if told.signed:
        return redirect(after or here)
    crumbs = []
    if visit is not None:
        crumbs = [Link(frame.protocol.visit(visit).label.in_language(frame.language), here)]
    number = len(waits.pages) if waits else 0
    context = frame.about(
        participant,
        heading,
        crumbs=crumbs,
        under=ngettext("{number} form", "{number} forms", number).format(number=number)
        if waits
        else _("Nothing waits for your signature here."),
        put_off=Link(_("Leave these and go to the next"), after) if after else None,
        **(_check(frame, waits, visit, told) if waits else {}),
    )
    return render(frame.request, "web/check.html", context, status=told.status)


def _check(frame: Frame, waits: ToSign, visit: str | None, told: signing.Signing) -> dict[str, Any]:
    """All answers of all forms, and the foot on which one signs."""
    sections = [
        (f"{_name(frame, page, visit)} · {section}", rows)
        for page in waits.pages
        for section, rows in rows_of(
            frame, page, change=form_href(frame, page) if page.completes_as else ""
        )
    ]
    button = _("Sign as {role}").format(role=frame.role_name(waits.role))
    return {
        "sections": sections,
        "revision": waits.content_hash,
        "statement": _("I have checked these answers against their source and they are right."),
        **signing.context(frame, button, told),
    }


def _name(frame: Frame, page: FormPage, visit: str | None) -> str:
    label = label_of(frame, page)
    if visit is not None:
        return label
    return f"{page.visit.label.in_language(frame.language)} · {label}"


def _sign(frame: Frame, code: str, visit: str | None, content_hash: str) -> None:
    number = signing_together.sign_forms(
        by=frame.actor, code=code, visit=visit, content_hash=content_hash
    )
    words = ngettext("Signed: {number} form.", "Signed: {number} forms.", number)
    messages.success(frame.request, words.format(number=number))
