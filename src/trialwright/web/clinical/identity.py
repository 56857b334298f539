"""Who a participant is, for the site's own staff: shown at a button, and that is kept."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.actions import identifying
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.reads.identities import has_identity, identifies_somewhere
from trialwright.conduct.reads.participants import one
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import Form, ItemType
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Link


def _form() -> Form:
    return steps.form_of(
        question("name", Message("Name"), ItemType.TEXT, longest=200, optional=True),
        question("born", Message("Date of birth"), ItemType.PARTIAL_DATE, optional=True),
        question("telephone", Message("Telephone"), ItemType.TEXT, longest=60, optional=True),
        question("mail", Message("Mail address"), ItemType.TEXT, longest=200, optional=True),
        question(
            "hospital_number", Message("Hospital number"), ItemType.TEXT, longest=60, optional=True
        ),
        label=Message("Identity"),
    )


@in_study
def identity_page(frame: Frame, code: str) -> HttpResponse:
    """Enter who a participant is, or have it shown; each showing is kept in the audit trail."""
    participant = one(frame.actor, code)
    there, post = has_identity(frame.actor, participant), frame.request.POST
    here = f"{frame.href}/participants/{code}"
    step = steps.Step(
        heading=_("Identity"),
        button=_("Save"),
        form=_form(),
        act=partial(_save, frame, code),
        done=_("The identity is saved."),
        then=here,
        intro=_(
            "Only the staff of this site read this. It is kept apart, encrypted, and never leaves "
            "in an export or a report. Empty every box to remove it."
        ),
    )
    context = frame.about(participant, step.heading)
    if frame.request.method == "POST" and "show" in post:
        known = identifying.read_identity(by=frame.actor, code=code)
        return steps.shown(frame, step, context, start=_texts(known))
    if there and frame.request.method != "POST":
        context |= {"back": Link(_("Back"), here)}
        return render(frame.request, "web/identity.html", context)
    return steps.run(frame, step, context)


def _texts(known: Known) -> dict[str, str]:
    return {
        "name": known.name,
        "born": known.born,
        "telephone": known.telephone,
        "hospital_number": known.hospital_number,
        "mail": known.mail,
    }


def _save(frame: Frame, code: str, given: Given) -> None:
    texts = {name: str(value) for name, value in given.items()}
    identifying.save_identity(by=frame.actor, code=code, known=Known(**texts))


@in_study
def hospital_number_page(frame: Frame) -> HttpResponse:
    """Find a participant of one's own site by the hospital's number, which no address shows."""
    if not identifies_somewhere(frame.actor):
        raise NotFound
    context: dict[str, Any] = frame.context(
        _("Find by hospital number"),
        crumbs=[Link(_("Participants"), f"{frame.href}/participants")],
        number="", found=None,
    )  # fmt: skip
    if frame.request.method == "POST":
        number = frame.request.POST.get("number", "")[:60].replace("\0", "")
        codes = identifying.find_by_hospital_number(by=frame.actor, number=number)
        if len(codes) == 1:
            return redirect(f"{frame.href}/participants/{codes[0]}")
        links = [Link(code, f"{frame.href}/participants/{code}") for code in codes]
        context |= {"number": number, "found": links}
    return render(frame.request, "web/hospital_number.html", context)
