"""The protocol's own steps of a participant as a cut has them: an open part and a sealed one."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from zoneinfo import ZoneInfo

from trialwright.analysis import cut_participants as people
from trialwright.conduct.clock import zone_of
from trialwright.conduct.models import Participant, StepRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.progress import Treatment, treatment_from
from trialwright.conduct.participants.step_details import StepDetails, details_of
from trialwright.protocol.blinding import is_restricted_step
from trialwright.protocol.model import Protocol
from trialwright.protocol.occurrences import name_of


@dataclass(frozen=True, slots=True)
class TakenSteps:
    """What a cut says of the steps: `open` to everybody, `sealed` beside the arm.

    treatment: whether all doses recorded were given in full, counted from the first day of one.
    sealed_reason: why not, of doses whose words could tell an arm.
    """

    treatment: people.Treatment | None = None
    open: tuple[people.Step, ...] = ()
    sealed: tuple[people.Step, ...] = ()
    sealed_reason: str = ""

    @property
    def given(self) -> bool:
        """Whether some dose was given."""
        return self.treatment is not None and self.treatment.status != "none"


def taken_steps(
    protocol: Protocol, participant: Participant, records: Sequence[StepRecord]
) -> TakenSteps:
    """The steps of one participant; those not done are none."""
    if not records:
        return TakenSteps()
    opened: list[people.Step] = []
    sealed: list[people.Step] = []
    reasons: list[str] = []
    order = attrgetter("taken_on", "step", "visit", "occurrence")
    for record in sorted(records, key=order):
        step = protocol.step(record.step)
        details = details_of(participant.study_id, record)
        restricted = is_restricted_step(protocol, step)
        if restricted and details.reason:
            reasons.append(details.reason)
        if record.status == StepStatus.NOT_DONE:
            continue
        visit = name_of(record.visit, record.occurrence)
        name = f"{record.step}/{visit}" if visit else record.step
        (sealed if restricted else opened).append(
            people.Step(name, _moment(details, zone_of(participant)))
        )
    treatment = _treatment(treatment_from(participant, protocol, records))
    if treatment is not None and treatment.status != "none":
        opened.append(people.Step(people.TREATED, treatment.on))
    return TakenSteps(treatment, tuple(opened), tuple(sealed), " / ".join(reasons))


def _treatment(treatment: Treatment | None) -> people.Treatment | None:
    if treatment is None:
        return None
    return people.Treatment(treatment.status.value, treatment.on.isoformat())


def _moment(details: StepDetails, zone: ZoneInfo) -> str:
    return details.at.astimezone(zone).isoformat(timespec="minutes")
