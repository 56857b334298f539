"""Containers of a simulated study: labelled, sent, received, made ready, and cleared away."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.actions import containers
from trialwright.conduct.actions.containers import ToMove
from trialwright.conduct.models import Container, Lot
from trialwright.conduct.products.bedside import suits
from trialwright.conduct.products.lots import followed_products, status_of
from trialwright.conduct.products.moves import last_moves
from trialwright.conduct.reads.values import values_of
from trialwright.custody.containers import ENDED, ContainerStatus
from trialwright.custody.lots import USABLE
from trialwright.protocol.products import Product
from trialwright.protocol.steps import Dispenses
from trialwright.protocol.values import Value
from trialwright.simulation.lots import release_lot, usable_lots
from trialwright.simulation.person import SimulatedPerson
from trialwright.simulation.stage import Stage, Thread

_LABELLED, _SENT, _LEAST = 12, 4, 2
"""So many containers of a lot are labelled, and sent at once; a site asks with so many or fewer."""
_DAMAGED, _SENT_BACK = 0.05, 0.3
"""Shares: of containers that arrive damaged, and of those of a lot that is over that go back."""
_THAWING = timedelta(minutes=30)


def dispensed_products(stage: Stage) -> tuple[Product, ...]:
    """The products that some step gives from containers."""
    steps = stage.protocol.steps
    if not any(step.dispenses is Dispenses.CONTAINER for step in steps):
        return ()
    return followed_products(stage.protocol)


def first_stock(stage: Stage) -> Thread:
    """Have each site supplied before anybody is enrolled."""
    yield stage.in_days(0)
    for product in dispensed_products(stage):
        for site in stage.crew.sites:
            keep_stock(stage, product, site)


def keep_stock(
    stage: Stage, product: Product, site: str, person: SimulatedPerson | None = None, needs: int = 1
) -> None:
    """Have a site supplied where it has few containers of a product, that suit a participant."""
    _clear_away(stage, product, site)
    if len(ready(stage, product, site, person)) >= max(_LEAST, needs):
        return
    for _each in range(2):  # What is in the depot, then what is made.
        short = max(_SENT, needs) - len(ready(stage, product, site, person))
        lots = [lot for lot in usable_lots(stage, product) if _suits(person, lot)]
        depot = Container.objects.filter(lot__in=lots, site="", status=ContainerStatus.STOCK.value)
        for code in list(depot.order_by("code").values_list("code", flat=True)[: max(short, 0)]):
            _send(stage, code, site)
        if len(ready(stage, product, site, person)) >= max(_LEAST, needs):
            return
        lot = release_lot(stage, product, _known(person, product))
        if lot is None:
            return
        _label(stage, lot.code, max(_LABELLED, needs))


def ready(
    stage: Stage, product: Product, site: str, person: SimulatedPerson | None = None
) -> list[Container]:
    """The containers in a site's stock of lots that may be given (to a participant), by code."""
    lots = [lot for lot in usable_lots(stage, product) if _suits(person, lot)]
    rows = Container.objects.filter(lot__in=lots, site=site, status=ContainerStatus.STOCK.value)
    return list(rows.select_related("lot").order_by("code"))


def _suits(person: SimulatedPerson | None, lot: Lot) -> bool:
    return person is None or suits(person.row, person.protocol, lot) is True


def _known(person: SimulatedPerson | None, product: Product) -> Mapping[str, Value | None]:
    if person is None or product.suits is None:
        return {}
    names = {name for name in product.suits.references if "." in name}
    return values_of(person.row, person.protocol, names)  # type: ignore[return-value]


def _label(stage: Stage, lot: str, number: int) -> None:
    label = partial(
        containers.label_containers, lot=lot, number=number, place="Depot", at=stage.now
    )
    stage.act("label_containers", stage.crew.able(Act.RECORD_LOTS), lambda by: label(by=by))


def _send(stage: Stage, code: str, site: str) -> None:
    """Send a container and have it received; now and then one arrives damaged."""
    if not move(stage, code, site, ToMove(ContainerStatus.SENT, site=site, temperature="-150")):
        return
    if stage.stream("arrives", code).random() < _DAMAGED:
        why = "Arrived damaged"
        move(stage, code, site, ToMove(ContainerStatus.DESTROYED, reason=why, temperature="-20"))
        return
    move(stage, code, site, ToMove(ContainerStatus.STOCK, place="Freezer", temperature="-148"))


def move(stage: Stage, code: str, site: str, what: ToMove) -> bool:
    """Have a container moved by whoever may: of the site first, then of the depot."""
    people = [*stage.crew.able(Act.HANDLE_PRODUCTS, site), *stage.crew.able(Act.RECORD_LOTS)]
    if what.status is ContainerStatus.SENT:
        people = people[::-1]

    def record(by: Actor) -> bool:
        containers.move_container(by=by, code=code, move=what, at=stage.now)
        return True

    return bool(stage.act(f"move_container {what.status.value}", people, record))


def _clear_away(stage: Stage, product: Product, site: str) -> None:
    """Destroy or send back what a site has of lots that are over."""
    rows = Container.objects.filter(
        study=stage.protocol.identifier, site=site, lot__product=product.key
    ).exclude(status__in=ENDED)
    for row in rows.select_related("lot").order_by("code"):
        if status_of(row.lot, stage.now) in USABLE:
            continue
        back = stage.stream("fate", row.code).random() < _SENT_BACK
        ends = ContainerStatus.RETURNED if back else ContainerStatus.DESTROYED
        if row.status == ContainerStatus.STOCK.value:
            move(stage, row.code, site, ToMove(ends, reason="The lot may not be given any more"))


def thaw(stage: Stage, container: Container, person: SimulatedPerson) -> None:
    """Make a container ready: now and then reserved before, and loaded after it was thawed."""
    random, site = stage.stream("thaw", container.code), person.site
    if random.random() < 0.3:
        move(stage, container.code, site, ToMove(ContainerStatus.RESERVED, participant=person.code))
    hours = _hours(stage, container)
    if hours is None:
        return
    since = min(_THAWING, timedelta(hours=hours) / 4)
    thaw_at(stage, container, site, stage.now - since)
    if random.random() < 0.3:
        move(stage, container.code, site, ToMove(ContainerStatus.LOADED, place="Treatment room"))


def thaw_too_early(stage: Stage, container: Container, site: str) -> bool:
    """Thaw a container so long ago that it may not be given; False where it can't have been."""
    hours = _hours(stage, container)
    if hours is None:
        return False
    moment = stage.now - timedelta(hours=hours + 1)
    if last_moves([container])[container.pk].at > moment:
        return False
    thaw_at(stage, container, site, moment)
    return True


def thaw_at(stage: Stage, container: Container, site: str, moment: datetime) -> None:
    """Record that a container was thawed at a moment, or since its last move if that came later."""
    since = max(moment, last_moves([container])[container.pk].at)
    move(stage, container.code, site, ToMove(ContainerStatus.THAWED, temperature="37",
                                             happened=since))  # fmt: skip


def _hours(stage: Stage, container: Container) -> float | None:
    hours = stage.protocol.product(container.lot.product).use_within_hours
    return None if hours is None else float(hours)
