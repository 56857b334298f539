"""The concealed list: made once at activation, opened one place at a time.

Each place is a ciphertext of equal length, bound to its study, list and place; the seed that made
the list is forgotten with the call. No arm is an SQL parameter, a log line or an error's word.
"""

from collections.abc import Iterator

from trialwright.conduct import ledgered, sealed_values
from trialwright.conduct.models import AllocationSlot, Participant, Study
from trialwright.design.allocation import RUN_IN, PermutedBlocks
from trialwright.ledger import book
from trialwright.protocol.evaluate import Values
from trialwright.protocol.model import Allocation, Protocol


def blocks_of(allocation: Allocation) -> PermutedBlocks:
    """The protocol's allocation as the rule that makes the list."""
    run_in = allocation.run_in
    return PermutedBlocks(
        arms=len(allocation.ratio),
        ratio=allocation.ratio,
        block_sizes=allocation.block_sizes,
        strata=tuple(_strata(allocation)),
        run_in=(run_in.block_size,) * (run_in.participants // run_in.block_size) if run_in else (),
    )


def _strata(allocation: Allocation) -> list[str]:
    names = [""]
    for factor in allocation.factors:
        names = [
            f"{name}/{level.key}".lstrip("/") for name in names for level in factor.levels
        ]  # fmt: skip
    return names


def needed_for_stratum(allocation: Allocation) -> set[str]:
    """The items that decide a stratum."""
    levels = [level for factor in allocation.factors for level in factor.levels]
    return {name for level in levels for name in level.when.references}


def stratum_of(allocation: Allocation, values: Values) -> str | None:
    """Her stratum by the protocol's factors; None while what decides it isn't known."""
    levels = []
    for factor in allocation.factors:
        level = next((each.key for each in factor.levels if each.when.holds(values) is True), None)
        if level is None:
            return None
        levels.append(level)
    return "/".join(levels)


def make(writer: book.Writer, study: Study, protocol: Protocol, seed: bytes) -> None:
    """Make all places of all lists: enough for any split of the women over the strata."""
    assert protocol.allocation is not None  # noqa: S101 - the loader demands it
    blocks = blocks_of(protocol.allocation)
    for name in blocks.lists:
        length = blocks.run_in_length if name == RUN_IN else protocol.participants
        arms = list(enumerate(blocks.list(seed, name, length), start=1))
        made = [
            AllocationSlot(
                study=study,
                list_name=name,
                place=place,
                sealed=sealed_values.seal_arm(study.identifier, name, place, arm),
            )
            for place, arm in arms
        ]
        ledgered.record_all(writer, made)
        for slot, (_place, arm) in zip(made, arms, strict=True):
            writer.write(
                entity="slot", id=slot.pk, field="arm", new=str(arm), sealed=True, first=True
            )


def next_free(study: Study, list_name: str) -> AllocationSlot | None:
    """The first place of a list that no one has; the caller holds the study's lock."""
    return (
        AllocationSlot.objects.filter(study=study, list_name=list_name, participant=None)
        .order_by("place")
        .first()
    )


def arm_of(participant: Participant) -> int:
    """Her arm, opened from its ciphertext. Ask the policy first; the caller records who saw it."""
    return _opened(AllocationSlot.objects.get(participant=participant))


def arms_of_all(study: Study) -> Iterator[tuple[Participant, int]]:
    """Everyone's arm, for the sealed part of a data cut alone."""
    taken = AllocationSlot.objects.filter(study=study, participant__isnull=False)
    for slot in taken.select_related("participant"):
        assert slot.participant is not None  # noqa: S101 - only taken ones were asked for
        yield slot.participant, _opened(slot)


def _opened(slot: AllocationSlot) -> int:
    return int(
        sealed_values.open_arm(slot.study_id, slot.list_name, slot.place, bytes(slot.sealed))
    )
