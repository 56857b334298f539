"""The concealed list: made once at activation, opened one place at a time; or drawn place by place.

Each place is a ciphertext of equal length, bound to its study, list and place. What all arms follow
from, the random numbers and the terms of the allocation, is one ciphertext too: it is opened where
arms are drawn one by one, and by whoever finds all of them again once the study has closed. No arm
is an SQL parameter, a log line or an error's word.
"""

import hmac
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Max

from trialwright.conduct import audited, sealed_values
from trialwright.conduct.allocation.external_file import ExternalList
from trialwright.conduct.allocation.external_list import (
    external_allocations,
    list_in_force,
    terms_of_list,
)
from trialwright.conduct.allocation.links import holder_of
from trialwright.conduct.counting import PLACES, given_before
from trialwright.conduct.models import AllocationSlot, AllocationSource, Participant, Study
from trialwright.design.allocation import RUN_IN
from trialwright.design.drawing import draws_of, profile_of, terms_of
from trialwright.design.places import blocks_of, places_needed, strata_of
from trialwright.design.section import refillable_arms
from trialwright.ledger import journal
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.evaluate import Values
from trialwright.protocol.expression import Expression
from trialwright.protocol.model import Protocol

NOT_AGAIN = "-"
"""The stratum of who isn't meant by a later allocation, as everybody may know."""
_AHEAD = 64
"""As many places of a list drawn outside are read at once."""


def deciding_stratum(allocation: Allocation) -> tuple[Expression, ...]:
    """The expressions that decide a stratum, or an arm by rule."""
    levels = (level.when for factor in allocation.factors for level in factor.levels)
    return (*levels, *(rule.when for rule in allocation.rules))


def stratum_of(allocation: Allocation, values: Values) -> str | None:
    """A participant's stratum by the protocol's factors; None while what decides it is unknown."""
    levels = []
    for factor in allocation.factors:
        level = next((each.key for each in factor.levels if each.when.holds(values) is True), None)
        if level is None:
            return None
        levels.append(level)
    return "/".join(levels)


def arm_by_rule(allocation: Allocation, values: Values) -> str | None:
    """The arm whose rule is the first that is true; None while one before it is unknown, or where
    none is."""
    for rule in allocation.rules:
        holds = rule.when.holds(values)
        if holds is not False:
            return rule.arm if holds is True else None
    return None


def make(writer: journal.Writer, study: Study, protocol: Protocol, seed: bytes) -> None:
    """Keep what the arms follow from and, where there is a list, make all places of it."""
    entries = protocol.entry_allocations
    again = [
        {
            "key": each.key,
            "seed": seed_of(seed, each).hex(),
            "terms": terms_of(each),
            "among": list(each.among),
        }
        for each in protocol.later_allocations
    ]
    drawn = [each for each in entries if each.is_drawn or each.kind.has_list]
    if not (drawn or again):
        return
    outside = {
        each.key: list_in_force(study, protocol, each, seed_of(seed, each))
        for each in external_allocations(protocol)
    }
    terms = {
        each.key: terms_of(each)
        | (terms_of_list(outside[each.key], protocol, each) if each.key in outside else {})
        for each in drawn
    }
    lengths = {
        each.key: _make_places(writer, study, each, _numbers(protocol, each, outside[each.key]))
        if each.key in outside
        else _make_places(writer, study, each, _blocks(protocol, each, seed_of(seed, each)))
        for each in drawn
        if each.kind.has_list
    }
    whole = next((each for each in drawn if not each.of_groups), None)
    parts = [
        {
            "key": each.key,
            "seed": seed_of(seed, each).hex(),
            "terms": terms[each.key],
            "lists": lengths.get(each.key),
        }
        for each in drawn
        if each.of_groups
    ]
    content: dict[str, Any] = {
        "seed": seed.hex(),
        "terms": terms[whole.key] if whole else None,
        "lists": lengths.get(whole.key) if whole else None,
    }
    content |= ({"again": again} if again else {}) | ({"groups": parts} if parts else {})
    text = json.dumps(content, sort_keys=True)
    sealed = sealed_values.seal_source(study.identifier, text)
    audited.record(writer, AllocationSource(study=study, sealed=sealed))
    writer.write(
        entity="allocation_source",
        id=study.identifier,
        field="sealed",
        new=text,
        sealed=True,
        first=True,
    )


