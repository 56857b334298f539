"""Withdrawal, loss, death and the planned end: what stops, while what was learned stays."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.actions.adverse_events import fatal_event, revoke_death
from trialwright.conduct.models import Ending, Participant, State
from trialwright.conduct.models.participants import EndingKind
from trialwright.conduct.participants.planning import replan
from trialwright.conduct.participants.progress import progress_of
from trialwright.conduct.participants.states import (
    STOPS,
    can_stop,
    last_state,
    require_consent,
    require_step,
)
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.protocol.model import Protocol

_STATE_AFTER = {
    EndingKind.WITHDRAWN: State.WITHDRAWN,
    EndingKind.LOST: State.LOST,
    EndingKind.DIED: State.DIED,
    EndingKind.COMPLETED: State.COMPLETED,
}


def withdraw(
    *,
    by: Actor,
    code: str,
    on: date,
    stops: Collection[str],
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Record that the participant withdraws, and from what: treatment, visits, contact, samples.

    Earlier data stay and can be corrected. Who stops visits is “withdrawn”; what is not withdrawn
    from goes on, and is planned on: telephone contacts after visits have stopped, visits after
    treatment has. Who has finished can still stop contact and the use of samples. No reason need
    be given.
    """
    with acting(by, Act.CHANGE_PARTICIPATION, "withdraw", code=code, at=at) as context:
        participant = context.participant
        require_consent(participant)
        news = {stop for stop in stops if not getattr(participant, f"stops_{stop}", False)}
        if not news or not news <= set(STOPS):
            raise ActionRefused(
                problems=(
                    Problem(
                        "stops",
                        _(
                            "Say what the participant withdraws from: one thing or more, not "
                            "withdrawn before."
                        ),
                    ),
                )
            )
        if not news <= set(can_stop(participant)):
            require_step(participant, State.WITHDRAWN, context.protocol)
        _end(context, EndingKind.WITHDRAWN, on, news, reason, leaves="visits" in news)


def record_loss_to_follow_up(
    *, by: Actor, code: str, on: date, reason: str, at: datetime | None = None
) -> None:
    """Record that the participant can no longer be reached, and what was tried."""
    with acting(by, Act.CHANGE_PARTICIPATION, "lose", code=code, at=at) as context:
        require_consent(context.participant)
        if not reason.strip():
            raise ActionRefused(
                problems=(Problem("reason", _("Say what was tried to reach the participant.")),)
            )
        _end(context, EndingKind.LOST, on, (), reason, leaves=True)


