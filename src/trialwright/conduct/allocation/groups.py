"""The groups of a running study: how many are in each, its state, and who is placed in which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import GroupDecision, Participant, State, Study
from trialwright.conduct.models.groups import GroupVerdict
from trialwright.conduct.reads.values import known_by
from trialwright.conduct.refusals import ActionRefused, Problem, Sentence
from trialwright.conduct.signing import hash_of
from trialwright.protocol.expression import Expression
from trialwright.protocol.groups import Group, GroupState, belonging, state_of
from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """The group that a person has chosen for a participant, by its key, and why."""

    group: str
    why: str


@dataclass(frozen=True, slots=True)
class GroupNow:
    """One group on a day: its state, how many have entered it, and what was decided of it."""

    group: Group
    state: GroupState
    entered: int
    decisions: tuple[GroupDecision, ...]


def groups_now(study: Study, protocol: Protocol, today: date) -> tuple[GroupNow, ...]:
    """All groups as they stand on a day, in the order written; none without groups."""
    if not protocol.groups:
        return ()
    decisions = tuple(GroupDecision.objects.filter(study=study).order_by("decided_at"))
    decided = {(each.group, each.verdict == GroupVerdict.OPEN) for each in decisions}
    entered = _entered(study, protocol)
    return tuple(
        GroupNow(
            group,
            state_of(group, protocol.groups, entered, decided, today),
            entered.get(group.key, 0),
            tuple(each for each in decisions if each.group == group.key),
        )
        for group in protocol.groups
    )


def content_of(groups: tuple[GroupNow, ...]) -> dict[str, Any]:
    """What a decision on a group is bound to: the state and the number of each."""
    return {"groups": [[each.group.key, each.state.value, each.entered] for each in groups]}


def content_hash_of(groups: tuple[GroupNow, ...]) -> str:
    """The hash of that."""
    return hash_of(content_of(groups))


def _entered(study: Study, protocol: Protocol) -> Mapping[str, int]:
    """How many are in each group: allocated or, where nobody is, confirmed as eligible."""
    rows = Participant.objects.filter(study=study, group__isnull=False)
    if protocol.allocation is not None:
        rows = rows.filter(randomised_at__isnull=False)
    return dict(rows.values_list("group").annotate(Count("pk")).order_by())


def place_in_group(context: ActionContext, choice: GroupChoice | None) -> str | None:
    """The key of the group that the participant enters now: the first that is open of those they
    belong to, or the one chosen. None where the file has no groups, or the kind none.

    Raises:
        ActionRefused: none of them is open, what decides it isn't known yet, or the choice isn't
            one that this person can make.
    """
    protocol = context.protocol
    if not protocol.groups or context.participant.linked_to_id is not None:
        return None
    chosen = _chosen(context, choice)
    values = known_by(context.participant, protocol, deciding_groups(protocol))
    theirs = belonging(protocol.groups, values, chosen)
    states = {each.group.key: each for each in groups_now(context.study, protocol, context.today)}
    for group in theirs:
        if states[group.key].state is not GroupState.OPEN:
            continue
        if group.when is not None and group.when.holds(values) is not True:
            raise ActionRefused(
                _(
                    "It isn't known yet whether the participant belongs to the group “%(group)s”. "
                    "Complete the forms of the screening visits."
                )
                % {"group": _name(group)}
            )
        return group.key
    if not theirs:
        raise ActionRefused(
            _(
                "By the values entered so far, the participant belongs to no group. Correct the "
                "data, choose a group, or record a screening failure."
            )
        )
    raise ActionRefused(problems=tuple(Problem("", not_open(states[each.key])) for each in theirs))


def _chosen(context: ActionContext, choice: GroupChoice | None) -> str:
    """The key of the group chosen, after whether this person may; "" where nobody chooses."""
    open_to_choice = {each.key: each for each in context.protocol.groups if each.chosen_by}
    if choice is None:
        if len(open_to_choice) == len(context.protocol.groups):
            raise ActionRefused(_("No group is chosen. Choose the group of the participant."))
        return ""
    group = open_to_choice.get(choice.group)
    if group is None:
        raise ActionRefused(_("This group isn't one that is chosen. Choose another, or none."))
    if not context.by.role_among({group.chosen_by}, context.participant.site):
        role = context.protocol.roles.label(group.chosen_by, get_language() or "en")
        raise ActionRefused(
            _("The role “%(role)s” chooses this group. Ask somebody who holds it.") % {"role": role}
        )
    if not choice.why.strip():
        raise ActionRefused(_("The choice has no reason. Say why this group was chosen."))
    return group.key


def require_place_in_group(context: ActionContext) -> None:
    """Refuse an allocation in a group that isn't open any more, or that by the values entered since
    the participant doesn't belong to."""
    group = context.protocol.of_group
    if group is None:
        return
    found = groups_now(context.study, context.protocol, context.today)
    now = next(each for each in found if each.group.key == group.key)
    if now.state is not GroupState.OPEN:
        raise ActionRefused(not_open(now))
    values = known_by(context.participant, context.protocol, deciding_groups(context.protocol))
    if group.when is not None and group.when.holds(values) is not True:
        raise ActionRefused(
            _(
                "By the values entered since, the participant doesn't belong to the group "
                "“%(group)s” any more. Confirm the eligibility again."
            )
            % {"group": _name(group)}
        )


def waits_for_group(participant: Participant, protocol: Protocol, today: date) -> bool:
    """Whether the group of somebody who isn't allocated yet has closed or filled up, so that the
    eligibility can be confirmed again, for another."""
    group = protocol.of_group
    if group is None or protocol.allocation is None:
        return False
    found = groups_now(participant.study, protocol, today)
    return all(each.state is not GroupState.OPEN for each in found if each.group == group)


def not_eligible(participant: Participant) -> dict[str, Any]:
    """The columns of a participant whose confirmed eligibility falls: the group goes with it."""
    columns: dict[str, Any] = {"state": State.CONSENTED.value, "eligible_at": None}
    return columns if participant.group is None else {**columns, "group": None}


def deciding_groups(protocol: Protocol) -> tuple[Expression, ...]:
    """The expressions that decide who belongs to which group."""
    return tuple(each.when for each in protocol.groups if each.when)


def not_open(now: GroupNow) -> Sentence:
    """Why nobody enters a group, and what would have to happen."""
    name = _name(now.group)
    if now.state is GroupState.FULL:
        return _(
            "The group “%(group)s” is full: all %(count)d places are taken. Record a screening "
            "failure, or confirm the eligibility for another group."
        ) % {"group": name, "count": now.entered}
    if now.state is GroupState.CLOSED:
        return _(
            "The group “%(group)s” is closed. Record a screening failure, or confirm the "
            "eligibility for another group."
        ) % {"group": name}
    return _(
        "The group “%(group)s” isn't open yet. The page of the groups says what it waits for."
    ) % {"group": name}


def _name(group: Group) -> str:
    return group.label.in_language(get_language() or "en")
