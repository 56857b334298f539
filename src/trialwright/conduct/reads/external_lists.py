"""The allocation lists that are drawn outside, for who uploads them: what is asked, what came."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from trialwright.accounts.policy import Actor, role_to_upload_list
from trialwright.accounts.reads import names_of
from trialwright.conduct.allocation.external_file import columns_of, keys_of
from trialwright.conduct.allocation.external_list import (
    external_allocations,
    most_on_a_list,
    opened,
)
from trialwright.conduct.models import UploadedList
from trialwright.conduct.reads.setup import Phase, SetUp
from trialwright.conduct.refusals import NotFound
from trialwright.design.places import strata_of
from trialwright.protocol.allocations import Allocation
from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class ListUploaded:
    """The list that counts: which upload it is, by whom, the hash of its file, and for each list
    (by stratum) how many places there are of each arm, in the order of `arms`."""

    number: int
    at: datetime
    by: str
    sha256: str
    places: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class ListAsked:
    """One list that the protocol takes from outside: its columns, arms by key, strata, how many
    places each needs, and what was uploaded."""

    allocation: Allocation
    columns: tuple[str, ...]
    arms: tuple[str, ...]
    strata: tuple[str, ...]
    most: int
    uploaded: ListUploaded | None


def lists_asked(by: Actor, told: SetUp) -> tuple[ListAsked, ...]:
    """The lists that this person uploads; raises NotFound without one."""
    protocol = told.protocol
    mine = [
        each
        for each in (external_allocations(protocol) if protocol else ())
        if role_to_upload_list(by, each)
    ]
    if protocol is None or not mine:
        raise NotFound
    return tuple(_asked(by.study, protocol, each) for each in mine)


def uploads_list(by: Actor, told: SetUp) -> bool:
    """Whether the protocol has a list that this person uploads."""
    protocol = told.protocol
    listed = external_allocations(protocol) if protocol else ()
    return any(role_to_upload_list(by, each) for each in listed)


def may_upload(by: Actor, told: SetUp) -> bool:
    """The same, while lists are still taken."""
    return told.phase is Phase.SET_UP and uploads_list(by, told)


def _asked(study: str, protocol: Protocol, allocation: Allocation) -> ListAsked:
    arms = tuple(keys_of(protocol, allocation))
    rows = UploadedList.objects.filter(study=study, allocation=allocation.key)
    row = rows.order_by("number").last()
    return ListAsked(
        allocation=allocation,
        columns=columns_of(allocation),
        arms=arms,
        strata=strata_of(allocation),
        most=most_on_a_list(protocol, allocation),
        uploaded=None if row is None else _uploaded(row, arms, strata_of(allocation)),
    )


def _uploaded(row: UploadedList, arms: tuple[str, ...], strata: tuple[str, ...]) -> ListUploaded:
    found = opened(row)
    # Of another draft of the protocol it may have other strata.
    names = [name for name in strata if name in found.arms]
    names += sorted(set(found.arms) - set(strata))
    counted = ((name, Counter(found.arms[name])) for name in names)
    return ListUploaded(
        number=row.number,
        at=row.uploaded_at,
        by=names_of({str(row.uploaded_by)}).get(str(row.uploaded_by), ""),
        sha256=found.sha256,
        places=tuple((name, tuple(count[arm] for arm in arms)) for name, count in counted),
    )
