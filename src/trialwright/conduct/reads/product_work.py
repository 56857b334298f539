"""What waits of products: lots to decide about, containers to send and to receive."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import Container, Lot
from trialwright.conduct.products.lots import followed_products, states_of, status_of
from trialwright.conduct.products.moves import last_moves
from trialwright.conduct.reads.products import ContainerLine, require_sight, site_codes
from trialwright.conduct.refusals import NotFound
from trialwright.custody.codes import as_typed
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import Finding, LotStatus, waits_for_decision
from trialwright.protocol.model import Protocol
from trialwright.protocol.products import Product


@dataclass(frozen=True, slots=True)
class LotToDecide:
    """A lot that waits for a decision; findings: what stands against its release."""

    code: str
    product: Product
    findings: tuple[Finding, ...]


def lots_to_decide(by: Actor, protocol: Protocol) -> tuple[LotToDecide, ...]:
    """The lots whose release or failing this person can sign now, the first registered first.

    None is there for who entered one of the tests on which its release rests: somebody else signs.
    """
    products = {each.key: each for each in followed_products(protocol)}
    if not products or not may(by, Act.RELEASE_LOTS):
        return ()
    now = timezone.now()
    open_ones = [LotStatus.QUARANTINE.value, LotStatus.CONDITIONAL.value]
    rows = Lot.objects.filter(study=by.study, status__in=open_ones, product__in=products)
    states = states_of(list(rows.order_by("registered_at", "code")), products)
    return tuple(
        LotToDecide(each.lot.code, each.product, each.findings)
        for each in states
        if waits_for_decision(each.product, status_of(each.lot, now), each.findings)
        and by.person_id not in each.entered_by
    )


@dataclass(frozen=True, slots=True)
class ContainersComing:
    """So many containers under way to a site."""

    site: str
    number: int


def containers_coming(by: Actor, protocol: Protocol) -> tuple[ContainersComing, ...]:
    """What this person can receive, by site."""
    if not followed_products(protocol) or not may(by, Act.HANDLE_PRODUCTS):
        return ()
    counts = Counter(each.site for each in _coming(by))
    return tuple(ContainersComing(*each) for each in sorted(counts.items()))


def containers_to_receive(by: Actor, site: str) -> tuple[ContainerLine, ...]:
    """The containers under way to a site that this person can receive there, by code.

    Raises:
        NotFound: there is no such site, or they handle no products there.
    """
    require_sight(by)
    if site not in site_codes(by.study) or not may(by, Act.HANDLE_PRODUCTS, site=site):
        raise NotFound
    return tuple(_line(each) for each in _coming(by) if each.site == site)


def containers_to_send(by: Actor, lot: str) -> tuple[ContainerLine, ...]:
    """The containers of a lot in stock that this person can send to a site, by code.

    Raises:
        NotFound: there is no such lot, or they see no products.
    """
    require_sight(by)
    found = Lot.objects.filter(study=by.study, code=as_typed(lot)).first()
    if found is None:
        raise NotFound
    rows = Container.objects.filter(lot=found, status=ContainerStatus.STOCK.value)
    if not may(by, Act.RECORD_LOTS):
        rows = _at_own_sites(rows, by)
    return tuple(map(_line, rows.select_related("lot").order_by("code")))


def _coming(by: Actor) -> list[Container]:
    """What is under way to the sites where they handle products, without what they sent
    themselves: somebody else receives it."""
    rows = Container.objects.filter(study=by.study, status=ContainerStatus.SENT.value)
    found = list(_at_own_sites(rows, by).select_related("lot").order_by("code"))
    moves = last_moves(found)
    return [each for each in found if moves[each.pk].person != str(by.person_id)]


def _at_own_sites(rows: Any, by: Actor) -> Any:
    """Those at sites where they handle products; none for who handles nothing."""
    if not may(by, Act.HANDLE_PRODUCTS):
        return rows.none()
    sites = by.sites_for(Act.HANDLE_PRODUCTS)
    return rows if sites is None else rows.filter(site__in=sites)


def _line(row: Container) -> ContainerLine:
    return ContainerLine(row.code, row.lot.code, ContainerStatus(row.status), row.site, row.place)
