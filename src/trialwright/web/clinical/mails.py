"""Mails: the link of one, and in a demonstration the folder into which they are put."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.mail_address import address_of
from trialwright.accounts.models import Person
from trialwright.conduct.appointment_reminders import visit_of
from trialwright.conduct.safety.reminding import clock_of
from trialwright.web.clinical import session
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.today import personal_context, signed_in
from trialwright.web.components import Cell, Column, Table

_END = b"-" * 79
_MOST = 200


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the folder; `link` is the address in it, or ""."""

    sent: str
    subject: str
    link: str


def reminder_page(request: HttpRequest, key: UUID) -> HttpResponse:
    """What a mail is about, for whom it was sent to; for others it isn't there."""
    if not isinstance(request.user, Person):
        return session.ask_to_sign_in(request)
    if clock := clock_of(request.user, key):
        return redirect(f"/studies/{clock[0]}/clocks/{clock[1]}")
    if visit := visit_of(request.user, key):
        study, code, name = visit
        return redirect(f"/studies/{study}/participants/{code}/visits/{name}")
    raise Http404


@signed_in
def mails_page(request: HttpRequest, frames: list[Frame]) -> HttpResponse:
    """The mails that a demonstration has put into its folder for the person."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if not folder or not any(frame.demonstration for frame in frames):
        raise Http404
    assert isinstance(request.user, Person)  # noqa: S101 - signed_in
    mails = list(mails_to(address_of(request.user), Path(folder)))[:_MOST]
    table = Table(
        caption=ngettext("{count} mail", "{count} mails", len(mails)).format(count=len(mails)),
        columns=[Column(_("Subject")), Column(_("Sent"))],
        rows=[[Cell(each.subject, href=each.link), Cell(each.sent)] for each in mails],
        empty=_(
            "No mail was sent to you. One comes when a report is due that you send, or before "
            "an appointment of which you asked to be reminded."
        ),
    )
    heading = _("Mails sent to you")
    context = personal_context(request, frames, heading, table=table, demonstration=True)
    return render(request, "web/list.html", context)


def mails_to(address: str, folder: Path) -> Iterator[Mail]:
    """The mails to an address, the latest file first."""
    for file in sorted(folder.glob("*.log"), reverse=True):
        for text in file.read_bytes().split(_END):
            mail = message_from_bytes(text.strip(), policy=default)
            if mail["To"] == address:
                words = mail.get_content().split()
                links = [each for each in words if "/reminders/" in each]
                place = "/reminders/" + links[0].partition("/reminders/")[2] if links else ""
                yield Mail(str(mail["Date"]), str(mail["Subject"]), place)
