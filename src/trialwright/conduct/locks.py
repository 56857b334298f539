"""What a freeze or a lock covers, and the refusal of what it forbids."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.conduct.models import Lock, LockLevel, Participant, Study
from trialwright.conduct.refusals import ActionRefused

_OF_LATE_NEWS = frozenset(
    {
        "record_product_result",
        "exclude_donor",
        "decide_lot",
        "confirm_product_notice",
        "record_product_call",
        "write_narrative",
    }
)
"""What comes to light or is told outside late: no data of a participant, and it ends with no
study."""
_UNBLINDS = frozenset(
    {
        "unblind",
        "unblind_for_reaction",
        "report_unblinding",
        "judge_unblinding",
        "print_envelopes",
        "record_envelope",
        "report_envelope",
    }
)
"""Who learns an arm and how: an emergency waits for no lock, and changes no data."""
_READS = frozenset({"see_arm", "see_identity", "find_identity"})
AFTER_CLOSING = _OF_LATE_NEWS | _UNBLINDS | _READS | {"cut_data", "end_calendar_link"}
"""What is still done in a study that is closed."""
ASKS_OR_SIGNS = frozenset(
    {
        "raise_query",
        "answer_query",
        "close_query",
        "reopen_query",
        "sign_entry",
        "confirm_eligibility",
        "classify_deviation",
        "judge_event",
    }
)
"""What changes no data: a freeze lets it, a lock doesn't."""
_ALWAYS = _OF_LATE_NEWS | _UNBLINDS | _READS


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is done; what is empty isn't said, so no lock of a part of it counts."""

    site: str = ""
    participant: UUID | None = None
    visit: str = ""
    form: str = ""


def covers(lock: Lock, place: Place) -> bool:
    """Whether a lock holds for what is done at a place: it is of that very place or of a wider."""
    return (
        lock.site in ("", place.site)
        and lock.participant_id in (None, place.participant)
        and lock.visit in ("", place.visit)
        and lock.form in ("", place.form)
    )


def require_unlocked(study: Study, action: str, place: Place) -> None:
    """Refuse what a lock at this place forbids."""
    if not study.locks_held or action in _ALWAYS:
        return
    for lock in Lock.objects.filter(study=study, lifted_at=None).order_by("number"):
        lets = action in ASKS_OR_SIGNS and lock.level == LockLevel.FREEZE
        if covers(lock, place) and not lets:
            words = (
                _(
                    "This is locked since %(day)s (lock %(number)d: %(reason)s), so nothing "
                    "changes here. Whoever may lock data lifts it, with the reason."
                )
                if lock.level == LockLevel.LOCK
                else _(
                    "This is frozen since %(day)s (freeze %(number)d: %(reason)s), so no data "
                    "change here. Whoever may lock data lifts it, with the reason."
                )
            )
            told = {"number": lock.number, "reason": lock.reason}
            raise ActionRefused(words % (told | {"day": lock.signed_at.date().isoformat()}))


def require_running(study: Study, action: str) -> None:
    """Refuse what isn't done any more in a closed study."""
    if study.closed_at is not None and action not in AFTER_CLOSING:
        raise ActionRefused(
            _(
                "The study is closed since %(day)s, so nothing is entered any more. Whoever "
                "closed it can open it again, with the reason."
            )
            % {"day": study.closed_at.date().isoformat()}
        )


def place_of(participant: Participant, visit: str = "", form: str = "") -> Place:
    """A participant's place, or one of a visit or form."""
    return Place(participant.site, participant.pk, visit, form)
