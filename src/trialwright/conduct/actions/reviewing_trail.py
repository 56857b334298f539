"""Record that the audit trail was reviewed, up to the entry that was read, and what was found."""

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import TrailReview
from trialwright.conduct.reads.trail_reviews import role_to_review_trail
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.ledger import journal


def review_trail(*, by: Actor, last: int, findings: str, at: datetime | None = None) -> int:
    """Record a review from where this person's last one ended; returns its number.

    Args:
        last: the number of the newest entry that was read.
        findings: what was found, or that nothing was.

    Raises:
        ActionRefused: nothing was written, or the entry isn't after the last one reviewed.
    """
    with acting(by, _role, "review_trail", at=at) as context:
        own = TrailReview.objects.filter(study=context.study, reviewed_by=by.person_id)
        before = own.aggregate(last=Max("last_seq"))["last"] or 0
        head = journal.head(context.study.identifier).seq
        problems = []
        if not before < last <= head:
            words = _("Your last review ended at entry %(before)d, and the trail ends at %(head)d.")
            problems.append(Problem("", words % {"before": before, "head": head}))
        if not findings.strip():
            words = _("Write what you found, or that you found nothing.")
            problems.append(Problem("findings", words))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        number = TrailReview.objects.filter(study=context.study).aggregate(n=Max("number"))["n"]
        row = TrailReview(
            study=context.study,
            number=(number or 0) + 1,
            first_seq=before + 1,
            last_seq=last,
            findings=findings.strip(),
            reviewed_at=context.at,
            reviewed_by=by.person_id,
            role=context.role,
        )
        context.record(row)
        return row.number


def _role(context: ActionContext) -> str | None:
    return role_to_review_trail(context.by)