def seed_of(seed: bytes, allocation: Allocation) -> bytes:
    """The random number of one allocation: that of the study, or its own of a later one and of
    those of groups."""
    if not allocation.list_prefix:
        return seed
    return hmac.digest(seed, f"trialwright allocation {allocation.key}".encode(), "sha256")


def opened_seed(study: Study) -> bytes:
    """The random number of the study, from what was sealed at activation."""
    source = AllocationSource.objects.get(study=study)
    content = json.loads(sealed_values.open_source(study.identifier, bytes(source.sealed)))
    return bytes.fromhex(content["seed"])


def _blocks(protocol: Protocol, allocation: Allocation, seed: bytes) -> dict[str, list[int]]:
    """The arms of all lists of blocks: enough for any split of the participants over the strata,
    and for the places of held arms, where the protocol refills them."""
    blocks = blocks_of(allocation)
    long = places_needed(blocks, protocol.participants, refillable_arms(protocol))
    lengths = {name: blocks.run_in_length if name == RUN_IN else long for name in blocks.lists}
    return {
        name: [allocation.arms[each - 1] for each in blocks.list(seed, name, length)]
        for name, length in lengths.items()
    }


def _numbers(
    protocol: Protocol, allocation: Allocation, found: ExternalList
) -> dict[str, list[int]]:
    """The arms of all lists that were drawn outside, by their numbers, in the order of strata."""
    return {
        name: [protocol.arm(arm).number for arm in found.arms[name]]
        for name in strata_of(allocation)
    }


def _make_places(
    writer: journal.Writer, study: Study, allocation: Allocation, lists: dict[str, list[int]]
) -> dict[str, int]:
    """Make all places of these lists, with these arms. Returns how long each list is."""
    for name, found in lists.items():
        own = f"{allocation.list_prefix}{name}"
        arms = list(enumerate(found, start=1))
        _record(writer, [(_place(study, own, place, arm), arm) for place, arm in arms])
    return {name: len(found) for name, found in lists.items()}


def _place(study: Study, name: str, place: int, arm: int) -> AllocationSlot:
    sealed = sealed_values.seal_arm(study.identifier, name, place, arm)
    return AllocationSlot(study=study, list_name=name, place=place, sealed=sealed)


def taken_by(study: Study, allocation: Allocation, randomised: int) -> int:
    """How many have got their arm by an allocation, of so many who have one."""
    if not allocation.list_prefix:
        return randomised
    slots = AllocationSlot.objects.filter(study=study, participant__isnull=False)
    return slots.filter(list_name__startswith=allocation.list_prefix).count()


def next_place(study: Study, list_name: str = "") -> int:
    """The number after those of a list that are taken, or were before a restore."""
    own = AllocationSlot.objects.filter(study=study, list_name=list_name)
    last = own.aggregate(last=Max("place"))["last"]
    return 1 + max(last or 0, given_before(study, f"{PLACES}{list_name}"))


def _record(
    writer: journal.Writer, made: list[tuple[AllocationSlot, int]], why: str | None = None
) -> None:
    audited.record_all(writer, [slot for slot, _arm in made])
    writer.own_reason = why
    for slot, arm in made:
        writer.write(entity="slot", id=slot.pk, field="arm", new=str(arm), sealed=True, first=True)
    writer.own_reason = None


def draw(
    writer: journal.Writer, participant: Participant, allocation: Allocation, stratum: str
) -> None:
    """Give a participant an arm that is drawn now, from the sealed random numbers and all earlier
    places; the caller holds the study's lock."""
    study, name = participant.study, allocation.list_prefix
    taken = list(AllocationSlot.objects.filter(study=study, list_name=name).order_by("place"))
    arm = draws_of(allocation).next_arm(
        seed_of(opened_seed(study), allocation),
        [profile_of(allocation, slot.stratum or "") for slot in taken],
        [allocation.arms.index(opened(slot)) + 1 for slot in taken],
        profile_of(allocation, stratum),
        next_place(study, name) - 1,
    )
    take(writer, participant, allocation, allocation.arms[arm - 1], stratum)


def take(
    writer: journal.Writer,
    participant: Participant,
    allocation: Allocation,
    arm: int,
    stratum: str | None = None,
    why: str | None = None,
) -> None:
    """Give a participant this arm, at the next place of the one list that the allocation has.

    Args:
        why: why this arm, where somebody chose it; it stands in the restricted chain alone.
    """
    study, name = participant.study, allocation.list_prefix
    slot = _place(study, name, next_place(study, name), arm)
    slot.stratum, slot.participant = stratum, participant
    slot.allocation = None if allocation.at is None else allocation.key
    _record(writer, [(slot, arm)], why)


