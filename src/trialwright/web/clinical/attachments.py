"""Files on a form or a participant: the list, one of them, its bytes, and its removal."""

from functools import partial

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import attaching
from trialwright.conduct.actions.attaching import OnForm
from trialwright.conduct.models import Participant
from trialwright.conduct.models.attachments import FileKind
from trialwright.conduct.reads.attachments import (
    AttachmentLine,
    attachments_of,
    file_of,
    may_attach,
    one_attachment,
)
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.refusals import Problem as Said
from trialwright.ledger.encoding import LedgerError
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.protocol.occurrences import key_of
from trialwright.web import dates
from trialwright.web.attached_file import file_response
from trialwright.web.bodies import takes_file
from trialwright.web.clinical import steps
from trialwright.web.clinical.attachment_words import kind_of
from trialwright.web.clinical.form_words import about_form, form_href, label_of
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.sent import sent_once
from trialwright.web.clinical.steps import question
from trialwright.web.components import Cell, Column, Link, Problem, Row, Status, Table

_LONGEST_ABOUT = 200


@takes_file
@in_study
def participant_page(frame: Frame, code: str) -> HttpResponse:
    """All attachments of a participant, and the box for one on the participant as a whole."""
    participant, _protocol, lines = attachments_of(frame.actor, code)
    fills = may_attach(frame.actor, code)
    problems = _sent(frame, code, None, fills)
    if isinstance(problems, HttpResponse):
        return problems
    context = frame.about(participant, _("Attachments of {code}").format(code=code), crumbs=[])
    return _list(frame, participant, lines, context, fills, problems)


@takes_file
@in_study
def form_attachments_page(
    frame: Frame, code: str, visit: str, form: str, repeat: int = 1
) -> HttpResponse:
    """The attachments of a form, and the box for another."""
    page = form_page(frame.actor, code, visit, form, repeat)
    if page.entry is None or not page.shows_files:
        raise NotFound
    fills = may_attach(frame.actor, code, form)
    problems = _sent(frame, code, OnForm(visit, form, repeat), fills)
    if isinstance(problems, HttpResponse):
        return problems
    participant, _protocol, lines = attachments_of(frame.actor, code, entry=page.entry)
    name = label_of(frame, page)
    context = about_form(
        frame,
        page,
        _("Attachments of “{form}”").format(form=name),
        crumbs=[Link(name, f"{form_href(frame, page)}/answers")],
    )
    restricted = bool(page.form.unmasking_items)
    return _list(frame, participant, lines, context, fills, problems, restricted=restricted)


def _sent(
    frame: Frame, code: str, place: OnForm | None, fills: bool
) -> HttpResponse | list[Problem]:
    """Attach what was sent; the sentences where it is refused."""
    if frame.request.method != "POST":
        return []
    if not fills:
        raise NotFound
    try:
        then = sent_once(frame.actor, frame.request.POST, partial(_attach, frame, code, place))
    except ActionRefused as error:
        return [Problem(str(each.sentence), each.field or "file") for each in error.problems]
    return redirect(then)


def _attach(frame: Frame, code: str, place: OnForm | None) -> str:
    upload = frame.request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise ActionRefused(problems=(Said("file", _("Choose the file to attach.")),))
    number = attaching.attach_file(
        by=frame.actor,
        code=code,
        content=upload.read(),
        file_name=upload.name or "",
        about=frame.request.POST.get("about", "").replace("\0", ""),
        place=place,
    )
    return f"{_here(frame, code)}/{number}"


def _here(frame: Frame, code: str) -> str:
    return f"{frame.href}/participants/{code}/attachments"


def _list(
    frame: Frame,
    participant: Participant,
    lines: tuple[AttachmentLine, ...],
    context: dict[str, object],
    fills: bool,
    problems: list[Problem],
    *,
    restricted: bool = False,
) -> HttpResponse:
    names = names_of({line.attached_by for line in lines})
    table = Table(
        caption=_("Attachments"),
        columns=[
            Column(_("Number")),
            Column(_("Shows")),
            Column(_("On")),
            Column(_("File")),
            Column(_("Attached")),
            Column(_("By")),
            Column(_("State")),
        ],
        rows=[
            [
                Cell(line.number, href=f"{_here(frame, participant.code)}/{line.number}"),
                Cell(line.about, unsaid=_("restricted")),
                Cell(_place(frame, line), unsaid=_("the participant")),
                Cell(kind_of(line)),
                Cell(line.attached_at),
                Cell(frame.name_and_role(names.get(line.attached_by, ""), line.role)),
                Cell(_status(line)),
            ]
            for line in lines
        ],
        empty=_("Nothing is attached."),
        captioned=False,
    )
    more = {
        "table": table,
        "fills": fills,
        "restricted": restricted,
        "problems": problems,
        "wrong": {problem.field: problem.text for problem in problems},
        "typed": frame.request.POST.get("about", ""),
        "longest": _LONGEST_ABOUT,
    }
    status = 409 if problems else 200
    return render(frame.request, "web/attachments.html", {**context, **more}, status=status)


