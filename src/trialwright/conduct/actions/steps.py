"""Steps of the treatment: each recorded once, in the protocol's order, by the roles it names."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.pacing import require_time_to_treat
from trialwright.conduct.clock import NOW, Happened, midnight
from trialwright.conduct.deviating import note
from trialwright.conduct.kits.stock import hand_out
from trialwright.conduct.models import State, StepRecord, VisitRecord, VisitStatus
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.doses import planned_amount
from trialwright.conduct.participants.met import met_for_steps
from trialwright.conduct.participants.own_visits import arm_for_visits
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.participants.progress import progress_from, records_of
from trialwright.conduct.participants.reevaluating import follow_day
from trialwright.conduct.participants.requirements import require_before
from trialwright.conduct.participants.step_details import StepDetails, seal_details
from trialwright.conduct.participants.step_order import (
    latest_before,
    mistimed,
    require_possible,
    require_turn,
)
from trialwright.conduct.participants.time_limits import note_if_late
from trialwright.conduct.products.bedside import DosePlace, products_given, require_given
from trialwright.conduct.reads.arms import asks_for_arm
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.safety.holding import require_may_begin
from trialwright.conduct.tables import row_of
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.blinding import is_restricted_step
from trialwright.protocol.occurrences import name_of
from trialwright.protocol.progress import Progress, none_given
from trialwright.protocol.steps import Dispenses, Milestone, Step


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a person says of a step.

    amount: of a dose given, in the planned unit; the planned amount if left out. reason: why a dose
    was given in part or not. second_person: the id of who else was there. despite: why the first
    dose is given without what the protocol warns of. strength: the key of that in which a kit is
    handed out, where kits come in strengths.
    """

    status: StepStatus = StepStatus.DONE
    amount: Decimal | None = None
    reason: str = ""
    second_person: UUID | None = None
    happened: Happened = NOW
    despite: str = ""
    strength: str = ""


DONE = StepReport()


def record_step(
    *,
    by: Actor,
    code: str,
    step: str,
    visit: str = "",
    occurrence: int = 1,
    report: StepReport = DONE,
    at: datetime | None = None,
) -> int | None:
    """Record a step of a participant; returns the arm's number where the step reveals it.

    Args:
        visit: where it was taken, for a step that is taken at visits, which then took place.
        occurrence: of a visit of a cycle, which one; it is planned.

    Raises:
        NotFound: there is no such step or place, or none of the person's roles takes it.
        ActionRefused: it is not its time, it is recorded already, participation is over, a dose is
            not whole and no reason is given, the time is wrong, or the site lacks kits.
    """
    with acting(by, partial(_role, step), "record_step", code=code, at=at) as context:
        context.require_unlocked(visit)
        planned = context.protocol.step(step)
        if visit not in (planned.at or ("",)) or not _is_planned(context, visit, occurrence):
            raise NotFound
        records = records_of(context.participant, context.protocol)
        met = met_for_steps(context.participant, context.protocol)
        progress = progress_from(context.participant, context.protocol, records, met)
        given = report.status is not StepStatus.NOT_DONE
        place = DosePlace(step, visit, occurrence)
        # What a container was given of has begun, whatever was decided since: it is told as it was.
        begun = planned.dispenses is Dispenses.CONTAINER and bool(
            products_given(context.participant, place)
        )
        require_possible(context, planned, given and not begun)
        require_turn(context, planned, progress, (visit, occurrence), given)
        moment = report.happened.at or context.at
        earlier = latest_before(context, planned, records, given)
        if problems := [
            *_problems(context, planned, report),
            *mistimed(context, report.happened, earlier),
        ]:
            raise ActionRefused(problems=tuple(problems))
        if given:
            _require_treatment(context, planned, progress, report, begun=begun)
        elif begun:
            raise ActionRefused(
                _("A container of this dose was given. Record the dose as given, in part if so.")
            )
        if planned.gives_dose and report.status is not StepStatus.DONE:
            # Its words and its minute are left out: they could tell an arm.
            note(
                context,
                DeviationKind.TREATMENT,
                on=context.day_of(moment),
                subject=(f"{planned.key}/{visit}" if visit else planned.key)[:64],
                recorded_at=midnight(context.at, context.zone),
            )
        if planned.dispenses is Dispenses.CONTAINER and given:
            require_given(context, planned, place)
        if given:
            note_if_late(context, planned, place, records, moment)
        row = _write(context, planned, (visit, occurrence), report, moment)
        if planned.dispenses is Dispenses.KIT and given:
            hand_out(context, row, context.day_of(moment), report.strength)
        _change_state(
            context, progress_from(context.participant, context.protocol, [*records, row])
        )
        replan(context)
        if visit and given:
            _require_visit(context, name_of(visit, occurrence), context.day_of(moment))
            if context.protocol.moves_others(context.protocol.visit(visit)):
                replan(context)  # Others wait for this one.
        if not planned.reveals_arm:
            return None
        context.record_unblinding(f"took the step {step}"[:64])
        return allocation_list.arm_of(context.participant)


