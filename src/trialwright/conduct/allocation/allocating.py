"""Give the next participant an arm, as the protocol's kind of allocation has it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.cohorts import (
    cohorts_now,
    free_place,
    stratum_of_cohort,
)
from trialwright.conduct.reads.values import known_by
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.places import blocks_of
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation


@dataclass(frozen=True, slots=True)
class Choice:
    """The arm that a person has chosen, by its key, and why."""

    arm: str
    why: str


def allocate(
    context: ActionContext,
    allocation: Allocation,
    randomised: int,
    choice: Choice | None,
    skipped: Collection[int] = (),
) -> None:
    """Write the place that the participant takes. No refusal depends on the arm they would get.

    Args:
        randomised: how many have an arm so far by this allocation.
        choice: what was chosen, where a person chooses.
        skipped: the numbers of arms that nobody gets: on hold, or closed. Only a list can pass
            places over; where arms are drawn or follow from a rule, nobody gets any meanwhile.
    """
    if allocation.kind is AllocationKind.CHOSEN:
        _take_chosen(context, allocation, choice, skipped)
    elif allocation.kind.has_list:
        _take_next(context, allocation, randomised, skipped)
    elif allocation.kind is AllocationKind.DOSE_COHORT:
        _join_cohort(context, allocation, skipped)
    elif skipped:
        raise ActionRefused(
            _(
                "The trial is on hold: an arm is held or closed, and this kind of allocation can't "
                "pass one over. Amend the protocol, or have the hold ended."
            )
        )
    elif allocation.kind is AllocationKind.NONE:
        allocation_list.take(context.writer, context.participant, allocation, allocation.arms[0])
    elif allocation.kind is AllocationKind.RULE:
        _take_by_rule(context, allocation)
    else:
        stratum = require_stratum(context, allocation)
        allocation_list.draw(context.writer, context.participant, allocation, stratum)


def unreached(context: ActionContext, allocation: Allocation) -> frozenset[int]:
    """The numbers of the arms that the next participant can't get, as everybody knows: the dose
    levels at which no cohort is open, where cohorts are randomised."""
    if not allocation.control or context.protocol.kits is None:
        return frozenset()
    now = cohorts_now(context.study, context.protocol, context.at)
    level = now.latest.level if now.latest else None
    doses = allocation.arms[:-1]
    return frozenset(doses) - ({doses[level - 1]} if level else set())


def require_stratum(context: ActionContext, allocation: Allocation) -> str:
    """The participant's stratum; refused while it isn't known."""
    deciding = allocation_list.deciding_stratum(allocation)
    values = known_by(context.participant, context.protocol, deciding)
    stratum = allocation_list.stratum_of(allocation, values)
    if stratum is None:
        language = get_language() or "en"
        factors = (factor.label.in_language(language) for factor in allocation.factors)
        raise ActionRefused(
            _(
                "The participant's stratum is not known yet. Complete the forms it follows from: "
                "%(factors)s."
            )
            % {"factors": ", ".join(factors)}
        )
    return stratum


def _take_next(
    context: ActionContext, allocation: Allocation, randomised: int, skipped: Collection[int]
) -> None:
    """Take the next place of the run-in's list while it has any, then of the stratum's."""
    stratum = require_stratum(context, allocation)
    lists = {stratum: None}
    if allocation.kind.has_blocks:
        blocks = blocks_of(allocation)
        later = max(randomised, blocks.run_in_length)
        lists = dict.fromkeys(blocks.list_for(number, stratum) for number in (randomised, later))
    names = (f"{allocation.list_prefix}{each}" for each in lists)
    places = (
        allocation_list.next_free(context.study, name, context.protocol, skipped) for name in names
    )
    slot = next((each for each in places if each is not None), None)
    if slot is None:
        raise ActionRefused(_("This list has no place left. Tell the data manager."))
    context.change(slot, participant=context.participant)


def _take_chosen(
    context: ActionContext,
    allocation: Allocation,
    choice: Choice | None,
    skipped: Collection[int],
) -> None:
    if not context.by.role_among({allocation.chosen_by}, context.participant.site):
        role = context.protocol.roles.label(allocation.chosen_by, get_language() or "en")
        raise ActionRefused(
            _("The role “%(role)s” chooses the arm. Ask somebody who holds it.") % {"role": role}
        )
    arms = (context.protocol.arms[number - 1] for number in allocation.arms)
    numbers = {arm.key: arm.number for arm in arms}
    if choice is None or choice.arm not in numbers:
        raise ActionRefused(_("No arm is chosen. Choose one of the protocol's arms."))
    if numbers[choice.arm] in skipped:
        raise ActionRefused(_("This arm is on hold or closed. Choose another."))
    if not choice.why.strip():
        raise ActionRefused(_("The choice has no reason. Say why this arm was chosen."))
    context.record_unblinding("chosen")
    arm, why = numbers[choice.arm], choice.why.strip()
    allocation_list.take(context.writer, context.participant, allocation, arm, why=why)


def _take_by_rule(context: ActionContext, allocation: Allocation) -> None:
    deciding = allocation_list.deciding_stratum(allocation)
    values = known_by(context.participant, context.protocol, deciding)
    arm = allocation_list.arm_by_rule(allocation, values)
    if arm is None:
        raise ActionRefused(
            _(
                "By the values entered so far, the protocol's rule gives the participant no arm. "
                "Complete the forms it follows from, or record a screening failure."
            )
        )
    number = context.protocol.arm(arm).number
    allocation_list.take(context.writer, context.participant, allocation, number)


def _join_cohort(context: ActionContext, allocation: Allocation, skipped: Collection[int]) -> None:
    arm, place = place_in_cohort(context, allocation, skipped)
    if arm is None:
        allocation_list.draw(context.writer, context.participant, allocation, place)
    else:
        allocation_list.take(context.writer, context.participant, allocation, arm, place)


def place_in_cohort(
    context: ActionContext, allocation: Allocation, skipped: Collection[int]
) -> tuple[int | None, str]:
    """What the next participant gets in the open dose cohort: the number of the arm, None where
    chance decides between its dose and the control, and the place as its stratum keeps it. While a
    full cohort is awaited, it is the level that the rule backfills.

    Raises:
        ActionRefused: no cohort has a place, or what it gives is on hold.
    """
    now = cohorts_now(context.study, context.protocol, context.at)
    role = context.protocol.roles.label(now.cohorts.decide, get_language() or "en")
    if now.ended:
        raise ActionRefused(_("The escalation has ended; nobody joins a dose cohort any more."))
    if now.latest is None:
        raise ActionRefused(
            _("No dose cohort is open yet. The role “%(role)s” opens the first.") % {"role": role}
        )
    backfilled = now.backfills
    if now.places == 0 and backfilled is None:
        raise ActionRefused(
            _(
                "Cohort %(number)d has no place left. The next participant comes once the role "
                "“%(role)s” has opened another."
            )
            % {"number": now.latest.number, "role": role}
        )
    level = now.cohorts.levels[(backfilled or now.latest.level or 1) - 1]
    number = context.protocol.arm(level.arm).number
    if allocation.control:
        _require_not_held({number, allocation.control} & {*skipped})
        return None, free_place(now).text
    if number in skipped and backfilled:
        raise ActionRefused(
            _(
                "The dose level that is backfilled is on hold. Have the hold ended; until the next "
                "cohort is opened nobody else joins."
            )
        )
    if number in skipped:
        raise ActionRefused(
            _(
                "The dose level of the open cohort is on hold. Have the hold ended, or have the "
                "role “%(role)s” open a cohort at a lower level."
            )
            % {"role": role}
        )
    return number, stratum_of_cohort(now.latest.number, backfilled)


def _require_not_held(held: Collection[int]) -> None:
    """Refuse a place where the open cohort's dose or the control is held; which isn't said."""
    if held:
        raise ActionRefused(
            _(
                "The dose level of the open cohort or its control is on hold. Have the hold ended, "
                "or have a cohort opened at a lower level."
            )
        )
