"""How designs, states, tables and results show themselves in a notebook: plain, escaped, small.

A class takes part by inheriting `Notebook`; it shows its words and its table where it describes
itself, its sentence where it has one, and otherwise its fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from html import escape
from math import isnan
from typing import Any, ClassVar

MOST_ROWS = 40
"""Longer tables are cut here; the object itself has all of it."""


class Notebook:
    """Gives `_repr_html_`. `_along` names what the entries of its sequences are counted by."""

    __slots__ = ()
    _along: ClassVar[str] = ""

    def _repr_html_(self) -> str:
        if hasattr(self, "describe"):
            table = self.table()._repr_html_() if hasattr(self, "table") else ""
            return f"{paragraph(self.describe())}{table}"
        if hasattr(self, "sentence"):
            return paragraph(self.sentence)
        return fields_of(self, self._along)


def paragraph(words: object, lead: str = "") -> str:
    """A paragraph, its `lead` in bold; both escaped."""
    strong = f"<strong>{escape(lead)}</strong>: " if lead else ""
    return f"<p>{strong}{escape(str(words))}</p>"


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "") -> str:
    """A table with scoped heads, the first cell of a row being its head; texts are escaped."""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(_row(row) for row in rows[:MOST_ROWS])
    more = len(rows) - MOST_ROWS
    note = f"<p>… and {more:,} more rows.</p>" if more > 0 else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def fields_of(result: Any, along: str = "") -> str:
    """The fields of a dataclass: counted by `along` as columns, matrices as rows per scenario, and
    what is neither in the caption."""
    if not is_dataclass(result):
        return paragraph(repr(result))
    values = {field.name: _plain(getattr(result, field.name)) for field in fields(result)}
    listed = {name: value for name, value in values.items() if isinstance(value, list) and value}
    by_scenario = not along and any(map(_is_matrix, listed.values()))
    longest = max(map(len, listed.values()), default=0)
    columns = listed if by_scenario else {k: v for k, v in listed.items() if len(v) == longest}
    caption = ", ".join(f"{_spoken(k)} {shown(v)}" for k, v in values.items() if k not in columns)
    if not columns:
        return paragraph(caption)
    if by_scenario:
        return table(*_by_scenario(columns), caption)
    rows = [[i + 1, *(value[i] for value in columns.values())] for i in range(longest)]
    return table([along, *map(_spoken, columns)], rows, caption)


def shown(value: Any) -> str:
    """A value as text: four figures for a fraction, a dash for what isn't there."""
    if value is None or (isinstance(value, float) and isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return str(value)


def _row(cells: Sequence[Any]) -> str:
    first, *others = (escape(shown(cell)) for cell in cells)
    rest = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<tr><th scope="row">{first}</th>{rest}</tr>'


def _by_scenario(listed: Mapping[str, list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """A row for each scenario and field; what has one value per scenario stands in column 1."""
    matrices = [value for value in listed.values() if _is_matrix(value)]
    wide = max(len(row) for value in matrices for row in value)
    rows: list[list[Any]] = []
    for scenario in range(len(matrices[0])):
        for name, value in listed.items():
            if scenario < len(value):
                row = value[scenario] if isinstance(value[scenario], list) else [value[scenario]]
                lead = f"{scenario + 1}: {_spoken(name)}"
                rows.append([lead, *row, *[""] * (wide - len(row))])
    return ["", *map(str, range(1, wide + 1))], rows


def _plain(value: Any) -> Any:
    """Arrays and tuples as lists, NumPy's scalars as Python's."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value


def _is_matrix(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(inner, list) for inner in value)


def _spoken(name: str) -> str:
    return name.replace("_", " ")