def _require_treatment(
    context: ActionContext, planned: Step, progress: Progress, report: StepReport, *, begun: bool
) -> None:
    """Refuse what may not begin, unless it has, and treatment at a wrong time or before what it
    comes after."""
    if not begun:
        require_may_begin(context, planned, progress)
    require_time_to_treat(context, planned, progress, report.happened.at or context.at)
    if planned.treats and not progress.treated:
        require_before(context, Milestone.TREATMENT, report.despite)


def _is_planned(context: ActionContext, visit: str, occurrence: int) -> bool:
    """Whether there is this occurrence; the first is there whether planned or not, but for a visit
    of some arms."""
    name = name_of(visit, occurrence)
    always = not visit or not context.protocol.visit(visit).arms
    return (occurrence == 1 and always) or row_of(
        VisitRecord, participant_id=context.participant.pk, visit=name
    ) is not None


def see_arm(*, by: Actor, code: str, at: datetime | None = None) -> int:
    """Show a participant's arm to a person who may learn it; returns its number.

    It is shown to the roles that the protocol lets know arms, and to those that take a step which
    reveals it, once that step is taken: whoever takes over is told too. Each is kept as unblinded.

    Raises:
        NotFound: there is no arm to see for this person.
    """
    with acting(by, _role_to_see, "see_arm", code=code, at=at) as context:
        context.record_unblinding("asked to see the arm")
        return allocation_list.arm_of(context.participant)


def _role_to_see(context: ActionContext) -> str | None:
    return asks_for_arm(context.by, context.participant, context.protocol)


def _role(step: str, context: ActionContext) -> str | None:
    try:
        roles = context.protocol.step(step).roles
    except UnknownKeyError:
        return None
    return context.by.role_among(roles, context.participant.site)


def _problems(context: ActionContext, planned: Step, report: StepReport) -> list[Problem]:
    """What is wrong with what is said of a step, apart from its time."""
    whole = report.status is StepStatus.DONE
    if not planned.gives_dose and (not whole or report.amount is not None):
        raise NotFound
    found = []
    if not whole and not report.reason.strip():
        found.append(Problem("reason", _("Say why the dose was not given in full.")))
    if report.amount is not None and report.amount <= 0:
        found.append(Problem("amount", _("Enter an amount above 0.")))
    if report.status is StepStatus.PART and planned.planned and report.amount is None:
        found.append(Problem("amount", _("Enter how much was given.")))
    if planned.dispenses is Dispenses.KIT and report.status is not StepStatus.NOT_DONE:
        kits = context.protocol.kits
        if kits is not None and report.strength not in kits.strength_keys:
            found.append(Problem("strength", _("Choose the strength of the kit.")))
    if planned.two_people and report.status is not StepStatus.NOT_DONE:
        team = Membership.objects.filter(
            study=context.study.identifier,
            site__in=("", context.participant.site),
            role__in=planned.roles,
        ).exclude(person=context.by.person_id)
        if not team.filter(person=report.second_person).exists():
            message = _("Choose a second person, of the roles that take this step.")
            found.append(Problem("second_person", message))
    return found


