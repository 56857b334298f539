"""Guesses of a password or code: each waits longer than the one before, and after ten it locks.

The same holds for a name that nobody has, so that the answer doesn't tell which names there are.
What comes from a browser in which the person has signed in before is counted apart: nobody else's
guesses keep them out there. In the ledger a burst of refusals is one entry, and one more with their
number when it locks or has ended.
"""

import hashlib
import logging
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import Max, Sum

from trialwright.accounts import actions
from trialwright.accounts.models import Person, SignInTries

_log = logging.getLogger("trialwright.accounts")
FREE: Final = 3
LOCKS_AT: Final = 10
LOCK: Final = timedelta(minutes=15)
BURST: Final = timedelta(minutes=15)
_KEPT: Final = timedelta(days=30)
_DEVICE_AGE: Final = timedelta(days=180)
_SALT: Final = "trialwright.device"


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """What was refused under a person's name since they last came in."""

    count: int
    last_at: datetime
    locked_until: datetime | None


def device_token(person: Person) -> str:
    """What a browser keeps in which the person has signed in."""
    return signing.dumps([str(person.pk), secrets.token_hex(8)], salt=_SALT)


def _key(username: str, device: str) -> str:
    """Which guesses are counted together: of one name, and of each browser known for it."""
    mark = ""
    try:
        person, nonce = signing.loads(device, salt=_SALT, max_age=_DEVICE_AGE)
        if Person.objects.filter(pk=person, username=username).exists():
            mark = nonce
    except (signing.BadSignature, ValueError, TypeError):
        pass
    return hashlib.sha256(f"{username}\0{mark}".encode()).hexdigest()


def wait(username: str, device: str, now: datetime) -> int:
    """How many seconds until the next guess is looked at; 0 if it is now."""
    row = SignInTries.objects.filter(key=_key(username, device)).first()
    if row is None or row.blocked_until is None or row.blocked_until <= now:
        return 0
    return math.ceil((row.blocked_until - now).total_seconds())


def delay_after(count: int) -> timedelta:
    """How long the next guess waits after so many in a burst.

    >>> [int(delay_after(count).total_seconds()) for count in (3, 4, 5, 9, 10)]
    [0, 5, 10, 160, 900]
    """
    if count <= FREE:
        return timedelta()
    if count >= LOCKS_AT:
        return LOCK
    return timedelta(seconds=5 * 2 ** (count - FREE - 1))


def failed(username: str, device: str, *, action: str, at: datetime) -> None:
    """Count a refusal; the ledger hears of the first of a burst, and of a lock.

    Args:
        action: what was guessed for: "sign_in", "sign" or "second_factor".
    """
    person = Person.objects.filter(username=username).first()
    whose: UUID | str = person.pk if person is not None else "nobody"
    # Names that nobody has are one burst in the ledger, however many there are.
    counted = _count(_key(username, device), person, at)
    told = counted if person is not None else _count(_key("\0nobody", ""), None, at)
    if told.began:
        if told.before > 1:
            actions.enter_tries(action, whose, told.before, at=at)
        actions.password_refused(username, action=action, at=at)
    if counted.count == LOCKS_AT and person is not None:
        actions.enter_tries(action, whose, counted.count, locked=True, at=at)
        _log.warning("Locked for 15 minutes after %d refusals: %s", LOCKS_AT, person.pk)


@dataclass(frozen=True, slots=True)
class _Counted:
    count: int
    began: bool
    # How many the burst before it had, of which the ledger was told the first alone.
    before: int


def _count(key: str, person: Person | None, at: datetime) -> _Counted:
    with transaction.atomic():
        SignInTries.objects.filter(last_at__lt=at - _KEPT).delete()
        fresh = {"person": person, "count": 0, "first_at": at, "last_at": at}
        SignInTries.objects.get_or_create(key=key, defaults=fresh)
        row = SignInTries.objects.select_for_update().get(key=key)
        before, began = 0, row.count == 0
        if row.count and at - row.last_at > BURST:
            before = row.count if row.count < LOCKS_AT else 0
            row.count, row.first_at, began = 0, at, True
        row.count, row.since, row.last_at = row.count + 1, row.since + 1, at
        pause = delay_after(row.count)
        row.blocked_until = at + pause if pause else None
        row.save()
    return _Counted(row.count, began, before)


def came_in(person: Person, device: str, *, at: datetime) -> SignInRefused | None:
    """Somebody was let in: their count begins anew; what was refused since they last came in."""
    said = refused_of(person, at)
    rows = SignInTries.objects.filter(person=person)
    ours = rows.filter(key=_key(person.username, device)).first()
    if ours is not None and 1 < ours.count < LOCKS_AT:
        actions.enter_tries("sign_in", person.pk, ours.count, at=at)
    if ours is not None:
        ours.delete()
    rows.update(since=0)
    return said


def refused_of(person: Person, now: datetime) -> SignInRefused | None:
    """What was refused under a person's name since they last came in; None if nothing was."""
    rows = SignInTries.objects.filter(person=person)
    told = rows.aggregate(count=Sum("since"), last=Max("last_at"), until=Max("blocked_until"))
    if not told["count"]:
        return None
    until = told["until"]
    return SignInRefused(told["count"], told["last"], until if until and until > now else None)
