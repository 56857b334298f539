"""The open chain of a study's ledger for people: action by action, and each with its lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.clock import Zones, midnight, zones_of
from trialwright.conduct.models import (
    AdverseEvent,
    Consent,
    ConsentWithdrawal,
    CriterionAnswer,
    Deviation,
    Ending,
    Entry,
    EventGrade,
    EventOpinion,
    Identity,
    Participant,
    Pregnancy,
    PregnancyChild,
    Query,
    Signature,
    StepRecord,
    Value,
    ValueReview,
    VisitRecord,
)
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import reading
from trialwright.ledger.reading import LedgerLine, Narrowing
from trialwright.protocol.occurrences import SEPARATOR

# No action writes nearly so many lines, but the signing of a protocol with its list.
_MOST_LINES = 5000

# When a step was recorded can tell its arm.
_TIMED = frozenset({"record_step"})

_OF_HER: dict[str, tuple[Any, str]] = {
    "consent": (Consent, "participant"),
    "consent_withdrawal": (ConsentWithdrawal, "consent__participant"),
    "criterion": (CriterionAnswer, "participant"),
    "deviation": (Deviation, "participant"),
    "ending": (Ending, "participant"),
    "step": (StepRecord, "participant"),
    "visit": (VisitRecord, "participant"),
    "entry": (Entry, "participant"),
    "signature": (Signature, "participant"),
    "query": (Query, "entry__participant"),
    "value": (Value, "entry__participant"),
    "value_review": (ValueReview, "entry__participant"),
    "identity": (Identity, "participant"),
    "identity_seen": (Identity, "participant"),
    "adverse_event": (AdverseEvent, "participant"),
    "event_grade": (EventGrade, "event__participant"),
    "event_opinion": (EventOpinion, "event__participant"),
    "pregnancy": (Pregnancy, "case__participant"),
    "pregnancy_child": (PregnancyChild, "pregnancy__case__participant"),
}
# Where such a record names its visit and its form; what names none belongs to none.
_AT: dict[str, tuple[str, str]] = {
    "visit": ("visit", ""),
    "step": ("visit", ""),
    "entry": ("visit", "form"),
    "value": ("entry__visit", "entry__form"),
    "value_review": ("entry__visit", "entry__form"),
    "query": ("entry__visit", "entry__form"),
    "signature": ("entry__visit", "entry__form"),
}


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which actions of the audit trail are wanted; what is "" or None leaves all.

    Attributes:
        code: of this participant; visit, form: and of these of theirs.
        by: the id of the person who acted; action: what was done, as the ledger names it.
        begins, ends: recorded from one moment until before another.
    """

    code: str = ""
    visit: str = ""
    form: str = ""
    by: str = ""
    action: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class LedgerAction:
    """One action: its lines, the first written first, and the code of whom it concerns, or ""."""

    lines: tuple[LedgerLine, ...]
    code: str

    @property
    def last(self) -> LedgerLine:
        """The line under whose number the action is found."""
        return self.lines[-1]


def ledger_lines(by: Actor, *, before: int | None = None, limit: int = 100) -> list[LedgerLine]:
    """The open chain, latest first.

    A person of one site sees that something was entered, not what: rows don't say whose they are.
    Of a treatment a blinded person sees the day, not the minute.
    """
    lines = _lines(by, before=before, limit=limit)
    codes = _codes(by, [line for line in lines if line.action in _TIMED])
    zones = zones_of(by.study)
    return [_of_the_day(by, line, codes.get((line.entity, line.id), ""), zones) for line in lines]


def _of_the_day(by: Actor, line: LedgerLine, code: str, zones: Zones) -> LedgerLine:
    """Tell a blinded person the day alone, by the calendar of the participant's site."""
    if line.action not in _TIMED or may(by, Act.SEE_ARM):
        return line
    zone = zones.at(code.rpartition("-")[0])
    recorded, happened = midnight(line.recorded_at, zone), midnight(line.happened_at, zone)
    return replace(line, recorded_at=recorded, happened_at=happened)


def _lines(
    by: Actor, *, before: int | None, limit: int, narrowing: Narrowing | None = None
) -> list[LedgerLine]:
    if not may(by, Act.SEE_LEDGER):
        raise NotFound

    def may_reveal(_line: LedgerLine) -> bool:
        return by.sites is None

    wanted: dict[str, Any] = {} if before is None else {"before": before}
    if narrowing is not None:
        wanted["narrowing"] = narrowing
    return reading.rows(by.study, may_reveal=may_reveal, limit=limit, **wanted)


