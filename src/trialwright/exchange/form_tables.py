"""Forms of a cut as tables of text, one for each form, and back."""

from collections.abc import Iterable, Iterator
from sys import intern

from trialwright.analysis.cut_entries import Entry, Value
from trialwright.exchange.text_tables import Cells, TextTable
from trialwright.protocol.model import Protocol

FORM_PREFIX = "form_"
MISSING_SUFFIX = "__missing"
ENTRY_COLUMNS = (
    "participant",
    "visit",
    "occurrence",
    "repeat",
    "status",
    "signed",
    "protocol_version",
)


def item_column(key: str) -> str:
    """The column of an item; `_item` is added where its key alone could be another column."""
    return f"{key}_item" if _taken(key) else key


def _taken(key: str) -> bool:
    fixed = key in ENTRY_COLUMNS or key.endswith(MISSING_SUFFIX)
    return fixed or (key.endswith("_item") and _taken(key.removesuffix("_item")))


def _item_of(column: str) -> str:
    bare = column.removesuffix("_item")
    return intern(bare if bare != column and _taken(bare) else column)


def form_tables(entries: Iterable[Entry], protocol: Protocol) -> Iterator[TextTable]:
    """A table for each form of the protocol, then for forms that only the entries know."""
    by_form: dict[str, list[Entry]] = {form.key: [] for form in protocol.forms}
    for entry in entries:
        by_form.setdefault(entry.form, []).append(entry)
    known = {form.key: tuple(item.key for item in form.items) for form in protocol.forms}
    for form, filled in by_form.items():
        items = known.get(form, ())
        strange = sorted({v.item for e in filled for v in e.values} - set(items))
        yield _form_table(form, (*items, *strange), filled)


def read_entries(tables: dict[str, TextTable]) -> tuple[Entry, ...]:
    """The entries in all form tables."""
    return tuple(
        entry
        for name, table in tables.items()
        if name.startswith(FORM_PREFIX)
        for entry in _read_form(table)
    )


def _form_table(form: str, items: Cells, entries: list[Entry]) -> TextTable:
    heads = [head for i in items for head in (item_column(i), item_column(i) + MISSING_SUFFIX)]
    rows = []
    for entry in entries:
        values = {value.item: value for value in entry.values}
        cells = [
            entry.participant,
            entry.visit,
            str(entry.occurrence),
            str(entry.repeat),
            entry.status,
            "yes" if entry.signed else "no",
            entry.protocol_version,
        ]
        for item in items:
            value = values.get(item)
            cells += (value.text or "", value.missing or "") if value else ("", "")
        rows.append(tuple(cells))
    return TextTable(FORM_PREFIX + form, (*ENTRY_COLUMNS, *heads), rows)


def _read_form(table: TextTable) -> Iterator[Entry]:
    form = table.name.removeprefix(FORM_PREFIX)
    items = [_item_of(column) for column in table.columns[len(ENTRY_COLUMNS) :: 2]]
    for participant, visit, occurrence, repeat, status, signed, version, *cells in table.rows:
        pairs = zip(items, cells[::2], cells[1::2], strict=True)
        values = tuple(Value(i, text or None, why or None) for i, text, why in pairs if text or why)
        where = (participant, visit, form, int(repeat))
        yield Entry(*where, status, signed == "yes", version, values, int(occurrence))
