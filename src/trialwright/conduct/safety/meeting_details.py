"""What is sealed of a meeting of the board, and what its members sign."""

from dataclasses import asdict, dataclass
from uuid import UUID

from trialwright.conduct import sealed_values
from trialwright.conduct.models import BoardMeeting
from trialwright.conduct.signing import hash_of
from trialwright.safety.board import Recommendation


@dataclass(frozen=True, slots=True)
class DeclaredConflict:
    """A conflict of interest that a member declared, in words."""

    person: str
    words: str


@dataclass(frozen=True, slots=True)
class MeetingDetails:
    """What only unblinded people may know: what is recommended, of which arms, and why; the closed
    minutes; what members declared."""

    recommendation: Recommendation
    arms: tuple[str, ...]
    reason: str
    closed_minutes: str
    conflicts: tuple[DeclaredConflict, ...]


def details_of(row: BoardMeeting) -> MeetingDetails:
    """The details of a meeting; ask the policy first."""
    text = sealed_values.open_details("board_meeting", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(MeetingDetails, text)


def members_present(row: BoardMeeting) -> tuple[UUID, ...]:
    """Who took part."""
    return tuple(UUID(each) for each in row.present)


def content_hash(row: BoardMeeting) -> str:
    """The hash of what the members sign: everything that was recorded, open and sealed."""
    return hash_of(
        {
            "meeting": [row.number, row.version],
            "held_on": row.held_on.isoformat(),
            "cut": [row.cut.name, row.cut.sha256],
            "present": row.present,
            "chair": str(row.chair),
            "quorum": row.quorum,
            "minutes": row.minutes,
            "details": asdict(details_of(row)),
        }
    )
