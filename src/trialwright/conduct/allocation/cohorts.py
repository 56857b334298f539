"""Where the dose cohorts of a running study stand: outcomes, what the rule says, what is open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from trialwright.conduct.allocation.allocation_list import NOT_AGAIN, opened
from trialwright.conduct.clock import day_of, zones_of
from trialwright.conduct.models import AllocationSlot, CohortDecision, Participant, State, Study
from trialwright.conduct.models.cohorts import Verdict
from trialwright.conduct.models.participants import Ending, EndingKind
from trialwright.conduct.participants.progress import treatments_of
from trialwright.conduct.reads.values import Known, values_of_each
from trialwright.conduct.signing import hash_of
from trialwright.design.cohort_draw import CohortPlace
from trialwright.design.cohorts import (
    CohortRule,
    Outcome,
    RuleReading,
    Standing,
    backfill_level,
    read_rule,
    room_for,
    size_of,
    tie_draw_of,
    waits_for,
)
from trialwright.design.section import cohort_rule_of
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.blinding import reads_cohorts_pooled
from trialwright.protocol.cohorts import Cohorts, no_higher
from trialwright.protocol.model import Protocol

_GONE = frozenset({State.WITHDRAWN, State.LOST, State.DIED})
NOT_COUNTED = frozenset({Standing.REPLACED})


@dataclass(frozen=True, slots=True)
class Member:
    """One participant of a cohort.

    treated_on: the first dose; due_on: the end of the window. ended: the stretches of cohort sizes
    that this participant's values have ended, by their index.
    """

    code: str
    site: str
    outcome: Outcome
    treated_on: date | None = None
    due_on: date | None = None
    ended: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CohortsNow:
    """The cohorts at one moment.

    decisions: all so far, the latest last. reading: of the rule; None where people decide alone.
    places: how many the open cohort still takes, those on the control among them. pooled: whether
    nobody is known to be on the control, since somebody who sees participants is blinded.
    """

    cohorts: Cohorts
    members: tuple[Member, ...]
    decisions: tuple[CohortDecision, ...]
    rule: CohortRule | None
    reading: RuleReading | None
    places: int
    pooled: bool = False

    @property
    def latest(self) -> CohortDecision | None:
        """The latest decision."""
        return self.decisions[-1] if self.decisions else None

    @property
    def ended(self) -> bool:
        """Whether the escalation has ended."""
        return self.latest is not None and self.latest.verdict == Verdict.END

    @property
    def complete(self) -> bool:
        """Whether the open cohort is full and its outcomes are known as far as it needs them."""
        outcomes = [each.outcome for each in self.members]
        return self.places == 0 and not waits_for(self.rule, outcomes)

    @property
    def backfills(self) -> int | None:
        """The dose level that the next participant comes to while the open cohort is full and
        awaited, where the rule backfills; None for none."""
        waits = self.latest is not None and not self.ended and self.places == 0
        if not waits or self.complete or self.reading is None:
            return None
        return backfill_level(self.rule, self.reading.state)

    @property
    def reached(self) -> frozenset[int]:
        """The dose levels that anybody has been allocated to."""
        return frozenset(each.outcome.level for each in self.members)

    def may_choose(self, level: int) -> bool:
        """Whether the data so far support a dose level as the one chosen at the end: it is no
        higher than what the rule selects or, without a rule, than a level reached."""
        selected = {self.reading.selected} - {None} if self.reading else self.reached
        levels = self.cohorts.levels
        return any(each is not None and no_higher(levels, level, each) for each in selected)

    @property
    def past_stretches(self) -> frozenset[int]:
        """The stretches of cohort sizes that somebody's values have ended, by their index."""
        return frozenset(index for each in self.members for index in each.ended)

    def count(self, level: int, *standings: Standing, control: bool = False) -> int:
        """How many of the cohorts at a dose level stand so: of those who got the dose, or of those
        on the control; where arms are pooled of all, and of none."""
        own = [e for each in self.members if (e := each.outcome).level == level]
        return sum(each.standing in standings and each.control is control for each in own)

    @property
    def content(self) -> dict[str, Any]:
        """What a decision is bound to: everybody's cohort and standing, and what ended a size."""
        own: dict[str, Any] = {"group": self.cohorts.group} if self.cohorts.group else {}
        if self.cohorts.response is not None:
            own["responses"] = [each.outcome.response.value for each in self.members]
        if any(each.outcome.backfilled for each in self.members):
            own["backfilled"] = [each.code for each in self.members if each.outcome.backfilled]
        if self.reading is not None:
            own["selected"] = self.reading.selected
        sizes = {"past_stretches": sorted(self.past_stretches)} if self.cohorts.sizes else {}
        return {
            **own,
            **sizes,
            "number": len(self.decisions) + 1,
            "members": [
                [each.code, each.outcome.cohort, each.outcome.level, each.outcome.standing.value]
                for each in self.members
            ],
        }

    @property
    def content_hash(self) -> str:
        """The hash of that."""
        return hash_of(self.content)


