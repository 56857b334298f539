"""A form of a participant at a visit: filling it in, drafts, both versions of a conflict."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.actions import drafting, entering
from trialwright.conduct.completing import Completed
from trialwright.conduct.reads.forms import FormPage, form_page
from trialwright.conduct.refusals import Conflict, Problem, Refused
from trialwright.web.clinical.form_words import (
    about_form,
    both_versions,
    form_href,
    label_of,
    queries_of,
    reasons_of,
    rows_of,
    signatures_of,
    visit_href,
)
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Link
from trialwright.web.components import Problem as Said
from trialwright.web.forms.fields import Answers, Group, lay_out, problems_of
from trialwright.web.forms.posting import Posted, read_post

Problems = tuple[Problem, ...]


@in_study
def entry_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Show a form, or save it; for who may not fill it in, its answers."""
    page = form_page(frame.actor, code, visit, form, repeat)
    if frame.request.method != "POST":
        if page.completes_as is None or page.closed:
            return _read_only(frame, page)
        return _show(frame, page, Posted(page.values, {}, {}), behind=page.draft_behind)
    if page.completes_as is None:
        raise Http404
    if "discard" in frame.request.POST:
        drafting.discard_draft(by=frame.actor, code=code, visit=visit, form=form, repeat=repeat)
        messages.success(frame.request, _("Your version is given up; this is what is saved."))
        return redirect(form_href(frame, page))
    posted = read_post(page.form, frame.request.POST)
    try:
        saved = _save(frame, page, posted)
    except Refused as error:
        _keep(frame, page, posted)
        behind = isinstance(error, Conflict)
        return _show(frame, page, posted, error.problems, behind=behind)
    messages.success(
        frame.request,
        _("Saved and complete.") if saved.complete else _("Saved; some answers are still missing."),
    )
    return redirect(visit_href(frame, page))


def _save(frame: Frame, page: FormPage, posted: Posted) -> entering.Saved:
    if posted.both:
        words = _("Give the value or the reason for having none, not both.")
        twice = tuple(Problem(key, words) for key in posted.both)
        raise Refused(problems=(*twice, *page.judged(posted.values).problems))
    return entering.save_entry(
        by=frame.actor,
        code=page.participant.code,
        visit=page.visit.key,
        form=page.form.key,
        repeat=page.repeat,
        raw=posted.values,
        based_on=_number(frame.request.POST.get("revision", "")),
        whys=posted.whys,
        remarks=posted.remarks,
    )


@in_study
def draft_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Keep what is being typed, and answer what follows from it."""
    if frame.request.method != "POST":
        raise Http404
    page = form_page(frame.actor, code, visit, form, repeat)
    posted = read_post(page.form, frame.request.POST)
    saved_at = _keep(frame, page, posted)
    groups = _groups(frame, page, posted, page.judged(posted.values), ())
    context = {"groups": groups, "saved_at": saved_at}
    return render(frame.request, "web/parts/form_refresh.html", context)


@in_study
def answers_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """The saved answers, each with its history; who saved and who signed them."""
    return _read_only(frame, form_page(frame.actor, code, visit, form, repeat))


def _keep(frame: Frame, page: FormPage, posted: Posted) -> Any:
    return drafting.save_draft(
        by=frame.actor,
        code=page.participant.code,
        visit=page.visit.key,
        form=page.form.key,
        repeat=page.repeat,
        raw=posted.values,
        based_on=_number(frame.request.POST.get("revision", "")),
    )


def _show(
    frame: Frame, page: FormPage, posted: Posted, refused: Problems = (), *, behind: bool = False
) -> HttpResponse:
    groups = _groups(frame, page, posted, page.judged(posted.values), refused)
    known = {item.key for item in page.form.items}
    general = [Said(str(each.sentence), "main") for each in refused if each.field not in known]
    unlikely = [Said(str(each.sentence), f"remark-{each.field}") for each in refused if each.asks]
    href = form_href(frame, page)
    context = about_form(
        frame,
        page,
        label_of(frame, page),
        groups=groups,
        problems=[*general, *problems_of(groups), *unlikely],
        conflict=both_versions(frame, page, posted.values) if behind else None,
        queries=queries_of(frame, page),
        instructions=_instructions(frame, page),
        draft=f"{href}/draft",
        saved_at=page.draft_at,
        revision=page.revision,
        button=_("Save"),
        sealed_form=page.form.unmasking,
        signatures=signatures_of(frame, page),
        answers=Link(_("The answers with their history"), f"{href}/answers"),
        action=_sign_link(frame, page),
    )
    return render(frame.request, "web/form.html", context, status=409 if refused else 200)


def _groups(
    frame: Frame, page: FormPage, posted: Posted, judged: Completed, refused: Problems
) -> tuple[Group, ...]:
    computed = {
        item.key: str(judged.values[item.key]["text"])
        for item in page.form.items
        if item.computed and item.key in judged.values
    }
    answers = Answers(
        values={**posted.values, **computed},
        completed=page.saved if page.complete else {},
        last=page.last,
        problems={each.field: str(each.sentence) for each in refused if not each.asks},
        questions={each.item: each.sentence for each in judged.questions}
        if refused or posted.remarks
        else {},
        whys=posted.whys,
        remarks=posted.remarks,
        skipped=frozenset(item.key for item in page.form.items) - judged.shown,
    )
    return lay_out(page.form, answers, reasons=reasons_of(page), language=frame.language)


def _read_only(frame: Frame, page: FormPage) -> HttpResponse:
    if frame.request.method == "POST":
        raise Http404
    href = form_href(frame, page)
    fills = page.completes_as is not None and page.closed is None
    context = about_form(
        frame,
        page,
        label_of(frame, page),
        under=page.closed or "",
        sections=rows_of(frame, page, links=True),
        queries=queries_of(frame, page),
        signatures=signatures_of(frame, page),
        sealed_form=page.form.unmasking,
        empty=page.revision == 0,
        action=_sign_link(frame, page) or (Link(_("Fill in or change"), href) if fills else None),
    )
    return render(frame.request, "web/answers.html", context)


def _sign_link(frame: Frame, page: FormPage) -> Link | None:
    signed = any(row.void_at is None for row in page.signatures)
    if page.signs_as is None or not page.complete or signed:
        return None
    return Link(_("Check and sign"), f"{form_href(frame, page)}/sign")


def _instructions(frame: Frame, page: FormPage) -> str:
    return page.form.instructions.in_language(frame.language) if page.form.instructions else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
