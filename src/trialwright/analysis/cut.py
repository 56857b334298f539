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
from trialwright.analysis.cut_checks import date_text, one_of
from trialwright.analysis.cut_clocks import ReportClock
from trialwright.analysis.cut_doses import Dose
from trialwright.analysis.cut_events import AdverseEvent
from trialwright.analysis.cut_holds import Hold, HoldDetail
from trialwright.analysis.cut_judgements import ResultJudgement
from trialwright.analysis.cut_kits import Kit, KitContent
from trialwright.analysis.cut_meetings import BoardMeeting, MeetingDetail
from trialwright.analysis.cut_products import Products
from trialwright.analysis.cut_situations import Situation

SCREENED = "screened"
CONSENTED = "consented"
ELIGIBLE = "eligible"
RANDOMISED = "randomised"
TREATED = "treated"
STOPPING_EVENT = "stopping_event"

TREATMENTS = ("full", "part", "none")
ENDINGS = ("withdrawn", "lost", "died", "completed")
STOPS = ("treatment", "visits", "contact", "samples")
EXCLUSIONS = ("ineligible", "declined", "other")
VISIT_STATUSES = ("planned", "done", "missed", "cancelled")
CONSENT_GIVERS = ("participant", "representative", "waived")
ENTRY_STATUSES = ("draft", "complete")
CLASSIFICATIONS = ("minor", "important")
QUERY_STATUSES = ("open", "answered", "closed")

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
class Step:
    """One thing that happened to a participant on the way, and when (`SCREENED`, …)."""

    name: str
    at: str

    def __post_init__(self) -> None:
        date_text(self.at, f"step {self.name}")


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a screened person was not randomised; `criteria` are identifiers in the protocol."""

    kind: str
    on: str
    criteria: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        one_of(self.kind, EXCLUSIONS, "exclusion")
        date_text(self.on, "exclusion")
        object.__setattr__(self, "criteria", tuple(sorted(set(self.criteria))))


@dataclass(frozen=True, slots=True)
class Treatment:
    """Whether the allocated treatment was given in full, in part or not at all.

    Why not in full is free text about the treatment: it stands in the sealed part.
    """

    status: str
    on: str

    def __post_init__(self) -> None:
        one_of(self.status, TREATMENTS, "treatment")
        date_text(self.on, "treatment")


@dataclass(frozen=True, slots=True)
class Ending:
    """A withdrawal, loss, death or completion, and which of `STOPS` end with it."""

    kind: str
    on: str
    stops: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        one_of(self.kind, ENDINGS, "ending")
        date_text(self.on, "ending")
        for stop in self.stops:
            one_of(stop, STOPS, "what an ending stops")
        object.__setattr__(self, "stops", tuple(s for s in STOPS if s in self.stops))


@dataclass(frozen=True, slots=True)
class Participant:
    """One screened person. `code` is their key everywhere in the cut; `state` is for display.

    kind: of participant, where the protocol has several. linked_to: the code of whom they are
    linked to, arm_of: of whose arm they share; both may be empty. group: the key of the group that
    they are in, "" before and where the protocol has none.
    """

    code: str
    site: str
    screening_number: str
    state: str
    steps: tuple[Step, ...]
    exclusion: Exclusion | None = None
    treatment: Treatment | None = None
    endings: tuple[Ending, ...] = ()
    kind: str = ""
    linked_to: str = ""
    arm_of: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        _sort(self, "steps", lambda s: (s.at, s.name))
        _sort(self, "endings", lambda e: (e.on, e.kind))
        if self.exclusion and self.at(RANDOMISED):
            raise CutError(f"participant {self.code}: excluded from randomisation and randomised")

    def at(self, step: str) -> str | None:
        """When the participant first reached this step, or None."""
        return next((s.at for s in self.steps if s.name == step), None)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of one participant: its target and window as planned, and what came of it.

    `occurrence` counts from 1 and is above 1 only for visits that come again with their cycle.
    """

    participant: str
    visit: str
    status: str
    target: str | None = None
    opens: str | None = None
    closes: str | None = None
    actual: str | None = None
    occurrence: int = 1

    def __post_init__(self) -> None:
        where = f"visit {self.visit} of {self.participant}"
        one_of(self.status, VISIT_STATUSES, where)
        for text in (self.target, self.opens, self.closes, self.actual):
            date_text(text, where)
        if (self.status == "done") != (self.actual is not None):
            raise CutError(f"{where}: a visit has an actual date if, and only if, it is done")


@dataclass(frozen=True, slots=True)
class Value:
    """One item's canonical text, or the code of the reason why it is missing; never both."""

    item: str
    text: str | None
    missing: str | None = None

    def __post_init__(self) -> None:
        if bool(self.text) == bool(self.missing) or "" in (self.text, self.missing):
            raise CutError(f"item {self.item}: needs either a value or the reason it is missing")


@dataclass(frozen=True, slots=True)
class Entry:
    """One filled-in form. `repeat` counts from 1 and is above 1 only for repeating forms,
    `occurrence` only for visits that come again."""

    participant: str
    visit: str
    form: str
    repeat: int
    status: str
    signed: bool
    protocol_version: str
    values: tuple[Value, ...]
    occurrence: int = 1

    def __post_init__(self) -> None:
        where = f"form {self.form} of {self.participant} at {self.visit}"
        one_of(self.status, ENTRY_STATUSES, where)
        if self.repeat < 1:
            raise CutError(f"{where}: repeats are counted from 1")
        _sort(self, "values", lambda v: v.item)
        _unique((v.item for v in self.values), where)