def resume_follow_up(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """Record that a participant who was lost can be reached again, and stands where they stood.

    The loss is taken back from the record; the ledger keeps it.
    """
    with acting(by, Act.CHANGE_PARTICIPATION, "come_back", code=code, at=at) as context:
        participant = context.participant
        if participant.state != State.LOST:
            raise ActionRefused(_("%(code)s is not lost to follow-up.") % {"code": code})
        if not reason.strip():
            raise ActionRefused(
                problems=(Problem("reason", _("Say how the participant was reached again.")),)
            )
        context.set_reason(reason.strip())
        _take_back(context, list(participant.endings.filter(kind=EndingKind.LOST.value)))


def revoke(*, by: Actor, code: str, ending: UUID, reason: str, at: datetime | None = None) -> None:
    """Take back a withdrawal, loss, death or end that was recorded by mistake, and say why.

    The participant stands where they would stand without it, and what goes on is planned on; the
    ledger keeps what was recorded.
    """
    with acting(by, Act.CHANGE_PARTICIPATION, "revoke_ending", code=code, at=at) as context:
        found = context.participant.endings.filter(pk=ending).first()
        if found is None:
            raise NotFound
        if not reason.strip():
            words = _("Say why what was recorded is revoked.")
            raise ActionRefused(problems=(Problem("reason", words),))
        context.set_reason(reason.strip())
        _take_back(context, [found])
        if found.kind == EndingKind.DIED:
            revoke_death(context, reason.strip())


# Of two endings on one day the later in this order decides where a participant stands.
_LEAVES = (EndingKind.LOST, EndingKind.WITHDRAWN, EndingKind.COMPLETED, EndingKind.DIED)


def _take_back(context: ActionContext, taken: Collection[Ending]) -> None:
    """Remove endings; what a participant stops, and the state, follow from those that stay."""
    participant = context.participant
    gone = {each.pk for each in taken}
    left = [each for each in participant.endings.all() if each.pk not in gone]
    context.remove_all(list(taken))
    leaving = [
        (each.on, _LEAVES.index(EndingKind(each.kind)))
        for each in left
        if each.kind != EndingKind.WITHDRAWN or "visits" in each.stops
    ]
    stands = _LEAVES[max(leaving)[1]] if leaving else None
    state = _STATE_AFTER[stands] if stands else _before_any(participant, context.protocol)
    changes: dict[str, object] = {
        f"stops_{stop}": any(stop in each.stops for each in left) for stop in STOPS
    }
    context.change(participant, **changes, state=state.value)
    replan(context)


def _before_any(participant: Participant, protocol: Protocol) -> State:
    """The state without any ending; a screening failure stays one."""
    if participant.state == State.SCREEN_FAILED:
        return State.SCREEN_FAILED
    return last_state(participant, protocol, progress_of(participant, protocol))


def record_death(
    *,
    by: Actor,
    code: str,
    on: date,
    reason: str = "",
    died_of: str = "",
    event: int | None = None,
    at: datetime | None = None,
) -> None:
    """Record that the participant died, and the serious event that it was.

    Args:
        died_of: the term of a new event; or
        event: the number of a recorded one, which becomes fatal.
    """
    with acting(by, Act.CHANGE_PARTICIPATION, "record_death", code=code, at=at) as context:
        require_consent(context.participant)
        _end(context, EndingKind.DIED, on, STOPS, reason, leaves=True)
        fatal_event(context, on=on.isoformat(), died_of=died_of, number=event)


def complete(*, by: Actor, code: str, on: date, at: datetime | None = None) -> None:
    """Record that the participant reached the planned end of participation."""
    with acting(by, Act.CHANGE_PARTICIPATION, "complete", code=code, at=at) as context:
        # One without a target waits for something that may never come, such as a pregnancy; the
        # next one of a cycle without a number would always be planned.
        planned = context.participant.visits.filter(status="planned", target__isnull=False)
        if any(not _goes_on_and_on(context.protocol, each.visit) for each in planned):
            raise ActionRefused(
                _(
                    "There are still planned visits. Record for each that it took place or was "
                    "missed."
                )
            )
        _end(context, EndingKind.COMPLETED, on, (), "", leaves=True)


def _goes_on_and_on(protocol: Protocol, visit: str) -> bool:
    cycle = protocol.visit(visit).cycle
    return cycle is not None and protocol.cycle(cycle).times is None


def _end(
    context: ActionContext,
    kind: EndingKind,
    on: date,
    stops: Collection[str],
    reason: str,
    *,
    leaves: bool,
) -> None:
    participant = context.participant
    screened = context.day_of(participant.screened_at)
    if not screened <= on <= context.today:
        raise ActionRefused(
            problems=(
                Problem(
                    "on",
                    _("Enter a day from the screening, %(day)s, to today.")
                    % {"day": screened.isoformat()},
                ),
            )
        )
    if leaves:
        require_step(participant, _STATE_AFTER[kind], context.protocol)
    # In one order, or the ledger of a simulation would hang on the order of a set.
    stopped = [stop for stop in STOPS if stop in stops]
    context.record(
        Ending(
            participant=participant,
            kind=kind.value,
            on=on,
            stops=stopped,
            reason=reason.strip(),
        )
    )
    changes: dict[str, object] = {f"stops_{stop}": True for stop in stopped}
    if leaves:
        changes["state"] = _STATE_AFTER[kind].value
    context.change(participant, **changes)
    replan(context)
