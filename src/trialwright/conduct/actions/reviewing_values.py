"""The investigator judges and grades results; a monitor verifies values in their source."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may_see_form
from trialwright.conduct.acting import ActionContext, acting, protocol_of
from trialwright.conduct.laboratory.grades import proposed_grades
from trialwright.conduct.laboratory.value_reviews import TAKEN_BACK
from trialwright.conduct.models import Entry, ValueReview
from trialwright.conduct.models.value_reviews import GRADES, ReviewAnswer, ReviewKind
from trialwright.conduct.participants.completing import say
from trialwright.conduct.reads.laboratory import form_of_entry
from trialwright.conduct.reads.value_reviews import abnormal_items, reviewable_items
from trialwright.conduct.reads.values import held_openly
from trialwright.conduct.refusals import ActionRefused, Conflict, NotFound, Problem
from trialwright.conduct.tables import entry_of
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Form

_NO_GRADES: Final[Mapping[str, tuple[int, str]]] = {}


@dataclass(frozen=True, slots=True)
class FormAt:
    """A form of a participant at a visit, as it was read: at which revision."""

    code: str
    visit: str
    form: str
    revision: int
    repeat: int = 1


def judge_results(
    *,
    by: Actor,
    place: FormAt,
    judgements: Mapping[str, tuple[ReviewAnswer, str]],
    grades: Mapping[str, tuple[int, str]] = _NO_GRADES,
    at: datetime | None = None,
) -> None:
    """Say of results outside the limits of normal whether they are clinically significant, and of
    those that the protocol has graded which grade they have.

    Args:
        judgements: by item the answer and a comment; of a significant one the comment says what
            is done about it. What is said already stays as it is.
        grades: by item the grade, 0 for none, and why it isn't the one that is proposed.

    Raises:
        ActionRefused: a significant one has no comment, or a grade that isn't the proposed one.
        NotFound: an item isn't outside normal, or isn't graded.
        Conflict: the form changed since it was read.
    """
    may_judge = partial(_role, place.form, Act.JUDGE_EVENTS)
    with acting(by, may_judge, "judge_results", code=place.code, at=at) as context:
        context.require_unlocked(place.visit, place.form)
        entry, form = _as_read(context, place)
        outside = abnormal_items(form, held_openly(entry))
        problems = []
        for item, (answer, comment) in judgements.items():
            if item not in outside or answer is ReviewAnswer.VERIFIED:
                raise NotFound
            if answer is ReviewAnswer.SIGNIFICANT and not comment.strip():
                words = _("Write what is done about it, as it is clinically significant: %(item)s")
                problems.append(Problem(item, words % {"item": say(form.item(item).label)}))
        proposed = proposed_grades([entry]).get(entry.pk, {}) if grades else {}
        for item, (grade, why) in grades.items():
            if item not in proposed or grade not in GRADES:
                raise NotFound
            if grade != proposed[item].grade and not why.strip():
                words = _("Write why it has another grade than the proposed one: %(item)s")
                problems.append(Problem(item, words % {"item": say(form.item(item).label)}))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        for item, (answer, comment) in judgements.items():
            _say(context, entry, item, ReviewKind.SIGNIFICANCE, answer, comment.strip())
        for item, (grade, why) in grades.items():
            _say(context, entry, item, ReviewKind.GRADE, ReviewAnswer.GRADED, why.strip(), grade)


def verify_source(
    *,
    by: Actor,
    place: FormAt,
    items: Collection[str],
    at: datetime | None = None,
) -> None:
    """Say which values of a form agree with their source; of the others this no longer stands.

    Raises:
        Conflict: the form changed since it was read.
    """
    may_verify = partial(_role, place.form, Act.VERIFY_SOURCE)
    with acting(by, may_verify, "verify_source", code=place.code, at=at) as context:
        entry, form = _as_read(context, place)
        there = reviewable_items(form, held_openly(entry))
        if not set(items) <= set(there):
            raise NotFound
        for item in items:
            _say(context, entry, item, ReviewKind.SOURCE, ReviewAnswer.VERIFIED, "")
        standing = ValueReview.objects.filter(
            entry=entry, kind=ReviewKind.SOURCE.value, undone_at=None
        )
        for row in standing.exclude(item__in=items):
            context.change(row, undone_at=context.at, undone_reason=TAKEN_BACK)


def _role(form: str, act: Act, context: ActionContext) -> str | None:
    try:
        the_form = context.protocol.form(form)
    except UnknownKeyError:
        return None
    site, knows = context.participant.site, context.knows_arm()
    sees = may_see_form(context.by, the_form, site=site, knows_arm=knows)
    return context.by.role_for(act, site) if sees else None


def _as_read(context: ActionContext, place: FormAt) -> tuple[Entry, Form]:
    entry = entry_of(context.participant, place.visit, place.form, place.repeat)
    if entry is None:
        raise NotFound
    form = form_of_entry(entry, protocol_of(entry.protocol_version).form(place.form))
    if form.unmasking:
        raise NotFound
    if entry.revision != place.revision:
        raise Conflict(_("The form changed while you read it. Read it again, then say what holds."))
    return entry, form


def _say(
    context: ActionContext,
    entry: Entry,
    item: str,
    kind: ReviewKind,
    answer: ReviewAnswer,
    comment: str,
    grade: int | None = None,
) -> None:
    standing = ValueReview.objects.filter(
        entry=entry, item=item, kind=kind.value, undone_at=None
    ).first()
    if standing is not None:
        if (standing.answer, standing.comment, standing.grade) == (answer.value, comment, grade):
            return
        context.change(standing, undone_at=context.at, undone_reason="judged anew")
    context.record(
        ValueReview(
            entry=entry,
            item=item,
            kind=kind.value,
            answer=answer.value,
            comment=comment,
            grade=grade,
            reviewed_at=context.at,
            reviewed_by=context.by.person_id,
            role=context.role,
        )
    )
