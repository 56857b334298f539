"""Holds: the list, setting one at once, and the signed decision that ends those in force."""

from datetime import date
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import holds
from trialwright.conduct.actions.holds import Decision
from trialwright.conduct.reads.holds import (
    Deciding,
    HoldLine,
    Looks,
    decider_of,
    deciding,
    holds_seen,
    looks_seen,
)
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.hold_details import Choice
from trialwright.messages import Message
from trialwright.protocol.forms import Form, Item, ItemType
from trialwright.web import dates
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.forms.fields import Answers, lay_out
from trialwright.web.forms.posting import read_post
from trialwright.web.safety.hold_words import (
    CHOICE_WORDS,
    KIND_WORDS,
    PAUSES_WORDS,
    decision_words,
    details_words,
    group_words,
    status_of,
)
from trialwright.web.signature_words import HOLD, meaning_of, signature_line


@in_study
def list_page(frame: Frame) -> HttpResponse:
    """All holds; where the rules stand, for whoever sees results by arm."""
    lines = holds_seen(frame.actor)
    in_force = sum(each.in_force for each in lines)
    looks = looks_seen(frame.actor)
    links = [
        Link(_("May we treat the next participant today?"), f"{frame.href}/next-participant"),
        Link(_("Unblindings outside the plan"), f"{frame.href}/unblindings"),
        Link(_("Meetings of the board"), f"{frame.href}/board"),
    ]
    if may(frame.actor, Act.HOLD_TRIAL):
        links.append(Link(_("Hold the trial at once"), f"{frame.href}/holds/new"))
    if in_force and decider_of(frame.actor, frame.protocol):
        links.append(Link(_("Decide about the holds in force"), f"{frame.href}/holds/decide"))
    context = frame.context(
        _("Holds"),
        crumbs=[],
        sentence=_standing(in_force),
        table=_table(frame, lines),
        restricted=_restricted(frame, lines, looks) if may(frame.actor, Act.SEE_ARMS) else [],
        links=links,
    )
    return render(frame.request, "web/safety/holds.html", context)


def _standing(in_force: int) -> str:
    if not in_force:
        return _("No hold is in force.")
    return ngettext(
        "{count} hold is in force. It ends by a signed decision alone.",
        "{count} holds are in force. They end by a signed decision alone.",
        in_force,
    ).format(count=in_force)


def _table(frame: Frame, lines: tuple[HoldLine, ...]) -> Table:
    names = names_of({str(each.set_by) for each in lines if each.set_by})
    language = frame.language
    return Table(
        caption=ngettext("{count} hold", "{count} holds", len(lines)).format(count=len(lines)),
        columns=[
            Column(_("Number"), number=True), Column(_("Set")), Column(_("By")),
            Column(_("Pauses")), Column(_("Reason")), Column(_("State")), Column(_("Decided")),
            Column(_("Had begun, and were given a dose"), number=True),
        ],
        rows=[
            [
                Cell(each.number),
                Cell(each.set_at),
                Cell(names.get(str(each.set_by)) or KIND_WORDS[each.kind].in_language(language)),
                Cell(PAUSES_WORDS[each.pauses].in_language(language)),
                Cell(each.reason, unsaid="–"),
                Cell(status_of(each)),
                Cell(each.decided_at, unsaid="–"),
                Cell(each.finished),
            ]
            for each in lines
        ],
        empty=_("The trial has never been on hold."),
    )  # fmt: skip


def _restricted(frame: Frame, lines: tuple[HoldLine, ...], looks: Looks | None) -> list[Table]:
    protocol, language = frame.protocol, frame.language
    details = [
        [
            Cell(each.number),
            Cell(details_words(each.details, protocol, language)),
            Cell(
                decision_words(each.decision, protocol, language) if each.decision else "",
                unsaid="–",
            ),
        ]
        for each in lines
        if each.details
    ]
    found = [
        Table(
            caption=_("Which arm, on which counts, and what was decided"),
            columns=[Column(_("Number"), number=True), Column(_("Hold")), Column(_("Decision"))],
            rows=details,
            empty=_("The trial has never been on hold."),
        )
    ]
    return [*found, *_look_tables(frame, looks)] if looks else found


def _look_tables(frame: Frame, looks: Looks) -> list[Table]:
    language, protocol = frame.language, frame.protocol
    rows = [
        [
            Cell(group_words(each.group, protocol, language)),
            Cell(each.treated),
            Cell(each.evaluable),
            Cell(each.events),
            Cell("–" if each.hold_at is None else each.hold_at),
            Cell(each.sentence().in_language(language)),
        ]
        for each in looks.standings
    ]
    would = [
        [
            Cell(group_words(each.group, protocol, language)),
            Cell(dates.written(date.fromordinal(int(each.at)))),
            Cell(each.standing.sentence().in_language(language)),
            Cell(each.treated_since),
        ]
        for each in looks.would_hold
    ]
    return [
        Table(
            caption=_("Where the stopping rules stand today"),
            columns=[
                Column(_("Group")), Column(_("Treated"), number=True),
                Column(_("Evaluable"), number=True), Column(_("With an event"), number=True),
                Column(_("Holds at"), number=True), Column(_("In words")),
            ],
            rows=rows,
        ),
        Table(
            caption=_("By today's data, when each rule would have held first"),
            columns=[
                Column(_("Group")), Column(_("Would have held on")), Column(_("In words")),
                Column(_("Treated since"), number=True),
            ],
            rows=would,
            empty=_("By today's data no rule would have held so far."),
        ),
    ]  # fmt: skip


