"""Lots as they stand: their results, donors and components, and what stands against a release."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from trialwright.conduct.models import Donor, Lot, LotComponent, LotDonor, ProductResult
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.signing import hash_of
from trialwright.custody.lots import (
    DonorState,
    Finding,
    LotStatus,
    against_release,
    status_at,
)
from trialwright.protocol.answers import stored_value
from trialwright.protocol.model import Protocol
from trialwright.protocol.products import Product, ReleaseTest
from trialwright.protocol.values import Value, canonical


def followed_products(protocol: Protocol) -> tuple[Product, ...]:
    """The products whose lots are followed here."""
    return tuple(product for product in protocol.products if product.container is not None)


def followed(protocol: Protocol, key: str) -> Product:
    """One of them; NotFound for any other."""
    for product in followed_products(protocol):
        if product.key == key:
            return product
    raise NotFound


def status_of(lot: Lot, now: datetime) -> LotStatus:
    """The status of a lot at a moment."""
    return status_at(LotStatus(lot.status), lot.expires_at, now)


def value_of(tests: Iterable[ReleaseTest], row: ProductResult) -> Value | None:
    """What a result says; None where it was indeterminate, or its test is no longer asked."""
    item = next((test.item for test in tests if test.item.key == row.test), None)
    return stored_value(item, row.result) if item is not None and row.result else None


@dataclass(frozen=True, slots=True)
class LotState:
    """A lot with all that a release rests on. entered_by: whoever entered a test of the lot or of
    its donors; content_hash: of what a signature signs."""

    lot: Lot
    product: Product
    results: dict[str, Value | None]
    donors: tuple[DonorState, ...]
    components: dict[str, str]
    findings: tuple[Finding, ...]
    entered_by: frozenset[UUID]
    content_hash: str


def state_of(lot: Lot, product: Product) -> LotState:
    """Read a lot with what a release rests on."""
    (found,) = states_of([lot], {lot.product: product})
    return found


def states_of(lots: Collection[Lot], products: Mapping[str, Product]) -> tuple[LotState, ...]:
    """Read lots with what their release rests on, in as many statements as one of them takes.

    Args:
        products: those of the lots, by key.
    """
    rows: dict[UUID, list[ProductResult]] = {lot.pk: [] for lot in lots}
    for row in ProductResult.objects.filter(lot__in=lots).order_by("number"):
        if row.lot_id is not None:
            rows[row.lot_id].append(row)
    given: dict[UUID, list[LotDonor]] = {lot.pk: [] for lot in lots}
    donors = LotDonor.objects.filter(lot__in=lots).select_related("donor").order_by("donor__code")
    for each in donors:
        given[each.lot_id].append(each)
    of_donors = _donor_results([each.donor for each in donors])
    parts: dict[UUID, dict[str, str]] = {lot.pk: {} for lot in lots}
    for part in LotComponent.objects.filter(lot__in=lots):
        parts[part.lot_id][part.component] = part.number
    return tuple(
        _state(lot, products[lot.product], rows[lot.pk], given[lot.pk], of_donors,
               dict(sorted(parts[lot.pk].items())))
        for lot in lots
    )  # fmt: skip


def _state(
    lot: Lot,
    product: Product,
    rows: list[ProductResult],
    given: list[LotDonor],
    results_of: Mapping[UUID, list[ProductResult]],
    components: dict[str, str],
) -> LotState:
    results = {row.test: value_of(product.release, row) for row in rows}
    of_donors = {each.donor_id: results_of[each.donor_id] for each in given}
    donors = tuple(
        donor_state(product, each.donor, each.donated_on, of_donors[each.donor_id])
        for each in given
    )
    people = {row.entered_by for row in rows}
    people |= {row.entered_by for found in of_donors.values() for row in found}
    findings = against_release(product, results, donors, components)
    return LotState(
        lot, product, results, donors, components, findings, frozenset(people),
        hash_of(_content(lot, rows, donors, of_donors, components)),
    )  # fmt: skip


def donor_state(
    product: Product, donor: Donor, donated_on: date, rows: Iterable[ProductResult]
) -> DonorState:
    """A donor with the results of each test, the latest first."""
    results: dict[str, list[tuple[date, Value | None]]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: (each.on, each.number), reverse=True):
        results[row.test].append((row.on, value_of(product.donor_tests, row)))
    return DonorState(donor.code, donated_on, donor.excluded_at is not None, dict(results))


def _donor_results(donors: list[Donor]) -> dict[UUID, list[ProductResult]]:
    found: dict[UUID, list[ProductResult]] = {donor.pk: [] for donor in donors}
    for row in ProductResult.objects.filter(donor__in=donors).order_by("number"):
        if row.donor_id is not None:
            found[row.donor_id].append(row)
    return found


def _content(
    lot: Lot,
    rows: list[ProductResult],
    donors: tuple[DonorState, ...],
    of_donors: dict[UUID, list[ProductResult]],
    components: dict[str, str],
) -> dict[str, Any]:
    """What whoever signs a lot's status has read."""
    return {
        "lot": [lot.code, lot.product, lot.status, lot.expires_at.isoformat()],
        "results": [[row.test, row.result, row.on.isoformat()] for row in rows],
        "donors": [[each.code, each.donated_on.isoformat(), each.excluded] for each in donors],
        "donor_results": sorted(
            [row.test, row.result, row.on.isoformat(), row.number]
            for found in of_donors.values()
            for row in found
        ),
        "components": components,
    }


def result_text(value: Value | None) -> str:
    """A result as it is stored."""
    return "" if value is None else canonical(value)
