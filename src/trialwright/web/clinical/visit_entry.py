"""All forms of a visit on one page: filled in together, each saved, kept and signed as itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trialwright.conduct.actions import drafting
from trialwright.conduct.reads.forms import FormPage
from trialwright.conduct.reads.participants import one
from trialwright.conduct.reads.visit_forms import (
    forms_to_fill,
    in_order_of_need,
    judged_together,
    needs_of,
)
from trialwright.conduct.refusals import ActionRefused, Conflict, Problem
from trialwright.web.clinical import filling
from trialwright.web.clinical.form_words import (
    both_versions,
    form_href,
    label_of,
    queries_of,
    visit_href,
)
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.components import Link, Table, Task
from trialwright.web.components import Problem as Said
from trialwright.web.forms.fields import Group, problems_of, with_focus
from trialwright.web.forms.posting import Posted, part_of, prefix_of, read_post

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One form on the page, as the template shows it."""

    prefix: str
    label: str
    instructions: str
    revision: int
    sealed: bool
    groups: Sequence[Group]
    conflict: Table | None
    queries: Sequence[Task]
    note: str
    own_page: str


@dataclass(slots=True)
class Outcome:
    """What came of a saving: which forms are saved now, and what was said of the others."""

    complete: list[FormPage] = field(default_factory=list)
    incomplete: list[FormPage] = field(default_factory=list)
    refused: dict[Key, ActionRefused] = field(default_factory=dict)
    waiting: dict[Key, str] = field(default_factory=dict)