@in_study
def new_page(frame: Frame) -> HttpResponse:
    """Hold the trial at once."""
    if not may(frame.actor, Act.HOLD_TRIAL):
        raise NotFound
    questions = [question("reason", Message("Why"), ItemType.TEXT, longest=holds.LONGEST_REASON)]
    if may(frame.actor, Act.SEE_ARMS):
        arms = steps.choices("arm", *((arm.key, arm.label) for arm in frame.protocol.arms))
        questions.append(
            question("arm", Message("Hold one arm alone"), ItemType.CHOICE, code_list=arms,
                     optional=True, hint=Message("Left empty, the hold pauses everything"))
        )  # fmt: skip
    step = steps.Step(
        heading=_("Hold the trial at once"),
        button=_("Hold the trial"),
        form=steps.form_of(*questions),
        act=lambda given: holds.set_hold(
            by=frame.actor, reason=str(given["reason"]), arm=str(given.get("arm", ""))
        ),
        done=_("The trial is on hold. A signed decision ends it."),
        then=f"{frame.href}/holds",
        intro=_(
            "Nobody is randomised and no treatment begins until a signed decision ends the hold. "
            "No rule needs to be met."
        ),
    )
    crumbs = [Link(_("Holds"), f"{frame.href}/holds")]
    return steps.run(frame, step, frame.context(step.heading, crumbs=crumbs))


@in_study
def decide_page(frame: Frame) -> HttpResponse:
    """Read where everything stands, choose, and sign."""
    told = deciding(frame.actor)
    form = _form(frame, told)
    posted = read_post(form, frame.request.POST) if frame.request.method == "POST" else None
    came = signing.signed_by(frame, partial(_decide, frame, form))
    if came.signed:
        left = deciding(frame.actor).read.holds
        words = _("Signed. Others have to sign the same.") if left else _("Signed and in effect.")
        messages.success(frame.request, words)
        return redirect(f"{frame.href}/holds")
    role = frame.protocol.roles.label(told.role, frame.language)
    ready = told.read.holds and told.read.cut
    button = _("Sign as {role}").format(role=role) if ready else ""
    groups = lay_out(
        form, Answers(values=posted.values if posted else {}), reasons=None, language=frame.language
    )
    context = frame.context(
        _("Decide about the holds in force"),
        crumbs=[Link(_("Holds"), f"{frame.href}/holds")],
        sections=[(_("What the decision rests on"), _rests_on(frame, told))],
        tables=_look_tables(frame, told.looks) if told.looks else [],
        groups=groups,
        revision=told.read.content_hash,
        statement=meaning_of(HOLD),
        **signing.context(frame, button, came),
    )
    return render(frame.request, "web/safety/decide.html", context, status=came.status)


def _form(frame: Frame, told: Deciding) -> Form:
    choices = steps.choices(
        "choice", *((each.value, words) for each, words in CHOICE_WORDS.items())
    )
    arms = frame.protocol.arms if told.looks else ()
    return steps.form_of(
        question("choice", Message("Decision"), ItemType.CHOICE, code_list=choices),
        *(
            question(f"close_{arm.key}", Message("Close: {arm}", arm=arm.label),
                     ItemType.YES_NO, optional=True)
            for arm in arms
        ),
        *_meeting_question(told),
        question("reason", Message("Why"), ItemType.TEXT, longest=holds.LONGEST_REASON),
        label=Message("Your decision"),
    )  # fmt: skip


def _meeting_question(told: Deciding) -> list[Item]:
    """Which signed meeting on this cut it was made in; none asked where there is none."""
    if not told.meetings:
        return []
    known = steps.choices(
        "meeting",
        *((str(n), Message("Meeting {number} of the board", number=n)) for n in told.meetings),
    )
    return [
        question("meeting", Message("Made in"), ItemType.CHOICE, code_list=known, optional=True)
    ]


def _decide(frame: Frame, form: Form, content_hash: str) -> None:
    given: Given = steps.read(form, read_post(form, frame.request.POST))
    closed = [arm.key for arm in frame.protocol.arms if given.get(f"close_{arm.key}") is True]
    meeting = int(str(given["meeting"])) if "meeting" in given else None
    decision = Decision(Choice(str(given["choice"])), str(given["reason"]), closed, meeting)
    holds.sign_decision(by=frame.actor, decision=decision, content_hash=content_hash)


def _rests_on(frame: Frame, told: Deciding) -> list[Row]:
    read, language = told.read, frame.language
    opened = told.looks is not None or may(frame.actor, Act.SEE_ARMS)
    rows = [
        Row(
            _("Hold {number}").format(number=hold.number),
            details_words(details, frame.protocol, language)
            if opened
            else KIND_WORDS[hold.kind].in_language(language),
        )
        for hold, details in read.holds
    ]
    if not rows:
        rows.append(Row(_("Holds"), _("No hold is in force.")))
    cut = read.cut
    rows += [
        Row(_("Data cut"), f"{cut.name} · {cut.sha256[:16]}" if cut else "",
            unsaid=_("None since the last hold was set: cut the data first"),
            links=[] if cut else [Link(_("Data cuts"), f"{frame.href}/cuts")]),
        Row(_("Hash of what is read"), read.content_hash[:16], code=True),
    ]  # fmt: skip
    names = names_of({str(each.by) for each in told.signed})
    for each in told.signed:
        who = frame.name_and_role(names.get(str(each.by), str(each.by)), each.role)
        rows.append(Row(_("Signed"), signature_line(who, each.at, HOLD, read.content_hash)))
    if told.stale:
        rows.append(Row(_("Signatures on other numbers"), told.stale))
    return rows
