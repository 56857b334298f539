"""Under which version of the protocol a participant stands: one pure function.

A version begins at a site at a moment of its own, after the vote of its ethics committee. Whoever
is screened there from then on stands under it. Of those who are in already the amendment says who
moves: all at once, each with a new consent, or nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Moves(StrEnum):
    """How participants who are in already come under an amended version."""

    AT_ONCE = "at_once"
    RECONSENT = "reconsent"
    NEW_ONLY = "new_only"


@dataclass(frozen=True, slots=True)
class Amended:
    """What an amended file says of itself: who moves to it, and why it was made."""

    moves: Moves
    why: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A version that has begun at a site.

    number: its place among the study's versions; the one with which the study began is 0. consent:
    the version of its consent document, None without one. since: when it began there.
    """

    number: int
    moves: Moves
    consent: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that was given: to which version of the document, and when."""

    document: str
    at: datetime


def version_under(begun: Sequence[Begun], screened_at: datetime, consents: Sequence[Agreed]) -> int:
    """The number of the version under which a participant stands now.

    begun: what has begun at the participant's site, in any order; 0 need not be among it. consents:
    all that the participant gave, as they are recorded now, in any order.

    Nobody moves back to an earlier version than one that began later at the site. Who hasn't
    consented yet moves at once whatever the amendment says: nothing was agreed to under another.
    """
    number = 0
    for each in sorted(begun, key=lambda one: (one.since, one.number)):
        if each.number <= number:
            continue
        if each.since <= screened_at or _moves(each, consents):
            number = each.number
    return number


def _moves(version: Begun, consents: Sequence[Agreed]) -> bool:
    match version.moves:
        case Moves.AT_ONCE:
            return True
        case Moves.NEW_ONLY:
            return False
        case Moves.RECONSENT:
            before = any(each.at < version.since for each in consents)
            again = any(
                each.at >= version.since and version.consent in (None, each.document)
                for each in consents
            )
            return again or not before
