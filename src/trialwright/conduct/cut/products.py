"""Products as the sealed part of a cut has them; all of it is for unblinded people alone."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from trialwright.analysis import cut_products as c
from trialwright.conduct.clock import Zones, day_of, installation_zone, zones_of
from trialwright.conduct.models import (
    Container,
    ContainerMove,
    Donor,
    Lot,
    LotDecision,
    Participant,
    Study,
)
from trialwright.conduct.products.bedside import checks_of
from trialwright.conduct.products.lots import status_of
from trialwright.conduct.products.moves import opened
from trialwright.conduct.products.recipients import donors_of

_AT_ONCE = 5000


def sealed_products(study: Study, at: datetime) -> c.Products:
    """Donors, lots, containers with their moves, and checks, as they stand at a moment."""
    if not Lot.objects.filter(study=study).exists():
        return c.Products()
    zones = zones_of(study.identifier)
    return c.Products(
        donors=tuple(_donors(study)),
        lots=tuple(_lots(study, at)),
        containers=tuple(_containers(study)),
        handling=tuple(_handling(study, zones)),
        checks=tuple(_checks(study, zones)),
    )


def _donors(study: Study) -> Iterator[c.Donor]:
    for row in Donor.objects.filter(study=study):
        out = _day(row.excluded_at) if row.excluded_at else None
        yield c.Donor(row.code, row.product, out, row.why_excluded)


def _lots(study: Study, at: datetime) -> Iterator[c.Lot]:
    decisions: dict[UUID, list[c.LotDecision]] = defaultdict(list)
    for each in LotDecision.objects.filter(lot__study=study).order_by("number"):
        left = tuple(each.open_tests.split())
        made = c.LotDecision(each.status, _day(each.at), left, each.reason)
        decisions[each.lot_id].append(made)
    rows = list(Lot.objects.filter(study=study))
    donors = donors_of([row.pk for row in rows])
    for row in rows:
        yield c.Lot(
            lot=row.code,
            product=row.product,
            supplier=row.supplier,
            supplier_lot=row.supplier_lot,
            donors=donors.get(row.pk, ()),
            expires_at=row.expires_at.astimezone(installation_zone()).isoformat(timespec="minutes"),
            status=status_of(row, at).value,
            decisions=tuple(decisions[row.pk]),
        )


def _day(at: datetime) -> str:
    return day_of(at, installation_zone()).isoformat()


def _containers(study: Study) -> Iterator[c.Container]:
    rows = Container.objects.filter(study=study).select_related("lot")
    for row in rows.iterator(_AT_ONCE):
        yield c.Container(row.code, row.lot.code, row.holds, row.unit, row.status, row.site)


def _handling(study: Study, zones: Zones) -> Iterator[c.Handling]:
    rows = ContainerMove.objects.filter(study=study).select_related("container")
    for row in rows.iterator(_AT_ONCE):
        move = opened(row)
        yield c.Handling(
            container=row.container.code,
            number=row.number,
            status=move.status.value,
            at=_moment(move.at, zones, move.site),
            site=move.site,
            place=move.place,
            temperature=move.temperature,
            reason=move.reason,
            participant=move.participant,
            step=move.step,
            visit=move.visit,
            occurrence=move.occurrence,
            amount=move.amount,
            unit=move.unit,
            per_kg=move.per_kg,
            ended_at=_moment(move.ended_at, zones, move.site) if move.ended_at else None,
            counted=move.counted,
        )


def _checks(study: Study, zones: Zones) -> Iterator[c.BedsideCheck]:
    sites = dict(Participant.objects.filter(study=study).values_list("code", "site"))
    for number, each in enumerate(checks_of(study.identifier), start=1):
        yield c.BedsideCheck(
            number=number,
            at=_moment(each.at, zones, sites[each.participant]),
            participant=each.participant,
            step=each.step,
            visit=each.visit,
            occurrence=each.occurrence,
            container=each.container,
            amount=each.amount,
            unit=each.unit,
            refusals=tuple(why.value for why in each.refusals),
        )


def _moment(at: datetime, zones: Zones, site: str) -> str:
    zone = zones.at(site) if site else installation_zone()
    return at.astimezone(zone).isoformat(timespec="minutes")
