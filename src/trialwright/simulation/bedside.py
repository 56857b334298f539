"""Giving from containers at a bedside: two people, two identifiers, and now and then a mistake."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from trialwright.accounts.policy import Act, Actor, role_to_identify
from trialwright.conduct.actions import identifying
from trialwright.conduct.actions.bedside import Scan, give_container
from trialwright.conduct.actions.containers import ToMove
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.models import Container
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.doses import planned_amount
from trialwright.conduct.products.bedside import DosePlace, products_for
from trialwright.conduct.products.lots import status_of
from trialwright.conduct.products.words import REFUSALS
from trialwright.custody.bedside import Refusal
from trialwright.custody.codes import Kind, new_code, wristband_of
from trialwright.custody.containers import ENDED, ContainerStatus
from trialwright.custody.lots import USABLE
from trialwright.ledger import sources
from trialwright.protocol.products import Product
from trialwright.protocol.steps import Dispenses, Step
from trialwright.simulation.containers import (
    dispensed_products,
    keep_stock,
    ready,
    thaw,
    thaw_too_early,
)
from trialwright.simulation.containers import move as move_container
from trialwright.simulation.person import SimulatedPerson

_LASTS = timedelta(minutes=15)
_MISTAKES = (
    "wristband", "used", "identifier", "same person", "not thawed", "lot over", "unknown", "amount",
    "wrong product", "elsewhere", "unit",
)  # fmt: skip
"""What is done wrong at a bedside before it is done right; each in its turn."""


@dataclass(frozen=True, slots=True)
class Dose:
    """What is to be given to whom, at which dose."""

    person: SimulatedPerson
    step: Step
    place: DosePlace


def known_by_number(person: SimulatedPerson) -> None:
    """Have the hospital number entered, by which a participant is identified at the bedside."""
    stage = person.stage
    if not dispensed_products(stage):
        return
    known = Known(name=f"{person.code} (invented)", hospital_number=_number(person))
    people = [each for each in stage.crew.actors if role_to_identify(each, person.site)]

    def save(by: Actor) -> bool:
        identifying.save_identity(by=by, code=person.code, known=known, at=stage.now)
        return True

    stage.act("save_identity", people, save)


def _number(person: SimulatedPerson) -> str:
    return f"H{person.number:06d}"


def give(person: SimulatedPerson, step: Step, at: tuple[str, int], report: StepReport) -> bool:
    """Give from containers what a dose takes; whether all of it was given."""
    if step.dispenses is not Dispenses.CONTAINER or report.status is StepStatus.NOT_DONE:
        return True
    dose = Dose(person, step, DosePlace(step.key, *at))
    row, protocol = person.row, person.protocol
    given = products_for(row, protocol, dose.place.visit_name)
    products = [each for each in dispensed_products(person.stage) if each.key in given]
    return all(_give_product(dose, product, report) for product in products)


def _give_product(dose: Dose, product: Product, report: StepReport) -> bool:
    amounts = _amounts(dose, product, report)
    stage, site = dose.person.stage, dose.person.site
    keep_stock(stage, product, site, dose.person, len(amounts) + 1)
    for number, amount in enumerate(amounts):
        random = dose.person.stream("bedside", dose.step.key, *_at(dose), product.key, number)
        if random.random() < stage.plan.late_thaws:
            _give_too_late(dose, product, amount)
        if random.random() < stage.plan.refused_scans:
            _mistake(dose, product, amount)
        stock = ready(stage, product, site, dose.person)
        if not stock:
            stage.tally.refusals["give_container", "No container is there to be given."] += 1
            return False
        thaw(stage, stock[0], dose.person)
        refused = _check(dose, _scan(dose, stock[0], amount))
        if refused != ():
            for why in refused or ():
                stage.tally.refusals["give_container", str(REFUSALS[why])] += 1
            return False
    return True


def _at(dose: Dose) -> tuple[str, int]:
    return dose.place.visit, dose.place.occurrence


def _amounts(dose: Dose, product: Product, report: StepReport) -> list[Decimal]:
    """How much is given of each container in turn."""
    assert product.container is not None  # noqa: S101 - a followed product has one
    holds, planned = product.container.holds, dose.step.planned
    part = report.status is StepStatus.PART
    whole = planned_amount(dose.person.row, dose.person.protocol, dose.step, dose.place.visit_name)
    if whole is None or planned is None or planned.unit != product.container.unit:
        return [holds / 2 if part else holds]
    left = report.amount if part and report.amount is not None else whole
    amounts = []
    while left > 0:
        amounts.append(min(left, holds))
        left -= amounts[-1]
    return amounts


def _scan(dose: Dose, container: Container, amount: Decimal) -> Scan:
    """What people scan who make no mistake; the second one is put in by who acts."""
    person, now = dose.person, dose.person.stage.now
    hours = person.stage.protocol.product(container.lot.product).use_within_hours
    lasts = _LASTS if hours is None else min(_LASTS, timedelta(hours=float(hours)) / 4)
    return Scan(
        container.code, wristband_of(person.code), _number(person), _team(dose)[0].person_id,
        amount, container.unit, now, now + lasts,
    )  # fmt: skip


def _team(dose: Dose) -> Sequence[Actor]:
    """Who may check with another at this participant's site."""
    crew, site = dose.person.stage.crew, dose.person.site
    roles = {*crew.protocol.roles.who_may(Act.HANDLE_PRODUCTS), *dose.step.roles}
    return crew.among(roles, site)


