"""Judging and grading results, and verifying the values of a form in their source."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.actions import reviewing_values
from trialwright.conduct.actions.reviewing_values import FormAt
from trialwright.conduct.models.value_reviews import GRADES, ReviewAnswer
from trialwright.conduct.reads.forms import FormPage, form_page
from trialwright.conduct.reads.value_reviews import (
    abnormal_items,
    results_graded,
    reviewable_items,
    reviews_of,
)
from trialwright.conduct.reads.verification import plan_for
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.messages import Message
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.scopes import ItemScope
from trialwright.web.clinical import filling, steps
from trialwright.web.clinical.form_words import about_form, form_href, label_of, reasons_of
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.review_words import (
    ANSWER_WORDS,
    proposal,
    results_judged,
    source_words,
)
from trialwright.web.clinical.sent import sent_once
from trialwright.web.clinical.steps import Given, question
from trialwright.web.clinical.verification import why_words
from trialwright.web.components import Link, Problem
from trialwright.web.forms.presenter import answer_text, flagged_text

_SIGNIFICANT, _NOT = ReviewAnswer.SIGNIFICANT, ReviewAnswer.NOT_SIGNIFICANT
_CHOICES = steps.choices(
    "significance", *((each.value, ANSWER_WORDS[each]) for each in (_NOT, _SIGNIFICANT))
)
_GRADES = steps.choices(
    "grade",
    ("0", Message("No grade")),
    *((str(each), Message("Grade {grade}", grade=each)) for each in GRADES[1:]),
)


@in_study
def significance_page(
    frame: Frame, code: str, visit: str, form: str, repeat: int = 1
) -> HttpResponse:
    """Say of each result outside normal whether it is clinically significant, and of those that
    the protocol has graded which grade they have."""
    page = _page(frame, code, visit, form, repeat, Act.JUDGE_EVENTS)
    asked = results_judged(page)
    if not asked:
        raise NotFound
    here = f"{form_href(frame, page)}/significance"
    if frame.request.method == "GET" and "revision" not in frame.request.GET:
        return redirect(f"{here}?revision={page.revision}")
    step = steps.Step(
        heading=_("Judge the results"),
        button=_("Save the judgement"),
        form=steps.form_of(*(each for key in asked for each in _questions(frame, page, key))),
        act=lambda given: reviewing_values.judge_results(
            by=frame.actor,
            place=_place(page, frame.request.GET.get("revision", "")),
            judgements=_judgements(asked, given),
            grades=_grades(asked, given),
        ),
        done=_("The judgement is saved; it stands while the results do."),
        then=f"{form_href(frame, page)}/answers",
        start=_said(page, asked),
    )
    return steps.run(frame, step, about_form(frame, page, step.heading, crumbs=_way(frame, page)))


def _said(page: FormPage, asked: list[str]) -> dict[str, str]:
    stands = reviews_of(page.entry)
    start: dict[str, str] = {}
    for key in asked:
        if judged := stands.significance.get(key):
            start |= {key: judged.answer.value, f"{key}_done": judged.comment}
        if graded := stands.grade.get(key):
            start |= {f"{key}_grade": str(graded.grade), f"{key}_why": graded.comment}
    return start


def _questions(frame: Frame, page: FormPage, key: str) -> list[Item]:
    item = page.form.item(key)
    told = flagged_text(item, page.saved[key], reasons_of(page), frame.language)
    asked: list[Item] = []
    if key in abnormal_items(page.form, page.stored):
        label = Message("{test}: {result}", test=item.label, result=told)
        judged = question(key, label, ItemType.CHOICE, code_list=_CHOICES)
        needed = parse(f"{key} == '{_SIGNIFICANT.value}'").typed(ItemScope((judged,)))
        done = Message("What is done about it")
        asked += [
            judged,
            question(f"{key}_done", done, ItemType.TEXT, longest=500, show_when=needed),
        ]
    if key in results_graded(page.grades, page.form, page.stored):
        label = Message("Grade of {test}: {result}", test=item.label, result=told)
        hint = proposal(frame, page, key)
        graded = question(f"{key}_grade", label, ItemType.CHOICE, hint=hint, code_list=_GRADES)
        other = parse(f"{key}_grade != '{page.grades[key].grade}'").typed(ItemScope((graded,)))
        why = Message("Why it isn’t the proposed grade")
        asked += [
            graded,
            question(f"{key}_why", why, ItemType.TEXT, longest=500, show_when=other),
        ]
    return asked


def _judgements(asked: list[str], given: Given) -> dict[str, tuple[ReviewAnswer, str]]:
    return {
        key: (ReviewAnswer(str(given[key])), str(given.get(f"{key}_done", "")))
        for key in asked
        if key in given
    }


def _grades(asked: list[str], given: Given) -> dict[str, tuple[int, str]]:
    return {
        key: (int(str(given[f"{key}_grade"])), str(given.get(f"{key}_why", "")))
        for key in asked
        if f"{key}_grade" in given
    }


@in_study
def source_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Say which values of a form agree with their source."""
    page = _page(frame, code, visit, form, repeat, Act.VERIFY_SOURCE)
    there = reviewable_items(page.form, page.stored)
    problems: list[Problem] = []
    if frame.request.method == "POST":
        if "revision" not in frame.request.POST:
            raise BadRequest("What was sent is not this page.")
        try:
            then = sent_once(frame.actor, frame.request.POST, partial(_verify, frame, page))
        except ActionRefused as error:
            problems = [Problem(str(each.sentence), "main") for each in error.problems]
        else:
            return redirect(then)
    verified = reviews_of(page.entry).source
    plan = plan_for(frame.actor, page.participant)
    chosen = set(frame.request.POST.getlist("item")) if problems else set(verified)
    rows = [
        {
            "key": key,
            "label": page.form.item(key).label.in_language(frame.language),
            "value": answer_text(
                page.form.item(key), page.saved[key], reasons_of(page), frame.language
            ),
            "chosen": key in chosen,
            "said": source_words(frame, verified[key]) if key in verified else "",
            "why": why_words(frame, plan, page, page.form.item(key)) if plan else "",
        }
        for key in there
    ]
    context = about_form(
        frame,
        page,
        _("Verify “{form}” in the source").format(form=label_of(frame, page)),
        crumbs=_way(frame, page),
        rows=rows,
        planned=plan is not None,
        problems=problems,
        revision=page.revision,
        back=Link(_("Cancel"), f"{form_href(frame, page)}/answers"),
    )
    status = 409 if problems else 200
    return render(frame.request, "web/source.html", context, status=status)


def _verify(frame: Frame, page: FormPage) -> str:
    post = frame.request.POST
    there = reviewable_items(page.form, page.stored)
    items = there if "all" in post else post.getlist("item")
    reviewing_values.verify_source(
        by=frame.actor, place=_place(page, post["revision"]), items=items
    )
    messages.success(frame.request, _("The verification is saved; it stands while the values do."))
    return f"{form_href(frame, page)}/answers"


def _page(frame: Frame, code: str, visit: str, form: str, repeat: int, act: Act) -> FormPage:
    page = form_page(frame.actor, code, visit, form, repeat)
    if page.revision == 0 or page.form.unmasking or not may(
        frame.actor, act, site=page.participant.site
    ):  # fmt: skip
        raise NotFound
    return page


def _place(page: FormPage, revision: str) -> FormAt:
    at = (page.participant.code, page.visit.key, page.form.key)
    return FormAt(*at, filling.number(revision), page.repeat)


def _way(frame: Frame, page: FormPage) -> list[Link]:
    return [Link(label_of(frame, page), f"{form_href(frame, page)}/answers")]
