"""Product information for a treating doctor: call the participant, and confirm it."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.conduct.actions import product_notices
from trialwright.conduct.reads.product_notices import NoticeLine, notice_to_confirm
from trialwright.messages import Message
from trialwright.protocol.forms import ItemType
from trialwright.web import dates
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, question
from trialwright.web.components import Row, Status, Task


@in_study
def notice_page(frame: Frame, code: str, number: int) -> HttpResponse:
    """Confirm the message, then record when the participant was called."""
    participant, line = notice_to_confirm(frame.actor, code, number)
    heading = _("Call {code}: product information").format(code=code)
    facts = [Row(_("Came on"), dates.written(line.made_at))]
    if line.confirmed_at is not None:
        facts.append(Row(_("Confirmed"), dates.written(line.confirmed_at)))
    questions = []
    button = _("Confirm that I know")
    if line.confirmed_at is not None:
        button = _("Record the call")
        questions = [
            question("on", Message("Day of the call"), ItemType.DATE),
            question("time", Message("Time of the call"), ItemType.TIME),
        ]

    def act(given: Given) -> None:
        if line.confirmed_at is None:
            product_notices.confirm_notice(by=frame.actor, code=code, number=number)
            return
        called = steps.moment(given["on"], given["time"], "time")
        product_notices.record_call(by=frame.actor, code=code, number=number, called_at=called)

    step = steps.Step(
        heading=heading,
        button=button,
        form=steps.form_of(*questions),
        act=act,
        done=_("Recorded."),
        then=f"{frame.href}/participants/{code}",
        intro=_(
            "There is information about a product of this study. The safety office tells what "
            "this participant needs to know, which may be nothing, and nothing else is told here."
        ),
        facts=facts,
    )
    context = frame.about(participant, heading, crumbs=[])
    if line.called_at is not None:
        context["no_button"] = True
    return steps.run(frame, step, context)


def notice_task(frame: Frame, line: NoticeLine) -> Task:
    """A notice as something to do."""
    words = _("Call {code}: product information").format(code=line.code)
    to_do = _("To be confirmed") if line.confirmed_at is None else _("To be called")
    where = f"{frame.href}/participants/{line.code}/product-information/{line.number}"
    return Task(words, Status(to_do, "stop"), where)
