"""Sign that the results of the first participants have been seen: this ends the pause."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from trialwright.accounts.policy import Actor, role_to_review_results
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.allocation.first_results import first_results, hash_of_results, missing
from trialwright.conduct.models import ResultsReview
from trialwright.conduct.refusals import ActionRefused


def sign_results_seen(*, by: Actor, content_hash: str, at: datetime | None = None) -> None:
    """Record the signature of the role that the protocol names.

    Args:
        content_hash: of the results as the signer read them (`reads.first_results`).

    Raises:
        NotFound: the protocol has no pause, or names another role.
        ActionRefused: results are missing, changed since they were read, or are signed already.
    """
    with acting(by, _role, "sign_results_seen", at=at) as context:
        pause = context.protocol.allocation and context.protocol.allocation.pause_after
        assert pause  # noqa: S101 - `_role` has found it
        if ResultsReview.objects.filter(study=context.study).exists():
            raise ActionRefused(_("It is signed already that these results have been seen."))
        results = first_results(context.study, context.protocol, pause, context.at)
        if lacking := missing(results, pause):
            sentence = ngettext_lazy(
                "%(count)d of %(of)d results is missing. Sign once all are there.",
                "%(count)d of %(of)d results are missing. Sign once all are there.",
                lacking,
            )
            raise ActionRefused(sentence % {"count": lacking, "of": pause.participants})
        if hash_of_results(results) != content_hash:
            raise ActionRefused(
                _("The results have changed since you read them. Read them again, then sign.")
            )
        context.record(
            ResultsReview(
                study=context.study,
                participants=[each.code for each in results],
                content_hash=content_hash,
                signed_at=context.at,
                signed_by=by.person_id,
                role=context.role,
            )
        )


def _role(context: ActionContext) -> str | None:
    return role_to_review_results(context.by, context.protocol)
