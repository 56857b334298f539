"""Sealed envelopes: the list of those printed, printing, what became of each, and their opening."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import envelopes as actions
from trialwright.conduct.actions import unblinding
from trialwright.conduct.models import EnvelopeState
from trialwright.conduct.reads.envelopes import (
    EnvelopeLine,
    Sheet,
    envelope_to_settle,
    envelopes_to_read,
    openable,
    printed_sheets,
)
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.report.envelopes import EnvelopeSheet, render_envelopes
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.listing import Kind, Listing, answer, iso
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Cell, Column, Link, Row, Status

STATE_WORDS = {
    EnvelopeState.KEPT: Message("In keeping"),
    EnvelopeState.OPENED: Message("Opened"),
    EnvelopeState.RETURNED: Message("Returned sealed"),
    EnvelopeState.DESTROYED: Message("Destroyed sealed"),
    EnvelopeState.LOST: Message("Lost"),
}


@in_study
def list_page(frame: Frame, kind: Kind = "") -> HttpResponse:
    """All envelopes of the sites that a person keeps, and whom one is still to be printed for."""
    told = envelopes_to_read(frame.actor)
    names = names_of({str(each.printed_by) for each in told.lines})
    count = len(told.lines)
    listing = Listing(
        heading=_("Sealed envelopes"),
        caption=ngettext("{count} envelope", "{count} envelopes", count).format(count=count),
        columns=[
            Column(_("Envelope"), number=True), Column(_("Participant")), Column(_("Site")),
            Column(_("Printed")), Column(_("By")), Column(_("State")), Column(_("Since")),
            Column(_("Reason")), Column(_("Unblinding"), number=True),
        ],
        rows=told.lines,
        cells=lambda line: [
            Cell(line.number, href=_settled_at(frame, line)),
            Cell(line.code, code=True),
            Cell(line.site),
            Cell(line.printed_at),
            Cell(frame.name_and_role(names.get(str(line.printed_by), ""), line.role)),
            Cell(_status(line)),
            Cell(line.settled_at or "", unsaid="–"),
            Cell(line.reason, unsaid="–"),
            Cell(line.unblinding or "", unsaid=_unsaid(line)),
        ],
        plain=_plain,
        empty=_("No envelope has been printed yet."),
        more={
            "note": _(
                "For an emergency in which this system can't be reached. Each envelope is of one "
                "participant who is allocated already; it is printed once and kept sealed."
            ),
            "offered": [
                Link(
                    ngettext(
                        "Site {site}: print {count} envelope that is lacking",
                        "Site {site}: print {count} envelopes that are lacking",
                        lacking,
                    ).format(site=site, count=lacking),
                    f"{frame.href}/envelopes/print/{site}",
                )
                for site, lacking in told.without.items()
            ],
        },
        template="web/safety/envelopes.html",
    )  # fmt: skip
    return answer(frame, listing, kind)


def _settled_at(frame: Frame, line: EnvelopeLine) -> str:
    kept = line.state is EnvelopeState.KEPT
    return f"{frame.href}/envelopes/{line.number}" if kept else ""


def _status(line: EnvelopeLine) -> Status:
    if line.outdated:
        return Status(_("Out of date: allocated again since"), "caution")
    tones = {EnvelopeState.OPENED: "stop", EnvelopeState.LOST: "stop", EnvelopeState.KEPT: "good"}
    return Status(str(STATE_WORDS[line.state]), tones.get(line.state, "idle"))  # type: ignore[arg-type]


def _unsaid(line: EnvelopeLine) -> str:
    opened = line.state is EnvelopeState.OPENED
    return _("Whoever opened it hasn't said so yet") if opened else "–"


def _plain(line: EnvelopeLine) -> dict[str, object]:
    return {
        "envelope": line.number,
        "participant": line.code,
        "site": line.site,
        "printed_at": iso(line.printed_at),
        "printed_by": str(line.printed_by),
        "state": line.state.value,
        "outdated": line.outdated,
        "settled_at": iso(line.settled_at),
        "settled_by": str(line.settled_by) if line.settled_by else None,
        "reason": line.reason,
        "unblinding": line.unblinding,
    }


@in_study
def print_page(frame: Frame, site: str) -> HttpResponse:
    """Print the envelopes that a site lacks: the answer is the PDF, once."""
    told = envelopes_to_read(frame.actor)
    lacking = told.without.get(site, 0)
    if not may(frame.actor, Act.KEEP_ENVELOPES, site=site):
        raise NotFound
    if frame.request.method != "POST" and not lacking:
        raise NotFound
    came = signing.signed_by(
        frame, lambda _hash: actions.print_envelopes(by=frame.actor, site=site)
    )
    if came.signed:
        return _pdf(frame, site, printed_sheets(frame.actor, int(came.outcome)))
    context = frame.context(
        _("Print sealed envelopes of site {site}").format(site=site),
        crumbs=[Link(_("Sealed envelopes"), f"{frame.href}/envelopes")],
        sections=[
            (
                _("What is printed"),
                [Row(_("Site"), site, code=True), Row(_("Envelopes"), lacking)],
            )
        ],
        statement=_(
            "I print these once, fold and seal each so that nobody reads it, check that all are "
            "there, and keep them where only those can get them who may open one in an emergency. "
            "I am recorded as knowing these arms."
        ),
        **signing.context(frame, _("Print the envelopes"), came),
    )
    return render(frame.request, "web/check.html", context, status=came.status)


def _pdf(frame: Frame, site: str, sheets: tuple[Sheet, ...]) -> HttpResponse:
    found = render_envelopes(
        [_sheet(frame, each) for each in sheets],
        title=_("Sealed envelopes"),
        chinese=frame.language.startswith("zh"),
    )
    response = HttpResponse(found, content_type="application/pdf")
    name = f"{frame.actor.study}-envelopes-{site}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _sheet(frame: Frame, sheet: Sheet) -> EnvelopeSheet:
    language = frame.language
    return EnvelopeSheet(
        study=frame.actor.study,
        number=_("Envelope {number}").format(number=sheet.number),
        code=sheet.code,
        outside=(
            _("Emergency unblinding of this participant alone."),
            _(
                "Open only if the treatment of the participant depends on what they were given and "
                "this system can't be reached. Opening it is an unblinding, and recorded."
            ),
        ),
        arm=f"{sheet.arm.number}. {sheet.arm.label.in_language(language)}",
        described=sheet.arm.description.in_language(language),
        inside=(
            _("Tell nobody who doesn't have to know. Write down here, at once:"),
            _(
                "As soon as the system is there again, report it on the participant's page: "
                "“{button}”."
            ).format(button=_("Report an opened envelope")),
        ),
        lines=(_("Opened by"), _("Day and time"), _("Reason")),
        folding=_(
            "Fold this part down over the middle, and the lowest part backwards, so that the code "
            "lies outside. Seal all three open edges."
        ),
        mark=_mark(frame),
    )


def _mark(frame: Frame) -> str:
    if frame.protocol.training_of:
        return _("Training copy: invented data")
    return _("Demonstration: invented data") if frame.demonstration else ""


@in_study
def settle_page(frame: Frame, number: int) -> HttpResponse:
    """Record what became of an envelope in keeping."""
    line = envelope_to_settle(frame.actor, number)
    states = [each for each in EnvelopeState if each is not EnvelopeState.KEPT]
    state = steps.choices("state", *((each.value, STATE_WORDS[each]) for each in states))
    step = steps.Step(
        heading=_("What became of envelope {number}").format(number=number),
        button=_("Record it"),
        form=steps.form_of(
            question("state", Message("What became of it?"), ItemType.CHOICE, code_list=state),
            question("reason", Message("How it came to this"), ItemType.TEXT,
                     longest=actions.LONGEST_REASON, hint=Message("Don't write the arm")),
        ),
        act=lambda given: actions.record_envelope(
            by=frame.actor, number=number, state=EnvelopeState(str(given["state"])),
            reason=str(given["reason"]),
        ),
        done=_("Recorded. Another can be printed for the participant now."),
        then=f"{frame.href}/envelopes",
        facts=[
            Row(_("Participant"), line.code, code=True),
            Row(_("Printed"), line.printed_at),
        ],
    )  # fmt: skip
    crumbs = [Link(_("Sealed envelopes"), f"{frame.href}/envelopes")]
    return steps.run(frame, step, frame.context(step.heading, crumbs=crumbs))


@in_study
def opening_page(frame: Frame, code: str) -> HttpResponse:
    """Report that one has opened a participant's envelope."""
    participant, numbers = openable(frame.actor, code)
    which = steps.choices(
        "envelope", *((str(each), Message("Envelope {number}", number=each)) for each in numbers)
    )
    step = steps.Step(
        heading=_("Report an opened envelope of {code}").format(code=code),
        button=_("Report it"),
        form=steps.form_of(
            question("envelope", Message("Which envelope?"), ItemType.CHOICE, code_list=which),
            question("opened_on", Message("Day it was opened"), ItemType.DATE),
            question("opened_at", Message("Time it was opened"), ItemType.TIME),
            question("reason", Message("Why the arm had to be known"), ItemType.TEXT,
                     longest=unblinding.LONGEST_REASON, hint=Message("Don't write the arm")),
        ),
        act=partial(_report, frame, code),
        done=_("Recorded. You sign no blinded assessment of this participant from now on."),
        then=f"{frame.href}/participants/{code}",
        start={"envelope": str(numbers[0])} if len(numbers) == 1 else None,
    )  # fmt: skip
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


def _report(frame: Frame, code: str, given: Given) -> None:
    unblinding.report_opening(
        by=frame.actor,
        code=code,
        number=int(str(given["envelope"])),
        opened_at=steps.moment(given["opened_on"], given["opened_at"], "opened_at"),
        reason=str(given["reason"]),
    )
