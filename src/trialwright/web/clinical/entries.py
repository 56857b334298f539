"""A form of a participant at a visit: filling it in, drafts, checking the answers, signing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from trialwright.conduct.actions import drafting, entering
from trialwright.conduct.completing import Completed
from trialwright.conduct.reads.forms import FormPage, form_page
from trialwright.conduct.refusals import Conflict, Refused
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import CodeList
from trialwright.web.clinical import signing
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Link, Problem
from trialwright.web.forms.fields import Answers, Group, lay_out, problems_of
from trialwright.web.forms.posting import Posted, read_post
from trialwright.web.forms.showing import answer_rows


@in_study
def entry_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Show a form, or save it; for who may not fill it in, its answers."""
    page = form_page(frame.actor, code, visit, form, repeat)
    if page.completes_as is None or not page.open_now:
        return _read_only(frame, page)
    if frame.request.method != "POST":
        return _show(frame, page, Posted(page.values, {}, {}), page.judged(page.values), ())
    posted = read_post(page.form, frame.request.POST)
    try:
        saved = entering.save_entry(
            by=frame.actor,
            code=code,
            visit=visit,
            form=form,
            repeat=repeat,
            raw=posted.values,
            based_on=_number(frame.request.POST.get("revision", "")),
            whys=posted.whys,
            remarks=posted.remarks,
        )
    except Refused as error:
        drafting.save_draft(
            by=frame.actor,
            code=code,
            visit=visit,
            form=form,
            repeat=repeat,
            raw=posted.values,
            based_on=page.revision if isinstance(error, Conflict) else page.based_on,
        )
        return _show(frame, page, posted, page.judged(posted.values), error.problems)
    messages.success(
        frame.request,
        _("Saved and complete.") if saved.complete else _("Saved; some answers are still missing."),
    )
    return redirect(_visit_href(frame, page))


