"""The check at the bedside: two people, two identifiers, one container; given, or a near miss."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Act, Actor
from trialwright.conduct import sealed_values
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.models import BedsideCheck, Container
from trialwright.conduct.products.bedside import (
    Check,
    DosePlace,
    is_hospital_number,
    most_of,
    per_kg,
    presented,
    recipient,
)
from trialwright.conduct.products.moves import Move, write_move
from trialwright.conduct.products.recipients import Recipient, given_to
from trialwright.conduct.products.words import FAULTS
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.conduct.tables import row_of
from trialwright.custody.bedside import Presented, Refusal, Scanned, refusals
from trialwright.custody.codes import as_typed, fault_of, is_wristband
from trialwright.custody.containers import ContainerStatus
from trialwright.protocol.basics import UnknownKeyError


@dataclass(frozen=True, slots=True)
class Scan:
    """What two people scanned or typed, how much is given, and from when to when.

    second: who checks with the person who acts. hospital_number: the second identifier.
    """

    container: str
    wristband: str
    hospital_number: str
    second: UUID
    amount: Decimal
    unit: str
    start: datetime
    end: datetime


def give_container(
    *, by: Actor, code: str, place: DosePlace, scan: Scan, at: datetime | None = None
) -> tuple[Refusal, ...]:
    """Check a container at a participant's bedside; returns what forbids it, in order.

    Nothing: it is given, in part where less than it holds. Else nothing changes, and the check is
    kept as a near miss.

    Raises:
        NotFound: there is no such dose, or the person handles no products at the site.
        ActionRefused: the code is none, the times can't be, or the second person does nothing here.
    """
    with acting(by, partial(_handles, place), "check_at_bedside", code=code, at=at) as context:
        _require_readable(context, scan)
        found = row_of(Container, study_id=context.study.pk, code=as_typed(scan.container))
        who = recipient(context, found, place)
        given = _given_before(context, place, found)
        shown = _presented(context, found, place, given)
        why = refusals(_scanned(context, scan), shown, who)
        _keep(context, place, scan, why)
        if not why and found is not None:
            _give(context, place, scan, found)
        return why


def _require_readable(context: ActionContext, scan: Scan) -> None:
    """Refuse what is no code, and times that no administration has."""
    problems = []
    if fault := fault_of(scan.container):
        problems.append(Problem("container", FAULTS[fault]))
    if scan.end < scan.start:
        problems.append(Problem("end", _("It can't end before it begins. Correct the times.")))
    if problems:
        raise ActionRefused(problems=tuple(problems))


def _scanned(context: ActionContext, scan: Scan) -> Scanned:
    participant = context.participant
    roles = {*context.protocol.roles.who_may(Act.HANDLE_PRODUCTS)}
    roles |= {role for step in context.protocol.steps if step.gives_dose for role in step.roles}
    team = Membership.objects.filter(
        study=context.study.pk, site__in=("", participant.site), role__in=roles, person=scan.second
    )
    return Scanned(
        wristband=is_wristband(scan.wristband, participant.code),
        identifier=is_hospital_number(participant, context.study.pk, scan.hospital_number),
        two_people=scan.second != context.by.person_id and team.exists(),
        amount=scan.amount,
        unit=scan.unit.strip(),
        start=scan.start,
        end=scan.end,
    )


def _given_before(
    context: ActionContext, place: DosePlace, container: Container | None
) -> list[Recipient]:
    """What the participant was given of the same product for this dose already."""
    if container is None:
        return []
    return [
        each
        for each in given_to(context.study.pk, context.participant.code)
        if (each.move.step, each.move.visit, each.move.occurrence)
        == (place.step, place.visit, place.occurrence)
        and each.lot.product == container.lot.product
    ]


def _presented(
    context: ActionContext,
    found: Container | None,
    place: DosePlace,
    given: Collection[Recipient],
) -> Presented | None:
    """The container as it is, of which no more can be given than the planned dose has left."""
    if found is None:
        return None
    product = context.protocol.product(found.lot.product)
    shown = presented(found, product, context.participant.site, context.at)
    step = context.protocol.step(place.step)
    amounts = [each.move.amount for each in given]
    left = most_of(context.participant, context.protocol, step, place, found.unit, amounts)
    return shown if left is None else replace(shown, holds=min(left, shown.holds))


def _keep(context: ActionContext, place: DosePlace, scan: Scan, why: tuple[Refusal, ...]) -> None:
    last = BedsideCheck.objects.filter(study=context.study).aggregate(last=Max("number"))["last"]
    check = Check(
        at=context.at,
        person=str(context.by.person_id),
        second=str(scan.second),
        participant=context.participant.code,
        step=place.step,
        visit=place.visit,
        occurrence=place.occurrence,
        container=as_typed(scan.container),
        amount=f"{scan.amount:f}",
        unit=scan.unit,
        start=scan.start,
        end=scan.end,
        refusals=why,
    )
    context.record_sealed(
        BedsideCheck(study=context.study, number=(last or 0) + 1), sealed_values.dump(check)
    )


def _give(context: ActionContext, place: DosePlace, scan: Scan, container: Container) -> None:
    product = context.protocol.product(container.lot.product)
    by_weight = per_kg(context.participant, context.protocol, product, scan.amount)
    whole = scan.amount == Decimal(container.holds)
    write_move(
        context,
        container,
        Move(
            container=container.code,
            status=ContainerStatus.GIVEN if whole else ContainerStatus.PART_GIVEN,
            at=scan.start,
            person=str(context.by.person_id),
            site=container.site,
            place=container.place,
            second=str(scan.second),
            participant=context.participant.code,
            step=place.step,
            visit=place.visit,
            occurrence=place.occurrence,
            amount=f"{scan.amount:f}",
            unit=container.unit,
            per_kg="" if by_weight is None else f"{by_weight:f}",
            ended_at=scan.end,
        ),
    )


def _handles(place: DosePlace, context: ActionContext) -> str | None:
    try:
        step = context.protocol.step(place.step)
    except UnknownKeyError:
        return None
    if not step.gives_dose or place.visit not in (step.at or ("",)):
        return None
    return context.by.role_for(Act.HANDLE_PRODUCTS, context.participant.site)
