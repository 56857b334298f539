"""The results of the first participants, and the signature that they have been seen."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import reviewing
from trialwright.conduct.allocation.first_results import FirstResult
from trialwright.conduct.participants.states import STATE_LABELS
from trialwright.conduct.reads.first_results import ResultsToReview, results_to_review
from trialwright.web import dates
from trialwright.web.clinical import signing
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Row


@in_study
def first_results_page(frame: Frame) -> HttpResponse:
    """The first results as they stand; once all are there, the reviewing role signs."""
    told = results_to_review(frame.actor)
    came = signing.signed_by(
        frame,
        lambda content_hash: reviewing.sign_results_seen(by=frame.actor, content_hash=content_hash),
    )
    if came.signed:
        messages.success(frame.request, _("Signed. The next participant can be randomised."))
        return redirect(f"{frame.href}/first-results")
    role = frame.protocol.roles.label(told.signs_as, frame.language)
    button = _("Sign as {role}").format(role=role) if told.waits else ""
    sections = [
        (_("First participants"), [_row(each) for each in told.results]),
        (_("Where it stands"), _standing(told)),
    ]
    context = frame.context(
        _("First results"),
        crumbs=[],
        sections=[section for section in sections if section[1]],
        revision=told.content_hash,
        statement=_("I have seen the results of these participants, and the trial may go on."),
        **signing.context(frame, button, came),
    )
    return render(frame.request, "web/check.html", context, status=came.status)


def _row(result: FirstResult) -> Row:
    state = str(STATE_LABELS[result.state])
    if result.treated_on is None or result.due_on is None:
        return Row(result.code, state)
    words = _("{state}; treated on {treated}, result on {due}: {there}").format(
        state=state,
        treated=dates.written(result.treated_on),
        due=dates.written(result.due_on),
        there=_("there") if result.there else _("missing"),
    )
    return Row(result.code, words)


def _standing(told: ResultsToReview) -> list[Row]:
    if told.signed_at and told.signed_by:
        person = str(told.signed_by)
        name = names_of({person}).get(person, person)
        return [Row(_("Seen"), told.signed_at), Row(_("Signed by"), name)]
    if not told.missing:
        return []
    words = ngettext(
        "{count} result at day {day} is missing; it can be signed once all are there.",
        "{count} results at day {day} are missing; it can be signed once all are there.",
        told.missing,
    ).format(count=told.missing, day=told.after_days)
    return [Row(_("Waiting"), words)]
