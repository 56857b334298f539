"""The dose cohorts as they stand: what the rule sees and says, and what has been decided."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may, role_to_decide_cohorts
from trialwright.conduct.allocation.cohorts import CohortsNow, Member, cohorts_now, size_of_next
from trialwright.conduct.models import CohortDecision
from trialwright.conduct.models.cohorts import Verdict
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.design.cohorts import COUNTED, Standing
from trialwright.messages import Message
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Protocol

RESPONSES = (Standing.EVENT, Standing.DONE, Standing.PENDING, Standing.MISSING)


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """One dose level: its arm and dose, and how many stand how there.

    next_size: how many the next cohort takes if it is opened at this level. responses: of those who
    count, how many stand how with their response; empty where no rule reads it.
    """

    number: int
    arm: str
    dose: str
    counts: dict[Standing, int]
    next_size: int
    responses: dict[Standing, int]

    @property
    def treated(self) -> int:
        """How many count, with those still followed."""
        return sum(self.counts[each] for each in (Standing.EVENT, Standing.DONE, Standing.PENDING))


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision that was signed."""

    number: int
    ended: bool
    level: int | None
    size: int
    said_action: str
    said_level: int | None
    reason: str
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class CohortsToRead:
    """The page's facts.

    members: those that this person sees. says: the rule's sentence, None without a rule or where it
    can't be read yet. action, dose: what it says. selected: what it would select now. complete:
    whether the open cohort is. decides_as: the role under which this person decides, or None.
    group: the key of the group that escalates by itself; "" of the whole trial. reads_responses:
    whether the rule reads responses too. backfills: the level that the next participant comes to
    while a full cohort is awaited; None where nobody does.
    """

    levels: tuple[LevelCounts, ...]
    members: tuple[Member, ...]
    decisions: tuple[Decided, ...]
    has_rule: bool
    says: Message | None
    action: str
    dose: int | None
    selected: int | None
    places: int
    complete: bool
    ended: bool
    highest: int
    decides_as: str | None
    content_hash: str
    group: str = ""
    reads_responses: bool = False
    backfills: int | None = None

    @property
    def waits(self) -> bool:
        """Whether this person's decision is what the study waits for."""
        if self.decides_as is None or self.ended or not self.complete:
            return False
        return self.action != "suspend"


def cohorts_to_read(by: Actor, group: str = "") -> CohortsToRead:
    """The cohorts of the whole trial or of a group, for whoever sees participants; NotFound for
    anybody else, and without any."""
    study, protocol = study_and_protocol(by)
    cohorts = next((each for each in escalations(protocol) if each.group == group), None)
    if cohorts is None or not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    return _told(by, cohorts_now(study, protocol, timezone.now(), cohorts))


def cohorts_waiting(by: Actor, protocol: Protocol) -> tuple[CohortsToRead, ...]:
    """The cohorts of which this person's decision is what the study waits for."""
    found = (
        cohorts_to_read(by, each.group)
        for each in escalations(protocol)
        if role_to_decide_cohorts(by, each) is not None
    )
    return tuple(each for each in found if each.waits)


def _told(by: Actor, now: CohortsNow) -> CohortsToRead:
    said = now.reading and now.reading.decision
    return CohortsToRead(
        levels=tuple(
            LevelCounts(
                number,
                level.arm,
                level.amount,
                {each: now.count(number, each) for each in Standing},
                size_of_next(now, number),
                _responses(now, number),
            )
            for number, level in enumerate(now.cohorts.levels, start=1)
        ),
        members=tuple(each for each in now.members if by.sites is None or each.site in by.sites),
        decisions=tuple(_decided(each) for each in now.decisions),
        has_rule=now.rule is not None,
        says=said.reason if said else None,
        action=said.action if said else "",
        dose=said.dose if said else None,
        selected=now.reading.selected if now.reading else None,
        places=now.places,
        complete=now.complete,
        ended=now.ended,
        highest=now.highest,
        decides_as=role_to_decide_cohorts(by, now.cohorts),
        content_hash=now.content_hash,
        group=now.cohorts.group,
        reads_responses=now.cohorts.response is not None,
        backfills=now.backfills,
    )


def _responses(now: CohortsNow, level: int) -> dict[Standing, int]:
    """How many of those who count at a level stand how with their response."""
    if now.cohorts.response is None:
        return {}
    seen = [each.outcome for each in now.members if each.outcome.level == level]
    known = [each.response for each in seen if each.standing in COUNTED]
    return {each: known.count(each) for each in RESPONSES}


def _decided(row: CohortDecision) -> Decided:
    return Decided(
        number=row.number,
        ended=row.verdict == Verdict.END,
        level=row.level,
        size=row.size,
        said_action=row.said_action,
        said_level=row.said_level,
        reason=row.reason,
        at=row.decided_at,
        by=row.decided_by,
    )