def _write(
    context: ActionContext,
    planned: Step,
    place: tuple[str, int],
    report: StepReport,
    moment: datetime,
) -> StepRecord:
    """Write the step down, its details sealed where they could tell an arm."""
    amount = report.amount
    plan = _require_known_amount(context, planned, name_of(*place) if place[0] else "", report)
    if amount is None and report.status is StepStatus.DONE:
        amount = plan
    details = StepDetails(
        at=moment,
        planned="" if plan is None else f"{plan:f}",
        amount="" if amount is None else f"{amount:f}",
        unit=planned.planned.unit if planned.planned and (amount or plan) else "",
        reason=" ".join(report.reason.split()),
        why_late=" ".join(report.happened.why_late.split()),
        second_person=report.second_person if planned.two_people else None,
    )
    row = StepRecord(
        participant=context.participant,
        step=planned.key,
        visit=place[0],
        occurrence=place[1],
        taken_on=context.day_of(moment),
        status=report.status.value,
    )
    if not is_restricted_step(context.protocol, planned):
        for name in StepDetails.__dataclass_fields__:
            setattr(row, name, getattr(details, name))
        context.record(row)
        return row
    row.sealed, text = seal_details(context.study.identifier, row.pk, details)
    context.record(row)
    context.writer.write(
        entity="step", id=str(row.pk), field="sealed", new=text, sealed=True, first=True
    )
    return row


def _require_known_amount(
    context: ActionContext, planned: Step, visit: str, report: StepReport
) -> Decimal | None:
    """The planned amount; refuses to give a dose whose amount the values don't tell yet."""
    amount = planned_amount(context.participant, context.protocol, planned, visit)
    if amount is None and planned.planned and report.status is not StepStatus.NOT_DONE:
        raise ActionRefused(
            _(
                "The planned dose isn't known: it follows from %(items)s. Enter that first, or "
                "record that the dose was not given."
            )
            % {"items": ", ".join(planned.planned.references)}
        )
    return amount


def _change_state(context: ActionContext, progress: Progress) -> None:
    """The first dose treats a participant; when all are recorded as not given, nothing does."""
    participant = context.participant
    if progress.treated and participant.state != State.TREATED:
        context.change(participant, state=State.TREATED.value)
    elif none_given(context.protocol, progress, arm_for_visits(participant, context.protocol)):
        context.change(participant, state=State.NOT_TREATED.value)


def _require_visit(context: ActionContext, visit: str, on: date) -> None:
    """Record that the visit at which a step was taken took place; refuse where it can't have."""
    record = row_of(VisitRecord, participant_id=context.participant.pk, visit=visit)
    if record is None or record.target is None or record.opens is None or record.closes is None:
        raise ActionRefused(
            _(
                "This visit is counted from something that has not been entered yet, so it can't "
                "exist. Enter that first."
            )
        )
    if record.status == VisitStatus.DONE:
        if record.actual != on:
            message = _("The visit took place on %(day)s, and what is done at it on that day.")
            day = {"day": record.actual.isoformat() if record.actual else ""}
            raise ActionRefused(problems=(Problem("happened_on", message % day),))
        return
    if record.status != VisitStatus.PLANNED:
        raise ActionRefused(
            _("The visit is recorded as missed, or will not take place. Correct that first.")
        )
    if not record.opens <= on <= record.closes:
        raise ActionRefused(
            _(
                "The window of the visit is %(first)s to %(last)s. Record first that it took place "
                "outside it, and why."
            )
            % {"first": record.opens.isoformat(), "last": record.closes.isoformat()}
        )
    context.change(record, status=VisitStatus.DONE.value, actual=on)
    follow_day(context, visit, None)
