"""Whole rows of the trial's tables, read and written by statements put together once.

An action reads and writes the same few tables again and again, and composing such a statement
costs Django several times what the database needs to carry it out.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

from trialwright.conduct import held_rows
from trialwright.conduct.held_rows import Stored
from trialwright.conduct.models import Entry, Participant, ProtocolVersion

M = TypeVar("M", bound=Model)
_AT_ONCE = 500


def rows_of(model: type[M], **equal: Any) -> list[M]:
    """The rows whose columns equal these, in no particular order.

    Args:
        equal: values by column name (`participant_id`, not `participant`); never None.
    """
    statement, names = _selection(model, tuple(equal))

    def stored() -> Stored:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(equal.values()))
            return cursor.fetchall()

    rows = held_rows.current()
    found = stored() if rows is None else rows.found(model, equal, stored)
    return [model.from_db(connection.alias, names, values) for values in found]


def row_of(model: type[M], **equal: Any) -> M | None:
    """The one row whose columns equal these, if it is there."""
    found = rows_of(model, **equal)
    if len(found) > 1:
        raise LookupError(f"{len(found)} rows of {model.__name__} where one was looked for")
    return found[0] if found else None


def entry_of(participant: Participant, visit: str, form: str, repeat: int) -> Entry | None:
    """One form of a participant at one visit, with both and the version of the protocol."""
    entry = row_of(Entry, participant_id=participant.pk, visit=visit, form=form, repeat=repeat)
    if entry is not None:
        entry.participant = participant
        entry.protocol_version = version_of(entry.protocol_version_id)
    return entry


@lru_cache(maxsize=16)
def version_of(key: UUID) -> ProtocolVersion:
    """A version of a protocol by its key; once signed it never changes."""
    return ProtocolVersion.objects.get(pk=key)


def chain_of(newest: ProtocolVersion) -> list[ProtocolVersion]:
    """All versions up to this one, the one with which the study began first."""
    chain = [newest]
    while (before := chain[-1].previous_id) is not None:
        chain.append(version_of(before))
    return chain[::-1]


def version_for(participant: Participant, newest: ProtocolVersion) -> ProtocolVersion:
    """The version under which a participant stands."""
    if participant.version_id is not None:
        return version_of(participant.version_id)
    return chain_of(newest)[0]


def insert(new: Sequence[Model]) -> None:
    """Insert rows of one table; each has its key already."""
    for begin in range(0, len(new), _AT_ONCE):
        some = new[begin : begin + _AT_ONCE]
        fields = some[0]._meta.concrete_fields
        values = [
            field.get_db_prep_save(getattr(each, field.attname), connection)
            for each in some
            for field in fields
        ]
        with _written(some), connection.cursor() as cursor:
            cursor.execute(_insertion(type(some[0]), len(some)), values)
    for each in new:
        each._state.adding, each._state.db = False, connection.alias


def update(changed: Model, names: Sequence[str]) -> None:
    """Write these columns of a row as they now are."""
    fields = [changed._meta.get_field(name) for name in names]
    values = [
        field.get_db_prep_save(getattr(changed, name), connection)  # type: ignore[union-attr]
        for field, name in zip(fields, names, strict=True)
    ]
    with _written([changed], fields), connection.cursor() as cursor:
        cursor.execute(_change(type(changed), tuple(names)), [*values, changed.pk])
        if cursor.rowcount != 1:
            raise LookupError(f"{changed.pk} is no row of {type(changed).__name__}")


def update_all(changed: Sequence[Model], names: Sequence[str]) -> None:
    """Write these columns of rows of one table as they now are, in one statement."""
    for begin in range(0, len(changed), _AT_ONCE):
        some = changed[begin : begin + _AT_ONCE]
        meta = some[0]._meta
        fields = [meta.pk, *(meta.get_field(name) for name in names)]
        values = [
            field.get_db_prep_save(getattr(each, field.attname), connection)  # type: ignore[union-attr]
            for each in some
            for field in fields
        ]
        with _written(some, fields), connection.cursor() as cursor:
            cursor.execute(_changes(type(some[0]), tuple(names), len(some)), values)
            if cursor.rowcount != len(some):
                raise LookupError(f"{cursor.rowcount} of {len(some)} rows are there to be changed")


@contextmanager
def _written(rows: Sequence[Model], changed: Sequence[Any] | None = None) -> Iterator[None]:
    """What the statement of this block writes, is not held any more."""
    held = held_rows.current()
    if held is None:
        yield
        return
    with held.own():
        yield
    held.forget(rows, None if changed is None else [str(field.column) for field in changed])


@cache
def _changes(model: type[Model], names: tuple[str, ...], rows: int) -> str:
    fields = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    columns = [_quoted(str(field.column)) for field in fields]  # type: ignore[union-attr]
    one = ", ".join(f"%s::{field.db_type(connection)}" for field in fields)  # type: ignore[union-attr]
    listed = ", ".join([f"({one})"] * rows)
    sets = ", ".join(f"{column} = given.{column}" for column in columns[1:])
    return (
        f"UPDATE {_table(model)} AS held SET {sets} FROM (VALUES {listed}) "  # noqa: S608
        f"AS given ({', '.join(columns)}) WHERE held.{columns[0]} = given.{columns[0]}"
    )


@cache
def _selection(model: type[Model], columns: tuple[str, ...]) -> tuple[str, list[str]]:
    """The statement, and the names of what it selects."""
    fields = model._meta.concrete_fields
    if unknown := set(columns) - {field.column for field in fields}:
        raise ValueError(f"{model.__name__} has no column {min(unknown)}")
    if converted := [field.name for field in fields if hasattr(field, "from_db_value")]:
        raise ValueError(f"{model.__name__}.{converted[0]} doesn't stand in the table as it is")
    chosen = ", ".join(_quoted(field.column) for field in fields)
    equal = " AND ".join(f"{_quoted(column)} = %s" for column in columns)
    statement = f"SELECT {chosen} FROM {_table(model)} WHERE {equal}"  # noqa: S608
    return statement, [field.attname for field in fields]


@cache
def _insertion(model: type[Model], rows: int) -> str:
    columns = [_quoted(field.column) for field in model._meta.concrete_fields]
    one = f"({', '.join(['%s'] * len(columns))})"
    values = ", ".join([one] * rows)
    return f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES {values}"  # noqa: S608


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> str:
    columns = [str(model._meta.get_field(name).column) for name in names]  # type: ignore[union-attr]
    values = ", ".join(f"{_quoted(column)} = %s" for column in columns)
    key = _quoted(str(model._meta.pk.column))
    return f"UPDATE {_table(model)} SET {values} WHERE {key} = %s"  # noqa: S608


def _table(model: type[Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
