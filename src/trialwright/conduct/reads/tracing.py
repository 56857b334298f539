"""From a donor, lot, container or participant to all the others that it met, with a call list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from trialwright.accounts.policy import Actor
from trialwright.conduct.models import Container, Lot, Participant, ProductNotice
from trialwright.conduct.products.recipients import (
    Recipient,
    given_to,
    lots_of_donor,
    recipients_of,
)
from trialwright.conduct.reads.cases import number_of_case
from trialwright.conduct.reads.pregnancies import (
    PregnancyLine,
    mother_of,
    pregnancies_of,
    pregnancy_of_case,
)
from trialwright.conduct.reads.products import require_sight
from trialwright.conduct.refusals import NotFound
from trialwright.custody.codes import Kind, as_typed
from trialwright.custody.containers import ContainerStatus


class Traced(StrEnum):
    """What the code is of that one asks about."""

    DONOR = "donor"
    LOT = "lot"
    CONTAINER = "container"
    PARTICIPANT = "participant"
    PREGNANCY = "pregnancy"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One container that one participant was given; told, called: when the doctor confirmed the
    latest notice and when the participant was called, None while they weren't."""

    participant: str
    site: str
    container: str
    lot: str
    product: str
    donors: tuple[str, ...]
    given_at: datetime
    status: ContainerStatus
    amount: str
    unit: str
    per_kg: str
    notice: bool
    told: datetime | None
    called: datetime | None


@dataclass(frozen=True, slots=True)
class Trace:
    """What a code leads to: its lots, the recipients with their pregnancies and children, and how
    many containers weren't given."""

    code: str
    kind: Traced
    lots: tuple[str, ...]
    lines: tuple[TraceLine, ...]
    not_given: int
    pregnancies: tuple[PregnancyLine, ...] = ()

    @property
    def participants(self) -> tuple[str, ...]:
        """The recipients, each once."""
        return tuple(dict.fromkeys(line.participant for line in self.lines))


def trace(by: Actor, code: str) -> Trace:
    """Follow a code both ways: the lots it has to do with, and everybody who was given of them.

    Of a participant, or of a child whose mother they are, or of a pregnancy by its case number:
    what they were given, and of which lots and donors.

    Raises:
        NotFound: nothing has this code, or the person sees no products.
    """
    require_sight(by)
    study, own = by.study, as_typed(code)
    typed = code.strip().upper()
    kind, person = _whose(by, typed)
    participant = _participant(by, person)
    if participant is not None:
        found = given_to(study, participant.code)
        told = _trace(by, typed, kind, [each.lot for each in found], found)
        return replace(told, pregnancies=pregnancies_of(by, [participant.code]))
    if own.startswith(Kind.DONOR) and (lots := lots_of_donor(study, own)):
        return _trace(by, own, Traced.DONOR, lots, recipients_of(lots))
    lot = Lot.objects.filter(study=study, code=own).first()
    if lot is not None:
        return _trace(by, own, Traced.LOT, [lot], recipients_of([lot]))
    container = Container.objects.filter(study=study, code=own).select_related("lot").first()
    if container is None:
        raise NotFound
    found = [each for each in recipients_of([container.lot]) if each.container.code == own]
    return _trace(by, own, Traced.CONTAINER, [container.lot], found)


def _whose(by: Actor, typed: str) -> tuple[Traced, str]:
    """What a code is that leads to one participant, and the participant's own."""
    if mother := mother_of(by, typed):
        return Traced.CHILD, mother
    number = number_of_case(by.study, typed)
    case = pregnancy_of_case(by, number) if number is not None else None
    return (Traced.PREGNANCY, case.code) if case else (Traced.PARTICIPANT, typed)


def _participant(by: Actor, code: str) -> Participant | None:
    rows = Participant.objects.filter(study=by.study, code=code)
    if by.sites is not None:
        rows = rows.filter(site__in=by.sites)
    return rows.first()


def _trace(
    by: Actor, code: str, kind: Traced, lots: Sequence[Lot], found: Sequence[Recipient]
) -> Trace:
    rows = Participant.objects.filter(
        study=by.study, code__in={each.move.participant for each in found}
    )
    if by.sites is not None:
        rows = rows.filter(site__in=by.sites)
    sites = dict(rows.values_list("code", "site"))
    notices: dict[str, ProductNotice] = {}
    told = ProductNotice.objects.filter(study=by.study, participant__code__in=sites)
    for notice in told.select_related("participant").order_by("number"):
        notices[notice.participant.code] = notice
    lines = tuple(
        _line(each, sites[each.move.participant], notices.get(each.move.participant))
        for each in found
        if each.move.participant in sites
    )
    total = Container.objects.filter(lot__in=lots).count()
    given = len(found) if kind in (Traced.DONOR, Traced.LOT) else total
    names = tuple(dict.fromkeys(lot.code for lot in lots))
    one = (Traced.PARTICIPANT, Traced.PREGNANCY, Traced.CHILD)
    met = pregnancies_of(by, sites) if kind not in one else ()
    return Trace(code, kind, names, lines, total - given, met)


def _line(each: Recipient, site: str, notice: ProductNotice | None) -> TraceLine:
    move = each.move
    return TraceLine(
        move.participant, site, each.container.code, each.lot.code, each.lot.product, each.donors,
        move.at, move.status, move.amount, move.unit, move.per_kg, notice is not None,
        notice.confirmed_at if notice else None, notice.called_at if notice else None,
    )  # fmt: skip
