"""A form of a participant at a visit: filling it in, drafts, both versions of a conflict."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.actions import drafting
from trialwright.conduct.reads.forms import FormPage, form_page
from trialwright.conduct.reads.value_reviews import reviews_of
from trialwright.conduct.reads.visit_forms import next_to_fill
from trialwright.conduct.refusals import ActionRefused, Conflict
from trialwright.web.clinical import filling
from trialwright.web.clinical.filling import Problems, groups_of
from trialwright.web.clinical.form_words import (
    about_form,
    both_versions,
    form_href,
    label_of,
    queries_of,
    rows_of,
    signatures_of,
    visit_href,
)
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.review_words import notes_of, review_links, review_rows
from trialwright.web.components import Link
from trialwright.web.components import Problem as Said
from trialwright.web.forms.fields import problems_of, with_focus
from trialwright.web.forms.posting import Posted, read_post


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
    posted = _sent(frame, page)
    try:
        outcome = filling.save(
            frame, page, posted, frame.request.POST, frame.request.POST["revision"]
        )
    except ActionRefused as error:
        _keep(frame, page, posted)
        behind = isinstance(error, Conflict)
        return _show(frame, page, posted, error.problems, behind=behind)
    messages.success(
        frame.request,
        _("Saved and complete.")
        if outcome == filling.COMPLETE
        else _("Saved; some answers are still missing."),
    )
    goes_on = _next_form(frame, page) if "next" in frame.request.POST else None
    return redirect(goes_on.href if goes_on else visit_href(frame, page))


def _next_form(frame: Frame, page: FormPage) -> Link | None:
    """The next form of the visit that this person fills in and that isn't complete; of a repeating
    one the next record."""
    if page.form.repeating:
        href = f"{visit_href(frame, page)}/{page.form.key}/{page.repeat + 1}"
        return Link(_("Save and add another"), href)
    found = next_to_fill(frame.actor, page)
    if found is None:
        return None
    form = frame.protocol.form(found).label.in_language(frame.language)
    words = _("Save, then “{form}”").format(form=form)
    return Link(words, f"{visit_href(frame, page)}/{found}/1")


def _keep(frame: Frame, page: FormPage, posted: Posted) -> datetime:
    revision = filling.number(frame.request.POST.get("revision", ""))
    return filling.keep(frame, page, posted, revision)


def _sent(frame: Frame, page: FormPage) -> Posted:
    """What was sent. A page of ours says on which revision it stands; without it nothing is one."""
    if "revision" not in frame.request.POST:
        raise BadRequest("What was sent is not this form.")
    return read_post(page.form, frame.request.POST)


@in_study
def draft_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Keep what is being typed, and answer what follows from it."""
    if frame.request.method != "POST":
        raise Http404
    page = form_page(frame.actor, code, visit, form, repeat)
    if page.completes_as is None:
        raise Http404
    posted = _sent(frame, page)
    saved_at = _keep(frame, page, posted)
    groups = groups_of(frame, page, posted, page.judged(posted.values))
    context = {"groups": groups, "saved_at": saved_at}
    return render(frame.request, "web/parts/form_refresh.html", context)


@in_study
def answers_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """The saved answers, each with its history; who saved and who signed them."""
    return _read_only(frame, form_page(frame.actor, code, visit, form, repeat))


def _show(
    frame: Frame, page: FormPage, posted: Posted, refused: Problems = (), *, behind: bool = False
) -> HttpResponse:
    groups = with_focus(groups_of(frame, page, posted, page.judged(posted.values), refused))
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
        next_form=_next_form(frame, page),
        sealed_form=page.form.unmasking,
        signatures=signatures_of(frame, page),
        answers=Link(_("The answers with their history"), f"{href}/answers"),
        action=_sign_link(frame, page),
    )
    return render(frame.request, "web/form.html", context, status=409 if refused else 200)


def _read_only(frame: Frame, page: FormPage) -> HttpResponse:
    if frame.request.method == "POST":
        raise Http404
    href = form_href(frame, page)
    fills = page.completes_as is not None and page.closed is None
    reviews = reviews_of(page.entry)
    context = about_form(
        frame,
        page,
        label_of(frame, page),
        under=page.closed or "",
        sections=rows_of(frame, page, links=True, notes=notes_of(frame, page, reviews)),
        queries=queries_of(frame, page),
        signatures=[*signatures_of(frame, page), *review_rows(frame, page, reviews)],
        links=review_links(frame, page, href),
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