def cohorts_now(
    study: Study, protocol: Protocol, now: datetime, cohorts: Cohorts | None = None
) -> CohortsNow:
    """The cohorts as they stand at a moment; days count at each participant's site.

    Args:
        cohorts: those meant, of the whole trial or of a group; if None those of the protocol.
    """
    cohorts = cohorts or protocol.cohorts
    assert cohorts is not None  # noqa: S101 - the caller has asked
    own = CohortDecision.objects.filter(study=study, group=cohorts.group or None)
    decisions = tuple(own.order_by("number"))
    members = tuple(_members(study, protocol, cohorts, decisions, now))
    rule = cohort_rule_of(protocol, cohorts)
    draw = tie_draw_of(protocol.identifier, cohorts.group)
    reading = read_rule(rule, [each.outcome for each in members], draw) if rule else None
    places = _places(cohorts, decisions, members)
    pooled = cohorts.control is not None and reads_cohorts_pooled(protocol)
    return CohortsNow(cohorts, members, decisions, rule, reading, places, pooled)


def size_of_next(now: CohortsNow, level: int) -> int:
    """How many get the dose in the next cohort at a level: as the file says, or its rule."""
    size = now.cohorts.size_at({level, *now.reached}, now.past_stretches)
    if now.rule is None:
        return size or now.cohorts.size
    by_rule = (now.reading.size if now.reading else 0) or size_of(now.rule)
    if size is None or now.reading is None:
        return by_rule
    return min(size, room_for(now.rule, now.reading.state)) or by_rule


def _places(
    cohorts: Cohorts, decisions: Sequence[CohortDecision], members: Sequence[Member]
) -> int:
    if not decisions or decisions[-1].verdict == Verdict.END:
        return 0
    latest = decisions[-1]
    taken = [
        each
        for each in members
        if each.outcome.cohort == latest.number
        and not each.outcome.backfilled
        and each.outcome.standing not in NOT_COUNTED
    ]
    return max(0, latest.size + cohorts.controls - len(taken))


def _members(
    study: Study,
    protocol: Protocol,
    cohorts: Cohorts,
    decisions: Sequence[CohortDecision],
    now: datetime,
) -> Iterator[Member]:
    levels = {each.number: each.level or 0 for each in decisions}
    joined = _joined_by(protocol, cohorts)
    slots = AllocationSlot.objects.filter(
        study=study, participant__isnull=False, list_name=joined.list_prefix
    ).exclude(stratum=NOT_AGAIN)
    taken = list(slots.select_related("participant", "participant__study").order_by("place"))
    people = [slot.participant for slot in taken if slot.participant is not None]
    since = joined.key if joined.at is not None else None
    treatments, zones = treatments_of(people, protocol, since), zones_of(study.identifier)
    left = _left_on(people)
    on_control = _on_control(protocol, cohorts, taken)
    held = values_of_each(people, protocol, set(cohorts.references))
    for slot, person in zip(taken, people, strict=True):
        cohort, backfilled = _place_in(cohorts, slot.stratum or "")
        treatment, today = treatments[person.pk], day_of(now, zones.at(person.site))
        treated_on = due_on = None
        response = Standing.DONE, 0.0
        if treatment is None:
            gone = person.pk in left or person.stops_treatment
            standing, followed = (Standing.REPLACED if gone else Standing.AWAITED), 0.0
        elif not treatment.given:
            standing, followed = Standing.REPLACED, 0.0
        else:
            treated_on = treatment.on
            due_on = treated_on + timedelta(days=cohorts.window_days)
            followed = min(1.0, max(0, (today - treated_on).days) / cohorts.window_days)
            values, gone_on = held[person.pk], left.get(person.pk)
            standing = _standing(cohorts, values, gone_on, due_on, today)
            response = _response(cohorts, values, gone_on, treated_on, today)
        level = backfilled or levels[cohort]
        outcome = Outcome(
            cohort, level, standing, followed, *response, backfilled > 0, slot.pk in on_control
        )
        ended = _ended_by(cohorts, held[person.pk])
        yield Member(person.code, person.site, outcome, treated_on, due_on, ended)


def stratum_of_cohort(cohort: int, backfilled: int | None = None) -> str:
    """What the slot of a participant keeps: the cohort and, of one who was backfilled while it was
    awaited, the dose level."""
    return f"{cohort}" if backfilled is None else f"{cohort}/{backfilled}"


