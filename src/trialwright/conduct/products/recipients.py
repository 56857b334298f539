"""Who was given what of which lot and donor: both ways, by lot and by participant."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from trialwright.conduct.models import Container, Lot, LotDonor
from trialwright.conduct.products.moves import GIVEN, Move, last_moves, recipient_mark


@dataclass(frozen=True, slots=True)
class Recipient:
    """One container that one participant was given."""

    container: Container
    lot: Lot
    donors: tuple[str, ...]
    move: Move


def recipients_of(lots: Collection[Lot]) -> list[Recipient]:
    """Every container of these lots that was given, with whom, by participant and container."""
    by_key = {lot.pk: lot for lot in lots}
    given = list(Container.objects.filter(lot__in=by_key, status__in=GIVEN))
    return _found(given, by_key)


def given_to(study: str, code: str) -> list[Recipient]:
    """Every container that a participant was given, found by the keyed mark."""
    marked = Container.objects.filter(study=study, recipient=recipient_mark(study, code))
    given = list(marked.select_related("lot"))
    found = _found(given, {each.lot_id: each.lot for each in given})
    return [each for each in found if each.move.participant == code]


def _found(given: list[Container], lots: dict[UUID, Lot]) -> list[Recipient]:
    moves, donors = last_moves(given), donors_of(lots)
    found = [
        Recipient(each, lots[each.lot_id], donors.get(each.lot_id, ()), moves[each.pk])
        for each in given
    ]
    return sorted(found, key=lambda each: (each.move.participant, each.container.code))


def donors_of(lots: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The codes of the donors of lots, by the lots' keys."""
    found: dict[UUID, tuple[str, ...]] = {}
    rows = LotDonor.objects.filter(lot__in=lots).order_by("donor__code")
    for lot, code in rows.values_list("lot", "donor__code"):
        found[lot] = (*found.get(lot, ()), code)
    return found


def lots_of_donor(study: str, donor: str) -> list[Lot]:
    """The lots that a donor gave for, by code."""
    rows = Lot.objects.filter(study=study, donors__donor__code=donor)
    return list(rows.order_by("code"))
