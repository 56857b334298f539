"""A step of the protocol on a page: one page for every step of every trial."""

from decimal import Decimal
from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from trialwright.conduct.actions.steps import StepReport, record_step
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.step_to_take import StepToTake, step_to_take
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Item, ItemType
from trialwright.protocol.occurrences import occurrence_of
from trialwright.protocol.scopes import ItemScope
from trialwright.protocol.steps import Dispenses, PlannedDose, Step
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.despite import despite_questions
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.happened import happened, when_questions
from trialwright.web.clinical.kit_words import strength_questions
from trialwright.web.clinical.step_words import step_words
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Row


@in_study
def step_page(frame: Frame, code: str, step: str, visit: str = "") -> HttpResponse:
    """Record a step; whoever takes one that reveals the arm finds it on the participant's page.

    Who is to check a container for it at the bedside is led there first; with `record` to the
    record of a dose that wasn't given.
    """
    asked = frame.request.GET.get("visit", "")
    told = step_to_take(frame.actor, code, step, visit or asked)
    href = f"{frame.href}/participants/{code}"
    if told.visit != visit:
        return redirect(f"{href}/steps/{step}/{told.visit}")
    if told.to_check and frame.request.method == "GET" and "record" not in frame.request.GET:
        return redirect(f"{href}/bedside/{step}" + (f"/{visit}" if visit else ""))
    label = step_words(frame, (step, *occurrence_of(visit)))
    page = steps.Step(
        heading=_("{step}: {code}").format(step=label, code=code),
        button=_("Record the step"),
        form=steps.form_of(*_questions(frame, told)),
        act=partial(_record, frame, code, told),
        done=_done(told),
        then=href,
        intro=_("You will see the arm. From then on you are unblinded for this participant.")
        if told.step.reveals_arm
        else "",
        facts=_facts(frame, told),
    )
    return steps.run(frame, page, frame.about(told.participant, page.heading, crumbs=[]))


def _facts(frame: Frame, told: StepToTake) -> list[Row]:
    """Until when the step is to be taken, for whoever may know it."""
    if told.last is None or told.step.within is None:
        return []
    words = _(
        "{moment}: {hours} hours after “{step}”. Later is recorded too, and noted as a protocol "
        "deviation."
    )
    said = words.format(
        moment=dates.written(told.last),
        hours=f"{told.step.within.hours:f}",
        step=frame.protocol.step(told.step.within.step).label.in_language(frame.language),
    )
    return [Row(_("At the latest"), said)]


def _done(told: StepToTake) -> str:
    """What is said once the step is recorded: where to find what it shows or assigns."""
    if told.step.dispenses is Dispenses.KIT:
        return _("The step is recorded; the number of the kit to hand out stands on this page.")
    if told.step.reveals_arm:
        return _("The step is recorded; the arm stands on this page.")
    return _("The step is recorded.")


def _questions(frame: Frame, told: StepToTake) -> list[Item]:
    found = _dose_questions(told.step, told.planned) if told.step.gives_dose else []
    given = parse("status != 'not_done'").typed(ItemScope((found[0],))) if found else None
    if told.step.dispenses is Dispenses.KIT and frame.protocol.kits:
        found += strength_questions(frame.protocol.kits, given)
    if told.step.two_people:
        people = []
        for each in told.second_people:
            words = frame.name_and_role(each.name, each.role)
            people.append((str(each.person_id), Text(words, words)))
        found.append(
            question(
                "second_person", Message("Who else was there"), ItemType.CHOICE,
                code_list=steps.choices("second_person", *people), show_when=given,
            )
        )  # fmt: skip
    return [*found, *despite_questions(frame.protocol, told.lacking, given), *when_questions()]


def _dose_questions(step: Step, amount: Decimal | None) -> list[Item]:
    codes = steps.choices(
        "status",
        (StepStatus.DONE.value, Message("In full")),
        (StepStatus.PART.value, Message("In part")),
        (StepStatus.NOT_DONE.value, Message("Not at all")),
    )
    status = question(
        "status", Message("Was the dose given?"), ItemType.CHOICE, code_list=codes
    )  # fmt: skip
    found = [status]
    if step.planned is not None:
        found.append(_amount_question(step.planned, amount, status))
    found.append(
        question(
            "reason",
            Message("Why not in full"),
            ItemType.TEXT,
            longest=500,
            show_when=parse("status != 'done'").typed(ItemScope((status,))),
        )
    )
    return found


def _amount_question(planned: PlannedDose, amount: Decimal | None, status: Item) -> Item:
    hint = Message("The planned amount isn't known yet: enter first what it follows from")
    if amount is not None:
        hint = Message("Planned: {amount} {unit}", amount=f"{amount:f}", unit=planned.unit)
    return question(
        "amount",
        Message("Amount given"),
        ItemType.NUMBER,
        unit=planned.unit,
        minimum=Decimal(0),
        optional=True,
        hint=hint,
        show_when=parse("status != 'not_done'").typed(ItemScope((status,))),
    )


def _record(frame: Frame, code: str, told: StepToTake, given: Given) -> None:
    amount, second = given.get("amount"), given.get("second_person")
    record_step(
        by=frame.actor,
        code=code,
        step=told.step.key,
        visit=occurrence_of(told.visit)[0],
        occurrence=occurrence_of(told.visit)[1],
        report=StepReport(
            status=StepStatus(str(given.get("status", StepStatus.DONE))),
            amount=amount if isinstance(amount, Decimal) else None,
            reason=str(given.get("reason", "")),
            second_person=UUID(str(second)) if second is not None else None,
            happened=happened(given),
            despite=str(given.get("despite", "")),
            strength=str(given.get("strength", "")),
        ),
    )
