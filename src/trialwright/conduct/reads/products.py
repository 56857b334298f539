"""Donors, lots and containers for who has to do with products; others find none."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.utils import timezone

from trialwright.accounts.models import Site
from trialwright.accounts.policy import (
    Act,
    Actor,
    may,
    role_to_see_products,
    role_to_stop_lot,
)
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.models import (
    Container,
    Donor,
    Lot,
    LotDecision,
    Participant,
    ProductResult,
)
from trialwright.conduct.products.bedside import Check, checks_of
from trialwright.conduct.products.lots import (
    LotState,
    donor_state,
    followed,
    followed_products,
    state_of,
    status_of,
    value_of,
)
from trialwright.conduct.products.moves import Move, moves_of
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.custody.codes import as_typed
from trialwright.custody.containers import NEXT, ContainerStatus, use_by
from trialwright.custody.lots import LotStatus, Outcome, donor_outcomes, kept_until, outcomes
from trialwright.protocol.model import Protocol
from trialwright.protocol.products import Product
from trialwright.protocol.values import Value


def require_sight(by: Actor) -> Protocol:
    """The protocol; NotFound where no lot is followed, or for who sees no product."""
    _study, protocol = study_and_protocol(by)
    if not followed_products(protocol) or role_to_see_products(by) is None:
        raise NotFound
    return protocol


def sees_products(by: Actor, protocol: Protocol) -> bool:
    """Whether the pages of products are there for a person."""
    return bool(followed_products(protocol)) and role_to_see_products(by) is not None


@dataclass(frozen=True, slots=True)
class LotLine:
    """One lot in the list; containers: how many by status."""

    code: str
    product: str
    supplier: str
    supplier_lot: str
    status: LotStatus
    expires_at: datetime
    containers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DonorLine:
    """One donor in the list."""

    code: str
    product: str
    registered_at: datetime
    excluded_at: datetime | None
    lots: int


@dataclass(frozen=True, slots=True)
class ProductsToRead:
    """All lots and donors, the latest first; what this person may do."""

    lots: tuple[LotLine, ...]
    donors: tuple[DonorLine, ...]
    records: bool
    handles: bool


def products_to_read(by: Actor) -> ProductsToRead:
    """Every lot and donor of the study."""
    require_sight(by)
    now = timezone.now()
    counts: dict[object, Counter[str]] = {}
    rows = Container.objects.filter(study=by.study).values("lot", "status").annotate(n=Count("pk"))
    for row in rows.order_by():
        counts.setdefault(row["lot"], Counter())[row["status"]] += row["n"]
    lots = Lot.objects.filter(study=by.study).order_by("-registered_at", "code")
    donors = Donor.objects.filter(study=by.study).annotate(n=Count("lots"))
    return ProductsToRead(
        tuple(_line(lot, now, counts.get(lot.pk, {})) for lot in lots),
        tuple(
            DonorLine(row.code, row.product, row.registered_at, row.excluded_at, row.n)
            for row in donors.order_by("-registered_at", "code")
        ),
        records=may(by, Act.RECORD_LOTS),
        handles=may(by, Act.HANDLE_PRODUCTS) or may(by, Act.RECORD_LOTS),
    )


def _line(lot: Lot, now: datetime, containers: Mapping[str, int]) -> LotLine:
    return LotLine(
        lot.code,
        lot.product,
        lot.supplier,
        lot.supplier_lot,
        status_of(lot, now),
        lot.expires_at,
        containers,
    )


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One result; value None: indeterminate."""

    test: str
    value: Value | None
    on: date
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision about a lot."""

    status: LotStatus
    at: datetime
    by: str
    open_tests: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ContainerLine:
    """One container in a list."""

    code: str
    lot: str
    status: ContainerStatus
    site: str
    place: str


@dataclass(frozen=True, slots=True)
class LotToRead:
    """One lot with all that a release rests on; kept: the last day for which its records are."""

    line: LotLine
    state: LotState
    outcomes: Mapping[str, Outcome]
    results: tuple[ResultLine, ...]
    decisions: tuple[DecisionLine, ...]
    containers: tuple[ContainerLine, ...]
    kept: date
    records: bool
    releases: bool
    stops: bool

    @property
    def product(self) -> Product:
        """The lot's product."""
        return self.state.product


def lot_to_read(by: Actor, code: str) -> LotToRead:
    """One lot; NotFound for any other code."""
    protocol = require_sight(by)
    lot = Lot.objects.filter(study=by.study, code=as_typed(code)).first()
    if lot is None:
        raise NotFound
    product = followed(protocol, lot.product)
    assert product.container is not None  # noqa: S101 - it is followed
    state = state_of(lot, product)
    containers = Container.objects.filter(lot=lot).order_by("code")
    decisions = LotDecision.objects.filter(lot=lot).order_by("number")
    expires = day_of(lot.expires_at, installation_zone())
    return LotToRead(
        line=_line(lot, timezone.now(), Counter(containers.values_list("status", flat=True))),
        state=state,
        outcomes=outcomes(product.release, state.results),
        results=_results(product, ProductResult.objects.filter(lot=lot), of_donor=False),
        decisions=tuple(
            DecisionLine(
                LotStatus(row.status),
                row.at,
                str(row.by),
                tuple(row.open_tests.split()),
                row.reason,
            )
            for row in decisions
        ),
        containers=tuple(_container_line(row, lot.code) for row in containers),
        kept=kept_until(expires, product.container.keep_years),
        records=may(by, Act.RECORD_LOTS),
        releases=may(by, Act.RELEASE_LOTS),
        stops=role_to_stop_lot(by) is not None,
    )


