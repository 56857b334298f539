"""Being shown an arm: a page with one button."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.conduct.actions.steps import see_arm
from trialwright.conduct.models import Participant
from trialwright.conduct.reads.arms import arm_to_see
from trialwright.protocol.basics import Text
from trialwright.protocol.forms import Form
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study

_NOTHING = Form(key="step", label=Text("", ""), sections=(), checks=(), line=0)


def _run(frame: Frame, participant: Participant, step: steps.Step) -> HttpResponse:
    return steps.run(frame, step, frame.about(participant, step.heading, crumbs=[]))


@in_study
def arm_page(frame: Frame, code: str) -> HttpResponse:
    """Be shown the arm of a participant, as somebody who may know it."""
    step = steps.Step(
        heading=_("Reveal the allocation of {code}").format(code=code),
        button=_("Reveal allocation"),
        form=_NOTHING,
        act=lambda _given: see_arm(by=frame.actor, code=code),
        done=_("The arm stands on this page."),
        then=f"{frame.href}/participants/{code}",
        intro=_("You will see the arm. From then on you are unblinded for this participant."),
    )
    return _run(frame, arm_to_see(frame.actor, code), step)
