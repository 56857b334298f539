"""The diary of a participant as the site sees it: link and code, what came, what is missing."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import diaries
from trialwright.conduct.diary.diaries import GUESSED, REPLACED, code_of, token_of
from trialwright.conduct.diary.standing import DiaryLine, SlotStatus
from trialwright.conduct.reads.diaries import DiariesTold, DiaryTold, LinkTold, diaries_told
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.messages.catalogue import named_languages
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Code, CodeList, ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Status, Table, Tone

STATUS_WORDS: Mapping[SlotStatus, Promise] = {
    SlotStatus.SENT: gettext_lazy("Received"),
    SlotStatus.SENT_LATE: gettext_lazy("Received, written late"),
    SlotStatus.OPEN: gettext_lazy("Can be written now"),
    SlotStatus.OPEN_LATE: gettext_lazy("Late, can still be written"),
    SlotStatus.MISSED: gettext_lazy("Not written"),
    SlotStatus.AHEAD: gettext_lazy("Not yet"),
    SlotStatus.ENDED: gettext_lazy("Not asked any more"),
}
_TONES: Mapping[SlotStatus, Tone] = {
    SlotStatus.SENT: "good",
    SlotStatus.SENT_LATE: "caution",
    SlotStatus.OPEN: "todo",
    SlotStatus.OPEN_LATE: "caution",
    SlotStatus.MISSED: "stop",
    SlotStatus.AHEAD: "idle",
    SlotStatus.ENDED: "idle",
}


_ENDED_BY_ITSELF: Mapping[str, Promise] = {
    REPLACED: gettext_lazy("another link was made"),
    GUESSED: gettext_lazy("ten wrong codes"),
}


def status_of(line: DiaryLine) -> Status:
    """Where an entry stands, in words."""
    return Status(str(STATUS_WORDS[line.status]), _TONES[line.status])


def when(line: DiaryLine) -> str:
    """The day and time of an entry, at the site."""
    return f"{dates.written(line.day)}, {line.time:%H:%M}"


@in_study
def diary_page(frame: Frame, code: str) -> HttpResponse:
    """The participant's link, and each entry of each diary."""
    told = diaries_told(frame.actor, code)
    href = f"{frame.href}/participants/{code}/diary"
    open_now = next((each for each in told.links if each.ended_at is None), None)
    context: dict[str, Any] = frame.about(
        told.participant,
        _("Diary of {code}").format(code=code),
        crumbs=[],
        link=_link_rows(frame, open_now) if open_now else [],
        tables=[_table(frame, told, each) for each in told.diaries],
        before=[_link_words(frame, each) for each in told.links if each is not open_now],
        action=_action(told, open_now, href),
        others=[Link(_("End the link"), f"{href}/end")] if told.gives and open_now else [],
    )
    return render(frame.request, "web/diary.html", context)


def _action(told: DiariesTold, open_now: LinkTold | None, href: str) -> Link | None:
    if not told.gives or told.participant.consented_at is None:
        return None
    words = _("Make another link") if open_now else _("Make the participant's link")
    return Link(words, f"{href}/link")


def _link_rows(frame: Frame, link: LinkTold) -> list[Row]:
    rows = []
    if link.id is not None and link.opened_at is None:
        address = frame.request.build_absolute_uri(f"/diary/{token_of(link.id)}")
        code = code_of(link.id)
        rows = [
            Row(_("Link"), address, code=True),
            Row(_("Code, to be told apart from the link"), f"{code[:4]} {code[4:]}", code=True),
            Row(_("Can be opened until"), dates.written(link.expires_at)),
        ]
    opened = dates.written(link.opened_at) if link.opened_at else ""
    rows.append(Row(_("Opened on the participant's phone"), opened, unsaid=_("Not yet")))
    rows.append(Row(_("Made"), _link_words(frame, link)))
    return rows


def _link_words(frame: Frame, link: LinkTold) -> str:
    name = names_of({link.made_by}).get(link.made_by, "")
    words = _("Link {number}, {day}, by {name}").format(
        number=link.number,
        day=dates.written(link.made_at),
        name=frame.name_and_role(name, link.role),
    )
    if link.ended_at is None:
        return words
    return _("{link}; ended {day}: {reason}").format(
        link=words,
        day=dates.written(link.ended_at),
        reason=_ENDED_BY_ITSELF.get(link.end_reason, link.end_reason),
    )


