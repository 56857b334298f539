"""The first results, for the role that must have seen them before the trial goes on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from trialwright.accounts.policy import Actor, role_to_review_results
from trialwright.conduct.allocation.first_results import (
    FirstResult,
    first_results,
    hash_of_results,
    missing,
)
from trialwright.conduct.models import ResultsReview
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class ResultsToReview:
    """The results as they stand; `signed_at` and `signed_by` once they have been seen."""

    results: tuple[FirstResult, ...]
    missing: int
    after_days: int
    signs_as: str
    content_hash: str
    signed_at: datetime | None = None
    signed_by: UUID | None = None

    @property
    def waits(self) -> bool:
        """Whether all results are there and nobody has signed yet."""
        return self.missing == 0 and self.signed_at is None


def results_to_review(by: Actor) -> ResultsToReview:
    """The first results; NotFound for whoever the protocol doesn't name."""
    _study, protocol = study_and_protocol(by)
    found = results_for(by, protocol)
    if found is None:
        raise NotFound
    return found


def results_for(by: Actor, protocol: Protocol) -> ResultsToReview | None:
    """The first results, or None where this person doesn't review them."""
    pause = protocol.allocation and protocol.allocation.pause_after
    role = role_to_review_results(by, protocol)
    if not pause or role is None:
        return None
    results = first_results(by.study, protocol, pause, timezone.now())
    review = ResultsReview.objects.filter(study=by.study).first()
    return ResultsToReview(
        results,
        missing(results, pause),
        pause.after_days,
        role,
        hash_of_results(results),
        review.signed_at if review else None,
        review.signed_by if review else None,
    )