def _container_line(row: Container, lot: str) -> ContainerLine:
    return ContainerLine(row.code, lot, ContainerStatus(row.status), row.site, row.place)


def _results(product: Product, rows: object, *, of_donor: bool) -> tuple[ResultLine, ...]:
    tests = product.donor_tests if of_donor else product.release
    return tuple(
        ResultLine(row.test, value_of(tests, row), row.on, row.entered_at, str(row.entered_by))
        for row in rows.order_by("-number")  # type: ignore[attr-defined]
    )


@dataclass(frozen=True, slots=True)
class DonorToRead:
    """One donor, by code alone: results, and the lots given for."""

    line: DonorLine
    product: Product
    why_excluded: str
    outcomes: Mapping[str, Outcome]
    results: tuple[ResultLine, ...]
    lots: tuple[LotLine, ...]
    records: bool
    stops: bool


def donor_to_read(by: Actor, code: str) -> DonorToRead:
    """One donor; NotFound for any other code."""
    protocol = require_sight(by)
    donor = Donor.objects.filter(study=by.study, code=as_typed(code)).first()
    if donor is None:
        raise NotFound
    product, now = followed(protocol, donor.product), timezone.now()
    rows = ProductResult.objects.filter(donor=donor)
    lots = Lot.objects.filter(donors__donor=donor).order_by("code")
    state = donor_state(product, donor, date.min, rows)
    return DonorToRead(
        line=DonorLine(
            donor.code, donor.product, donor.registered_at, donor.excluded_at, len(lots)
        ),
        product=product,
        why_excluded=donor.why_excluded,
        outcomes=donor_outcomes(product, state),
        results=_results(product, rows, of_donor=True),
        lots=tuple(_line(lot, now, {}) for lot in lots),
        records=may(by, Act.RECORD_LOTS),
        stops=role_to_stop_lot(by) is not None,
    )


@dataclass(frozen=True, slots=True)
class ContainerToRead:
    """One container with every move; next: what this person can record of it."""

    line: ContainerLine
    product: Product
    lot_status: LotStatus
    holds: str
    unit: str
    use_by: datetime | None
    moves: tuple[Move, ...]
    next: tuple[ContainerStatus, ...]


def container_to_read(by: Actor, code: str) -> ContainerToRead:
    """One container; NotFound for any other code, and at a site whose participants aren't seen."""
    protocol = require_sight(by)
    rows = Container.objects.filter(study=by.study, code=as_typed(code)).select_related("lot")
    row = rows.first()
    if row is None or not _sees(by, row.site):
        raise NotFound
    product = followed(protocol, row.lot.product)
    hours = product.use_within_hours
    handles = may(by, Act.RECORD_LOTS) or may(by, Act.HANDLE_PRODUCTS, site=row.site or None)
    status = ContainerStatus(row.status)
    given = {ContainerStatus.GIVEN, ContainerStatus.PART_GIVEN}
    return ContainerToRead(
        _container_line(row, row.lot.code),
        product,
        status_of(row.lot, timezone.now()),
        row.holds,
        row.unit,
        use_by(row.thawed_at, hours) if row.thawed_at and hours else None,
        tuple(moves_of(row)),
        tuple(each for each in ContainerStatus if each in NEXT[status] - given) if handles else (),
    )


def _sees(by: Actor, site: str) -> bool:
    places = by.sites_for(Act.HANDLE_PRODUCTS) if may(by, Act.HANDLE_PRODUCTS) else None
    wide = may(by, Act.RECORD_LOTS) or may(by, Act.RELEASE_LOTS) or may(by, Act.REPORT_SAFETY)
    return wide or not site or places is None or site in places


def site_codes(study: str) -> tuple[str, ...]:
    """The codes of a study's sites, in order."""
    rows = Site.objects.filter(study=study).order_by("code")
    return tuple(rows.values_list("code", flat=True))


def near_misses(by: Actor) -> tuple[Check, ...]:
    """The checks at the bedside that were refused, the latest first, of participants seen here."""
    require_sight(by)
    seen = Participant.objects.filter(study=by.study)
    if by.sites is not None:
        seen = seen.filter(site__in=by.sites)
    codes = set(seen.values_list("code", flat=True))
    found = [each for each in checks_of(by.study) if each.refusals and each.participant in codes]
    return tuple(reversed(found))