def _check(dose: Dose, scan: Scan, *, alone: bool = False) -> tuple[Refusal, ...] | None:
    """Have two people (or one alone) check; what forbids it, None where nobody could act."""
    stage, person = dose.person.stage, dose.person
    check = partial(give_container, code=person.code, place=dose.place, at=stage.now)

    def act(by: Actor) -> tuple[Refusal, ...]:
        others = (each.person_id for each in _team(dose) if each.person_id != by.person_id)
        second = by.person_id if alone else next(others, by.person_id)
        return check(by=by, scan=replace(scan, second=second))

    return stage.act("give_container", stage.crew.able(Act.HANDLE_PRODUCTS, person.site), act)


def _give_too_late(dose: Dose, product: Product, amount: Decimal) -> None:
    """Thaw a container too early, be refused it, and destroy it."""
    stage, site = dose.person.stage, dose.person.site
    stock = ready(stage, product, site, dose.person)
    if len(stock) < 2 or not thaw_too_early(stage, stock[0], site):
        return
    if _check(dose, _scan(dose, stock[0], amount)) == ():
        stage.tally.accepted["give_container: past its limit"] += 1
    destroyed = ToMove(ContainerStatus.DESTROYED, reason="Past the limit after thawing")
    move_container(stage, stock[0].code, site, destroyed)


def _mistake(dose: Dose, product: Product, amount: Decimal) -> None:
    """Do something wrong that the check must find."""
    stage = dose.person.stage
    kind = _MISTAKES[stage.tally.mistakes % len(_MISTAKES)]
    stage.tally.mistakes += 1
    stock = ready(stage, product, dose.person.site, dose.person)
    if not stock or (kind == "not thawed" and product.use_within_hours is None):
        return
    scan = _scan(dose, stock[0], amount)
    changed: dict[str, dict[str, Any]] = {
        "wristband": {"wristband": wristband_of(f"{dose.person.code}0")},
        "identifier": {"hospital_number": f"{_number(dose.person)}0"},
        "unknown": {"container": new_code(Kind.CONTAINER, sources.entropy(16))},
        "amount": {"amount": 2 * Decimal(stock[0].holds)},
        "unit": {"unit": "bags" if stock[0].unit != "bags" else "vials"},
    }
    if kind in ("used", "lot over", "wrong product", "elsewhere"):
        if (other := _other(dose, product, kind)) is None:
            return
        changed[kind] = {"container": other.code}
    wrong = replace(scan, **changed.get(kind, {}))
    if _check(dose, wrong, alone=kind == "same person") == ():
        stage.tally.accepted[f"give_container: {kind}"] += 1


def _other(dose: Dose, product: Product, kind: str) -> Container | None:
    """A container that is taken by mistake; None where there is none such."""
    stage = dose.person.stage
    rows = Container.objects.filter(study=stage.protocol.identifier).select_related("lot")
    match kind:
        case "used":
            rows = rows.filter(status__in=ENDED)
        case "elsewhere":
            rows = rows.exclude(site=dose.person.site)
        case "wrong product":
            rows = rows.exclude(lot__product=product.key)
    for row in rows.order_by("code"):
        if kind != "lot over" or status_of(row.lot, stage.now) not in USABLE:
            return row
    return None
