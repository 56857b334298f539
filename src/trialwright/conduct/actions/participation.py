"""Withdrawal, loss, death and the planned end: what stops, while what was learned stays."""

from collections.abc import Collection
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor
from trialwright.conduct.acting import Scene, acting
from trialwright.conduct.models import Ending, State
from trialwright.conduct.models.participants import EndingKind
from trialwright.conduct.planning import day_of, replan
from trialwright.conduct.refusals import Problem, Refused
from trialwright.conduct.states import STOPS, can_stop, require_consent, require_step, standing

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
    """Record that she withdraws, and from what: treatment, visits, contact, samples.

    Her earlier data stay and can be corrected. She is “withdrawn” once she stops visits; a woman
    who stops treatment alone comes to her visits as before. One who has finished can still stop
    contact and the use of her samples. She need not give a reason.
    """
    with acting(by, Act.CHANGE_PARTICIPATION, "withdraw", code=code, at=at) as scene:
        participant = scene.participant
        require_consent(participant)
        news = {stop for stop in stops if not getattr(participant, f"stops_{stop}", False)}
        if not news or not news <= set(STOPS):
            raise Refused(
                problems=(
                    Problem(
                        "stops",
                        _("Say what she withdraws from: one thing or more, not withdrawn before."),
                    ),
                )
            )
        if not news <= set(can_stop(participant)):
            require_step(participant, State.WITHDRAWN)
        _end(scene, EndingKind.WITHDRAWN, on, news, reason, leaves="visits" in news)


def lose(*, by: Actor, code: str, on: date, reason: str, at: datetime | None = None) -> None:
    """Record that she can no longer be reached, and what was tried."""
    with acting(by, Act.CHANGE_PARTICIPATION, "lose", code=code, at=at) as scene:
        require_consent(scene.participant)
        if not reason.strip():
            raise Refused(problems=(Problem("reason", _("Say what was tried to reach her.")),))
        _end(scene, EndingKind.LOST, on, (), reason, leaves=True)


def come_back(*, by: Actor, code: str, reason: str, at: datetime | None = None) -> None:
    """Record that a woman who was lost can be reached again: she stands where she stood.

    The loss is taken back from her record; the ledger keeps it.
    """
    with acting(by, Act.CHANGE_PARTICIPATION, "come_back", code=code, at=at) as scene:
        participant = scene.participant
        if participant.state != State.LOST:
            raise Refused(_("%(code)s is not lost to follow-up.") % {"code": code})
        if not reason.strip():
            raise Refused(problems=(Problem("reason", _("Say how she was reached again.")),))
        scene.because(reason.strip())
        for loss in participant.endings.filter(kind=EndingKind.LOST.value):
            scene.remove(loss)
        scene.change(participant, state=standing(participant).value)
        replan(scene)


def record_death(
    *, by: Actor, code: str, on: date, reason: str = "", at: datetime | None = None
) -> None:
    """Record that she died."""
    with acting(by, Act.CHANGE_PARTICIPATION, "record_death", code=code, at=at) as scene:
        require_consent(scene.participant)
        _end(scene, EndingKind.DIED, on, STOPS, reason, leaves=True)


def complete(*, by: Actor, code: str, on: date, at: datetime | None = None) -> None:
    """Record that she reached the planned end of her participation."""
    with acting(by, Act.CHANGE_PARTICIPATION, "complete", code=code, at=at) as scene:
        # One without a target waits for something that may never come, such as a pregnancy.
        if scene.participant.visits.filter(status="planned", target__isnull=False).exists():
            raise Refused(
                _("She still has planned visits. Record for each that it took place or was missed.")
            )
        _end(scene, EndingKind.COMPLETED, on, (), "", leaves=True)


def _end(
    scene: Scene,
    kind: EndingKind,
    on: date,
    stops: Collection[str],
    reason: str,
    *,
    leaves: bool,
) -> None:
    participant = scene.participant
    screened = day_of(participant.screened_at)
    if not screened <= on <= day_of(scene.at):
        raise Refused(
            problems=(
                Problem(
                    "on",
                    _("Enter a day from her screening, %(day)s, to today.")
                    % {"day": screened.isoformat()},
                ),
            )
        )
    if leaves:
        require_step(participant, _STATE_AFTER[kind])
    scene.record(
        Ending(
            participant=participant,
            kind=kind.value,
            on=on,
            stops=[stop for stop in STOPS if stop in stops],
            reason=reason.strip(),
        )
    )
    changes: dict[str, object] = {f"stops_{stop}": True for stop in stops}
    if leaves:
        changes["state"] = _STATE_AFTER[kind].value
    scene.change(participant, **changes)
    replan(scene)
