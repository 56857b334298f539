"""What may be done next for a participant: one link for each step that she and the person allow.

Links only: whether a step is allowed is decided by its action, every time.
"""

from django.utils.translation import gettext as _

from trialwright.accounts.policy import Act, may
from trialwright.conduct.models import State
from trialwright.conduct.reads.participants import Story
from trialwright.web.clinical.frame import Frame
from trialwright.web.components import Link


def next_steps(frame: Frame, told: Story) -> list[Link]:
    """The steps in the order they come; the first is the page's one primary action."""
    row, state = told.row, State(told.row.state)
    href = f"{frame.href}/participants/{row.code}"

    def can(act: Act) -> bool:
        return may(frame.actor, act, site=row.site)

    waiting = state is State.RANDOMISED and not row.stops_treatment
    offered = [
        (state is State.SCREENED and can(Act.CONSENT), _("Record consent"), "consent"),
        (
            state is State.CONSENTED and can(Act.CONFIRM_ELIGIBILITY),
            _("Confirm eligibility"),
            "eligibility/sign",
        ),
        (
            state in (State.CONSENTED, State.ELIGIBLE) and can(Act.ASSESS_ELIGIBILITY),
            _("Eligibility, criterion by criterion"),
            "eligibility",
        ),
        (state is State.ELIGIBLE and can(Act.RANDOMISE), _("Randomise"), "randomise"),
        (
            waiting and row.allocation_received_at is None and can(Act.RECEIVE_ALLOCATION),
            _("Receive the allocation"),
            "receive-allocation",
        ),
        (
            waiting
            and row.allocation_received_at is not None
            and row.product_released_at is None
            and can(Act.RELEASE_PRODUCT),
            _("Release the product"),
            "release-product",
        ),
        (
            waiting and row.resection_complete_at is None and can(Act.DECLARE_RESECTION),
            _("Declare the resection complete"),
            "declare-resection",
        ),
        (
            waiting
            and row.resection_complete_at is not None
            and row.surgeon_told_at is None
            and can(Act.DECLARE_RESECTION),
            _("Be told the arm"),
            "tell-surgeon",
        ),
        (
            state is State.RANDOMISED and can(Act.RECORD_TREATMENT),
            _("Record the treatment"),
            "treatment",
        ),
        (
            state in (State.SCREENED, State.CONSENTED, State.ELIGIBLE) and can(Act.SCREEN),
            _("Record a screening failure"),
            "screen-failure",
        ),
        (
            row.consented_at is not None
            and state not in (State.SCREEN_FAILED, State.DIED)
            and can(Act.CHANGE_PARTICIPATION),
            _("Record a withdrawal, a loss, a death or the end"),
            "participation",
        ),
    ]
    return [Link(words, f"{href}/{name}") for offer, words, name in offered if offer]
