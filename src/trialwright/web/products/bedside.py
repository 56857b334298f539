"""The check at the bedside on a page: two people, two identifiers, one container."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from trialwright.accounts.models import Person
from trialwright.conduct.actions.bedside import Scan, give_container
from trialwright.conduct.products.bedside import DosePlace
from trialwright.conduct.products.words import REFUSALS
from trialwright.conduct.reads.bedside import BedsideToCheck, bedside_to_check
from trialwright.conduct.refusals import ActionRefused, Problem
from trialwright.messages import Message
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Item, ItemType
from trialwright.web.account.passwords import problem_with
from trialwright.web.clinical import session, steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.happened import happened, when_questions
from trialwright.web.clinical.step_words import step_words
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Link

_LONGEST_MINUTES = 24 * 60
# What each check scans anew: what was scanned before is no scan of this one.
_SCANNED = frozenset({"wristband", "hospital_number", "container"})


@in_study
def bedside_page(frame: Frame, code: str, step: str, visit: str = "") -> HttpResponse:
    """Check a container, and give it; what forbids it is told, and kept as a near miss."""
    told = bedside_to_check(frame.actor, code, step, visit)
    label = step_words(frame, (step, told.visit, told.occurrence))
    href = f"{frame.href}/participants/{code}"
    here = f"{href}/bedside/{step}" + (f"/{visit}" if visit else "")
    page = steps.Step(
        heading=_("Check at the bedside: {step}, {code}").format(step=label, code=code),
        button=_("Check and give"),
        form=steps.form_of(*_questions(frame, told)),
        act=partial(_give, frame, told, href, here),
        done="",
        then=href,
        intro=_(
            "Two people, with the container and the wristband before them. Both identifiers are "
            "scanned or typed; nothing is given before this page says so."
        ),
        start={"unit": told.units[0]} if len(told.units) == 1 else None,
        goes_on_to_what_came=True,
        template="web/products/bedside.html",
    )
    context = frame.about(told.participant, page.heading, crumbs=[])
    if frame.request.GET.get("refused") and told.last is not None:
        context["forbidden"] = [str(REFUSALS[why]) for why in told.last.refusals]
    if told.takes_step:
        where = f"{href}/steps/{step}" + (f"/{visit}" if visit else "")
        context["without"] = Link(_("Record that it was not given"), f"{where}?record=yes")
    return steps.run(frame, page, context)


def _questions(frame: Frame, told: BedsideToCheck) -> list[Item]:
    people = []
    for each in told.second_people:
        words = frame.name_and_role(each.name, each.role)
        people.append((str(each.person_id), Text(words, words)))
    planned = told.step.planned
    hint = (
        Message("Planned: {amount} {unit}", amount=f"{told.planned:f}", unit=planned.unit)
        if planned and told.planned is not None
        else None
    )
    return [
        question("wristband", Message("Wristband"), ItemType.TEXT, longest=40),
        question("hospital_number", Message("Hospital number"), ItemType.TEXT, longest=40),
        question("container", Message("Container"), ItemType.TEXT, longest=20),
        question("amount", Message("Amount to be given"), ItemType.NUMBER, hint,
                 minimum=Decimal(0)),
        question("unit", Message("Unit on the label"), ItemType.TEXT, longest=32),
        question("minutes", Message("How many minutes it takes"), ItemType.INTEGER,
                 minimum=Decimal(0), maximum=Decimal(_LONGEST_MINUTES)),
        *when_questions()[:2],
        question("second", Message("Who checks with you"), ItemType.CHOICE,
                 code_list=steps.choices("second", *people)),
    ]  # fmt: skip


def _give(frame: Frame, told: BedsideToCheck, href: str, here: str, given: Given) -> str:
    second = UUID(str(given["second"]))
    person = Person.objects.get(pk=second)
    missing = _("The second person types their own password.")
    if problem := problem_with(frame.request, person, "check_at_bedside", missing):
        raise ActionRefused(problems=(Problem("second", problem),))
    start = happened(given).at or timezone.now()
    scan = Scan(
        container=str(given["container"]),
        wristband=str(given["wristband"]),
        hospital_number=str(given["hospital_number"]),
        second=second,
        amount=Decimal(str(given["amount"])),
        unit=str(given["unit"]),
        start=start,
        end=start + timedelta(minutes=int(str(given["minutes"]))),
    )
    place = DosePlace(told.step.key, told.visit, told.occurrence)
    code = told.participant.code
    if give_container(by=frame.actor, code=code, place=place, scan=scan):
        sent = {name: str(text) for name, text in frame.request.POST.items()}
        typed = {name: text for name, text in sent.items() if name not in _SCANNED}
        session.carry(frame.request, here, typed)
        return f"{here}?refused=yes"
    messages.success(frame.request, _("It may be given. The container is recorded as given."))
    return href
