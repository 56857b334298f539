"""`setup/protocol/questions`: what the registration doesn't tell, answered in place."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.actions.confirming import BLOCKS, answer_questions
from trialwright.conduct.reads.setup import open_questions
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.web.clinical.sent import sent_once
from trialwright.web.components import Link, Problem
from trialwright.web.setup.frame import SetUpFrame, in_setup

# How each block is written: the shortest that says all of it, with words to be replaced.
EXAMPLES = {
    "participants": "40",
    "arms": "treated: {label: Treated, type: experimental, description: What is done}",
    "criteria": "inclusion: {adult: {text: An adult}}",
    "allocation": "ratio: {treated: 1, control: 1}\nblock_sizes: [2, 4]",
    "anchors": "consent: {label: Consent, step: consent}",
    "visits": "week_4: {label: Week 4, anchor: consent, day: 28, window_after_days: 7,\n"
    "  forms: [score]}",
    "forms": "score:\n  label: Score\n  sections:\n    all:\n      label: All\n"
    "      items: {points: {label: Points, type: integer}}",
    "populations": 'all: {label: All, definition: All who entered, who: "true"}',
    "endpoints": "points:\n  label: Points\n  kind: primary\n  population: all\n"
    "  treatments: All\n  variable: week_4.score.points\n  definition: Points at week 4\n"
    "  at: week_4\n  intercurrent_events: {death: {label: Death, strategy: composite}}\n"
    "  summary: Mean",
}


@in_setup
def questions_page(frame: SetUpFrame) -> HttpResponse:
    """Show what the registration leaves open and the blocks that the file lacks, and take them."""
    waiting = frame.told.waiting
    if waiting is None or not (frame.manages or frame.signs):
        raise NotFound
    told, lacking = open_questions(waiting)
    post, back = frame.request.POST, f"{frame.href}/protocol"
    typed = {key: post.get(key, "").replace("\0", "") for key in BLOCKS}
    reason = post.get("reason", "").replace("\0", "").strip()
    problems: list[Problem] = []
    if frame.request.method == "POST":
        answer = partial(
            answer_questions,
            by=frame.actor,
            sha256=post.get("revision", ""),
            blocks=typed,
            reason=reason,
        )
        try:
            sent_once(frame.actor, post, answer)
        except ActionRefused as error:
            problems = [
                Problem(str(each.sentence), each.field or "main") for each in error.problems
            ]
        else:
            messages.success(frame.request, _("The answers stand in the file."))
            return redirect(back)
    context = frame.context(
        _("What is open"),
        crumbs=[Link(_("Protocol"), back)],
        told=told,
        boxes=[
            (key, EXAMPLES[key], typed[key], EXAMPLES[key].count("\n") + 3)
            for key in BLOCKS
            if key in lacking
        ],
        reason=reason,
        revision=waiting.sha256,
        problems=problems,
        wrong={problem.field: problem.text for problem in problems},
    )
    status = 409 if problems else 200
    return render(frame.request, "web/setup/questions.html", context, status=status)
