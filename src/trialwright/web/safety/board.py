"""The data and safety monitoring board: its meetings, recording one, reading and signing it."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.actions import meetings
from trialwright.conduct.actions.meetings import MeetingReport
from trialwright.conduct.reads.closed_reports import copies_kept
from trialwright.conduct.reads.cuts import cuts
from trialwright.conduct.reads.meetings import (
    Meeting,
    board_members,
    keeps_board,
    meetings_seen,
    one_meeting,
)
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Form, ItemType
from trialwright.safety.board import Recommendation
from trialwright.web import dates
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, day, question
from trialwright.web.components import Cell, Column, Link, Row, Status, Table
from trialwright.web.safety.board_words import (
    RECOMMENDATION_WORDS,
    advice_status,
    recommendation_words,
)
from trialwright.web.sentences import listed
from trialwright.web.signature_words import MEETING, meaning_of, signature_line


@in_study
def list_page(frame: Frame) -> HttpResponse:
    """All meetings, the latest first."""
    found = meetings_seen(frame.actor)
    links = []
    if keeps_board(frame.actor, frame.protocol):
        links.append(Link(_("Record a meeting"), f"{frame.href}/board/new"))
    table = Table(
        caption=ngettext("{count} meeting", "{count} meetings", len(found)).format(
            count=len(found)
        ),
        columns=[
            Column(_("Number"), number=True), Column(_("Held on")), Column(_("Data cut")),
            Column(_("Members present"), number=True), Column(_("Recommendation")),
            Column(_("State")),
        ],
        rows=[
            [
                Cell(each.number, href=f"{frame.href}/board/{each.number}"),
                Cell(each.held_on),
                Cell(each.cut, code=True),
                Cell(len(each.present)),
                Cell(advice_status(each.advice)),
                Cell(_state(each)),
            ]
            for each in found
        ],
        empty=_("No meeting of the board has been recorded yet."),
    )  # fmt: skip
    context = frame.context(
        _("Meetings of the board"),
        crumbs=[],
        sentence=_(
            "Everybody reads who met, on which data, and whether the trial should go on. What "
            "exactly was recommended, and why, is for those who see results by arm."
        ),
        table=table,
        restricted=[],
        links=links,
    )
    return render(frame.request, "web/safety/holds.html", context)


def _state(meeting: Meeting) -> Status:
    if meeting.signed_at is not None:
        return Status(_("Signed by the board"), "good")
    return Status(_("To be signed"), "todo")


@in_study
def meeting_page(frame: Frame, number: int) -> HttpResponse:
    """One meeting; a member who took part signs it here."""
    meeting = one_meeting(frame.actor, number)
    if frame.request.method == "POST" and meeting.to_sign is None:
        raise NotFound
    came = signing.signed_by(frame, partial(_sign, frame, number))
    if came.signed:
        messages.success(frame.request, _("Signed."))
        return redirect(f"{frame.href}/board/{number}")
    here = f"{frame.href}/board/{number}"
    links = [Link(_("Report of the cut"), f"{frame.href}/cuts/{meeting.cut}")]
    if copies_kept(frame.actor):
        words = _("Encrypted copies for the board")
        links.append(Link(words, f"{frame.href}/cuts/{meeting.cut}/copies"))
    if meeting.keeps:
        links.append(Link(_("Correct the record"), f"{here}/correct"))
    button = ""
    if meeting.to_sign is not None:
        role = frame.protocol.roles.label(meeting.to_sign, frame.language)
        button = _("Sign as {role}").format(role=role)
    context = frame.context(
        _("Meeting {number} of the board").format(number=number),
        crumbs=[Link(_("Meetings of the board"), f"{frame.href}/board")],
        sections=[(_("Open part"), _open_rows(frame, meeting))],
        restricted=_closed_rows(frame, meeting),
        links=links,
        statement=meaning_of(MEETING),
        revision=meeting.content_hash,
        **signing.context(frame, button, came),
    )
    return render(frame.request, "web/safety/meeting.html", context, status=came.status)


def _sign(frame: Frame, number: int, content_hash: str) -> None:
    meetings.sign_meeting(by=frame.actor, number=number, content_hash=content_hash)


def _open_rows(frame: Frame, meeting: Meeting) -> list[Row]:
    names = meeting.names
    rows = [
        Row(_("Held on"), meeting.held_on),
        Row(_("Data cut that was read"), f"{meeting.cut} · {meeting.cut_sha256[:16]}", code=True),
        Row(_("Members present"), listed(names[each] for each in meeting.present)),
        Row(_("Chair"), names[meeting.chair]),
        Row(_("Quorum"), _quorum(meeting)),
        Row(_("Recommendation"), advice_status(meeting.advice).word),
        Row(_("Minutes of the open session"), meeting.minutes, unsaid="–"),
        Row(
            _("Recorded by"),
            f"{meeting.recorded_by}, {dates.written(meeting.recorded_at)}",
        ),
    ]
    rows += [
        Row(
            _("Signed"),
            signature_line(
                frame.name_and_role(each.name, each.role), each.at, MEETING, meeting.content_hash
            ),
        )
        for each in meeting.signatures
    ]
    if meeting.signed_at is None:
        rows.append(Row(_("State"), _("Waits for the chair's signature and the quorum's")))
    return rows


def _quorum(meeting: Meeting) -> str:
    words = ngettext(
        "{needed} member; {present} took part", "{needed} members; {present} took part",
        meeting.quorum,
    )  # fmt: skip
    return words.format(needed=meeting.quorum, present=len(meeting.present))


def _closed_rows(frame: Frame, meeting: Meeting) -> list[Row]:
    details = meeting.details
    if details is None:
        return []
    words = recommendation_words(details, frame.protocol, frame.language)
    declared = [
        Row(_("Conflict of interest: {name}").format(name=_name(meeting, each.person)), each.words)
        for each in details.conflicts
    ]
    return [
        Row(_("Recommendation"), words),
        Row(_("Minutes of the closed session"), details.closed_minutes, unsaid="–"),
        *(declared or [Row(_("Conflicts of interest"), unsaid=_("None declared"))]),
    ]


def _name(meeting: Meeting, person: str) -> str:
    return meeting.names.get(UUID(person), person)


@in_study
def record_page(frame: Frame, number: int | None = None) -> HttpResponse:
    """Record a meeting, or correct one that the members haven't signed."""
    members = board_members(frame.actor)
    meeting = None if number is None else one_meeting(frame.actor, number)
    if meeting is not None and not meeting.keeps:
        raise NotFound
    step = steps.Step(
        heading=_("Record a meeting of the board")
        if meeting is None
        else _("Correct meeting {number} of the board").format(number=meeting.number),
        button=_("Save"),
        form=_form(frame, members),
        act=lambda given: _record(frame, given, members, number),
        done=_("Recorded. The chair and the members sign it next."),
        then=f"{frame.href}/board",
        goes_on_to_what_came=True,
        start=_start(meeting, members),
        intro=_(
            "The minutes of the open session and whether the trial should go on are read by "
            "everybody: they tell nothing by arm. All else is kept for those who see results by "
            "arm."
        ),
    )
    crumbs = [Link(_("Meetings of the board"), f"{frame.href}/board")]
    return steps.run(frame, step, frame.context(step.heading, crumbs=crumbs))


