"""Filling in a form: what was sent of it is read, kept as a draft, saved, and laid out again.

A page holds one form, or all of a visit, each under a prefix of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from trialwright.conduct.actions import drafting, entering
from trialwright.conduct.participants.completing import Completed
from trialwright.conduct.reads.forms import FormPage
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.web.clinical.form_words import form_href, reasons_of
from trialwright.web.clinical.frame import Frame
from trialwright.web.clinical.review_words import grade_words
from trialwright.web.clinical.sent import sent_once
from trialwright.web.forms.fields import Answers, Group, lay_out
from trialwright.web.forms.posting import Posted, Raw

Problems = tuple[Problem, ...]
COMPLETE = "complete"


def place_of(frame: Frame, page: FormPage) -> dict[str, Any]:
    """Who fills in which form, as actions ask for it."""
    return {
        "by": frame.actor,
        "code": page.participant.code,
        "visit": page.visit.key,
        "form": page.form.key,
        "repeat": page.repeat,
    }


def keep(frame: Frame, page: FormPage, posted: Posted, based_on: int) -> datetime:
    """Keep what was typed as the person's draft; returns when."""
    return drafting.save_draft(**place_of(frame, page), raw=posted.values, based_on=based_on)


def save(frame: Frame, page: FormPage, posted: Posted, post: QueryDict, revision: str) -> str:
    """Save what was sent of a form, once however often it is sent; returns how it stands now.

    Args:
        post: all that counts as this form's content, `revision` what the page said it stands on.

    Raises:
        ActionRefused: nothing is written; what was typed is with the caller.
    """
    act = partial(_save, frame, page, posted, number(revision))
    return sent_once(frame.actor, post, act, place=form_href(frame, page), token=revision)


def _save(frame: Frame, page: FormPage, posted: Posted, based_on: int) -> str:
    if posted.too_long:
        words = _(
            "The pasted column has more lines than the table has tests, so nothing was filled in. "
            "Paste one line for each test, in the table's order."
        )
        raise ActionRefused(words)
    if posted.both:
        words = _("Give the value or the reason for having none, not both: {question}")
        twice = tuple(
            Problem(
                key,
                words.format(question=page.form.item(key).label.in_language(frame.language)),
            )
            for key in posted.both
        )
        raise ActionRefused(problems=(*twice, *page.judged(posted.values).problems))
    saved = entering.save_entry(
        **place_of(frame, page),
        raw=posted.values,
        based_on=based_on,
        change_reasons=posted.change_reasons,
        remarks=posted.remarks,
    )
    return COMPLETE if saved.complete else "incomplete"


def groups_of(
    frame: Frame,
    page: FormPage,
    posted: Posted,
    judged: Completed,
    refused: Problems = (),
    *,
    prefix: str = "",
) -> tuple[Group, ...]:
    """The form's questions as they are shown, with what was typed and what is said of it."""
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
        change_reasons=posted.change_reasons,
        remarks=posted.remarks,
        skipped=frozenset(item.key for item in page.form.items) - judged.shown,
        saved=page.revision > 0,
        on=page.on,
        columns=posted.too_long,
        # What is typed and not saved has no grade yet.
        grades={
            key: grade_words(frame, page, key)
            for key, graded in page.grades.items()
            if graded.grade != 0 and posted.values.get(key) == page.saved.get(key)
        },
    )
    return lay_out(
        page.form, answers, reasons=reasons_of(page), language=frame.language, prefix=prefix
    )


def differs(held: Mapping[str, Raw], posted: Posted) -> bool:
    """Whether what was sent is something else than what is held."""
    return any(value != held.get(key, "") for key, value in posted.values.items())


def number(text: str) -> int:
    """A revision as a page names it; 0 where it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
