"""Whole rows by equal columns, each statement put together once.

An action reads the same few tables again and again, and composing such a statement costs Django
several times what the database needs to answer it.
"""

from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

from trialwright.conduct.models import Entry, Participant, ProtocolVersion

M = TypeVar("M", bound=Model)


def rows(model: type[M], **equal: Any) -> list[M]:
    """The rows whose columns equal these, in no particular order.

    Args:
        equal: values by column name (`participant_id`, not `participant`); never None.
    """
    statement, names = _statement(model, tuple(equal))
    with connection.cursor() as cursor:
        cursor.execute(statement, list(equal.values()))
        found = cursor.fetchall()
    return [model.from_db(connection.alias, names, values) for values in found]


def row(model: type[M], **equal: Any) -> M | None:
    """The one row whose columns equal these, if it is there."""
    found = rows(model, **equal)
    if len(found) > 1:
        raise LookupError(f"{len(found)} rows of {model.__name__} where one was looked for")
    return found[0] if found else None


def entry_of(participant: Participant, visit: str, form: str, repeat: int) -> Entry | None:
    """One form of hers at one visit, with her and the version of the protocol."""
    entry = row(Entry, participant_id=participant.pk, visit=visit, form=form, repeat=repeat)
    if entry is not None:
        entry.participant = participant
        entry.protocol_version = version_of(entry.protocol_version_id)
    return entry


@lru_cache(maxsize=16)
def version_of(key: UUID) -> ProtocolVersion:
    """A version of a protocol by its key; once signed it never changes."""
    return ProtocolVersion.objects.get(pk=key)


@cache
def _statement(model: type[Model], columns: tuple[str, ...]) -> tuple[str, list[str]]:
    """The statement, and the names of what it selects."""
    quote, fields = connection.ops.quote_name, model._meta.concrete_fields
    if unknown := set(columns) - {field.column for field in fields}:
        raise ValueError(f"{model.__name__} has no column {min(unknown)}")
    if converted := [field.name for field in fields if hasattr(field, "from_db_value")]:
        raise ValueError(f"{model.__name__}.{converted[0]} doesn't stand in the table as it is")
    chosen = ", ".join(quote(field.column) for field in fields)
    equal = " AND ".join(f"{quote(column)} = %s" for column in columns)
    statement = f"SELECT {chosen} FROM {quote(model._meta.db_table)} WHERE {equal}"  # noqa: S608
    return statement, [field.attname for field in fields]
