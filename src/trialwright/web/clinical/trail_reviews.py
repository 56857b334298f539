"""Reviews of the audit trail: what was reviewed by whom, and recording the next one."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from trialwright.accounts.reads import names_of
from trialwright.conduct.actions import reviewing_trail
from trialwright.conduct.reads.trail_reviews import (
    TrailReviews,
    role_to_review_trail,
    trail_reviews,
)
from trialwright.conduct.refusals import NotFound
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import filling, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import question
from trialwright.web.components import Link, Row


@in_study
def review_page(frame: Frame) -> HttpResponse:
    """The reviews; who may record one does so up to the entry that stood here when it was shown."""
    told = trail_reviews(frame.actor)
    reviews = role_to_review_trail(frame.actor) is not None
    here = f"{frame.href}/ledger/reviews"
    if frame.request.method == "GET" and reviews and "to" not in frame.request.GET:
        return redirect(f"{here}?to={told.head}")
    if frame.request.method == "POST" and not reviews:
        raise NotFound
    last = filling.number(frame.request.GET.get("to", "0")) if reviews else 0
    if frame.request.method == "POST" and not last:
        raise BadRequest("What was sent names no entry.")
    step = steps.Step(
        heading=_("Reviews of the audit trail"),
        button=_("Record the review"),
        form=steps.form_of(
            question("findings", Message("What you found, or that you found nothing"),
                     ItemType.TEXT, longest=2000)
        ),
        act=lambda given: reviewing_trail.review_trail(
            by=frame.actor, last=last, findings=str(given["findings"])
        ),
        done=_("The review is recorded."),
        then=here,
        intro=_intro(told, last) if reviews else "",
        facts=_facts(frame, told),
    )  # fmt: skip
    crumbs = [Link(_("Audit trail"), f"{frame.href}/ledger")]
    context = frame.context(step.heading, crumbs=crumbs, no_button=not reviews or last <= told.mine)
    return steps.run(frame, step, context)


def _intro(told: TrailReviews, last: int) -> str:
    if last <= told.mine:
        return _("You have reviewed the trail up to its end, entry {last}.").format(last=told.mine)
    return _("You review entries {first} to {last}.").format(first=told.mine + 1, last=last)


def _facts(frame: Frame, told: TrailReviews) -> list[Row]:
    names = names_of({each.by for each in told.reviews})
    rows = []
    for each in told.reviews:
        who = frame.name_and_role(names.get(each.by, each.by), each.role)
        span = _("Entries {first} to {last}").format(first=each.first, last=each.last)
        rows.append(Row(span, f"{who}, {dates.written(each.at)}: {each.findings}"))
    return rows or [Row(_("Reviews"), unsaid=_("Nobody has reviewed it yet"))]
