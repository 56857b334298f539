"""Which group an invented participant is meant for, and how they get into one."""

from datetime import datetime
from functools import partial

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.actions import eligibility
from trialwright.conduct.actions.groups import decide_group
from trialwright.conduct.allocation.groups import (
    GroupChoice,
    GroupNow,
    content_hash_of,
    deciding_groups,
    groups_now,
)
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import CohortDecision, Study
from trialwright.conduct.models.cohorts import Verdict
from trialwright.conduct.models.groups import GroupVerdict
from trialwright.conduct.reads.values import known_by
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.protocol.groups import Group, GroupState, belonging, part_of_group
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.stage import Stage, Thread

_PATIENCE = 150
"""So often, a week apart, one who waits for a group to open asks again."""


def meant_for(person: SimulatedPerson, *, counted: bool) -> Group | None:
    """The group that a participant is meant for: first those that others wait for, then each that
    has a place in turn; None without groups, and for who is linked to another.

    Args:
        counted: whether they are to enter, so that they take a place.
    """
    stage, groups = person.stage, person.protocol.groups
    if not groups or person.row.linked_to_id is not None:
        return None
    meant = stage.meant
    free = [each for each in groups if _has_place(stage, each) and not _over(stage, each)]
    waited = [each for each in free if meant[each.key] < _waited_for(each, groups)]
    least = min((meant[each.key] for each in free), default=0)
    turn = [each for each in free if meant[each.key] == least]
    found = next(iter(waited or turn or groups))
    if counted:
        meant[found.key] += 1
    return found


def free_place(person: SimulatedPerson) -> None:
    """Somebody didn't enter after all: the place that they were meant for is another's."""
    if person.group is not None:
        person.stage.meant[person.group.key] -= 1


def _has_place(stage: Stage, group: Group) -> bool:
    return group.participants is None or stage.meant[group.key] < group.participants


def _waited_for(group: Group, groups: tuple[Group, ...]) -> int:
    """How many a group needs so that others open."""
    waiting = [each.opens for each in groups if each.opens.after == group.key]
    return max((each.reached or group.participants or 0 for each in waiting), default=0)


def _over(stage: Stage, group: Group) -> bool:
    """Whether nobody enters a group any more: its day has come, or its escalation has ended."""
    if group.closes.on is not None and stage.today >= group.closes.on:
        return True
    ended = CohortDecision.objects.filter(
        study=stage.protocol.identifier, group=group.key, verdict=Verdict.END.value
    )
    return group.cohorts is not None and ended.exists()


def join_group(person: SimulatedPerson) -> Thread:
    """Confirm the eligibility as soon as a group that the participant belongs to is open."""
    stage, wanted = person.stage, person.group
    assert wanted is not None  # noqa: S101 - the caller has asked
    people = stage.crew.able(Act.CONFIRM_ELIGIBILITY, person.site)
    if wanted.chosen_by:
        people = stage.crew.among({wanted.chosen_by}, person.site)
    choice = GroupChoice(wanted.key, "Fits this group") if wanted.chosen_by else None
    words = ""
    for turn in range(_PATIENCE):
        if turn:
            yield stage.in_days(7, 9)
        _decide(stage)
        try:
            stage.attempt(people, partial(_confirm, person, choice, stage.now))
        except (ActionRefused, NotFound) as refusal:
            words = str(refusal)
        else:
            person.protocol = part_of_group(person.protocol, person.row.group)
            return
        if _over(stage, wanted):
            return
        if not _waits(person, choice):
            # The data led to another group than the one meant, and that one has no place.
            return
    stage.tally.refusals["confirm_eligibility", words] += 1


def _waits(person: SimulatedPerson, choice: GroupChoice | None) -> bool:
    """Whether one of the groups that the participant belongs to is open, or may open yet."""
    protocol = person.protocol
    values = known_by(person.row, protocol, deciding_groups(protocol))
    theirs = belonging(protocol.groups, values, choice.group if choice else "")
    day = day_of(person.stage.now, installation_zone())
    found = {each.group: each.state for each in groups_now(person.row.study, protocol, day)}
    return any(found[each] in (GroupState.OPEN, GroupState.WAITING) for each in theirs)


def _confirm(person: SimulatedPerson, choice: GroupChoice | None, at: datetime, by: Actor) -> None:
    eligibility.confirm_eligibility(by=by, code=person.code, group=choice, at=at)


def _decide(stage: Stage) -> None:
    """Have whoever opens a group that waits for nothing but their decision sign it."""
    study = Study.objects.get(pk=stage.protocol.identifier)
    day = day_of(stage.now, installation_zone())
    now = groups_now(study, stage.protocol, day)
    for each in now:
        if each.group.opens.by and not each.decisions and _waits_for_decision(stage, each, now):
            seen = content_hash_of(groups_now(study, stage.protocol, day))
            people = stage.crew.among({each.group.opens.by})
            stage.act("decide_group", people, partial(_open, each.group.key, seen, stage.now))


def _waits_for_decision(stage: Stage, now: GroupNow, all_groups: tuple[GroupNow, ...]) -> bool:
    opens = now.group.opens
    before = next((each for each in all_groups if each.group.key == opens.after), None)
    if now.state is not GroupState.WAITING or (opens.on is not None and stage.today < opens.on):
        return False
    needed = (opens.reached or before.group.participants or 0) if before else 0
    return before is None or before.entered >= needed


def _open(group: str, seen: str, at: datetime, by: Actor) -> None:
    decide_group(
        by=by,
        group=group,
        verdict=GroupVerdict.OPEN,
        content_hash=seen,
        reason="Nothing speaks against it",
        at=at,
    )