def _table(frame: Frame, told: DiariesTold, diary: DiaryTold) -> Table:
    place = f"{frame.href}/participants/{told.participant.code}/visits/{diary.visit}"
    label = diary.form.label.in_language(frame.language)
    received = diary.count(SlotStatus.SENT, SlotStatus.SENT_LATE)
    due = len(diary.lines) - diary.count(SlotStatus.AHEAD, SlotStatus.ENDED)
    caption = ngettext(
        "{label}: {received} of {due} entry received",
        "{label}: {received} of {due} entries received",
        due,
    )
    anchor = told.protocol.anchor(diary.anchor).label.in_language(frame.language)
    return Table(
        caption=caption.format(label=label, received=received, due=due),
        columns=[
            Column(_("Entry")), Column(_("Status")), Column(_("Written")), Column(_("Received")),
        ],
        rows=[_cells(line, f"{place}/{diary.form.key}/{line.number}") for line in diary.lines],
        empty=_("{label}: its days are counted from “{anchor}”, which isn't known yet.").format(
            label=label, anchor=anchor
        ),
    )  # fmt: skip


def _cells(line: DiaryLine, href: str) -> list[Cell]:
    came = line.received_at is not None
    return [
        Cell(when(line), href=f"{href}/answers" if came else ""),
        Cell(status_of(line)),
        Cell(_moment(line.written_at), unsaid="–"),
        Cell(_moment(line.received_at), unsaid="–"),
    ]


def _moment(moment: Any) -> str:
    return dates.written(timezone.localtime(moment)) if moment is not None else ""


@in_study
def link_page(frame: Frame, code: str) -> HttpResponse:
    """Make a link for the participant; the one before is ended."""
    told = diaries_told(frame.actor, code)
    if not told.gives:
        raise NotFound
    here = f"{frame.href}/participants/{code}/diary"
    names = {each.code: Text(each.name, each.name) for each in named_languages()}
    languages = CodeList("language", tuple(Code(code, name) for code, name in names.items()), 0)
    step = steps.Step(
        heading=_("Make a link to the diary of {code}").format(code=code),
        button=_("Make the link"),
        form=steps.form_of(
            question(
                "language", Message("Language of the participant"), ItemType.CHOICE,
                code_list=languages,
            ),
            label=Message("Link to the diary"),
        ),
        act=partial(_make, frame, code),
        done=_("The link is made. Hand it to the participant, and tell the code apart from it."),
        then=here,
        intro=_(
            "With the link and its code the participant opens the diary once, on one phone or "
            "computer, without an account. A link made before is ended. For reminders by mail, "
            "enter the participant's mail address under Identity."
        ),
    )  # fmt: skip
    context = frame.about(told.participant, step.heading, crumbs=[Link(_("Diary"), here)])
    return steps.run(frame, step, context)


def _make(frame: Frame, code: str, given: Given) -> None:
    diaries.make_diary_link(by=frame.actor, code=code, language=str(given["language"]))


@in_study
def end_page(frame: Frame, code: str) -> HttpResponse:
    """End the participant's link, with the reason."""
    told = diaries_told(frame.actor, code)
    if not told.gives:
        raise NotFound
    here = f"{frame.href}/participants/{code}/diary"
    step = steps.Step(
        heading=_("End the link to the diary of {code}").format(code=code),
        button=_("End the link"),
        form=steps.form_of(
            question("reason", Message("Why it is ended"), ItemType.TEXT, longest=200),
            label=Message("Link to the diary"),
        ),
        act=partial(_end, frame, code),
        done=_("The link is ended. What has been received stays."),
        then=here,
        intro=_(
            "Nothing more comes by the link. Entries that wait on the phone are not sent any more: "
            "ask the participant to send them first, if that is possible."
        ),
    )
    context = frame.about(told.participant, step.heading, crumbs=[Link(_("Diary"), here)])
    return steps.run(frame, step, context)


def _end(frame: Frame, code: str, given: Given) -> None:
    diaries.end_diary_link(by=frame.actor, code=code, reason=str(given["reason"]))