@in_study
def draft_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Keep what is being typed, and answer what follows from it."""
    if frame.request.method != "POST":
        raise Http404
    page = form_page(frame.actor, code, visit, form, repeat)
    posted = read_post(page.form, frame.request.POST)
    saved_at = drafting.save_draft(
        by=frame.actor,
        code=code,
        visit=visit,
        form=form,
        repeat=repeat,
        raw=posted.values,
        based_on=_number(frame.request.POST.get("revision", "")),
    )
    groups = _groups(frame, page, posted, page.judged(posted.values), ())
    context = {"groups": groups, "saved_at": saved_at}
    return render(frame.request, "web/parts/form_refresh.html", context)


@in_study
def sign_page(frame: Frame, code: str, visit: str, form: str, repeat: int = 1) -> HttpResponse:
    """Check the answers, then sign them."""
    page = form_page(frame.actor, code, visit, form, repeat)
    if page.signs_as is None or page.revision == 0:
        raise Http404
    problems: list[str] = []
    password_problem = ""
    if frame.request.method == "POST":
        password_problem = signing.password_problem(frame)
        if not password_problem:
            try:
                entering.sign_entry(
                    by=frame.actor,
                    code=code,
                    visit=visit,
                    form=form,
                    repeat=repeat,
                    content_hash=frame.request.POST.get("revision", ""),
                )
            except Refused as error:
                problems = [str(each.sentence) for each in error.problems]
            else:
                messages.success(frame.request, _("Signed."))
                return redirect(_visit_href(frame, page))
    context = _about(
        frame,
        page,
        _("Check “{form}”, then sign").format(form=_label(frame, page)),
        sections=_rows(frame, page, change=_href(frame, page) if page.completes_as else ""),
        revision=page.content_hash,
        statement=_("I have checked these answers against their source and they are right."),
        **signing.context(frame, _("Sign this form"), password_problem, problems),
    )
    return render(frame.request, "web/check.html", context, status=409 if problems else 200)


def _show(
    frame: Frame, page: FormPage, posted: Posted, judged: Completed, refused: tuple[Any, ...]
) -> HttpResponse:
    groups = _groups(frame, page, posted, judged, refused)
    known = {item.key for item in page.form.items}
    general = [Problem(str(each.sentence), "main") for each in refused if each.field not in known]
    unlikely = [
        Problem(str(each.sentence), f"remark-{each.field}") for each in refused if each.asks
    ]
    behind = page.draft_behind and not refused
    context = _about(
        frame,
        page,
        _label(frame, page),
        groups=groups,
        problems=[*general, *problems_of(groups), *unlikely],
        instructions=_instructions(frame, page),
        draft=f"{_href(frame, page)}/draft",
        saved_at=page.draft_at,
        revision=page.based_on if not refused else page.revision,
        button=_("Save"),
        sealed_form=page.form.unmasking,
        under=_("Somebody saved this form after your draft began; saving will show the difference.")
        if behind
        else "",
        action=Link(_("Check and sign"), f"{_href(frame, page)}/sign") if _may_sign(page) else None,
    )
    return render(frame.request, "web/form.html", context, status=409 if refused else 200)


def _groups(
    frame: Frame, page: FormPage, posted: Posted, judged: Completed, refused: tuple[Any, ...]
) -> tuple[Group, ...]:
    computed = {
        item.key: str(judged.values[item.key]["text"])
        for item in page.form.items
        if item.computed and item.key in judged.values
    }
    answers = Answers(
        values={**posted.values, **computed},
        completed=page.saved if page.complete else {},
        problems={each.field: str(each.sentence) for each in refused if not each.asks},
        questions={each.item: each.sentence for each in judged.questions}
        if refused or posted.remarks
        else {},
        whys=posted.whys,
        remarks=posted.remarks,
        skipped=frozenset(item.key for item in page.form.items) - judged.shown,
    )
    return lay_out(page.form, answers, reasons=_reasons(page), language=frame.language)


def _read_only(frame: Frame, page: FormPage) -> HttpResponse:
    if frame.request.method == "POST":
        raise Http404
    context = _about(
        frame,
        page,
        _label(frame, page),
        sections=_rows(frame, page, change=""),
        signatures=[
            {"role": row.role, "at": row.signed_at, "void": row.void_at} for row in page.signatures
        ],
        empty=page.revision == 0,
        action=Link(_("Check and sign"), f"{_href(frame, page)}/sign") if _may_sign(page) else None,
    )
    return render(frame.request, "web/answers.html", context)


def _rows(frame: Frame, page: FormPage, *, change: str) -> Any:
    judged = page.judged({})
    return answer_rows(
        page.form,
        page.saved,
        reasons=_reasons(page),
        language=frame.language,
        skipped=frozenset(item.key for item in page.form.items) - judged.shown,
        change=change,
    )


def _may_sign(page: FormPage) -> bool:
    signed = any(row.void_at is None for row in page.signatures)
    return page.signs_as is not None and page.complete and not signed


def _reasons(page: FormPage) -> CodeList | None:
    try:
        return page.protocol.code_list("missing_reasons")
    except UnknownKeyError:
        return None


def _instructions(frame: Frame, page: FormPage) -> str:
    return page.form.instructions.in_language(frame.language) if page.form.instructions else ""


def _label(frame: Frame, page: FormPage) -> str:
    return page.form.label.in_language(frame.language)


def _about(frame: Frame, page: FormPage, heading: str, **more: Any) -> dict[str, Any]:
    visit = page.visit.label.in_language(frame.language)
    return frame.about(
        page.participant, heading, crumbs=[Link(visit, _visit_href(frame, page))], **more
    )


def _visit_href(frame: Frame, page: FormPage) -> str:
    return f"{frame.href}/participants/{page.participant.code}/visits/{page.visit.key}"


def _href(frame: Frame, page: FormPage) -> str:
    return f"{_visit_href(frame, page)}/{page.form.key}/{page.repeat}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
