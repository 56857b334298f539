"""Who has reviewed the audit trail, up to where, and what is new since."""

from dataclasses import dataclass
from datetime import datetime

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import TrailReview
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import journal


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One review: its number, the entries it covers, what was found, who, as what, when."""

    number: int
    first: int
    last: int
    findings: str
    by: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TrailReviews:
    """The reviews of a study, the latest first.

    `mine` is where this person's last one ended (0 without one), `head` where the trail ends.
    """

    reviews: tuple[Reviewed, ...]
    mine: int
    head: int


def role_to_review_trail(by: Actor) -> str | None:
    """The role under which a person reviews the trail, or None: it raises queries or verifies in
    the source, and reads the trail."""
    if not may(by, Act.SEE_LEDGER) or not may(by, Act.SEE_PARTICIPANTS):
        return None
    return by.role_among(by.roles.who_may(Act.RAISE_QUERY) | by.roles.who_may(Act.VERIFY_SOURCE))


def trail_reviews(by: Actor) -> TrailReviews:
    """The reviews that whoever reads the trail may read."""
    if not may(by, Act.SEE_LEDGER):
        raise NotFound
    rows = TrailReview.objects.filter(study=by.study).order_by("-number")
    found = tuple(
        Reviewed(
            row.number,
            row.first_seq,
            row.last_seq,
            row.findings,
            str(row.reviewed_by),
            row.role,
            row.reviewed_at,
        )
        for row in rows
    )
    mine = max((each.last for each in found if each.by == str(by.person_id)), default=0)
    return TrailReviews(found, mine, journal.head(by.study).seq)
