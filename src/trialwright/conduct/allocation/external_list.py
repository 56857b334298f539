"""An allocation list that was drawn outside: read from its file, checked, kept until activation.

A file has a line for each place: its number within the stratum, the arm's key and, in a column of
its own, the level of each factor. What is kept of it is a ciphertext of the study.
"""

import json
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from trialwright.conduct import sealed_values
from trialwright.conduct.allocation.external_file import (
    FIELD,
    ExternalList,
    ListFile,
    columns_of,
    keys_of,
)
from trialwright.conduct.models import Study, UploadedList
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.design.allocation import PermutedBlocks
from trialwright.design.places import strata_of
from trialwright.protocol.allocation_kinds import AllocationKind
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.model import Protocol

ENTITY = "uploaded_list"
_MOST_PROBLEMS = 20


def external_allocations(protocol: Protocol) -> tuple[Allocation, ...]:
    """The allocations by which participants enter with a list that is uploaded."""
    return tuple(
        each for each in protocol.entry_allocations if each.kind is AllocationKind.EXTERNAL
    )


def most_on_a_list(protocol: Protocol, allocation: Allocation) -> int:
    """The most participants that can come to one list: all who can enter by the allocation.

    They may be of one stratum; and places that are passed over count as taken.
    """
    entering = [each.participants for each in protocol.groups if each.allocation == allocation.key]
    capped = [each for each in entering if each is not None]
    if not entering or len(capped) < len(entering):
        return protocol.participants
    return min(protocol.participants, sum(capped))


def list_from(source: bytes, protocol: Protocol, allocation: Allocation) -> ExternalList:
    """Read a file, and hold it against the protocol.

    Raises:
        ActionRefused: it is no such file, or its places aren't those of the protocol's allocation,
            each problem with its line.
    """
    reading = ListFile(protocol, allocation)
    problems = tuple(reading.read(source))
    if not problems:
        problems = tuple(problems_of_list(reading.found(source), protocol, allocation))
    if problems:
        raise ActionRefused(problems=problems[:_MOST_PROBLEMS])
    return reading.found(source)


def problems_of_list(
    found: ExternalList, protocol: Protocol, allocation: Allocation
) -> Iterator[Problem]:
    """What stands against giving out these places under this protocol."""
    strata, most = strata_of(allocation), most_on_a_list(protocol, allocation)
    keys = keys_of(protocol, allocation)
    for name in found.arms:
        if name not in strata:
            words = _("The protocol has no stratum “%(stratum)s”, and the list has places of it.")
            yield Problem(FIELD, words % {"stratum": name})
    for name in strata:
        count = len(found.arms.get(name, ()))
        told = {"stratum": name, "count": count, "most": most}
        if name and not count:
            words = _(
                "There is no place for the stratum “%(stratum)s”. Every stratum has its own list: "
                "have %(most)d places drawn for it."
            )
            yield Problem(FIELD, words % told)
        elif count < most:
            words = _(
                "The stratum “%(stratum)s” has %(count)d places, and up to %(most)d participants "
                "can come to it. No list may end before the trial: have it drawn to %(most)d "
                "places."
            )
            alone = _(
                "The list has %(count)d places, and up to %(most)d participants can come to it. No "
                "list may end before the trial: have it drawn to %(most)d places."
            )
            yield Problem(FIELD, (words if name else alone) % told)
    given = {arm for arms in found.arms.values() for arm in arms}
    for key in sorted(given - set(keys)):
        words = _("The list gives the arm “%(arm)s”, and the allocation leads to %(arms)s.")
        yield Problem(FIELD, words % {"arm": key, "arms": ", ".join(keys)})
    for key in keys:
        if key not in given:
            words = _("No place of the list leads to the arm “%(arm)s”. Have the list drawn anew.")
            yield Problem(FIELD, words % {"arm": key})


def invented(protocol: Protocol, allocation: Allocation, seed: bytes) -> ExternalList:
    """A list for a demonstration, since nobody drew one: blocks of twice the ratio, by its seed."""
    keys = keys_of(protocol, allocation)
    strata = strata_of(allocation)
    blocks = PermutedBlocks(arms=len(keys), ratio=allocation.ratio, strata=strata)
    length = most_on_a_list(protocol, allocation)
    drawn = {name: blocks.list(seed, name, length) for name in blocks.lists}
    return ExternalList(
        "", {name: tuple(keys[arm - 1] for arm in arms) for name, arms in drawn.items()}
    )


def kept(study: Study, allocation: Allocation) -> ExternalList | None:
    """The list that was uploaded last for an allocation, opened; None where none was."""
    rows = UploadedList.objects.filter(study=study, allocation=allocation.key)
    row = rows.order_by("number").last()
    return None if row is None else opened(row)


def list_in_force(
    study: Study, protocol: Protocol, allocation: Allocation, seed: bytes
) -> ExternalList:
    """The list whose places are made at activation: the one uploaded last; in a demonstration,
    where none was, an invented one.

    Raises:
        ActionRefused: none was uploaded, or it doesn't fit the protocol any more.
    """
    found = kept(study, allocation)
    if found is None and protocol.demonstration:
        return invented(protocol, allocation, seed)
    if found is None or any(problems_of_list(found, protocol, allocation)):
        raise ActionRefused(
            _(
                "There is no allocation list that fits the protocol. Have the role that the "
                "protocol names upload it, on its page of the set-up."
            )
        )
    return found


def opened(row: UploadedList) -> ExternalList:
    """The places of an uploaded list. Ask the policy first."""
    text = sealed_values.open_details(ENTITY, row.study_id, row.pk, bytes(row.sealed))
    content = json.loads(text)
    lists = content["lists"]
    named = {
        name: tuple(content["arms"][int(arm) - 1] for arm in arms) for name, arms in lists.items()
    }
    return ExternalList(content["sha256"], named)


def text_of(found: ExternalList, protocol: Protocol, allocation: Allocation) -> str:
    """The text that is sealed of a list. Its length says nothing of its arms."""
    keys = keys_of(protocol, allocation)
    content = {"sha256": found.sha256, "arms": keys, "lists": _numbered(found, keys)}
    return json.dumps(content, sort_keys=True)


def terms_of_list(
    found: ExternalList, protocol: Protocol, allocation: Allocation
) -> dict[str, object]:
    """What finds the arms of the list again, for who verifies them once the study has closed."""
    keys = keys_of(protocol, allocation)
    return {
        "allocation": allocation.key,
        "sha256": found.sha256,
        "keys": keys,
        "columns": list(columns_of(allocation)),
        "drawn": _numbered(found, keys),
    }


def _numbered(found: ExternalList, keys: list[str]) -> dict[str, list[str]]:
    width = len(str(len(keys)))
    return {
        name: [f"{keys.index(arm) + 1:0{width}d}" for arm in arms]
        for name, arms in found.arms.items()
    }
