"""A container from the stock to its end, the limit after thawing, and whether all are there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trialwright.protocol.products import Counts


class ContainerStatus(StrEnum):
    """Where a container stands."""

    STOCK = "stock"
    SENT = "sent"
    RESERVED = "reserved"
    THAWED = "thawed"
    LOADED = "loaded"
    GIVEN = "given"
    PART_GIVEN = "part_given"
    DESTROYED = "destroyed"
    RETURNED = "returned"


S = ContainerStatus
ENDED = frozenset({S.GIVEN, S.PART_GIVEN, S.DESTROYED, S.RETURNED})
NEXT: dict[ContainerStatus, frozenset[ContainerStatus]] = {
    S.STOCK: frozenset({S.SENT, S.RESERVED, S.THAWED, S.DESTROYED, S.RETURNED}),
    S.SENT: frozenset({S.STOCK, S.DESTROYED}),
    S.RESERVED: frozenset({S.STOCK, S.THAWED, S.DESTROYED, S.RETURNED}),
    S.THAWED: frozenset({S.LOADED, S.GIVEN, S.PART_GIVEN, S.DESTROYED}),
    S.LOADED: frozenset({S.GIVEN, S.PART_GIVEN, S.DESTROYED}),
    # What is left of a part is destroyed; that it was given stays in its history.
    S.PART_GIVEN: frozenset(),
    S.GIVEN: frozenset(),
    S.DESTROYED: frozenset(),
    S.RETURNED: frozenset(),
}
"""What can become of a container; what is thawed never goes back to the stock."""

BLOCKED = frozenset({S.STOCK, S.SENT, S.DESTROYED, S.RETURNED})
"""Where a container whose lot can't be used may still go: aside, and out."""


def use_by(thawed_at: datetime, hours: Decimal) -> datetime:
    """The last moment of use: so many elapsed hours from thawing, whatever the clocks do."""
    return thawed_at.astimezone(UTC) + timedelta(seconds=float(hours * 3600))


def in_time(last: datetime, counts: Counts, start: datetime, end: datetime) -> bool:
    """Whether an administration lies within the limit, the moment of it included."""
    return (start if counts is Counts.START else end) <= last


@dataclass(frozen=True, slots=True)
class Held:
    """A container as its last record tells of it."""

    code: str
    status: ContainerStatus
    place: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """Received, by where they ended or stand; `missing` are those of which nobody can say."""

    received: int
    by_status: dict[ContainerStatus, int]
    missing: tuple[Held, ...]

    @property
    def balances(self) -> bool:
        """Whether each container is accounted for."""
        return not self.missing


def balance(containers: Iterable[Held], seen: Collection[str]) -> Balance:
    """Whether all containers are there: each has ended, is on its way, or was seen when counted.

    Args:
        seen: the codes found at the count.
    """
    held = sorted(containers, key=lambda each: each.code)
    missing = tuple(
        each
        for each in held
        if each.status not in ENDED and each.status is not S.SENT and each.code not in seen
    )
    gone = {each.code for each in missing}
    counts = dict.fromkeys(ContainerStatus, 0)
    for each in held:
        if each.code not in gone:
            counts[each.status] += 1
    return Balance(len(held), counts, missing)
