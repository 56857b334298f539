"""A cut as plain tables of text, and back: one table for each kind of row and for each form.

Every cell is the canonical text, so nothing is lost on the way; an empty cell says that there
is nothing to say. Lists of codes within one cell stand one space apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from sys import intern

from trialwright.analysis.cut import (
    Cut,
    Deviation,
    Ending,
    Entry,
    Exclusion,
    Participant,
    Query,
    Site,
    Step,
    Treatment,
    Value,
    Visit,
)
from trialwright.protocol.model import Protocol

FORM_PREFIX = "form_"
MISSING_SUFFIX = "__missing"
ENTRY_COLUMNS = ("participant", "visit", "repeat", "status", "signed", "protocol_version")
COLUMNS = {
    "sites": ("code", "name", "name_zh"),
    "participants": (
        "participant",
        "site",
        "screening_number",
        "state",
        "exclusion_kind",
        "exclusion_on",
        "exclusion_criteria",
        "exclusion_reason",
        "treatment_status",
        "treatment_on",
        "treatment_reason",
    ),
    "steps": ("participant", "step", "at"),
    "endings": ("participant", "kind", "on", "stops", "reason"),
    "visits": ("participant", "visit", "status", "target", "opens", "closes", "actual"),
    "queries": (
        "number",
        "participant",
        "visit",
        "form",
        "repeat",
        "item",
        "status",
        "opened_on",
        "closed_on",
        "text",
    ),
    "deviations": ("participant", "on", "kind", "description"),
}

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A name, column heads, and rows of as many cells."""

    name: str
    columns: Cells
    rows: Sequence[Cells]


@dataclass(frozen=True, slots=True)
class Rows:
    """What the tables of a cut hold, read back; the head of the cut stands in its manifest."""

    sites: tuple[Site, ...]
    participants: tuple[Participant, ...]
    visits: tuple[Visit, ...]
    entries: tuple[Entry, ...]
    queries: tuple[Query, ...]
    deviations: tuple[Deviation, ...]


def item_column(key: str) -> str:
    """The column of an item; `_item` is added where its key alone could be another column."""
    return f"{key}_item" if _taken(key) else key


def _taken(key: str) -> bool:
    fixed = key in ENTRY_COLUMNS or key.endswith(MISSING_SUFFIX)
    return fixed or (key.endswith("_item") and _taken(key.removesuffix("_item")))


def _item_of(column: str) -> str:
    bare = column.removesuffix("_item")
    return intern(bare if bare != column and _taken(bare) else column)


def cut_tables(cut: Cut, protocol: Protocol) -> Iterator[TextTable]:
    """The tables of the open part, the forms in the protocol's order."""
    yield _table("sites", [(s.code, s.name, s.name_zh) for s in cut.sites])
    yield _table("participants", map(_participant_cells, cut.participants))
    yield _table("steps", [(p.code, s.name, s.at) for p in cut.participants for s in p.steps])
    yield _table(
        "endings",
        [
            (p.code, e.kind, e.on, " ".join(e.stops), e.reason)
            for p in cut.participants
            for e in p.endings
        ],
    )
    yield _table(
        "visits",
        [
            (
                v.participant,
                v.visit,
                v.status,
                v.target or "",
                v.opens or "",
                v.closes or "",
                v.actual or "",
            )
            for v in cut.visits
        ],
    )
    yield _table("queries", map(_query_cells, cut.queries))
    yield _table(
        "deviations", [(d.participant, d.on, d.kind, d.description) for d in cut.deviations]
    )
    yield from form_tables(cut.entries, protocol)


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


def read_rows(tables: dict[str, TextTable]) -> Rows:
    """The rows of a cut from its tables by name."""
    participants = _read_participants(tables["participants"], tables["steps"], tables["endings"])
    return Rows(
        sites=tuple(Site(*row) for row in tables["sites"].rows),
        participants=participants,
        visits=tuple(
            Visit(p, v, status, *(cell or None for cell in dates))
            for p, v, status, *dates in tables["visits"].rows
        ),
        entries=read_entries(tables),
        queries=tuple(
            Query(int(n), p, v, f, int(r), i, status, opened, closed or None, text)
            for n, p, v, f, r, i, status, opened, closed, text in tables["queries"].rows
        ),
        deviations=tuple(Deviation(*row) for row in tables["deviations"].rows),
    )


def read_entries(tables: dict[str, TextTable]) -> tuple[Entry, ...]:
    """The entries in all form tables."""
    return tuple(
        entry
        for name, table in tables.items()
        if name.startswith(FORM_PREFIX)
        for entry in _read_form(table)
    )


def _table(name: str, rows: Iterable[Cells]) -> TextTable:
    return TextTable(name, COLUMNS[name], list(rows))


def _participant_cells(p: Participant) -> Cells:
    excluded, given = p.exclusion, p.treatment
    return (
        p.code,
        p.site,
        p.screening_number,
        p.state,
        *(
            (excluded.kind, excluded.on, " ".join(excluded.criteria), excluded.reason)
            if excluded
            else ("",) * 4
        ),
        *((given.status, given.on, given.reason) if given else ("",) * 3),
    )


def _query_cells(q: Query) -> Cells:
    where = (q.participant, q.visit, q.form, str(q.repeat), q.item)
    return (str(q.number), *where, q.status, q.opened_on, q.closed_on or "", q.text)


def _form_table(form: str, items: Cells, entries: list[Entry]) -> TextTable:
    heads = [head for i in items for head in (item_column(i), item_column(i) + MISSING_SUFFIX)]
    rows = []
    for entry in entries:
        values = {value.item: value for value in entry.values}
        cells = [
            entry.participant,
            entry.visit,
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
    for participant, visit, repeat, status, signed, version, *cells in table.rows:
        pairs = zip(items, cells[::2], cells[1::2], strict=True)
        values = tuple(Value(i, text or None, why or None) for i, text, why in pairs if text or why)
        yield Entry(participant, visit, form, int(repeat), status, signed == "yes", version, values)


def _read_participants(
    people: TextTable, steps: TextTable, endings: TextTable
) -> tuple[Participant, ...]:
    def of(table: TextTable) -> dict[str, list[Cells]]:
        rows = sorted(table.rows)
        return {code: list(group) for code, group in groupby(rows, key=lambda row: row[0])}

    steps_of, endings_of = of(steps), of(endings)
    found = []
    for code, site, number, state, kind, on, criteria, why, given, given_on, reason in people.rows:
        found.append(
            Participant(
                code,
                site,
                number,
                state,
                steps=tuple(Step(name, at) for _, name, at in steps_of.get(code, ())),
                exclusion=Exclusion(kind, on, tuple(criteria.split()), why) if kind else None,
                treatment=Treatment(given, given_on, reason) if given else None,
                endings=tuple(
                    Ending(kind, on, tuple(stops.split()), said)
                    for _, kind, on, stops, said in endings_of.get(code, ())
                ),
            )
        )
    return tuple(found)
