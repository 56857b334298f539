"""A cut as plain tables of text, and back: one table for each kind of row and for each form.

Every cell is the canonical text, so nothing is lost on the way; an empty cell says that there
is nothing to say. Lists of codes within one cell stand one space apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from sys import intern

from trialwright.analysis.cut import Cut, Deviation, Site
from trialwright.analysis.cut_attachments import Attachment
from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.cut_entries import Entry, Query, Value, Visit
from trialwright.analysis.cut_events import AdverseEvent, GradeStep
from trialwright.analysis.cut_holds import Hold
from trialwright.analysis.cut_judgements import ResultJudgement
from trialwright.analysis.cut_kits import Kit
from trialwright.analysis.cut_meetings import BoardMeeting
from trialwright.analysis.cut_participants import (
    ConsentPart,
    Ending,
    EpochSpan,
    Exclusion,
    Participant,
    Step,
    Treatment,
)
from trialwright.analysis.cut_situations import Situation
from trialwright.exchange.attachment_cells import (
    ATTACHMENT_COLUMNS,
    attachment_cells,
    read_attachment,
)
from trialwright.exchange.meeting_cells import MEETING_COLUMNS, meeting_cells, read_meeting
from trialwright.exchange.product_cells import (
    DOSE_COLUMNS,
    KIT_COLUMNS,
    dose_cells,
    kit_cells,
    read_dose,
    read_kit,
)
from trialwright.exchange.situation_cells import (
    SITUATION_COLUMNS,
    read_situation,
    situation_cells,
)
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
        "kind",
        "linked_to",
        "arm_of",
        "group",
    ),
    "steps": ("participant", "step", "at"),
    "endings": ("participant", "kind", "on", "stops", "reason"),
    "visits": (
        "participant",
        "visit",
        "occurrence",
        "status",
        "target",
        "opens",
        "closes",
        "actual",
        "historic",
    ),
    "queries": (
        "number",
        "participant",
        "visit",
        "occurrence",
        "form",
        "repeat",
        "item",
        "status",
        "opened_on",
        "closed_on",
        "text",
    ),
    "deviations": (
        "participant",
        "on",
        "kind",
        "description",
        "subject",
        "cause",
        "classification",
        "done",
    ),
    "events": (
        "number",
        "participant",
        "term",
        "system",
        "ctcae",
        "started",
        "ended",
        "known_on",
        "outcome",
        "grades",
        "criteria",
        "special",
        "related",
        "assessed",
        "stopping",
        "described",
        "nullified",
        "child",
    ),
    "situations": SITUATION_COLUMNS,
    "holds": ("number", "kind", "pauses", "set_on", "ended_on", "goes_on", "reason"),
    "meetings": MEETING_COLUMNS,
    "attachments": ATTACHMENT_COLUMNS,
    "kits": KIT_COLUMNS,
    "doses": DOSE_COLUMNS,
    "epochs": ("participant", "epoch", "start", "end"),
    "judgements": (
        "participant",
        "visit",
        "occurrence",
        "form",
        "repeat",
        "item",
        "significant",
        "comment",
        "judged_on",
    ),
    "consents": (
        "participant",
        "given_at",
        "version",
        "language",
        "explained_by",
        "part",
        "agreed",
        "withdrawn_on",
        "reason",
        "given_by",
        "assent",
    ),
}

Cells = tuple[str, ...]

_TEXTS_OF_AN_EVENT = (
    "participant", "term", "system", "ctcae", "started", "ended", "known_on", "outcome",
    "special", "described", "nullified", "child",
)  # fmt: skip


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
    consents: tuple[ConsentPart, ...]
    events: tuple[AdverseEvent, ...]
    holds: tuple[Hold, ...]
    kits: tuple[Kit, ...]
    doses: tuple[Dose, ...]
    epochs: tuple[EpochSpan, ...]
    judgements: tuple[ResultJudgement, ...]
    meetings: tuple[BoardMeeting, ...]
    attachments: tuple[Attachment, ...]
    situations: tuple[Situation, ...]


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
                str(v.occurrence),
                v.status,
                v.target or "",
                v.opens or "",
                v.closes or "",
                v.actual or "",
                "yes" if v.actual is not None and v.actual < cut.began_on else "no",
            )
            for v in cut.visits
        ],
    )
    yield _table("queries", map(_query_cells, cut.queries))
    yield _table(
        "deviations",
        [
            (
                d.participant,
                d.on,
                d.kind,
                d.description,
                d.subject,
                d.cause,
                d.classification,
                d.done,
            )
            for d in cut.deviations
        ],
    )
    yield _table("consents", map(_consent_cells, cut.consents))
    yield _table("events", map(_event_cells, cut.events))
    yield _table("situations", map(situation_cells, cut.situations))
    yield _table("holds", map(_hold_cells, cut.holds))
    yield _table("meetings", map(meeting_cells, cut.meetings))
    yield _table("attachments", map(attachment_cells, cut.attachments))
    yield _table("kits", map(kit_cells, cut.kits))
    yield _table("doses", map(dose_cells, cut.doses))
    yield _table("epochs", [(e.participant, e.epoch, e.start, e.end or "") for e in cut.epochs])
    yield _table("judgements", map(_judgement_cells, cut.judgements))
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
        visits=tuple(map(_read_visit, tables["visits"].rows)),
        entries=read_entries(tables),
        queries=tuple(
            Query(int(n), p, v, f, int(r), i, status, opened, closed or None, text, int(o))
            for n, p, v, o, f, r, i, status, opened, closed, text in tables["queries"].rows
        ),
        deviations=tuple(Deviation(*row) for row in tables["deviations"].rows),
        events=tuple(map(_read_event, tables["events"].rows)),
        holds=tuple(
            Hold(int(number), kind, pauses, on, ended or None, goes_on == "yes", reason)
            for number, kind, pauses, on, ended, goes_on, reason in tables["holds"].rows
        ),
        meetings=tuple(map(read_meeting, tables["meetings"].rows)),
        attachments=tuple(map(read_attachment, tables["attachments"].rows)),
        situations=tuple(map(read_situation, tables["situations"].rows)),
        kits=tuple(map(read_kit, tables["kits"].rows)),
        doses=tuple(map(read_dose, tables["doses"].rows)),
        epochs=tuple(
            EpochSpan(p, epoch, start, end or None)
            for p, epoch, start, end in tables["epochs"].rows
        ),
        judgements=tuple(
            ResultJudgement(p, v, f, int(r), i, said == "yes", comment, on, int(o))
            for p, v, o, f, r, i, said, comment, on in tables["judgements"].rows
        ),
        consents=tuple(
            ConsentPart(p, at, version, language, who, part, said == "yes", left or None, *more)
            for p, at, version, language, who, part, said, left, *more in tables["consents"].rows
        ),
    )


def _read_visit(row: Cells) -> Visit:
    participant, visit, occurrence, status, *days, _historic = row
    target, opens, closes, actual = (day or None for day in days)
    place = (participant, visit, status)
    return Visit(*place, target, opens, closes, actual, int(occurrence))


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
        *((given.status, given.on) if given else ("",) * 2),
        p.kind,
        p.linked_to,
        p.arm_of,
        p.group,
    )


def _event_cells(e: AdverseEvent) -> Cells:
    """The steps of the grade stand one space apart, each with its day after a colon."""
    said = (e.term, e.system, e.ctcae, e.started, e.ended, e.known_on, e.outcome)
    grades = " ".join(f"{step.grade}:{step.since}" for step in e.grades)
    answers = ("yes" if e.related else "no", "yes" if e.assessed else "no")
    lists = (grades, " ".join(e.criteria), e.special, *answers, " ".join(e.stopping))
    return (str(e.number), e.participant, *said, *lists, e.described, e.nullified, e.child)


def _hold_cells(h: Hold) -> Cells:
    goes_on = ("yes" if h.goes_on else "no") if h.ended_on else ""
    return (str(h.number), h.kind, h.pauses, h.set_on, h.ended_on or "", goes_on, h.reason)


def _read_event(row: Cells) -> AdverseEvent:
    cells = dict(zip(COLUMNS["events"], row, strict=True))
    steps = (step.split(":") for step in cells["grades"].split())
    return AdverseEvent(
        number=int(cells["number"]),
        grades=tuple(GradeStep(int(grade), since) for grade, since in steps),
        criteria=tuple(cells["criteria"].split()),
        related=cells["related"] == "yes",
        assessed=cells["assessed"] == "yes",
        stopping=tuple(cells["stopping"].split()),
        **{name: cells[name] for name in _TEXTS_OF_AN_EVENT},
    )


def _query_cells(q: Query) -> Cells:
    where = (q.participant, q.visit, str(q.occurrence), q.form, str(q.repeat), q.item)
    return (str(q.number), *where, q.status, q.opened_on, q.closed_on or "", q.text)


def _judgement_cells(j: ResultJudgement) -> Cells:
    where = (j.participant, j.visit, str(j.occurrence), j.form, str(j.repeat), j.item)
    return (*where, "yes" if j.significant else "no", j.comment, j.judged_on)


def _consent_cells(c: ConsentPart) -> Cells:
    told = (c.participant, c.given_at, c.version, c.language, c.explained_by, c.part)
    agreed = "yes" if c.agreed else "no"
    return (*told, agreed, c.withdrawn_on or "", c.reason, c.given_by, c.assent)


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


def _read_participants(
    people: TextTable, steps: TextTable, endings: TextTable
) -> tuple[Participant, ...]:
    def of(table: TextTable) -> dict[str, list[Cells]]:
        rows = sorted(table.rows)
        return {code: list(group) for code, group in groupby(rows, key=lambda row: row[0])}

    steps_of, endings_of = of(steps), of(endings)
    found = []
    for code, site, number, state, kind, on, criteria, why, given, given_on, *links in people.rows:
        found.append(
            Participant(
                code,
                site,
                number,
                state,
                steps=tuple(Step(name, at) for _, name, at in steps_of.get(code, ())),
                exclusion=Exclusion(kind, on, tuple(criteria.split()), why) if kind else None,
                treatment=Treatment(given, given_on) if given else None,
                endings=tuple(
                    Ending(kind, on, tuple(stops.split()), said)
                    for _, kind, on, stops, said in endings_of.get(code, ())
                ),
                **dict(zip(("kind", "linked_to", "arm_of", "group"), links, strict=True)),
            )
        )
    return tuple(found)
