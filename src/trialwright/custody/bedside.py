"""The check at the bedside: everything that forbids giving this container to this participant."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trialwright.custody.containers import ContainerStatus, in_time
from trialwright.custody.lots import USABLE, LotStatus
from trialwright.protocol.products import Counts


class Refusal(StrEnum):
    """Why a container isn't given."""

    WRISTBAND = "wristband"
    IDENTIFIER = "identifier"
    SAME_PERSON = "same_person"
    UNKNOWN = "unknown"
    ELSEWHERE = "elsewhere"
    USED = "used"
    NOT_THAWED = "not_thawed"
    NOT_RELEASED = "not_released"
    FAILED = "failed"
    EXPIRED = "expired"
    RECALLED = "recalled"
    PAST_THAW = "past_thaw"
    RESERVED = "reserved"
    WRONG_ARM = "wrong_arm"
    NOT_SUITED = "not_suited"
    AMOUNT = "amount"
    UNIT = "unit"
    ORDER = "order"
    HOLD = "hold"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Presented:
    """The container as it is: its lot's status now, when it must be used (None: no limit), whom it
    is reserved for ("": nobody), what it holds, and whether it is at the participant's site."""

    status: ContainerStatus
    lot: LotStatus
    product: str
    use_by: datetime | None
    counts: Counts
    thaws: bool
    reserved_for: str
    holds: Decimal
    unit: str
    here: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    """The participant as they are. suits: whether the lot suits them; None where unknown."""

    code: str
    products: Collection[str]
    suits: bool | None
    held: bool
    consents: bool
    in_order: bool


@dataclass(frozen=True, slots=True)
class Scanned:
    """What two people did: whether both identifiers are the participant's, and what is to be
    given from when to when."""

    wristband: bool
    identifier: bool
    two_people: bool
    amount: Decimal
    unit: str
    start: datetime
    end: datetime


_LOTS = {
    LotStatus.QUARANTINE: Refusal.NOT_RELEASED,
    LotStatus.FAILED: Refusal.FAILED,
    LotStatus.EXPIRED: Refusal.EXPIRED,
    LotStatus.RECALLED: Refusal.RECALLED,
}
_BEFORE_USE = frozenset({ContainerStatus.STOCK, ContainerStatus.RESERVED, ContainerStatus.SENT})


def refusals(scan: Scanned, container: Presented | None, who: Recipient) -> tuple[Refusal, ...]:
    """Everything that forbids it, the gravest mistaken identity first; nothing: it may be given."""
    return tuple(_refusals(scan, container, who))


def _refusals(scan: Scanned, container: Presented | None, who: Recipient) -> Iterator[Refusal]:
    if not scan.wristband:
        yield Refusal.WRISTBAND
    if not scan.identifier:
        yield Refusal.IDENTIFIER
    if not scan.two_people:
        yield Refusal.SAME_PERSON
    if container is None:
        yield Refusal.UNKNOWN
    else:
        yield from _of_container(scan, container, who)
    if not who.in_order:
        yield Refusal.ORDER
    if who.held:
        yield Refusal.HOLD
    if not who.consents:
        yield Refusal.CONSENT


def _of_container(scan: Scanned, container: Presented, who: Recipient) -> Iterator[Refusal]:
    if not container.here:
        yield Refusal.ELSEWHERE
    ready = {ContainerStatus.THAWED, ContainerStatus.LOADED}
    if container.status in _BEFORE_USE and container.thaws:
        yield Refusal.NOT_THAWED
    elif container.status not in ready | _BEFORE_USE:
        yield Refusal.USED
    if container.lot not in USABLE:
        yield _LOTS[container.lot]
    limit = container.use_by
    if limit is not None and not in_time(limit, container.counts, scan.start, scan.end):
        yield Refusal.PAST_THAW
    if container.reserved_for not in ("", who.code):
        yield Refusal.RESERVED
    if container.product not in who.products:
        yield Refusal.WRONG_ARM
    elif who.suits is not True:
        yield Refusal.NOT_SUITED
    if scan.unit != container.unit:
        yield Refusal.UNIT
    elif not 0 < scan.amount <= container.holds:
        yield Refusal.AMOUNT