@dataclass(frozen=True, slots=True)
class Query:
    """One data question about one item."""

    number: int
    participant: str
    visit: str
    form: str
    repeat: int
    item: str
    status: str
    opened_on: str
    closed_on: str | None = None
    text: str = ""
    occurrence: int = 1

    def __post_init__(self) -> None:
        one_of(self.status, QUERY_STATUSES, f"query {self.number}")
        date_text(self.opened_on, f"query {self.number}")
        date_text(self.closed_on, f"query {self.number}")


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """One part of one consent: whether it was agreed to, and when it was withdrawn if it was.

    given_by: `participant`, `representative`, or `waived`: then no part, language or version is
    there, and `given_at` is when the data begin. assent: `yes` or `no` of a representative's
    consent where it was asked for.
    """

    participant: str
    given_at: str
    version: str
    language: str
    explained_by: str
    part: str
    agreed: bool
    withdrawn_on: str | None = None
    reason: str = ""
    given_by: str = "participant"
    assent: str = ""

    def __post_init__(self) -> None:
        one_of(self.given_by, CONSENT_GIVERS, f"consent of {self.participant}")
        one_of(self.assent, ("", "yes", "no"), f"consent of {self.participant}")
        date_text(self.given_at, f"consent of {self.participant}")
        date_text(self.withdrawn_on, f"consent of {self.participant}")


@dataclass(frozen=True, slots=True)
class EpochSpan:
    """One epoch that a participant has begun: its first day, and the day it ended if it has."""

    participant: str
    epoch: str
    start: str
    end: str | None = None

    def __post_init__(self) -> None:
        where = f"epoch {self.epoch} of {self.participant}"
        date_text(self.start, where)
        date_text(self.end, where)
        if self.end is not None and self.end < self.start:
            raise CutError(f"{where}: it ended before it began")


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

    def __post_init__(self) -> None:
        date_text(self.cut_at, "time of the cut")
        date_text(self.began_on, "day the study began")
        if len(self.cut_at) < len("2026-03-04"):
            raise CutError(f"time of the cut: {self.cut_at} has no day")
        _sort(self, "sites", lambda s: s.code)
        _sort(self, "participants", lambda p: p.code)
        _sort(self, "visits", lambda v: (v.participant, v.visit, v.occurrence))
        _sort(self, "entries", _place)
        _sort(self, "queries", lambda q: q.number)
        _sort(self, "deviations", lambda d: (d.participant, d.on, d.kind, d.subject, d.description))
        _sort(self, "consents", lambda c: (c.participant, c.given_at, c.part))
        _sort(self, "events", lambda e: e.number)
        _sort(self, "epochs", lambda e: (e.participant, e.start, e.epoch))
        _unique(((e.participant, e.epoch) for e in self.epochs), "epochs")
        _unique((e.number for e in self.events), "events")
        _sort(self, "judgements", lambda j: (*_place(j), j.item))
        _unique(((*_place(j), j.item) for j in self.judgements), "judgements")
        _sort(self, "holds", lambda h: h.number)
        _unique((h.number for h in self.holds), "holds")
        _sort(self, "meetings", lambda m: m.number)
        _unique((m.number for m in self.meetings), "meetings")
        _sort(self, "attachments", lambda a: a.place)
        _unique((a.place for a in self.attachments), "attachments")
        _sort(self, "situations", lambda s: s.number)
        cases = [s.number for s in self.situations] + [e.number for e in self.events]
        _unique(cases, "situations and events")
        _sort(self, "doses", lambda d: d.place)
        _unique((d.place for d in self.doses), "doses")
        _sort(self, "kits", lambda k: k.kit)
        _unique((k.kit for k in self.kits), "kits")
        _unique((s.code for s in self.sites), "sites")
        _unique((p.code for p in self.participants), "participants")
        _unique(((v.participant, v.visit, v.occurrence) for v in self.visits), "visits")
        _unique(map(_place, self.entries), "entries")
        _unique((q.number for q in self.queries), "queries")
        _unique(((c.participant, c.given_at, c.part) for c in self.consents), "consents")
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
        _sort(self, "steps", lambda s: (s.at, s.name))
        _unique((each.allocation for each in self.again), f"allocations of {self.participant}")

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

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.cut_hash):
            raise CutError(f"sealed part of {self.name}: the hash of its cut is not a SHA-256")
        _sort(self, "assignments", lambda a: a.participant)
        _sort(self, "holds", lambda h: h.number)
        _sort(self, "meetings", lambda m: m.number)
        _sort(self, "clocks", lambda c: c.number)
        _sort(self, "attachments", lambda a: a.place)
        _sort(self, "kits", lambda k: k.kit)
        _sort(self, "doses", lambda d: d.place)
        _sort(self, "entries", _place)
        _unique((a.participant for a in self.assignments), "assignments")
        _unique(map(_place, self.entries), "entries")


def _place(entry: Entry | ResultJudgement) -> tuple[str, str, int, str, int]:
    """On which form an entry stands, or a judgement of one of its results."""
    return entry.participant, entry.visit, entry.occurrence, entry.form, entry.repeat


def _sort(owner: object, field: str, key: Any) -> None:
    object.__setattr__(owner, field, tuple(sorted(getattr(owner, field), key=key)))


def _unique(keys: Iterable[Any], where: str) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            raise CutError(f"{where}: {key!r} stands there twice")
        seen.add(key)


def _known(keys: Iterable[str], known: set[str], what: str) -> None:
    for key in keys:
        if key not in known:
            raise CutError(f"{what} {key!r} is used in the cut but not listed in it")
