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
from trialwright.protocol.cohorts import DoseLevel, no_higher, second_doses, skips_none
from trialwright.protocol.groups import escalations
from trialwright.protocol.model import Protocol

RESPONSES = (Standing.EVENT, Standing.DONE, Standing.PENDING, Standing.MISSING)


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """One dose level: its arm and dose, and how many stand how there.

    doses: of each agent. next_size: how many get the dose in the next cohort if it is opened at
    this level. responses: of those who count, how many stand how with their response; empty where
    no rule reads it. control: how many on the control of cohorts at this level stand how; nobody
    where arms are pooled. near: whether no dose is skipped to it, or the rule says it or a higher
    one, and it isn't eliminated. choosable: whether the data support it as the one chosen at the
    end. estimate, eliminated: of two agents, as the rule sees it.
    """

    number: int
    arm: str
    doses: tuple[str, ...]
    counts: dict[Standing, int]
    next_size: int
    responses: dict[Standing, int]
    control: dict[Standing, int]
    near: bool
    choosable: bool
    estimate: float | None = None
    eliminated: bool = False

    @property
    def dose(self) -> str:
        """How much is given, with units."""
        return " + ".join(self.doses)

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
    second_doses: how many the second agent has, 0 where there is one agent.
    group: the key of the group that escalates by itself; "" of the whole trial. reads_responses:
    whether the rule reads responses too. backfills: the level that the next participant comes to
    while a full cohort is awaited; None where nobody does. control: the arm that cohorts are
    randomised against, by its key, "" without one; controls: how many of each cohort get it;
    pooled: whether counts are over arms together.
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
    second_doses: int
    decides_as: str | None
    content_hash: str
    group: str = ""
    reads_responses: bool = False
    backfills: int | None = None
    control: str = ""
    controls: int = 0
    pooled: bool = False

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
            _level(now, number, level) for number, level in enumerate(now.cohorts.levels, start=1)
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
        second_doses=second_doses(now.cohorts.levels),
        decides_as=role_to_decide_cohorts(by, now.cohorts),
        content_hash=now.content_hash,
        group=now.cohorts.group,
        reads_responses=now.cohorts.response is not None,
        backfills=now.backfills,
        control=now.cohorts.control.arm if now.cohorts.control else "",
        controls=now.cohorts.controls,
        pooled=now.pooled,
    )


def _level(now: CohortsNow, number: int, level: DoseLevel) -> LevelCounts:
    levels, reading = now.cohorts.levels, now.reading
    said = (reading and reading.decision and reading.decision.dose) or 1
    treated = now.count(number, *COUNTED) > 0
    eliminated = reading is not None and number in reading.eliminated
    return LevelCounts(
        number,
        level.arm,
        tuple(each for each in (level.first_amount, level.second_amount) if each),
        {each: now.count(number, each) for each in Standing},
        size_of_next(now, number),
        _responses(now, number),
        {each: now.count(number, each, control=True) for each in Standing},
        near=not eliminated
        and (skips_none(levels, number, now.reached) or no_higher(levels, number, said)),
        choosable=now.may_choose(number),
        estimate=reading.estimates[number - 1]
        if treated and reading and reading.estimates
        else None,
        eliminated=eliminated,
    )


def _responses(now: CohortsNow, level: int) -> dict[Standing, int]:
    """How many of those who count at a level stand how with their response."""
    if now.cohorts.response is None:
        return {}
    every = (each.outcome for each in now.members)
    seen = [each for each in every if each.level == level and not each.control]
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
