"""A cut as plain tables of text, and back: one table for each kind of row and for each form.

Every cell is the canonical text, so nothing is lost on the way; an empty cell says that there
is nothing to say. Lists of codes within one cell stand one space apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trialwright.analysis.cut import Cut, Deviation, Site
from trialwright.analysis.cut_attachments import Attachment
from trialwright.analysis.cut_diaries import DiaryMark
from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.cut_entries import Entry, Query, Visit
from trialwright.analysis.cut_events import AdverseEvent
from trialwright.analysis.cut_holds import Hold
from trialwright.analysis.cut_judgements import ResultJudgement
from trialwright.analysis.cut_kits import Kit
from trialwright.analysis.cut_meetings import BoardMeeting
from trialwright.analysis.cut_participants import (
    ConsentPart,
    EpochSpan,
    Participant,
)
from trialwright.analysis.cut_situations import Situation
from trialwright.exchange.attachment_cells import (
    attachment_cells,
    read_attachment,
)
from trialwright.exchange.diary_cells import diary_cells, read_diary_mark
from trialwright.exchange.event_cells import event_cells, hold_cells, read_event
from trialwright.exchange.form_tables import form_tables, read_entries
from trialwright.exchange.meeting_cells import meeting_cells, read_meeting
from trialwright.exchange.participant_cells import (
    consent_cells,
    judgement_cells,
    participant_cells,
    query_cells,
    read_participants,
)
from trialwright.exchange.product_cells import (
    dose_cells,
    kit_cells,
    read_dose,
    read_kit,
)
from trialwright.exchange.situation_cells import (
    read_situation,
    situation_cells,
)
from trialwright.exchange.text_tables import COLUMNS, Cells, TextTable
from trialwright.protocol.model import Protocol


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
    diaries: tuple[DiaryMark, ...]


def cut_tables(cut: Cut, protocol: Protocol) -> Iterator[TextTable]:
    """The tables of the open part, the forms in the protocol's order."""
    yield _table("sites", [(s.code, s.name, s.name_zh) for s in cut.sites])
    yield _table("participants", map(participant_cells, cut.participants))
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
    yield _table("queries", map(query_cells, cut.queries))
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
    yield _table("consents", map(consent_cells, cut.consents))
    yield _table("events", map(event_cells, cut.events))
    yield _table("situations", map(situation_cells, cut.situations))
    yield _table("holds", map(hold_cells, cut.holds))
    yield _table("meetings", map(meeting_cells, cut.meetings))
    yield _table("attachments", map(attachment_cells, cut.attachments))
    yield _table("diary_entries", map(diary_cells, cut.diaries))
    yield _table("kits", map(kit_cells, cut.kits))
    yield _table("doses", map(dose_cells, cut.doses))
    yield _table("epochs", [(e.participant, e.epoch, e.start, e.end or "") for e in cut.epochs])
    yield _table("judgements", map(judgement_cells, cut.judgements))
    yield from form_tables(cut.entries, protocol)


def read_rows(tables: dict[str, TextTable]) -> Rows:
    """The rows of a cut from its tables by name."""
    participants = read_participants(tables["participants"], tables["steps"], tables["endings"])
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
        events=tuple(map(read_event, tables["events"].rows)),
        holds=tuple(
            Hold(int(number), kind, pauses, on, ended or None, goes_on == "yes", reason)
            for number, kind, pauses, on, ended, goes_on, reason in tables["holds"].rows
        ),
        meetings=tuple(map(read_meeting, tables["meetings"].rows)),
        attachments=tuple(map(read_attachment, tables["attachments"].rows)),
        situations=tuple(map(read_situation, tables["situations"].rows)),
        diaries=tuple(map(read_diary_mark, tables["diary_entries"].rows)),
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


def _table(name: str, rows: Iterable[Cells]) -> TextTable:
    return TextTable(name, COLUMNS[name], list(rows))
