"""Personal tokens, with which a program acts as a person: for reading or writing, until a day.

A token is 256 random bits, shown once; the table keeps its hash. The ledger says who made one, with
which scope, until when, and when it was ended, and the hash, so that an exchanged row is seen.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from trialwright.accounts import actions
from trialwright.accounts.models import ApiToken, Person

LONGEST: Final = timedelta(days=366)
_PREFIX: Final = "trialwright_"
# How often a use is noted, so that not each request writes.
_NOTED: Final = timedelta(minutes=5)


class TokenScope(StrEnum):
    """What a program may do with it, and never more than the person may."""

    READ = "read"
    WRITE = "write"


def make(
    person: Person, *, name: str, scope: TokenScope, study: str, expires_at: datetime, at: datetime
) -> str:
    """Make a token; returns it, this once.

    Args:
        study: the one study that it opens; empty for all that the person is in.
    """
    token = _PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        person=person,
        name=name[:80],
        scope=scope.value,
        study=study,
        hash=_hash(token),
        made_at=at,
        expires_at=min(expires_at, at + LONGEST),
    )
    with actions.entry("make_token", at=at, by=person.pk) as writer:
        row.save(force_insert=True)
        for column in ("person_id", "scope", "study", "made_at", "expires_at", "hash"):
            writer.write(entity="api_token", id=row.pk, field=column, new=getattr(row, column))
    return token


def of(person: Person, now: datetime) -> list[ApiToken]:
    """The tokens that still open something, oldest first."""
    rows = ApiToken.objects.filter(person=person, ended_at=None, expires_at__gt=now)
    return list(rows.order_by("made_at", "id"))


def end(person: Person, token: UUID, *, at: datetime) -> None:
    """Have a token open nothing any more."""
    row = ApiToken.objects.filter(person=person, pk=token, ended_at=None).first()
    if row is not None:
        with actions.entry("end_token", at=at, by=person.pk) as writer:
            row.ended_at = at
            row.save(update_fields=["ended_at"])
            writer.write(entity="api_token", id=row.pk, field="ended_at", new=at)


def holder(token: str, now: datetime) -> ApiToken | None:
    """The token that this is, with its person; None if it opens nothing."""
    if not token.startswith(_PREFIX):
        return None
    row = (
        ApiToken.objects.select_related("person")
        .filter(hash=_hash(token), ended_at=None, expires_at__gt=now, person__is_active=True)
        .first()
    )
    if row is not None and (row.used_at is None or now - row.used_at > _NOTED):
        row.used_at = now
        row.save(update_fields=["used_at"])
    return row


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