def next_free(
    study: Study, list_name: str, protocol: Protocol, skipped: Collection[int] = ()
) -> AllocationSlot | None:
    """The next place of a list whose arm isn't skipped; the caller holds the study's lock.

    A place that was passed over, or given to somebody before a restore, stays so. As many places
    are read and opened whether or not one is skipped: nobody can tell by the time or the
    statements. Of a list drawn outside more are read only where so many follow each other that
    are all skipped.
    """
    own = AllocationSlot.objects.filter(study=study, list_name=list_name)
    taken = own.filter(participant__isnull=False).aggregate(last=Max("place"))["last"] or 0
    last = max(taken, given_before(study, f"{PLACES}{list_name}"))
    assert protocol.allocation is not None  # noqa: S101 - it has a list
    ahead = _AHEAD
    if protocol.allocation.kind.has_blocks:
        blocks = blocks_of(protocol.allocation)
        # Places of one arm that follow each other stand in two blocks at most.
        ahead = 2 * max((*blocks.block_sizes, *blocks.run_in))
    places = own.filter(place__gt=last).order_by("place")
    start = 0
    while found := [(slot, opened(slot)) for slot in places[start : start + ahead]]:
        if free := next((slot for slot, arm in found if arm not in skipped), None):
            return free
        start += ahead
    return None


def places_lost(study: Study, protocol: Protocol) -> int:
    """How many places were passed over and are lost; none where they are refilled."""
    allocation = protocol.allocation
    if allocation is None or not allocation.kind.has_list or refillable_arms(protocol):
        return 0
    slots = AllocationSlot.objects.filter(
        study=study, allocation=None, list_name__startswith=allocation.list_prefix
    )
    taken = slots.filter(participant__isnull=False).values_list("list_name").order_by()
    passed = 0
    for name, last in taken.annotate(Max("place")):
        before = given_before(study, f"{PLACES}{name}")
        passed += slots.filter(
            list_name=name, participant=None, place__gt=before, place__lt=last
        ).count()
    return passed


def arm_of(participant: Participant, made: Collection[str] | None = None) -> int:
    """The number of the participant's arm, opened from its ciphertext: that of the latest
    allocation. Ask the policy first; the caller records who saw it.

    Args:
        made: the keys of the later allocations that count; all that were made if None.
    """
    participant = holder_of(participant)
    again = participant.made_again
    counted = [key for key in again if made is None or key in made]
    key = max(counted, key=again.__getitem__, default=None)
    return opened(AllocationSlot.objects.get(participant=participant, allocation=key))


def arm_at(participant: Participant, protocol: Protocol, visit: str) -> int:
    """The number of the arm that counts at a visit: later allocations count from their epoch on."""
    if not visit:
        return arm_of(participant)
    return arm_of(participant, {each.key for each in protocol.allocations_by(visit)})


def arms_of_all(study: Study) -> Iterator[tuple[Participant, int]]:
    """Everyone's arm as they entered, shared ones too: for what only who sees all arms is shown,
    and sealed parts.

    Ask the policy first.
    """
    taken = AllocationSlot.objects.filter(study=study, allocation=None, participant__isnull=False)
    shared: dict[UUID, list[Participant]] = defaultdict(list)
    for row in Participant.objects.filter(study=study, arm_of__isnull=False):
        shared[row.arm_of_id].append(row)
    for slot in taken.select_related("participant"):
        assert slot.participant is not None  # noqa: S101 - only taken ones were asked for
        arm = opened(slot)
        yield slot.participant, arm
        for row in shared[slot.participant.pk]:
            yield row, arm


def arms_again(study: Study) -> Iterator[tuple[Participant, str, int]]:
    """Everyone's arms by later allocations, with their keys, for the same."""
    taken = AllocationSlot.objects.filter(study=study, allocation__isnull=False)
    for slot in taken.select_related("participant").order_by("list_name", "place"):
        assert slot.participant is not None and slot.allocation is not None  # noqa: S101 - drawn
        yield slot.participant, slot.allocation, opened(slot)


def opened(slot: AllocationSlot) -> int:
    """The number of the arm at a place."""
    return int(
        sealed_values.open_arm(slot.study_id, slot.list_name, slot.place, bytes(slot.sealed))
    )
