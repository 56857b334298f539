"""Unblinding outside the plan: three steps on a phone in an emergency, and what is kept of each."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.policy import Act, may
from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import unblinding
from trialwright.conduct.actions.unblinding import Shown
from trialwright.conduct.models import AdverseEvent, Participant
from trialwright.conduct.reads.participants import one
from trialwright.conduct.reads.unblinding import to_unblind, unblindings_seen
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web.clinical import signing, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import question
from trialwright.web.components import Cell, Column, Link, Row, Table
from trialwright.web.safety.event_words import term_words
from trialwright.web.safety.events import event_or_404
from trialwright.web.safety.unblinding_words import URGENCY_WORDS


@in_study
def unblind_page(frame: Frame, code: str) -> HttpResponse:
    """The arm of one participant in an emergency: a reason, the password, the arm."""
    participant, _protocol = to_unblind(frame.actor, code)

    def act(reason: str) -> Shown:
        return unblinding.unblind(by=frame.actor, code=code, reason=reason)

    return _asked(frame, participant, _("Emergency unblinding of {code}").format(code=code), act)


@in_study
def reaction_page(frame: Frame, number: int) -> HttpResponse:
    """The arm of one participant for the safety office, for a suspected reaction."""
    event: AdverseEvent = event_or_404(frame, number)
    participant = event.participant
    if event.nullified or not may(frame.actor, Act.REPORT_SAFETY, site=participant.site):
        raise NotFound
    if participant.randomised_at is None or frame.protocol.allocation is None:
        raise NotFound

    def act(reason: str) -> Shown:
        return unblinding.unblind_for_reaction(
            by=frame.actor, code=participant.code, event=number, reason=reason
        )

    heading = _("Unblind {code} for event {number}").format(code=participant.code, number=number)
    rows = [Row(_("Term"), term_words(event.term, frame.language))]
    return _asked(frame, participant, heading, act, rows)


def _asked(
    frame: Frame,
    participant: Participant,
    heading: str,
    act: Callable[[str], Shown],
    rows: list[Row] | None = None,
) -> HttpResponse:
    """Ask for the reason and the password, then show the arm on this answer alone."""
    reason = frame.request.POST.get("reason", "")
    shown: list[Shown] = []
    came = signing.signed_by(frame, lambda _hash: shown.append(act(reason)))
    back = Link(_("Back to the participant"), f"{frame.href}/participants/{participant.code}")
    if came.signed:
        arm = next((a for a in frame.protocol.arms if shown and a.number == shown[0].arm), None)
        context = frame.about(
            participant,
            heading,
            crumbs=[],
            arm=f"{arm.number}. {arm.label.in_language(frame.language)}" if arm else "",
            described=arm.description.in_language(frame.language) if arm else "",
            back=back,
        )
        return render(frame.request, "web/safety/unblinded.html", context)
    context = frame.about(
        participant,
        heading,
        crumbs=[],
        sections=[(_("Event"), rows)] if rows else [],
        statement=_(
            "The arm is shown to me alone, once. From then on I sign no blinded assessment of this "
            "participant. That it was shown is recorded; what was shown is not."
        ),
        reason=reason,
        longest=unblinding.LONGEST_REASON,
        back=back,
        **signing.context(frame, _("Show the arm"), came),
    )
    return render(frame.request, "web/safety/unblind.html", context, status=came.status)


@in_study
def accident_page(frame: Frame, code: str) -> HttpResponse:
    """Report that one has learned an arm by accident."""
    participant = one(frame.actor, code)
    if participant.randomised_at is None or frame.protocol.allocation is None:
        raise NotFound
    reason = question(
        "reason", Message("How you learned it"), ItemType.TEXT, longest=unblinding.LONGEST_REASON,
        hint=Message("Don't write the arm"),
    )  # fmt: skip
    step = steps.Step(
        heading=_("Report that you learned the arm of {code} by accident").format(code=code),
        button=_("Report it"),
        form=steps.form_of(reason),
        act=lambda given: unblinding.report_accident(
            by=frame.actor, code=code, reason=str(given["reason"])
        ),
        done=_("Recorded. You sign no blinded assessment of this participant from now on."),
        then=f"{frame.href}/participants/{code}",
    )
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


@in_study
def list_page(frame: Frame) -> HttpResponse:
    """All unblindings outside the plan: that they happened, never what was shown."""
    lines = unblindings_seen(frame.actor)
    names = names_of({str(each.person) for each in lines})
    language = frame.language
    table = Table(
        caption=ngettext("{count} unblinding", "{count} unblindings", len(lines)).format(
            count=len(lines)
        ),
        columns=[
            Column(_("Number"), number=True), Column(_("Participant")), Column(_("Why")),
            Column(_("When")), Column(_("Who")), Column(_("Reason")), Column(_("Event")),
            Column(_("Effect on the results")),
        ],
        rows=[
            [
                Cell(each.number),
                Cell(each.code, code=True),
                Cell(URGENCY_WORDS[each.urgency].in_language(language)),
                Cell(each.happened_at),
                Cell(frame.name_and_role(names.get(str(each.person), ""), each.role)),
                Cell(each.reason, unsaid=_("Restricted")),
                Cell(each.event or "", unsaid="–"),
                Cell(each.effect, unsaid=_("Not judged yet")),
            ]
            for each in lines
        ],
        empty=_("Nobody has been unblinded outside the plan."),
    )  # fmt: skip
    context = frame.context(_("Unblindings outside the plan"), crumbs=[], table=table)
    return render(frame.request, "web/list.html", context)


@in_study
def judge_page(frame: Frame, number: int) -> HttpResponse:
    """Judge what an unblinding does to the results."""
    lines = {each.number: each for each in unblindings_seen(frame.actor)}
    if number not in lines or not may(frame.actor, Act.JUDGE_EVENTS_FOR_SPONSOR):
        raise NotFound
    line = lines[number]
    effect = question("effect", Message("What it does to the results, or why nothing"),
                      ItemType.TEXT, longest=2000)  # fmt: skip
    step = steps.Step(
        heading=_("Judge unblinding {number}").format(number=number),
        button=_("Save"),
        form=steps.form_of(effect),
        act=lambda given: unblinding.judge_unblinding(
            by=frame.actor, number=number, effect=str(given["effect"])
        ),
        done=_("The judgement is kept."),
        then=f"{frame.href}/unblindings",
        facts=[
            Row(_("Participant"), line.code, code=True),
            Row(_("Why"), URGENCY_WORDS[line.urgency].in_language(frame.language)),
            Row(_("Reason"), line.reason, unsaid=_("Restricted")),
        ],
        start={"effect": line.effect},
    )
    crumbs = [Link(_("Unblindings outside the plan"), f"{frame.href}/unblindings")]
    return steps.run(frame, step, frame.context(step.heading, crumbs=crumbs))