def free_place(now: CohortsNow) -> CohortPlace:
    """The next place of the open cohort, of which chance decides whether it is at the dose."""
    latest = now.latest
    assert latest is not None  # noqa: S101 - the caller has asked
    own = [each.outcome for each in now.members if each.outcome.cohort == latest.number]
    left = (n for n, each in enumerate(own, start=1) if each.standing in NOT_COUNTED)
    return CohortPlace(
        latest.number, latest.level or 0, latest.size, now.cohorts.controls, tuple(left)
    )


def level_in_cohort(stratum: str | None) -> int | None:
    """The dose level of the cohort in which somebody has a place of a draw; None of who joined
    none."""
    return CohortPlace.read(stratum).level if stratum and stratum != NOT_AGAIN else None


def _on_control(
    protocol: Protocol, cohorts: Cohorts, taken: Sequence[AllocationSlot]
) -> frozenset[UUID]:
    """The places on the control; none are known where arms are pooled."""
    if cohorts.control is None or reads_cohorts_pooled(protocol):
        return frozenset()
    number = protocol.arm(cohorts.control.arm).number
    return frozenset(slot.pk for slot in taken if opened(slot) == number)


def _place_in(cohorts: Cohorts, stratum: str) -> tuple[int, int]:
    """The cohort and the level of one who was backfilled, 0 of others, as `stratum_of_cohort`
    wrote them."""
    if cohorts.control is not None:
        return CohortPlace.read(stratum).cohort, 0
    cohort, _slash, level = stratum.partition("/")
    return int(cohort or 0), int(level or 0)


def _ended_by(cohorts: Cohorts, values: Known) -> frozenset[int]:
    """The stretches of sizes that these values end: whoever they are of, evaluable or not."""
    untils = [(index, stretch.until) for index, stretch in enumerate(cohorts.sizes)]
    return frozenset(index for index, until in untils if until and until.holds(values) is True)


def _joined_by(protocol: Protocol, cohorts: Cohorts) -> Allocation:
    """The allocation by which participants join these cohorts, as they enter or later."""
    kind = AllocationKind.DOSE_COHORT
    joined = [each for each in protocol.allocations if each.kind is kind]
    own = {group.key for group in protocol.groups if group.cohorts is not None}
    for each in joined:
        if each.key == cohorts.group or (not cohorts.group and each.key not in own):
            return each
    raise LookupError(f"no allocation of these dose cohorts: {cohorts.group!r}")


def _left_on(people: Sequence[Participant]) -> dict[UUID, tuple[date, EndingKind]]:
    """When and how those left who can't be followed any more."""
    endings = Ending.objects.filter(participant__in=people).exclude(kind=EndingKind.COMPLETED)
    gone = {person.pk for person in people if State(person.state) in _GONE}
    return {
        each.participant_id: (each.on, EndingKind(each.kind))
        for each in endings.order_by("-on")
        if each.participant_id in gone
    }


def _standing(
    cohorts: Cohorts, values: Known, left: tuple[date, EndingKind] | None, due: date, today: date
) -> Standing:
    """What is known of one who was treated.

    Who left within the window without an event leaves the place to another; a death of which nobody
    has said whether it was one is waited for.
    """
    event = cohorts.event.holds(values)
    if event is True:
        return Standing.EVENT
    if left is not None and left[0] < due:
        undecided = left[1] is EndingKind.DIED and event is not False
        return Standing.MISSING if undecided else Standing.REPLACED
    if today < due:
        return Standing.PENDING
    counts = cohorts.evaluable.holds(values) if cohorts.evaluable else True
    if counts is False:
        return Standing.REPLACED
    return Standing.DONE if counts is True and event is False else Standing.MISSING


def _response(
    cohorts: Cohorts,
    values: Known,
    left: tuple[date, EndingKind] | None,
    treated_on: date,
    today: date,
) -> tuple[Standing, float]:
    """What is known of the response of one who was treated, and the part of its window that is
    over. Who left within that window counts without one, unless it is known by then."""
    said = cohorts.response.holds(values) if cohorts.response else False
    if cohorts.response is None or said is True:
        return (Standing.EVENT if said else Standing.DONE), 0.0
    due = treated_on + timedelta(days=cohorts.response_window_days)
    if left is not None and left[0] < due:
        return Standing.DONE, 0.0
    if today < due:
        return Standing.PENDING, max(0, (today - treated_on).days) / cohorts.response_window_days
    return (Standing.DONE if said is False else Standing.MISSING), 0.0