def _status(line: AttachmentLine) -> Status:
    if line.removed_at is not None:
        return Status(_("Removed"), "idle")
    return Status(_("Stands"), "good")


def _place(frame: Frame, line: AttachmentLine) -> str:
    if not line.form:
        return ""
    visit = frame.protocol.visit(key_of(line.visit)).label.in_language(frame.language)
    form = frame.protocol.form(line.form).label.in_language(frame.language)
    return f"{visit} · {form}"


@in_study
def attachment_page(frame: Frame, code: str, number: int) -> HttpResponse:
    """One attachment: the picture itself or the way to the document, and what is known of it."""
    participant, line = one_attachment(frame.actor, code, number)
    here = f"{_here(frame, code)}/{number}"
    context = frame.about(
        participant,
        _("Attachment {number}").format(number=number),
        crumbs=[Link(_("Attachments"), _here(frame, code))],
        under=line.about,
        facts_of_file=_facts(frame, code, line),
        picture=f"{here}/file" if line.removed_at is None and line.kind is not FileKind.PDF else "",
        about=line.about or _("Attachment {number}").format(number=number),
        save=Link(_("Save the file"), f"{here}/file?save=yes") if line.removed_at is None else None,
        remove=Link(_("Remove"), f"{here}/remove") if line.may_remove else None,
        restricted=line.restricted,
    )
    return render(frame.request, "web/attachment.html", context)


def _facts(frame: Frame, code: str, line: AttachmentLine) -> list[Row]:
    people = {line.attached_by} | ({line.removed_by} if line.removed_by else set())
    names = names_of(people)
    href = f"{frame.href}/participants/{code}"
    at = f"{href}/visits/{line.visit}/{line.form}/{line.repeat}/answers"
    rows = [
        Row(_("On"), _place(frame, line), unsaid=_("the participant"),
            links=[Link(_("The form"), at)] if line.form else ()),
        Row(_("File"), kind_of(line)),
        Row(_("Hash (SHA-256)"), line.sha256, code=True),
        Row(_("Attached"), dates.written(line.attached_at)),
        Row(_("By"), frame.name_and_role(names.get(line.attached_by, ""), line.role)),
    ]  # fmt: skip
    if line.removed_at is not None:
        who = names.get(line.removed_by, "") if line.removed_by else ""
        rows += [
            Row(_("Removed"), f"{dates.written(line.removed_at)}, {who}"),
            Row(_("Why"), line.removed_reason),
        ]
    return rows


@in_study
def file_page(frame: Frame, code: str, number: int) -> HttpResponse:
    """The bytes of an attachment, as nothing but what they are: no browser runs what is in them."""
    try:
        file = file_of(frame.actor, code, number)
    except (LedgerError, ActionRefused):
        participant, _line = one_attachment(frame.actor, code, number)
        context = frame.about(
            participant,
            _("The file of attachment {number} is not what was stored").format(number=number),
            crumbs=[Link(_("Attachments"), _here(frame, code))],
            sentence=_(
                "It was changed or is missing, so it isn't shown. Tell the person who runs this "
                "installation: “trialwright verify” names it, and a backup has it."
            ),
        )
        return render(frame.request, "web/refused.html", context, status=409)
    return file_response(file, save="save" in frame.request.GET)


@in_study
def remove_page(frame: Frame, code: str, number: int) -> HttpResponse:
    """Remove an attachment, with the reason."""
    participant, line = one_attachment(frame.actor, code, number)
    if not line.may_remove:
        raise NotFound
    step = steps.Step(
        heading=_("Remove attachment {number}").format(number=number),
        button=_("Remove the attachment"),
        form=steps.form_of(
            question("reason", Message("Why it doesn't belong there"), ItemType.TEXT, longest=500)
        ),
        act=lambda given: attaching.remove_attachment(
            by=frame.actor, code=code, number=number, reason=str(given["reason"])
        ),
        done=_("Removed. It is shown to nobody any more; that it was there stays in the list."),
        then=f"{_here(frame, code)}/{number}",
    )
    crumbs = [Link(_("Attachments"), _here(frame, code))]
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=crumbs))