def _form(frame: Frame, members: Mapping[UUID, str]) -> Form:
    named = [(str(n), Text(name, name)) for n, name in enumerate(members.values())]
    read = [(row.name, Text(row.name, row.name)) for row in cuts(frame.actor)]
    recommended = [(each.value, words) for each, words in RECOMMENDATION_WORDS.items()]
    most, reason = meetings.LONGEST_MINUTES, meetings.LONGEST_REASON
    present = []
    for key, name in enumerate(members.values()):
        asked = Message("{name} took part", name=name)
        declared = Message("Conflict of interest that {name} declared", name=name)
        present += [
            question(f"present_{key}", asked, ItemType.YES_NO),
            question(f"conflict_{key}", declared, ItemType.TEXT, longest=reason, optional=True,
                     hint=Message("Left empty: none declared")),
        ]  # fmt: skip
    arms = [
        question(f"stop_{arm.key}", Message("Stop: {arm}", arm=arm.label), ItemType.YES_NO,
                 optional=True)
        for arm in frame.protocol.arms
    ]  # fmt: skip
    return steps.form_of(
        question("held_on", Message("Held on"), ItemType.DATE),
        question("cut", Message("Data cut that the members read"), ItemType.CHOICE,
                 code_list=steps.choices("cut", *read)),
        *present,
        question("chair", Message("Chair"), ItemType.CHOICE,
                 code_list=steps.choices("chair", *named)),
        question("minutes", Message("Minutes of the open session"), ItemType.TEXT, longest=most,
                 optional=True, hint=Message("Blinded people read this: nothing by arm")),
        question("recommendation", Message("Recommendation"), ItemType.CHOICE,
                 code_list=steps.choices("recommendation", *recommended)),
        *arms,
        question("reason", Message("Why"), ItemType.TEXT, longest=reason),
        question("closed_minutes", Message("Minutes of the closed session"), ItemType.TEXT,
                 longest=most, optional=True),
        label=Message("The meeting"),
    )  # fmt: skip


def _record(frame: Frame, given: Given, members: Mapping[UUID, str], number: int | None) -> str:
    people = list(members)
    report = MeetingReport(
        held_on=day(given["held_on"]),
        cut=str(given["cut"]),
        present={
            person: str(given.get(f"conflict_{n}", ""))
            for n, person in enumerate(people)
            if given.get(f"present_{n}") is True
        },
        chair=people[int(str(given["chair"]))],
        recommendation=Recommendation(str(given["recommendation"])),
        reason=str(given["reason"]),
        arms=tuple(a.key for a in frame.protocol.arms if given.get(f"stop_{a.key}") is True),
        minutes=str(given.get("minutes", "")),
        closed_minutes=str(given.get("closed_minutes", "")),
    )
    recorded = meetings.record_meeting(by=frame.actor, report=report, number=number)
    return f"{frame.href}/board/{recorded}"


def _start(meeting: Meeting | None, members: Mapping[UUID, str]) -> dict[str, str] | None:
    if meeting is None or meeting.details is None:
        return None
    details, people = meeting.details, list(members)
    declared = {each.person: each.words for each in details.conflicts}
    start = {
        "held_on": meeting.held_on.isoformat(),
        "cut": meeting.cut,
        "chair": str(people.index(meeting.chair)),
        "minutes": meeting.minutes,
        "recommendation": details.recommendation.value,
        "reason": details.reason,
        "closed_minutes": details.closed_minutes,
    }
    for n, person in enumerate(people):
        start[f"present_{n}"] = "yes" if person in meeting.present else "no"
        start[f"conflict_{n}"] = declared.get(str(person), "")
    return start | {f"stop_{arm}": "yes" for arm in details.arms}
