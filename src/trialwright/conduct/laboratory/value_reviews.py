"""Reviews of values stand while the value does: what changes it undoes them."""

from collections.abc import Collection

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Entry, ValueReview

VALUE_CHANGED = "the value changed"
TAKEN_BACK = "taken back"


def undo_reviews(context: ActionContext, entry: Entry, items: Collection[str]) -> None:
    """Undo what was said of these values, which have changed or are no longer there."""
    if not items:
        return
    for row in ValueReview.objects.filter(entry=entry, item__in=items, undone_at=None):
        context.change(row, undone_at=context.at, undone_reason=VALUE_CHANGED)
