"""The clocks that a person may see, and those that wait for them.

Blinded people see the clocks of sites and of holds whole; of the sponsor's clocks of events they
see how they were opened, never whether they have ended: a report that isn't due could tell an arm.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from trialwright.accounts.policy import Act, Actor, may, role_to_end_clock
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.models import AdverseEvent, Clock, Study
from trialwright.conduct.models.adverse_events import About, Judge
from trialwright.conduct.reads.participants import study_and_protocol, visible
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.clock_details import EndingDetails, How, details_of_ending
from trialwright.protocol.basics import Text
from trialwright.safety.clock_rules import ClockRule, clock_rules
from trialwright.safety.duties import Stage, Why


class Missing(StrEnum):
    """What a report still lacks; none of it is waited for."""

    INVESTIGATOR = "investigator"
    SPONSOR = "sponsor"
    ONSET = "onset"
    DESCRIPTION = "description"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class DueLine:
    """One due time, the latest last: `last_day` of a clock that counts days."""

    why: Why
    started_at: datetime
    due_at: datetime
    last_day: date | None
    since: datetime


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock. `ending` is None while it runs, and for who may not know whether it does
    (`open_told` is False then). `event` and `code` are None for a clock of a hold."""

    number: int
    event: int | None
    hold: int | None
    code: str | None
    site: str
    label: Text
    region: str
    source: str
    stage: Stage
    zone: str
    started_at: datetime
    due_at: datetime
    dues: tuple[DueLine, ...]
    missing: tuple[Missing, ...]
    open_told: bool
    ending: EndingDetails | None
    can_end: bool
    can_be_incomplete: bool

    @property
    def running(self) -> bool:
        """Whether it is known to run."""
        return self.open_told and self.ending is None

    def late(self, now: datetime) -> bool:
        """Whether it ended, or runs, after it was due."""
        if not self.open_told or (self.ending and self.ending.how is How.NOT_DUE):
            return False
        return (self.ending.sent_at if self.ending else now) > self.due_at


def clocks_seen(by: Actor, *, event: int | None = None) -> tuple[ClockLine, ...]:
    """All clocks that this person may see, the first due first; of one event if it is named."""
    study, _protocol = study_and_protocol(by)
    rows = _rows(by)
    if event is not None:
        rows = rows.filter(event__number=event)
    return _lines(by, study, rows.order_by("due_at", "number"))


def clock_seen(by: Actor, number: int) -> ClockLine:
    """One clock; NotFound where there is none for this person."""
    study, _protocol = study_and_protocol(by)
    found = _lines(by, study, _rows(by).filter(number=number))
    if not found:
        raise NotFound
    return found[0]


def clocks_to_end(by: Actor) -> tuple[ClockLine, ...]:
    """The running clocks that this person ends, the first due first."""
    if not may(by, Act.SEE_PARTICIPANTS) or not _ends_any(by):
        return ()
    study, _protocol = study_and_protocol(by)
    rows = _rows(by).filter(ending=None).order_by("due_at", "number")
    return tuple(each for each in _lines(by, study, rows) if each.can_end)


def _ends_any(by: Actor) -> bool:
    return any(role_to_end_clock(by, site) for site in {None, *(s.site for s in by.seats)})


def _rows(by: Actor) -> QuerySet[Any]:
    seen = Q(hold__isnull=False) | Q(event__participant__in=visible(by))
    rows: QuerySet[Any] = Clock.objects.filter(seen, study=by.study)
    related = rows.select_related("event__participant", "hold", "ending")
    return related.prefetch_related("dues", "event__opinions")


def _lines(by: Actor, study: Study, rows: QuerySet[Any]) -> tuple[ClockLine, ...]:
    assert study.version is not None  # noqa: S101 - `study_and_protocol` has asked
    rules = clock_rules(protocol_of(study.version))
    known = {rule.key: rule for rule in rules.rules}
    knows = may(by, Act.SEE_ARM)
    clocks = list(rows)
    completed = {(each.event_id, each.region) for each in clocks
                 if each.stage == Stage.COMPLETE and not hasattr(each, "ending")}  # fmt: skip
    return tuple(_line(by, each, known, knows, completed) for each in clocks)


def _line(
    by: Actor,
    row: Clock,
    known: dict[str, ClockRule],
    knows: bool,
    completed: set[tuple[Any, str]],
) -> ClockLine:
    rule = known.get(row.rule)
    told = knows or row.event is None or bool(row.site)
    ended = hasattr(row, "ending")
    return ClockLine(
        number=row.number,
        event=row.event.number if row.event else None,
        hold=row.hold.number if row.hold else None,
        code=row.event.participant.code if row.event else None,
        site=row.site,
        label=rule.label if rule else Text(row.rule, row.rule),
        region=row.region,
        source=rule.source if rule else "",
        stage=Stage(row.stage),
        zone=row.zone,
        started_at=row.started_at,
        due_at=row.due_at,
        dues=tuple(
            DueLine(Why(each.why), each.started_at, each.due_at, each.last_day, each.since)
            for each in sorted(row.dues.all(), key=lambda each: each.number)
        ),
        missing=_missing(row.event) if row.event else (),
        open_told=told,
        ending=details_of_ending(row.ending) if told and ended else None,
        can_end=told and not ended and role_to_end_clock(by, row.site or None) is not None,
        can_be_incomplete=row.stage == Stage.FIRST and (row.event_id, row.region) in completed,
    )


def _missing(event: AdverseEvent) -> tuple[Missing, ...]:
    judges = {each.judge for each in event.opinions.all() if each.about == About.TREATMENT}
    if not event.term:
        # There is no cause to judge, and a pregnancy's outcome is news of its own.
        return () if event.described.strip() else (Missing.DESCRIPTION,)
    found = {
        Missing.INVESTIGATOR: Judge.INVESTIGATOR.value not in judges,
        Missing.SPONSOR: Judge.SPONSOR.value not in judges,
        Missing.ONSET: not event.started,
        Missing.DESCRIPTION: not event.described.strip(),
        Missing.OUTCOME: event.outcome == "unknown",
    }
    return tuple(each for each, missing in found.items() if missing)
