"""Product information that a treating doctor is told of until it is confirmed: that it is there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trialwright.accounts.policy import Act, Actor, may, role_to_confirm_notice
from trialwright.conduct.models import Participant, ProductNotice
from trialwright.conduct.products.lots import followed_products
from trialwright.conduct.reads.participants import one, visible
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice of one participant, as everybody who treats them sees it."""

    number: int
    code: str
    made_at: datetime
    confirmed_at: datetime | None
    called_at: datetime | None


def notices_waiting(by: Actor, protocol: Protocol) -> tuple[NoticeLine, ...]:
    """Those that this person has to confirm or to call about, in their order."""
    if not followed_products(protocol) or not may(by, Act.SEE_PARTICIPANTS):
        return ()
    rows = ProductNotice.objects.filter(participant__in=visible(by), called_at=None)
    return tuple(
        _line(row)
        for row in rows.select_related("participant").order_by("number")
        if role_to_confirm_notice(by, row.participant.site)
    )


def notices_of(by: Actor, participant: Participant) -> tuple[NoticeLine, ...]:
    """Those of one participant, for who treats them."""
    if role_to_confirm_notice(by, participant.site) is None:
        return ()
    return _lines(participant.product_notices.select_related("participant").order_by("number"))


def notice_to_confirm(by: Actor, code: str, number: int) -> tuple[Participant, NoticeLine]:
    """One of a participant; NotFound for others, and for who doesn't treat at the site."""
    participant = one(by, code)
    for line in notices_of(by, participant):
        if line.number == number:
            return participant, line
    raise NotFound


def _lines(rows: Iterable[ProductNotice]) -> tuple[NoticeLine, ...]:
    return tuple(map(_line, rows))


def _line(row: ProductNotice) -> NoticeLine:
    return NoticeLine(
        row.number, row.participant.code, row.made_at, row.confirmed_at, row.called_at
    )