def _narrowing(by: Actor, asked: TrailFilter) -> Narrowing:
    """The same as the ledger knows it: a participant by their records."""
    records = None
    if asked.code:
        participant = visible(by).filter(code=asked.code).first()
        records = _records_of(participant, asked) if participant else []
    return Narrowing(records, asked.by, asked.action, asked.begins, asked.ends)


def _records_of(participant: Participant, asked: TrailFilter) -> list[tuple[str, str]]:
    """The participant's records, or those at one visit, or on one form, as (entity, id)."""
    records = []
    whole = not (asked.visit or asked.form)
    if whole:
        records.append(("participant", str(participant.pk)))
    for entity, (model, path) in _OF_HER.items():
        visit, form = _AT.get(entity, ("", ""))
        if not whole and not (visit if not asked.form else form):
            continue
        wanted: dict[str, Any] = {path: participant}
        if asked.form:
            wanted[form] = asked.form
        rows = model.objects.filter(**wanted)
        if asked.visit:
            later = {f"{visit}__startswith": asked.visit + SEPARATOR}
            rows = rows.filter(Q(**{visit: asked.visit}) | Q(**later))
        records += [(entity, str(pk)) for pk in rows.values_list("pk", flat=True)]
    return records


def ledger_actions(
    by: Actor,
    *,
    asked: TrailFilter | None = None,
    before: int | None = None,
    limit: int = 500,
) -> list[LedgerAction]:
    """The latest actions first, as many as have all their lines among the latest `limit`.

    Where a participant is asked for, an action has those of its lines that concern them.
    """
    narrowing = _narrowing(by, asked) if asked and may(by, Act.SEE_LEDGER) else None
    lines = _lines(by, before=before, limit=limit, narrowing=narrowing)
    groups = list(_groups(lines))
    if len(lines) == limit and len(groups) > 1:
        groups.pop()
    codes = _codes(by, (line for group in groups for line in group))
    zones = zones_of(by.study)
    return [_action(by, group, codes, zones) for group in groups]


def ledger_action(by: Actor, number: int) -> LedgerAction:
    """The action that wrote the line with this number."""
    last = reading.last_of_action(by.study, number) if may(by, Act.SEE_LEDGER) else None
    if last is None:
        raise NotFound
    lines = _lines(by, before=last + 1, limit=_MOST_LINES)
    group = next(_groups(lines))
    return _action(by, group, _codes(by, group), zones_of(by.study))


def _action(
    by: Actor, group: tuple[LedgerLine, ...], codes: dict[tuple[str, str], str], zones: Zones
) -> LedgerAction:
    code = _code(group, codes)
    return LedgerAction(tuple(_of_the_day(by, line, code, zones) for line in group), code)


def _groups(lines: list[LedgerLine]) -> Iterator[tuple[LedgerLine, ...]]:
    """The lines of one action were recorded in one moment of the database's clock."""
    for _key, group in groupby(lines, key=lambda line: (line.recorded_at, line.action, line.by)):
        yield tuple(group)[::-1]


def _codes(by: Actor, lines: Iterable[LedgerLine]) -> dict[tuple[str, str], str]:
    """The codes of the participants this person may see, by the records that concern them."""
    if not may(by, Act.SEE_PARTICIPANTS):
        return {}
    ids: dict[str, set[str]] = {}
    for line in lines:
        ids.setdefault(line.entity, set()).add(line.id)
    seen = visible(by)
    rows = seen.filter(pk__in=ids.get("participant", ())).values_list("pk", "code")
    found = {("participant", str(pk)): code for pk, code in rows}
    for entity, (model, path) in _OF_HER.items():
        if entity in ids:
            theirs = model.objects.filter(pk__in=ids[entity], **{f"{path}__in": seen})
            for pk, code in theirs.values_list("pk", f"{path}__code"):
                found[(entity, str(pk))] = code
    return found


def _code(lines: Iterable[LedgerLine], codes: dict[tuple[str, str], str]) -> str:
    return next(
        (codes[line.entity, line.id] for line in lines if (line.entity, line.id) in codes), ""
    )
