"""Columns that several tables share."""

import uuid
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import Q

from trialwright.accounts.models import DrawnField


def identifier() -> "models.UUIDField[uuid.UUID, uuid.UUID]":
    """A row's name in the ledger: drawn at random, so that it says nothing."""
    return DrawnField(primary_key=True, editable=False)


def person(**options: Any) -> "models.UUIDField[uuid.UUID, uuid.UUID]":
    """Who did it, as the plain id that the ledger keeps too."""
    return models.UUIDField(**options)


def together(name: str, *columns: str) -> models.CheckConstraint:
    """Nullable columns of which either all or none are filled."""
    none = Q(**{f"{column}__isnull": True for column in columns})
    every = Q(**{f"{column}__isnull": False for column in columns})
    return models.CheckConstraint(condition=none | every, name=name)


def one_of(name: str, column: str, values: type[StrEnum]) -> models.CheckConstraint:
    """A text column that holds one of an enumeration's values."""
    known = [value.value for value in values]
    return models.CheckConstraint(condition=Q(**{f"{column}__in": known}), name=name)


def after(name: str, later: str, earlier: str) -> models.CheckConstraint:
    """A moment that needs an earlier one: no step out of order."""
    return models.CheckConstraint(
        condition=Q(**{f"{later}__isnull": True}) | Q(**{f"{earlier}__isnull": False}), name=name
    )
