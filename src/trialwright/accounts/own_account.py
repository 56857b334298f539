"""What somebody changes of their own account; each in the installation's chain."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from trialwright.accounts import actions, second_factor
from trialwright.accounts.models import Person, SecondFactor
from trialwright.accounts.second_factor import FactorKind


class PasswordRefusedError(Exception):
    """A new password can't be had; `sentences` say why."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def change_password(person: Person, password: str, *, at: datetime) -> None:
    """Set another password.

    Raises:
        PasswordRefusedError: it is too easily guessed, or the one that there is.
    """
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PasswordRefusedError(list(error.messages)) from None
    with actions.entry("change_password", at=at, by=person.pk) as writer:
        actions.set_password(writer, person, password)


def add_factor(
    person: Person, kind: FactorKind, content: Mapping[str, Any], name: str, *, at: datetime
) -> list[str]:
    """Add an authenticator or a passkey; with the first come recovery codes, shown once."""
    with actions.entry("add_second_factor", at=at, by=person.pk) as writer:
        second_factor.add(writer, person, kind, content, name)
        if second_factor.recovery_left(person) == 0:
            return second_factor.new_recovery_codes(writer, person)
    return []


def remove_factor(person: Person, factor: UUID, *, at: datetime) -> None:
    """Remove one; with the last go the recovery codes."""
    with actions.entry("remove_second_factor", at=at, by=person.pk) as writer:
        rows = SecondFactor.objects.filter(person=person, pk=factor)
        second_factor.remove(writer, list(rows.exclude(kind=FactorKind.RECOVERY)))
        if not second_factor.has(person):
            second_factor.remove(writer, list(SecondFactor.objects.filter(person=person)))


def new_recovery_codes(person: Person, *, at: datetime) -> list[str]:
    """Make recovery codes anew; those before open nothing any more."""
    with actions.entry("new_recovery_codes", at=at, by=person.pk) as writer:
        return second_factor.new_recovery_codes(writer, person)


def accepts(person: Person, code: str, *, at: datetime) -> bool:
    """Whether a code proves the second factor: an authenticator's, or a recovery code, once."""
    with transaction.atomic():
        if second_factor.accepts_code(person, code, at):
            return True
    with actions.entry("use_recovery_code", at=at, by=person.pk) as writer:
        row = second_factor.recovery_row(person, code)
        if row is None:
            return False
        second_factor.use_up(writer, row)
    return True
