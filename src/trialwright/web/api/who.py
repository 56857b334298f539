"""Who asks: the person of a token, and who they are in the study that is named."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from trialwright.accounts import tokens
from trialwright.accounts.models import ApiToken, Person
from trialwright.accounts.policy import Actor
from trialwright.accounts.tokens import TokenScope
from trialwright.conduct.reads.people import enter
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.model import Protocol


class TokenReadsOnlyError(Exception):
    """The token is for reading, and this would write."""


class KeyMissingError(Exception):
    """What creates something needs a key, so that sending it twice creates one."""


class PersonalToken(HttpBearer):
    """`Authorization: Bearer trialwright_…`; a session of the pages counts for nothing here."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The token's row, or None."""
        return tokens.holder(token, timezone.now())


def token_of(request: HttpRequest) -> ApiToken:
    """The token of a request that was let in."""
    row: ApiToken = request.auth  # type: ignore[attr-defined]
    return row


def person_of(request: HttpRequest) -> Person:
    """Whose it is."""
    return token_of(request).person


def actor_for(request: HttpRequest, study: str, *, writes: bool = False) -> tuple[Actor, Protocol]:
    """The person in a study; NotFound where the token or the person has nothing to do with it."""
    row = token_of(request)
    if row.study and row.study != study:
        raise NotFound
    if settings.TRIALWRIGHT_SECOND_FACTOR and not row.person.factors.exists():
        raise NotFound
    actor, _study, protocol = enter(row.person, study)
    if writes and row.scope != TokenScope.WRITE:
        raise TokenReadsOnlyError
    return actor, protocol
