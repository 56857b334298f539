"""The data cut: the state of one study at one ledger number, as frozen, sorted, plain text.

A `Cut` is the open part: it holds no arm and no value that could reveal one, so a masked
person may read all of it. What only unmasked people may know stands apart in a `SealedPart`,
bound to its cut by hash. Both put themselves in one order, so equal states have equal bytes.

All dates are ISO 8601 text: a date (`2026-03-04`), cut short where only part of it is known
(`2026-03`), or a time with its offset (`2026-03-04T09:30+08:00`).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from trialwright.analysis.cut_attachments import Attachment
from trialwright.analysis.cut_checks import CutError as CutError
from trialwright.analysis.cut_checks import date_text, one_of, require_unique, sort_field
from trialwright.analysis.cut_clocks import ReportClock
from trialwright.analysis.cut_cohorts import CohortDecision, CohortMember
from trialwright.analysis.cut_diaries import DiaryMark
from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.cut_entries import Entry, Query, Visit
from trialwright.analysis.cut_events import AdverseEvent
from trialwright.analysis.cut_holds import Hold, HoldDetail
from trialwright.analysis.cut_judgements import ResultJudgement
from trialwright.analysis.cut_kits import Kit, KitContent
from trialwright.analysis.cut_meetings import BoardMeeting, MeetingDetail
from trialwright.analysis.cut_participants import (
    ELIGIBLE,
    RANDOMISED,
    ConsentPart,
    EpochSpan,
    Participant,
    Step,
)
from trialwright.analysis.cut_products import Products
from trialwright.analysis.cut_situations import Situation

CLASSIFICATIONS = ("minor", "important")

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a ledger chain: its sequence number and hash (hex)."""

    seq: int
    hash: str

    def __post_init__(self) -> None:
        if self.seq < 0 or not _SHA256.fullmatch(self.hash):
            raise CutError(f"ledger head {self.seq}: needs a number from 0 and a SHA-256 in hex")


@dataclass(frozen=True, slots=True)
class ProtocolVersion:
    """Which protocol the study ran on when the cut was made."""

    identifier: str
    version: str
    sha256: str

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise CutError(f"protocol {self.identifier}: its hash is not a SHA-256 in hex")


