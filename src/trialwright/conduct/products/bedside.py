"""What stands before two people at a bedside: the container, the participant, what forbids it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.identity import identities
from trialwright.conduct.kits.stock import arm_at
from trialwright.conduct.models import (
    BedsideCheck,
    Container,
    Identity,
    Lot,
    Participant,
    State,
)
from trialwright.conduct.participants.doses import planned_amount
from trialwright.conduct.participants.planning import OVER
from trialwright.conduct.participants.progress import progress_of
from trialwright.conduct.products.lots import followed, state_of, status_of
from trialwright.conduct.products.moves import moves_of, reserved_for
from trialwright.conduct.products.recipients import given_to
from trialwright.conduct.reads.values import values_of
from trialwright.conduct.refusals import ActionRefused
from trialwright.conduct.safety.holding import arm_of, new_holds, standing_of
from trialwright.custody.bedside import Presented, Recipient, Refusal
from trialwright.custody.containers import ContainerStatus, use_by
from trialwright.protocol.model import Arm, Protocol
from trialwright.protocol.occurrences import name_of
from trialwright.protocol.products import Product
from trialwright.protocol.progress import undone_before
from trialwright.protocol.steps import Step


@dataclass(frozen=True, slots=True)
class DosePlace:
    """The dose that is given: a step, at a visit's occurrence or at none ("")."""

    step: str
    visit: str = ""
    occurrence: int = 1

    @property
    def visit_name(self) -> str:
        """The visit's name with its occurrence, or ""."""
        return name_of(self.visit, self.occurrence) if self.visit else ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check at the bedside as it was done. container: as scanned or typed. refusals: what
    forbade it; none: it was given."""

    at: datetime
    person: str
    second: str
    participant: str
    step: str
    visit: str
    occurrence: int
    container: str
    amount: str
    unit: str
    start: datetime
    end: datetime
    refusals: tuple[Refusal, ...]

    @property
    def accepted(self) -> bool:
        """Whether the container was given; else it is a near miss."""
        return not self.refusals


def opened(row: BedsideCheck) -> Check:
    """The check that a row holds; ask the policy first."""
    text = sealed_values.open_details("bedside_check", row.study_id, row.pk, bytes(row.sealed))
    return sealed_values.load(Check, text)


def presented(container: Container, product: Product, site: str, now: datetime) -> Presented:
    """The container as it is now."""
    hours = product.use_within_hours
    limit = use_by(container.thawed_at, hours) if container.thawed_at and hours else None
    return Presented(
        ContainerStatus(container.status),
        status_of(container.lot, now),
        product.key,
        limit,
        product.limit_counts,
        hours is not None,
        reserved_for(moves_of(container)),
        Decimal(container.holds),
        container.unit,
        container.site == site,
    )


def products_for(participant: Participant, protocol: Protocol, visit: str) -> tuple[str, ...]:
    """The products that a participant is given at a visit; ask the policy first."""
    if protocol.allocation is not None and participant.randomised_at is None:
        return ()
    arm: Arm = arm_at(participant, protocol, visit)
    return arm.given_in(protocol.visit(visit).epoch if visit else None)


def recipient(context: ActionContext, container: Container | None, place: DosePlace) -> Recipient:
    """The participant of the action as they are now."""
    participant, protocol = context.participant, context.protocol
    step = protocol.step(place.step)
    progress = progress_of(participant, protocol)
    undone = undone_before(protocol, step, progress, place.visit, place.occurrence)
    recorded = progress.has((place.step, place.visit, place.occurrence))
    return Recipient(
        participant.code,
        products_for(participant, protocol, place.visit_name),
        None if container is None else suits(participant, protocol, container.lot),
        not progress.treated and _held(context),
        participant.consented_at is not None
        and not participant.stops_treatment
        and participant.state not in OVER
        and participant.state != State.SCREEN_FAILED,
        not undone and not recorded,
    )


def suits(participant: Participant, protocol: Protocol, lot: Lot) -> bool | None:
    """Whether a lot suits a participant by what is recorded of both; None where that isn't known.

    Raises:
        NotFound: the lot's product isn't followed.
    """
    product = followed(protocol, lot.product)
    if product.suits is None:
        return True
    results = state_of(lot, product).results
    values: dict[str, Any] = {key: each for key, each in results.items() if each is not None}
    names = {name for name in product.suits.references if "." in name}
    holds = product.suits.holds(values | values_of(participant, protocol, names))
    return holds if isinstance(holds, bool) else None


def _held(context: ActionContext) -> bool:
    standing = standing_of(context.study)
    if standing.study_closed or standing.pauses_all:
        return True
    if new_holds(context.study, context.protocol, context.at, standing):
        return True
    return arm_of(context.participant, context.protocol) in standing.arms_not_given


def most_of(
    participant: Participant,
    protocol: Protocol,
    step: Step,
    place: DosePlace,
    unit: str,
    given: Iterable[str],
) -> Decimal | None:
    """How much of the planned dose is left to give; None where none is planned in this unit."""
    planned = planned_amount(participant, protocol, step, place.visit_name)
    if planned is None or step.planned is None or step.planned.unit != unit:
        return None
    return planned - sum(map(Decimal, given), Decimal(0))


def per_kg(
    participant: Participant, protocol: Protocol, product: Product, amount: Decimal
) -> Decimal | None:
    """An amount per kg of body weight, to 6 significant digits; None where the weight isn't known.

    The weight is what the product's `body_weight` gives.
    """
    if product.body_weight is None:
        return None
    values = values_of(participant, protocol, set(product.body_weight.references))
    weight = product.body_weight.evaluate(values)
    if not isinstance(weight, Decimal) or weight <= 0:
        return None
    return Decimal(f"{amount / weight:.6g}")


def is_hospital_number(participant: Participant, study: str, typed: str) -> bool:
    """Whether a hospital number, scanned or typed, is the one recorded of the participant."""
    marks = identities.marks(study, participant.site, typed)
    rows = Identity.objects.filter(participant=participant, hospital_mark__in=marks)
    return bool(marks) and rows.exists()


def checks_of(study: str) -> list[Check]:
    """All checks of a study, in their order; ask the policy first."""
    rows = BedsideCheck.objects.filter(study=study).order_by("number")
    return [opened(row) for row in rows]


def products_lacking(
    participant: Participant, protocol: Protocol, place: DosePlace
) -> tuple[Product, ...]:
    """The products in containers of a dose of which the participant was given no container yet; ask
    the policy first."""
    keys = products_for(participant, protocol, place.visit_name)
    wanted = [each for each in map(protocol.product, keys) if each.container]
    if not wanted:
        return ()
    given = products_given(participant, place)
    return tuple(each for each in wanted if each.key not in given)


def products_given(participant: Participant, place: DosePlace) -> frozenset[str]:
    """The products of which the participant was given a container of this dose; ask the policy
    first."""
    return frozenset(
        each.lot.product
        for each in given_to(participant.study_id, participant.code)
        if (each.move.step, each.move.visit, each.move.occurrence)
        == (place.step, place.visit, place.occurrence)
    )


def require_given(context: ActionContext, step: Step, place: DosePlace) -> None:
    """Refuse a dose of which the participant was given no container of each product that has any.

    Raises:
        ActionRefused: with the products of which one is lacking, to whoever takes the step.
    """
    lacking = products_lacking(context.participant, context.protocol, place)
    if lacking:
        names = ", ".join(each.label.in_language(get_language() or "en") for each in lacking)
        raise ActionRefused(
            _(
                "No container was checked at the bedside and given of: %(products)s. Check one "
                "first, or record that the dose was not given."
            )
            % {"products": names}
        )
