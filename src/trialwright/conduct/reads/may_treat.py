"""May the next participant be treated today? One answer, with its reasons in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.allocation.allocation_list import places_lost
from trialwright.conduct.allocation.groups import groups_now
from trialwright.conduct.allocation.pacing import require_apart, require_results_seen
from trialwright.conduct.models import Participant, State, Study
from trialwright.conduct.participants.progress import treatments_of
from trialwright.conduct.reads.participants import study_and_protocol
from trialwright.conduct.refusals import ActionRefused, NotFound, Sentence
from trialwright.conduct.safety.holding import Standing as InForce
from trialwright.conduct.safety.holding import standing_of, unwritten_holds
from trialwright.conduct.safety.safety_state import SafetyState, safety_state
from trialwright.protocol.groups import GroupState
from trialwright.protocol.model import Protocol
from trialwright.safety.section import stopping_event
from trialwright.safety.standing import Standing


@dataclass(frozen=True, slots=True)
class MayTreat:
    """`reasons` against it, the gravest first; none: yes.

    watched: how many treated are in the days that the stopping rule counts. waiting: codes of those
    allocated whose treatment is to come. held_in_part: whether a hold is in force that concerns
    some alone. standings: for whoever sees results by arm.
    """

    on: date
    reasons: tuple[Sentence, ...]
    randomised: int
    places: int
    watched: int
    waiting: tuple[str, ...]
    held_in_part: bool
    standings: tuple[Standing, ...]

    @property
    def yes(self) -> bool:
        """Whether nothing stands against it."""
        return not self.reasons


def may_treat(by: Actor) -> MayTreat:
    """The answer for the study as a whole; NotFound for who sees no participants."""
    study, protocol = study_and_protocol(by)
    if not may(by, Act.SEE_PARTICIPANTS):
        raise NotFound
    now = timezone.now()
    state, standing = safety_state(study, protocol, now), standing_of(study)
    rows = list(Participant.objects.filter(study=study, randomised_at__isnull=False))
    treated = treatments_of(rows, protocol)
    waiting = [
        row.code for row in rows if treated[row.pk] is None and row.state == State.RANDOMISED
    ]
    given = [each.on for each in treated.values() if each and each.given]
    return MayTreat(
        on=state.on,
        reasons=tuple(_reasons(study, protocol, now, len(rows), state, standing)),
        randomised=len(rows),
        places=protocol.participants,
        watched=_watched(protocol, given, state.on),
        waiting=tuple(sorted(waiting)),
        held_in_part=bool(standing.open) and not standing.pauses_all,
        standings=tuple(state.standings()) if may(by, Act.SEE_ARMS) else (),
    )


def _reasons(
    study: Study,
    protocol: Protocol,
    now: datetime,
    randomised: int,
    state: SafetyState,
    standing: InForce,
) -> Iterator[Sentence]:
    if standing.study_closed:
        yield _("A signed decision has closed the trial.")
    if standing.pauses_all:
        yield _("The trial is on hold until a signed decision ends it.")
    elif unwritten_holds(state, standing):
        # By the passing of time alone, and nobody has written it down yet.
        yield _("A stopping rule holds by today's data; the hold is written at the next step.")
    if study.closed_at is not None:
        yield _("The study is closed.")
    groups = groups_now(study, protocol, state.on)
    if groups and not any(each.state is GroupState.OPEN for each in groups):
        yield _("No group of the protocol is open.")
    allocation = protocol.allocation
    # Which group the next one enters isn't known here, so its own gates are asked at the step.
    if allocation is None or allocation.of_groups:
        return
    if randomised + places_lost(study, protocol) >= protocol.participants:
        yield _("All places of the trial are taken.")
    gates: list[Callable[[], None]] = []
    if allocation.pause_after and randomised >= allocation.pause_after.participants:
        pause = allocation.pause_after
        gates.append(lambda: require_results_seen(study, protocol, pause, now))
    if allocation.run_in and randomised < allocation.run_in.participants:
        gates.append(lambda: require_apart(study, protocol, allocation, randomised, state.on))
    for gate in gates:
        try:
            gate()
        except ActionRefused as refusal:
            yield refusal.problems[0].sentence


def _watched(protocol: Protocol, treated_on: list[date], today: date) -> int:
    window = stopping_event(protocol)
    if window is None:
        return 0
    return sum(on + timedelta(days=window.last_day) > today for on in treated_on)
