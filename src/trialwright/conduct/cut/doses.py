"""Doses as a cut has them: an open part and, where amounts could tell an arm, a sealed one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from trialwright.analysis.cut_doses import Dose
from trialwright.conduct.models import Participant, StepRecord
from trialwright.conduct.participants.step_details import details_of
from trialwright.protocol.blinding import is_restricted_step
from trialwright.protocol.model import Protocol


def doses_of(
    protocol: Protocol, participant: Participant, records: Sequence[StepRecord]
) -> Iterator[tuple[Dose, Dose | None]]:
    """Each dose of a participant as everybody may know it and, of a restricted step, whole."""
    for record in records:
        step = protocol.step(record.step)
        if not step.gives_dose:
            continue
        bare = Dose(
            participant=participant.code,
            step=record.step,
            visit=record.visit,
            occurrence=record.occurrence,
            on=record.taken_on.isoformat(),
            status=record.status,
        )
        details = details_of(participant.study_id, record)
        whole = replace(
            bare,
            planned=details.planned,
            amount=details.amount,
            unit=details.unit,
            reason=details.reason,
        )
        if is_restricted_step(protocol, step):
            yield bare, whole
        else:
            yield whole, None
