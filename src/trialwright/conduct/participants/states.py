"""The participant's states as one machine: which step leads from which state to which."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trialwright.conduct.models import Participant, State
from trialwright.conduct.participants.own_visits import arm_for_visits
from trialwright.conduct.refusals import ActionRefused, Sentence
from trialwright.protocol.model import Protocol
from trialwright.protocol.progress import Progress, none_given
from trialwright.protocol.visits import Visit

STEPS: dict[State, frozenset[State]] = {
    State.SCREENED: frozenset({State.CONSENTED, State.SCREEN_FAILED}),
    State.CONSENTED: frozenset(
        {State.ELIGIBLE, State.SCREEN_FAILED, State.WITHDRAWN, State.LOST, State.DIED}
    ),
    State.ELIGIBLE: frozenset(
        {
            State.CONSENTED,
            State.RANDOMISED,
            State.SCREEN_FAILED,
            State.WITHDRAWN,
            State.LOST,
            State.DIED,
        }
    ),
    State.RANDOMISED: frozenset(
        {State.TREATED, State.NOT_TREATED, State.WITHDRAWN, State.LOST, State.DIED}
    ),
    State.TREATED: frozenset({State.COMPLETED, State.WITHDRAWN, State.LOST, State.DIED}),
    State.NOT_TREATED: frozenset({State.COMPLETED, State.WITHDRAWN, State.LOST, State.DIED}),
    # A participant once lost may come back, to where they stood: `last_state` says where that was.
    State.LOST: frozenset({State.WITHDRAWN, State.DIED}),
    State.WITHDRAWN: frozenset({State.DIED}),
    State.COMPLETED: frozenset({State.DIED}),
    State.SCREEN_FAILED: frozenset(),
    State.DIED: frozenset(),
}

# What a withdrawal can stop.
STOPS = ("treatment", "visits", "contact", "samples")
# Where not all of it lies ahead: one who has finished may still be called, and the samples lie
# in the freezer.
_STOPS_IN: dict[State, tuple[str, ...]] = {
    State.SCREENED: (),
    State.COMPLETED: ("contact", "samples"),
    State.SCREEN_FAILED: ("contact", "samples"),
    State.DIED: (),
}

STATE_LABELS = {
    State.SCREENED: _("Screened"),
    State.CONSENTED: _("Consented"),
    State.ELIGIBLE: _("Eligible"),
    State.RANDOMISED: _("Randomised"),
    State.TREATED: _("Treated"),
    State.NOT_TREATED: _("Not treated"),
    State.COMPLETED: _("Completed"),
    State.SCREEN_FAILED: _("Screen failure"),
    State.WITHDRAWN: _("Withdrawn"),
    State.LOST: _("Lost to follow-up"),
    State.DIED: _("Died"),
}


def state_label(state: State, protocol: Protocol) -> str:
    """The state in words; who is in without having been asked isn't called consented."""
    waived = protocol.consent is not None and protocol.consent.waived is not None
    if state is State.CONSENTED and waived:
        return gettext("Entered, consent waived")
    return str(STATE_LABELS[state])


def next_states(participant: Participant, protocol: Protocol) -> frozenset[State]:
    """The states that a step leads to from where a participant stands, in this protocol.

    Where nobody is allocated, the eligible are enrolled; where no dose is given, or none in the
    participant's arm, nobody waits for one.
    """
    here = State(participant.state)
    enrolled = State.RANDOMISED if protocol.allocation else State.ELIGIBLE
    found = STEPS[here]
    if here is State.ELIGIBLE and enrolled is here:
        found = (found - {State.RANDOMISED}) | STEPS[State.RANDOMISED]
    if here is enrolled and not protocol.gives_doses_in(arm_for_visits(participant, protocol)):
        found = (found - {State.TREATED, State.NOT_TREATED}) | {State.COMPLETED}
    return found


def last_state(participant: Participant, protocol: Protocol, progress: Progress) -> State:
    """Where a participant's own steps have brought them, whatever has ended since."""
    if progress.treated:
        return State.TREATED
    if none_given(protocol, progress, arm_for_visits(participant, protocol)):
        return State.NOT_TREATED
    if participant.randomised_at is not None:
        return State.RANDOMISED
    return State.ELIGIBLE if participant.eligible_at is not None else State.CONSENTED


def require_step(participant: Participant, to: State, protocol: Protocol) -> None:
    """Refuse a step that doesn't lead from where the participant stands."""
    here = State(participant.state)
    if to not in next_states(participant, protocol):
        raise ActionRefused(
            _("%(code)s is “%(here)s”, and no step leads from there to “%(to)s”.")
            % {
                "code": participant.code,
                "here": STATE_LABELS[here],
                "to": STATE_LABELS[to],
            }
        )


def can_stop(participant: Participant) -> list[str]:
    """What a participant can still withdraw from: what they have not, and what lies ahead."""
    possible = _STOPS_IN.get(State(participant.state), STOPS)
    return [stop for stop in possible if not getattr(participant, f"stops_{stop}")]


def require_consent(participant: Participant) -> None:
    """No study procedure before consent."""
    if participant.consented_at is None:
        raise ActionRefused(_not_consented(participant))


def closed_because(
    participant: Participant, visit: Visit, *, came: bool, begun: bool
) -> Sentence | None:
    """Why a form of a visit can't have data now; None where it can.

    Args:
        came: whether the visit took place.
        begun: whether the form has an entry, which can be corrected whatever became of the
        participant.
    """
    if participant.consented_at is None:
        return _not_consented(participant)
    if participant.state == State.SCREEN_FAILED and not begun:
        return _(
            "%(code)s did not enter the trial, so there are no new data. What was entered "
            "before can be corrected."
        ) % {"code": participant.code}
    if not visit.any_time and not came:
        return _(
            "This visit has not taken place, so it can't have data: its forms open once its day "
            "is recorded."
        )
    return None


def _not_consented(participant: Participant) -> Sentence:
    return _(
        "%(code)s has not consented, and no study procedure comes before consent. Record the "
        "consent first."
    ) % {"code": participant.code}
