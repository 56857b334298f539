"""The open chain of a study's ledger for people: action by action, and each with its lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.clock import Zones, midnight, zones_of
from trialwright.conduct.models import (
    Consent,
    ConsentWithdrawal,
    CriterionAnswer,
    Deviation,
    Ending,
    Entry,
    Identity,
    Query,
    Signature,
    StepRecord,
    Value,
    VisitRecord,
)
from trialwright.conduct.reads.participants import visible
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import reading
from trialwright.ledger.reading import LedgerLine

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
    "identity": (Identity, "participant"),
    "identity_seen": (Identity, "participant"),
}


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


def _lines(by: Actor, *, before: int | None, limit: int) -> list[LedgerLine]:
    if not may(by, Act.SEE_LEDGER):
        raise NotFound

    def may_reveal(_line: LedgerLine) -> bool:
        return by.sites is None

    if before is None:
        return reading.rows(by.study, may_reveal=may_reveal, limit=limit)
    return reading.rows(by.study, may_reveal=may_reveal, before=before, limit=limit)


def ledger_actions(by: Actor, *, before: int | None = None, limit: int = 500) -> list[LedgerAction]:
    """The latest actions first, as many as have all their lines among the latest `limit`."""
    lines = _lines(by, before=before, limit=limit)
    groups = list(_groups(lines))
    if len(lines) == limit and len(groups) > 1:
        groups.pop()
    codes = _codes(by, (line for group in groups for line in group))
    zones = zones_of(by.study)
    return [_action(by, group, codes, zones) for group in groups]


def ledger_action(by: Actor, last: int) -> LedgerAction:
    """The action whose last line has this number."""
    lines = _lines(by, before=last + 1, limit=_MOST_LINES)
    group = next(_groups(lines), None)
    if group is None or group[-1].seq != last:
        raise NotFound
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