@in_study
def forms_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Show all forms of the visit that this person fills in, or save what was sent of them."""
    pages = _pages(frame, code, visit)
    if frame.request.method != "POST":
        return _show(frame, pages, {_key(page): Posted(page.values, {}, {}) for page in pages})
    posted = _sent(frame, pages)
    if given_up := frame.request.POST.get("discard"):
        return _discard(frame, pages, posted, given_up)
    outcome = _save(frame, pages, posted)
    saved = [*outcome.complete, *outcome.incomplete]
    if not outcome.refused and not outcome.waiting:
        messages.success(frame.request, _saved_words(outcome))
        return redirect(visit_href(frame, pages[0]))
    # What is saved is shown as it is stored; what is refused as it was typed.
    again = _pages(frame, code, visit)
    done = {_key(page) for page in saved}
    typed = {
        _key(page): Posted(page.values, {}, {})
        if _key(page) in done or _key(page) not in posted
        else posted[_key(page)]
        for page in again
    }
    return _show(frame, again, typed, outcome)


@in_study
def draft_page(frame: Frame, code: str, visit: str) -> HttpResponse:
    """Keep what is being typed, form by form, and answer what follows from all of it."""
    if frame.request.method != "POST":
        raise Http404
    pages = _pages(frame, code, visit)
    posted = _sent(frame, pages)
    moments = [moment for moment in _keep(frame, pages, posted) if moment]
    groups = chain.from_iterable(_groups(frame, pages, posted, {}).values())
    saved_at = max(moments, default=None)
    context = {"groups": list(groups), "saved_at": saved_at}
    return render(frame.request, "web/parts/form_refresh.html", context)


def _pages(frame: Frame, code: str, visit: str) -> tuple[FormPage, ...]:
    pages = forms_to_fill(frame.actor, code, visit)
    if not pages:
        one(frame.actor, code)
        raise Http404
    return pages


def _key(page: FormPage) -> Key:
    return (page.form.key, page.repeat)


def _prefix(page: FormPage) -> str:
    return prefix_of(*_key(page))


def _sent(frame: Frame, pages: Sequence[FormPage]) -> dict[Key, Posted]:
    """What was sent of each form. A page of ours says on which revision each of them stands."""
    post = frame.request.POST.dict()
    parts = {_key(page): part_of(post, _prefix(page)) for page in pages}
    if not any("revision" in part for part in parts.values()):
        raise BadRequest("What was sent is not the forms of this visit.")
    return {
        key: read_post(page.form, part) if "revision" in part else Posted(page.values, {}, {})
        for page in pages
        for key, part in [(_key(page), parts[_key(page)])]
    }


def _revision(frame: Frame, page: FormPage) -> str:
    sent: str = frame.request.POST.get(f"{_prefix(page)}revision", "")
    return sent


def _keep(
    frame: Frame, pages: Sequence[FormPage], posted: Mapping[Key, Posted]
) -> list[datetime | None]:
    """Keep what was typed into the forms in which something was; when each was last kept."""
    moments: list[datetime | None] = []
    for page in pages:
        typed = posted[_key(page)]
        drafted = page.draft_at is not None
        if not drafted and not filling.differs(page.saved, typed):
            moments.append(None)
        elif drafted and not filling.differs(page.values, typed):
            moments.append(page.draft_at)
        else:
            revision = filling.number(_revision(frame, page))
            moments.append(filling.keep(frame, page, typed, revision))
    return moments


def _discard(
    frame: Frame, pages: Sequence[FormPage], posted: Mapping[Key, Posted], given_up: str
) -> HttpResponse:
    page = next((each for each in pages if _prefix(each) == given_up), None)
    if page is None:
        raise BadRequest("No such form is on this page.")
    _keep(frame, [each for each in pages if each is not page], posted)
    drafting.discard_draft(**filling.place_of(frame, page))
    messages.success(frame.request, _("Your version is given up; this is what is saved."))
    return redirect(f"{visit_href(frame, page)}/forms")


def _save(frame: Frame, pages: Sequence[FormPage], posted: Mapping[Key, Posted]) -> Outcome:
    """Save the forms in which something was typed, each in the order in which they are needed.

    One that reads from a form that was refused waits for it: saved now, it would lose what is
    only asked because of what the other says.
    """
    outcome = Outcome()
    stuck: dict[str, FormPage] = {}
    for page in in_order_of_need(pages):
        key, typed = _key(page), posted[_key(page)]
        if not filling.differs(page.saved, typed) and not typed.too_long:
            if page.draft_at is not None:
                drafting.discard_draft(**filling.place_of(frame, page))
            continue
        blocking = next((stuck[need] for need in needs_of(page, pages) if need in stuck), None)
        if blocking is not None:
            outcome.waiting[key] = _("Not saved yet: it waits for “{form}”.").format(
                form=label_of(frame, blocking)
            )
            stuck[page.form.key] = page
            continue
        try:
            stands = filling.save(frame, page, typed, _part(frame, page), _revision(frame, page))
        except ActionRefused as error:
            outcome.refused[key] = error
            stuck[page.form.key] = page
        else:
            saved = outcome.complete if stands == filling.COMPLETE else outcome.incomplete
            saved.append(page)
    not_saved = outcome.refused.keys() | outcome.waiting.keys()
    _keep(frame, [page for page in pages if _key(page) in not_saved], posted)
    return outcome


def _part(frame: Frame, page: FormPage) -> QueryDict:
    """What counts as the content of one form, where it is asked whether the same was sent twice."""
    part = QueryDict(mutable=True)
    part.update(part_of(frame.request.POST.dict(), _prefix(page)))
    return part


def _saved_words(outcome: Outcome) -> str:
    number = len(outcome.complete) + len(outcome.incomplete)
    if not number:
        return _("Nothing was changed, so nothing was saved.")
    if outcome.incomplete:
        return ngettext(
            "Saved: {number} form; answers are still missing.",
            "Saved: {number} forms; in {incomplete} of them answers are still missing.",
            number,
        ).format(number=number, incomplete=len(outcome.incomplete))
    return ngettext(
        "Saved and complete: {number} form.", "Saved and complete: {number} forms.", number
    ).format(number=number)


def _groups(
    frame: Frame,
    pages: Sequence[FormPage],
    posted: Mapping[Key, Posted],
    refused: Mapping[Key, tuple[Problem, ...]],
) -> dict[Key, tuple[Group, ...]]:
    judged = judged_together(pages, {key: typed.values for key, typed in posted.items()})
    return {
        key: filling.groups_of(
            frame, page, posted[key], judged[key], refused.get(key, ()), prefix=_prefix(page)
        )
        for page in pages
        for key in [_key(page)]
    }


def _show(
    frame: Frame,
    pages: Sequence[FormPage],
    posted: Mapping[Key, Posted],
    outcome: Outcome | None = None,
) -> HttpResponse:
    outcome = outcome or Outcome()
    refused = {key: error.problems for key, error in outcome.refused.items()}
    laid_out = _groups(frame, pages, posted, refused)
    focused = with_focus([group for groups in laid_out.values() for group in groups])
    by_key = {group.key: group for group in focused}
    parts = [
        _part_of_page(
            frame, page, [by_key[group.key] for group in laid_out[_key(page)]], posted, outcome
        )
        for page in pages
    ]
    visit, participant = pages[0].visit, pages[0].participant
    label = visit.label.in_language(frame.language)
    saved = [*outcome.complete, *outcome.incomplete]
    context = frame.about(
        participant,
        _("{visit}: all forms").format(visit=label),
        crumbs=[Link(label, visit_href(frame, pages[0]))],
        parts=parts,
        problems=[
            each
            for page, part in zip(pages, parts, strict=True)
            for each in _problems(page, part, refused.get(_key(page), ()), outcome)
        ],
        draft=f"{visit_href(frame, pages[0])}/forms/draft",
        saved_at=max((page.draft_at for page in pages if page.draft_at), default=None),
        button=_("Save all forms"),
    )
    if saved and outcome.refused:
        context["notice"] = _saved_words(outcome)
    return render(frame.request, "web/visit_forms.html", context, status=409 if refused else 200)


def _part_of_page(
    frame: Frame,
    page: FormPage,
    groups: Sequence[Group],
    posted: Mapping[Key, Posted],
    outcome: Outcome,
) -> Part:
    key = _key(page)
    behind = isinstance(outcome.refused.get(key), Conflict) or (
        key not in outcome.refused and page.draft_behind
    )
    instructions = page.form.instructions
    return Part(
        prefix=_prefix(page),
        label=label_of(frame, page),
        instructions=instructions.in_language(frame.language) if instructions else "",
        revision=page.revision,
        sealed=page.form.unmasking,
        groups=groups,
        conflict=both_versions(frame, page, posted[key].values) if behind else None,
        queries=queries_of(frame, page),
        note=outcome.waiting.get(key, ""),
        own_page=form_href(frame, page),
    )


def _problems(
    page: FormPage, part: Part, refused: tuple[Problem, ...], outcome: Outcome
) -> list[Said]:
    known = {item.key for item in page.form.items}
    heading = f"form-{part.prefix}"
    general = [Said(f"{part.label}: {each.sentence}", heading) for each in refused
               if each.field not in known]  # fmt: skip
    unlikely = [
        Said(str(each.sentence), f"remark-{part.prefix}{each.field}")
        for each in refused
        if each.asks
    ]
    waits = [Said(f"{part.label}: {part.note}", heading)] if part.note else []
    return [*general, *problems_of(part.groups), *unlikely, *waits]
