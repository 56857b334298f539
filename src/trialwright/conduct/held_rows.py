"""Rows that were read under a study's lock, kept for as long as nothing changes them.

An action asks for the same rows again and again, in the functions it is made of, and so do fifty
actions that are committed together. While the lock is held nobody else writes them; what this
transaction writes, by whatever statement, is forgotten here before it is read again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

Columns = tuple[str, ...]
Stored = list[tuple[Any, ...]]
"""Rows as the database gave them; everybody makes objects of their own from them."""


class HeldRows:
    """What was read, by table, by the columns that were asked for, by their values."""

    def __init__(self) -> None:
        self._read: dict[type[Model], dict[Columns, dict[tuple[Any, ...], Stored]]] = {}
        self._own = False

    def found(
        self, model: type[Model], equal: Mapping[str, Any], read: Callable[[], Stored]
    ) -> Stored:
        """The rows of a table whose columns hold these values: kept, or else read now."""
        columns = tuple(equal)
        values = tuple(
            field.to_python(value)
            for field, value in zip(_fields(model, columns), equal.values(), strict=True)
        )
        kept = self._read.setdefault(model, {}).setdefault(columns, {})
        if values not in kept:
            among = self._among(model, dict(zip(columns, values, strict=True)))
            if among is not None:
                return among
            kept[values] = read()
        return kept[values]

    def _among(self, model: type[Model], equal: Mapping[str, Any]) -> Stored | None:
        """The rows out of a wider answer, to a question of fewer columns; None without one."""
        for columns, kept in self._read[model].items():
            if set(columns) < set(equal):
                rows = kept.get(tuple(equal[column] for column in columns))
                if rows is not None:
                    wanted = [(at, equal[name]) for name, at in _places(model) if name in equal]
                    return [row for row in rows if all(row[at] == held for at, held in wanted)]
        return None

    def forget(self, rows: Sequence[Model], changed: Sequence[str] | None = None) -> None:
        """Forget every answer that these rows belong to, as they now are.

        Args:
            changed: the columns that held something else before, which is not known any more; None
                for rows that are new.
        """
        for columns, kept in self._read.get(type(rows[0]), {}).items():
            if changed is not None and not set(columns).isdisjoint(changed):
                kept.clear()
                continue
            fields = _fields(type(rows[0]), columns)
            for row in rows:
                kept.pop(tuple(getattr(row, field.attname) for field in fields), None)

    @contextmanager
    def own(self) -> Iterator[None]:
        """The statement in this block is one whose rows are forgotten by `forget`."""
        self._own = True
        try:
            yield
        finally:
            self._own = False

    def watch(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Forget what any other statement may have changed; a wrapper of the connection's."""
        words = sql if isinstance(sql, str) else str(sql)
        if not self._own and not words.lstrip().startswith(_HARMLESS):
            self._read = {
                model: read
                for model, read in self._read.items()
                if words.lstrip().startswith(_WRITES) and f'"{model._meta.db_table}"' not in words
            }
        return execute(sql, params, many, context)


_HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE", "COPY")
_WRITES = ("INSERT", "UPDATE", "DELETE")
_held: ContextVar[HeldRows | None] = ContextVar("held_rows", default=None)


def current() -> HeldRows | None:
    """What is held; None outside an action."""
    return _held.get()


@contextmanager
def held() -> Iterator[None]:
    """Keep what is read until the block ends; the study's lock must be held for as long.

    Within a block that holds rows already, nothing is added.
    """
    if _held.get() is not None:
        yield
        return
    rows = HeldRows()
    token = _held.set(rows)
    try:
        with connection.execute_wrapper(rows.watch):
            yield
    finally:
        _held.reset(token)


@cache
def _places(model: type[Model]) -> list[tuple[str, int]]:
    """Each column, and where it stands in a stored row."""
    return [(field.column, at) for at, field in enumerate(model._meta.concrete_fields)]


@cache
def _fields(model: type[Model], columns: Columns) -> list[Any]:
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return [by_column[column] for column in columns]
