"""`setup/sign` and `setup/activation`: sign the protocol that waits, then put it in force."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.actions.activation import activate, sign_draft
from trialwright.conduct.reads.setup import Phase, Wanted, enter_setup, setup_of
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.setup_words import NAMES, WAYS_OUT
from trialwright.web import dates
from trialwright.web.clinical import signing
from trialwright.web.clinical.sent import sent_once
from trialwright.web.components import Link, Problem, Row, Status, Task
from trialwright.web.setup.frame import SetUpFrame, in_setup
from trialwright.web.setup.next_step import can_sign, next_address
from trialwright.web.setup.protocol_signatures import protocol_rows
from trialwright.web.signature_words import PROTOCOL, meaning_of


@in_setup
def sign_page(frame: SetUpFrame) -> HttpResponse:
    """Show what is signed, and sign it with the password."""
    waiting = frame.told.waiting
    if waiting is None or not can_sign(frame):
        raise NotFound
    outcome = signing.signed_by(frame, lambda sha256: sign_draft(by=frame.actor, sha256=sha256))
    if outcome.signed:
        messages.success(frame.request, _("The protocol is signed."))
        actor, row = enter_setup(frame.person, frame.actor.study)
        return redirect(next_address(SetUpFrame(frame.request, actor, setup_of(row.identifier))))
    protocol = waiting.checked.protocol
    assert protocol is not None  # noqa: S101 - a file without problems is a protocol
    facts = [
        Row(_("Title"), protocol.title.in_language(frame.language)),
        Row(_("Version"), f"{protocol.version} · {dates.written(protocol.date)}"),
        Row(_("Hash of the protocol"), waiting.sha256, code=True),
        Row(_("Safety-critical facts only assumed"), len(waiting.checked.unready)),
    ]
    context = frame.context(
        _("Sign the protocol"),
        crumbs=[Link(_("Protocol"), f"{frame.href}/protocol")],
        sections=[(_("What you sign"), facts)],
        statement=meaning_of(PROTOCOL),
        revision=waiting.sha256,
        **signing.context(frame, _("Sign the protocol"), outcome),
    )
    return render(frame.request, "web/check.html", context, status=outcome.status)


@in_setup
def activation_page(frame: SetUpFrame) -> HttpResponse:
    """Show what activation needs and does, and activate."""
    told = frame.told
    if not (frame.manages or frame.signs) or told.phase is not Phase.SET_UP:
        raise NotFound
    problems: list[Problem] = []
    if frame.request.method == "POST":
        try:
            sent_once(frame.actor, frame.request.POST, partial(_activate, frame))
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "main") for each in error.problems]
        else:
            messages.success(frame.request, _("The study is activated."))
            return redirect(frame.study_href)
    missing = told.missing_before_force()
    waiting = told.waiting
    signatures = protocol_rows(frame, waiting.signatures, waiting.sha256) if waiting else []
    context = frame.context(
        _("Activate the study"),
        crumbs=[],
        missing=[
            Task(str(NAMES[each.what]), Status(_("Missing"), "todo"), "", str(WAYS_OUT[each.what]))
            for each in missing
        ],
        signatures=signatures,
        problems=problems,
        outside=any(each.what is Wanted.LIST for each in told.requirements),
    )
    status = 409 if problems else 200
    return render(frame.request, "web/setup/activation.html", context, status=status)


def _activate(frame: SetUpFrame) -> str:
    activate(by=frame.actor)
    return frame.study_href
