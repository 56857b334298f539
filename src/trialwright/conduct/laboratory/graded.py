"""What a version of a protocol has graded, and what undoes a grade that a person gave."""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from trialwright.conduct.acting import ActionContext, protocol_of
from trialwright.conduct.models import Entry, ValueReview
from trialwright.conduct.models.value_reviews import ReviewKind
from trialwright.conduct.tables import version_of
from trialwright.protocol.forms import Form
from trialwright.safety.laboratory_grading import LaboratoryGrading, laboratory_grading


@lru_cache(maxsize=32)
def grading_under(version: UUID) -> LaboratoryGrading | None:
    """What a version of a protocol has graded; once signed it never changes."""
    return laboratory_grading(protocol_of(version_of(version)))


def undo_grades(
    context: ActionContext, entry: Entry, form: Form, items: Collection[str], reason: str
) -> None:
    """Undo the grades that go by what has changed of these items: value, range, or the sample's
    day, by which all of the form go. Of a baseline those of every visit go by it."""
    rules = grading_under(entry.protocol_version_id)
    if not items or rules is None or form.key not in rules.forms:
        return
    given = ValueReview.objects.filter(
        entry__participant=entry.participant_id,
        entry__form=form.key,
        kind=ReviewKind.GRADE.value,
        undone_at=None,
    )
    if entry.visit != rules.baseline:
        given = given.filter(entry=entry)
    if form.sampled not in items:
        given = given.filter(item__in=items)
    for row in given:
        context.change(row, undone_at=context.at, undone_reason=reason)