@dataclass(frozen=True, slots=True)
class Site:
    code: str
    name: str
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One departure from the protocol: what it is about, the item that caused it, what was done.

    `classification` is empty until somebody has judged it.
    """

    participant: str
    on: str
    kind: str
    description: str
    subject: str = ""
    cause: str = ""
    classification: str = ""
    done: str = ""

    def __post_init__(self) -> None:
        date_text(self.on, f"deviation of {self.participant}")
        one_of(self.classification, ("", *CLASSIFICATIONS), f"deviation of {self.participant}")


@dataclass(frozen=True, slots=True)
class Cut:
    """The open part of a data cut. Built in any order, it sorts itself and checks its keys."""

    study: str
    name: str
    demonstration: bool
    protocol: ProtocolVersion
    open_head: Head
    sealed_head: Head
    cut_at: str
    began_on: str
    sites: tuple[Site, ...]
    participants: tuple[Participant, ...]
    visits: tuple[Visit, ...] = ()
    entries: tuple[Entry, ...] = ()
    queries: tuple[Query, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    consents: tuple[ConsentPart, ...] = ()
    events: tuple[AdverseEvent, ...] = ()
    holds: tuple[Hold, ...] = ()
    kits: tuple[Kit, ...] = ()
    doses: tuple[Dose, ...] = ()
    epochs: tuple[EpochSpan, ...] = ()
    judgements: tuple[ResultJudgement, ...] = ()
    meetings: tuple[BoardMeeting, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    situations: tuple[Situation, ...] = ()
    diaries: tuple[DiaryMark, ...] = ()

    def __post_init__(self) -> None:
        date_text(self.cut_at, "time of the cut")
        date_text(self.began_on, "day the study began")
        if len(self.cut_at) < len("2026-03-04"):
            raise CutError(f"time of the cut: {self.cut_at} has no day")
        sort_field(self, "sites", lambda s: s.code)
        sort_field(self, "participants", lambda p: p.code)
        sort_field(self, "visits", lambda v: (v.participant, v.visit, v.occurrence))
        sort_field(self, "entries", _place)
        sort_field(self, "queries", lambda q: q.number)
        sort_field(
            self, "deviations", lambda d: (d.participant, d.on, d.kind, d.subject, d.description)
        )
        sort_field(self, "consents", lambda c: (c.participant, c.given_at, c.part))
        sort_field(self, "events", lambda e: e.number)
        sort_field(self, "epochs", lambda e: (e.participant, e.start, e.epoch))
        require_unique(((e.participant, e.epoch) for e in self.epochs), "epochs")
        require_unique((e.number for e in self.events), "events")
        sort_field(self, "judgements", lambda j: (*_place(j), j.item))
        require_unique(((*_place(j), j.item) for j in self.judgements), "judgements")
        sort_field(self, "holds", lambda h: h.number)
        require_unique((h.number for h in self.holds), "holds")
        sort_field(self, "meetings", lambda m: m.number)
        require_unique((m.number for m in self.meetings), "meetings")
        sort_field(self, "attachments", lambda a: a.place)
        require_unique((a.place for a in self.attachments), "attachments")
        sort_field(self, "situations", lambda s: s.number)
        sort_field(self, "diaries", lambda d: d.place)
        require_unique((d.place for d in self.diaries), "diaries")
        cases = [s.number for s in self.situations] + [e.number for e in self.events]
        require_unique(cases, "situations and events")
        sort_field(self, "doses", lambda d: d.place)
        require_unique((d.place for d in self.doses), "doses")
        sort_field(self, "kits", lambda k: k.kit)
        require_unique((k.kit for k in self.kits), "kits")
        require_unique((s.code for s in self.sites), "sites")
        require_unique((p.code for p in self.participants), "participants")
        require_unique(((v.participant, v.visit, v.occurrence) for v in self.visits), "visits")
        require_unique(map(_place, self.entries), "entries")
        require_unique((q.number for q in self.queries), "queries")
        require_unique(((c.participant, c.given_at, c.part) for c in self.consents), "consents")
        _known((p.site for p in self.participants), {s.code for s in self.sites}, "site")
        codes = {p.code for p in self.participants}
        rows: tuple[Iterable[Any], ...] = (
            self.visits,
            self.entries,
            self.queries,
            self.deviations,
            self.consents,
            self.events,
            self.situations,
            self.epochs,
            self.doses,
            self.judgements,
            self.diaries,
        )
        for part in rows:
            _known((row.participant for row in part), codes, "participant")
        linked = {code for p in self.participants for code in (p.linked_to, p.arm_of) if code}
        _known(linked, codes, "participant")
        _known((k.participant for k in self.kits if k.participant), codes, "participant")

    def allocated(self) -> dict[str, str]:
        """When the arm was allocated that somebody has, or shares once they are in: by code."""
        own = {p.code: at for p in self.participants if (at := p.at(RANDOMISED))}
        shared = {
            p.code: own[p.arm_of] for p in self.participants if p.arm_of in own and p.at(ELIGIBLE)
        }
        return own | shared

    @property
    def cut_on(self) -> str:
        """The calendar day of the cut."""
        return self.cut_at[:10]


@dataclass(frozen=True, slots=True)
class Again:
    """The arm that a participant had after an allocation at a later epoch: a new one, or theirs."""

    allocation: str
    arm: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """The arm a participant was allocated to, and the arm they were treated as, if treated.

    `again` are the later allocations that were made, in their order. `treatment_reason` says why
    the treatment was not given in full, `steps` when the steps of its day were taken.
    """

    participant: str
    arm: str
    received: str | None = None
    treatment_reason: str = ""
    steps: tuple[Step, ...] = ()
    again: tuple[Again, ...] = ()

    def __post_init__(self) -> None:
        sort_field(self, "steps", lambda s: (s.at, s.name))
        require_unique(
            (each.allocation for each in self.again), f"allocations of {self.participant}"
        )

    @property
    def path(self) -> tuple[str, ...]:
        """The arm at the beginning, and after each later allocation that was made."""
        return (self.arm, *(each.arm for each in self.again))

    def arm_after(self, allocations: Collection[str]) -> str:
        """The arm once these later allocations were made, as far as they were."""
        return [self.arm, *(e.arm for e in self.again if e.allocation in allocations)][-1]

    def at(self, step: str) -> str | None:
        """When this step of the day was taken, or None."""
        return next((s.at for s in self.steps if s.name == step), None)


@dataclass(frozen=True, slots=True)
class SealedPart:
    """What only unmasked people may know, bound to its cut by `cut_hash`.

    `entries` hold the unmasking values alone; they complete the open entries of the same key.
    """

    study: str
    name: str
    cut_hash: str
    assignments: tuple[Assignment, ...]
    entries: tuple[Entry, ...] = ()
    holds: tuple[HoldDetail, ...] = ()
    kits: tuple[KitContent, ...] = ()
    doses: tuple[Dose, ...] = ()
    products: Products = field(default_factory=Products)
    meetings: tuple[MeetingDetail, ...] = ()
    clocks: tuple[ReportClock, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    cohort_members: tuple[CohortMember, ...] = ()
    cohort_decisions: tuple[CohortDecision, ...] = ()

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.cut_hash):
            raise CutError(f"sealed part of {self.name}: the hash of its cut is not a SHA-256")
        sort_field(self, "assignments", lambda a: a.participant)
        sort_field(self, "holds", lambda h: h.number)
        sort_field(self, "meetings", lambda m: m.number)
        sort_field(self, "clocks", lambda c: c.number)
        sort_field(self, "attachments", lambda a: a.place)
        sort_field(self, "kits", lambda k: k.kit)
        sort_field(self, "doses", lambda d: d.place)
        sort_field(self, "entries", _place)
        sort_field(self, "cohort_members", lambda m: (m.group, m.cohort, m.participant))
        sort_field(self, "cohort_decisions", lambda d: (d.group, d.number))
        require_unique((a.participant for a in self.assignments), "assignments")
        require_unique((m.participant for m in self.cohort_members), "members of cohorts")
        require_unique(((d.group, d.number) for d in self.cohort_decisions), "decisions on cohorts")
        require_unique(map(_place, self.entries), "entries")


def _place(entry: Entry | ResultJudgement) -> tuple[str, str, int, str, int]:
    """On which form an entry stands, or a judgement of one of its results."""
    return entry.participant, entry.visit, entry.occurrence, entry.form, entry.repeat


def _known(keys: Iterable[str], known: set[str], what: str) -> None:
    for key in keys:
        if key not in known:
            raise CutError(f"{what} {key!r} is used in the cut but not listed in it")
