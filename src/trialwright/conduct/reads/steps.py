"""Which steps of a participant's story wait, and for whom: pages offer them, actions decide."""

from enum import StrEnum

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.models import Participant, State


class NextStep(StrEnum):
    """A step that a person can take for a participant, in the order of the story."""

    CONSENT = "consent"
    CONFIRM = "confirm the eligibility"
    ASSESS = "assess the eligibility"
    RANDOMISE = "randomise"
    RECEIVE = "receive the allocation"
    RELEASE = "release the product"
    RESECT = "declare the resection complete"
    TELL = "be told the arm"
    TREAT = "record the treatment"
    NOT_TREAT = "record that no treatment is given"
    FAIL = "record a screening failure"
    CHANGE = "record a change of participation"


ALWAYS_OPEN = frozenset({NextStep.ASSESS, NextStep.NOT_TREAT, NextStep.FAIL, NextStep.CHANGE})
"""Steps that can be taken, and that nobody waits for."""

_ACTS = {
    NextStep.CONSENT: Act.CONSENT,
    NextStep.CONFIRM: Act.CONFIRM_ELIGIBILITY,
    NextStep.ASSESS: Act.ASSESS_ELIGIBILITY,
    NextStep.RANDOMISE: Act.RANDOMISE,
    NextStep.RECEIVE: Act.RECEIVE_ALLOCATION,
    NextStep.RELEASE: Act.RELEASE_PRODUCT,
    NextStep.RESECT: Act.DECLARE_RESECTION,
    NextStep.TELL: Act.DECLARE_RESECTION,
    NextStep.TREAT: Act.RECORD_TREATMENT,
    NextStep.NOT_TREAT: Act.RECORD_TREATMENT,
    NextStep.FAIL: Act.SCREEN,
    NextStep.CHANGE: Act.CHANGE_PARTICIPATION,
}


def next_steps(by: Actor, row: Participant, *, assessed: bool) -> list[NextStep]:
    """The steps that she can take for this participant now, the most pressing first.

    Args:
        assessed: whether the eligibility criteria have been answered.
    """
    ready = _ready(row, assessed)
    return [step for step, act in _ACTS.items() if step in ready and may(by, act, site=row.site)]


def _ready(row: Participant, assessed: bool) -> set[NextStep]:
    state = State(row.state)
    before = state in (State.SCREENED, State.CONSENTED, State.ELIGIBLE)
    waits = {
        NextStep.CONSENT: state is State.SCREENED,
        NextStep.CONFIRM: state is State.CONSENTED and assessed,
        NextStep.ASSESS: state in (State.CONSENTED, State.ELIGIBLE),
        NextStep.RANDOMISE: state is State.ELIGIBLE,
        NextStep.FAIL: before,
        NextStep.CHANGE: row.consented_at is not None and state is not State.DIED,
    }
    if state is State.RANDOMISED:
        waits |= _of_the_day(row)
    return {step for step, ready in waits.items() if ready}


def _of_the_day(row: Participant) -> dict[NextStep, bool]:
    if row.stops_treatment:
        return {NextStep.TREAT: True}
    received, released = row.allocation_received_at, row.product_released_at
    resected, told = row.resection_complete_at, row.surgeon_told_at
    return {
        NextStep.RECEIVE: received is None,
        NextStep.RELEASE: received is not None and released is None,
        NextStep.RESECT: resected is None,
        NextStep.TELL: resected is not None and released is not None and told is None,
        NextStep.TREAT: told is not None,
        NextStep.NOT_TREAT: told is None,
    }
