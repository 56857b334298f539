"""The day of treatment, step by step, each on a page of its own."""

from collections.abc import Callable

from django.http import HttpResponse
from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act
from trialwright.conduct.actions import randomising
from trialwright.conduct.models.participants import TreatmentStatus
from trialwright.conduct.reads.participants import one
from trialwright.protocol.expression import parse
from trialwright.protocol.forms import Form, ItemType
from trialwright.protocol.scopes import ItemScope
from trialwright.web.clinical import steps
from trialwright.web.clinical.frame import Frame, in_study
from trialwright.web.clinical.steps import Given, both, question

_NOTHING = Form(key="step", label=both("", ""), sections=(), checks=(), line=0)


def _page(
    frame: Frame,
    code: str,
    needs: Act,
    *,
    heading: str,
    button: str,
    intro: str,
    done: str,
    act: Callable[[Given], object],
    form: Form = _NOTHING,
) -> HttpResponse:
    step = steps.Step(
        heading=heading,
        button=button,
        form=form,
        act=act,
        done=done,
        then=f"{frame.href}/participants/{code}",
        intro=intro,
    )
    return steps.run(frame, step, frame.about(one(frame.actor, code, needs), heading, crumbs=[]))


@in_study
def randomise_page(frame: Frame, code: str) -> HttpResponse:
    """Randomise. Nobody learns the arm by this."""
    return _page(
        frame,
        code,
        Act.RANDOMISE,
        heading=_("Randomise {code}").format(code=code),
        button=_("Randomise"),
        intro=_(
            "She gets the next place of her list. The arm goes to the cell laboratory alone; "
            "the surgeon is told only after declaring the resection complete."
        ),
        done=_("She is randomised. The cell laboratory can receive the allocation."),
        act=lambda _given: randomising.randomise(by=frame.actor, code=code),
    )


@in_study
def receive_page(frame: Frame, code: str) -> HttpResponse:
    """The cell laboratory receives the allocation."""
    return _page(
        frame,
        code,
        Act.RECEIVE_ALLOCATION,
        heading=_("Receive the allocation of {code}").format(code=code),
        button=_("Receive the allocation"),
        intro=_("You will see her arm. From then on you are unmasked for her."),
        done=_("The allocation is received: the arm stands on this page."),
        act=lambda _given: randomising.receive_allocation(by=frame.actor, code=code),
    )


@in_study
def release_page(frame: Frame, code: str) -> HttpResponse:
    """Release the product to the theatre."""
    return _page(
        frame,
        code,
        Act.RELEASE_PRODUCT,
        heading=_("Release the product for {code}").format(code=code),
        button=_("Release the product"),
        intro=_("You confirm that what was prepared for her meets its release tests."),
        done=_("The product is released."),
        act=lambda _given: randomising.release_product(by=frame.actor, code=code),
    )


@in_study
def resection_page(frame: Frame, code: str) -> HttpResponse:
    """Declare the resection complete."""
    return _page(
        frame,
        code,
        Act.DECLARE_RESECTION,
        heading=_("Declare the resection of {code} complete").format(code=code),
        button=_("Declare the resection complete"),
        intro=_("From now on you may be told her arm. The declaration can't be taken back."),
        done=_("The resection is declared complete."),
        act=lambda _given: randomising.declare_resection(by=frame.actor, code=code),
    )


@in_study
def tell_page(frame: Frame, code: str) -> HttpResponse:
    """Tell the surgeon the arm."""
    return _page(
        frame,
        code,
        Act.DECLARE_RESECTION,
        heading=_("Be told the arm of {code}").format(code=code),
        button=_("Show me the arm"),
        intro=_("You will see her arm. From then on you are unmasked for her."),
        done=_("The arm stands on this page."),
        act=lambda _given: randomising.tell_surgeon(by=frame.actor, code=code),
    )


@in_study
def treatment_page(frame: Frame, code: str) -> HttpResponse:
    """Record the treatment, or why it was not given."""
    codes = steps.choices(
        "status",
        (TreatmentStatus.FULL.value, both("In full", "全部给予")),
        (TreatmentStatus.PART.value, both("In part", "部分给予")),
        (TreatmentStatus.NONE.value, both("Not at all", "未给予")),
    )
    status = question(
        "status", both("Was the treatment given?", "是否给予治疗？"), ItemType.CHOICE,
        code_list=codes,
    )  # fmt: skip
    reason = question(
        "reason",
        both("Why not in full", "未全部给予的原因"),
        ItemType.TEXT,
        longest=500,
        hint=both("Without naming the arm or the product", "请勿提及分组或产品"),
        show_when=parse("status != 'full'").typed(ItemScope((status,))),
    )
    return _page(
        frame,
        code,
        Act.RECORD_TREATMENT,
        heading=_("Record the treatment of {code}").format(code=code),
        button=_("Record the treatment"),
        intro="",
        done=_("The treatment is recorded; her visits are planned from today."),
        form=steps.form_of(status, reason),
        act=lambda given: randomising.record_treatment(
            by=frame.actor,
            code=code,
            status=TreatmentStatus(str(given["status"])),
            reason=str(given.get("reason", "")),
        ),
    )
