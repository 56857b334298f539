"""`setup/amendment` and `setup/versions`: what an amendment changes and whom it affects, putting it
in force, and the versions of the protocol, each with where it has begun."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions.amending import amend, begin_version
from trialwright.conduct.models import Study
from trialwright.conduct.reads.reconsents import to_reconsent
from trialwright.conduct.reads.setup import Phase, protocol_signatures
from trialwright.conduct.reads.versions import (
    BegunAt,
    VersionTold,
    protocol_called,
    versions_of,
)
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.setup_words import NAMES, WAYS_OUT
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.blinding import is_restricted
from trialwright.protocol.diff import compare_protocols
from trialwright.protocol.forms import ItemType
from trialwright.protocol.versions import Moves
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.sent import sent_once
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Problem, Row, Status, Table, Task
from trialwright.web.protocol_page import Part, Reader, Section
from trialwright.web.setup.frame import SetUpFrame, in_setup
from trialwright.web.setup.next_step import can_sign
from trialwright.web.setup.protocol_signatures import protocol_rows


def moves_words(moves: Moves) -> str:
    """Who of those who are in already comes under a version."""
    match moves:
        case Moves.AT_ONCE:
            return _("All participants move to it on the day it begins at their site.")
        case Moves.RECONSENT:
            return _("Each participant moves to it with a new consent, and keeps theirs till then.")
        case Moves.NEW_ONLY:
            return _("Participants who are in keep their version; it holds for new ones alone.")


@in_setup
def amendment_page(frame: SetUpFrame) -> HttpResponse:
    """Show the difference in words and whom it affects, and put the signed amendment in force."""
    told, waiting = frame.told, frame.told.waiting
    new = waiting.checked.protocol if waiting else None
    if told.in_force is None or new is None or not (frame.manages or frame.signs):
        raise NotFound
    problems: list[Problem] = []
    if frame.request.method == "POST":
        try:
            sent_once(frame.actor, frame.request.POST, partial(_amend, frame))
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "main") for each in error.problems]
        else:
            words = _("The amendment is in force. It begins at each site after its ethics vote.")
            messages.success(frame.request, words)
            return redirect(f"{frame.href}/versions")
    amendment = compare_protocols(told.in_force, new)
    sees_arms = may(frame.actor, Act.SEE_ARMS)
    shown = [
        change
        for change in amendment.changes
        if sees_arms or not is_restricted(".".join(change.path))
    ]
    context = frame.context(
        _("Amendment {version}").format(version=new.version),
        crumbs=[],
        facts=[
            Row(_("From version"), told.in_force.version),
            Row(_("Why"), new.amendment.why if new.amendment else "", unsaid=_("Not said")),
            Row(
                _("Who moves"),
                moves_words(new.amendment.moves) if new.amendment else "",
                unsaid=_("Not said"),
            ),
            Row(_("Participants in the study"), _counted(frame)),
        ],
        changes=[change.words.in_language(frame.language) for change in shown],
        effects=[effect.words.in_language(frame.language) for effect in amendment.effects],
        missing=[
            Task(str(NAMES[each.what]), Status(_("Missing"), "todo"), "", str(WAYS_OUT[each.what]))
            for each in told.missing_before_force()
        ],
        action=Link(_("Sign the protocol"), f"{frame.href}/sign") if can_sign(frame) else None,
        problems=problems,
    )
    status = 409 if problems else 200
    return render(frame.request, "web/setup/amendment.html", context, status=status)


def _amend(frame: SetUpFrame) -> str:
    amend(by=frame.actor)
    return f"{frame.href}/versions"


def _counted(frame: SetUpFrame) -> str:
    versions = versions_of(Study.objects.select_related("version").get(pk=frame.actor.study))
    return "; ".join(
        ngettext(
            "{count} under version {version}", "{count} under version {version}", each.participants
        ).format(count=each.participants, version=each.version)
        for each in versions
    )


@in_setup
def versions_page(frame: SetUpFrame) -> HttpResponse:
    """List the versions, where each has begun; record that the newest one begins at a site."""
    if frame.told.in_force is None:
        raise NotFound
    study = Study.objects.select_related("version").get(pk=frame.actor.study)
    told = versions_of(study)
    here, newest = f"{frame.href}/versions", told[0]
    context = frame.context(
        _("Versions of the protocol"),
        crumbs=[],
        table=_table(here, told),
        under_form=_again(frame, study),
    )
    may_begin = frame.manages or frame.signs
    if not may_begin or len(told) == 1 or not newest.waiting or frame.told.phase is Phase.CLOSED:
        if frame.request.method == "POST":
            raise NotFound
        return render(frame.request, "web/setup/step.html", context)
    names = {site.code: Text(site.name_en, site.name_zh) for site in frame.told.sites}
    form = steps.form_of(
        question(
            "site", Message.in_context("step", "Site"), ItemType.CHOICE,
            code_list=steps.choices("site", *((code, names[code]) for code in newest.waiting)),
        ),
        question("ethics_on", Message("Day of the ethics committee’s vote"), ItemType.DATE),
        question(
            "reference", Message("How its letter is found"), ItemType.TEXT,
            Message("Such as EC-2027-014."), longest=120,
        ),
    )  # fmt: skip

    def act(given: Given) -> None:
        begin_version(
            by=frame.actor,
            site=str(given["site"]),
            ethics_on=steps.day(given["ethics_on"]),
            reference=str(given["reference"]),
        )

    step = steps.Step(
        heading=_("Versions of the protocol"),
        button=_("Begin version {version} here").format(version=newest.version),
        form=form,
        act=act,
        done=_("The version has begun at the site."),
        then=here,
        template="web/setup/step.html",
    )
    more = {"step_heading": _("Begin version {version} at a site").format(version=newest.version)}
    return steps.run(frame, step, context | more)


def _again(frame: SetUpFrame, study: Study) -> list[Table]:
    """Who is to consent again, for who may see participants."""
    if study.version is None or study.version.previous_id is None:
        return []
    if not may(frame.actor, Act.SEE_PARTICIPANTS):
        return []
    place = f"{frame.study_href}/participants"
    return [
        Table(
            caption=_("To consent again"),
            captioned=False,
            columns=[Column(_("Participant")), Column(_("Version of the document"))],
            rows=[
                [
                    Cell(line.code, href=f"{place}/{line.code}/consent", code=True),
                    Cell(line.version),
                ]
                for line in to_reconsent(frame.actor)
            ],
            empty=_("Nobody has to consent again."),
        )
    ]


def _table(here: str, told: tuple[VersionTold, ...]) -> Table:
    return Table(
        caption=_("Versions of the protocol"),
        columns=[
            Column(_("Version")), Column(_("Signed")), Column(_("Has begun at")),
            Column(_("Not yet at")), Column(_("Participants"), number=True),
        ],
        rows=[
            [
                Cell(each.version, href=f"{here}/{each.version}"),
                Cell(dates.written(each.signed_at)),
                Cell("; ".join(map(_begun, each.begun))),
                Cell(", ".join(each.waiting), unsaid=_("at every site")),
                Cell(each.participants),
            ]
            for each in told
        ],
        captioned=False,
    )  # fmt: skip


def _begun(one: BegunAt) -> str:
    if one.ethics_on is None:
        return one.site
    words = _("{site} (ethics vote of {day}, {reference})")
    return words.format(site=one.site, day=dates.written(one.ethics_on), reference=one.reference)


@in_setup
def version_page(frame: SetUpFrame, version: str) -> HttpResponse:
    """Show one version of the protocol, in force or past, as it was signed."""
    study = Study.objects.get(pk=frame.actor.study)
    protocol = protocol_called(study, version)
    reader = Reader(protocol, frame.language, masked=not may(frame.actor, Act.SEE_ARMS))
    signatures = protocol_signatures(study, protocol.sha256)
    signed = protocol_rows(frame, signatures, protocol.sha256)
    unsigned = [Row(_("Signed"), unsaid=_("None: it came into force when the study was made"))]
    context = frame.context(
        _("Protocol {version}").format(version=protocol.version),
        under=protocol.title.in_language(frame.language),
        crumbs=[Link(_("Versions of the protocol"), f"{frame.href}/versions")],
        origins=reader.counts(),
        sections=[
            Section("signatures", _("Signatures"), [Part(rows=signed or unsigned)]),
            *reader.sections(),
        ],
    )
    return render(frame.request, "web/protocol.html", context)
