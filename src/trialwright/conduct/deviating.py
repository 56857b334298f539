"""Note a protocol deviation: the same for the system and for a person."""

from datetime import date, datetime

from django.db.models import Max

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Deviation
from trialwright.conduct.models.deviations import DeviationKind


def note(
    scene: ActionContext,
    kind: DeviationKind,
    *,
    on: date,
    subject: str = "",
    cause: str = "",
    description: str = "",
    recorded_at: datetime | None = None,
) -> Deviation | None:
    """Record a deviation of the participant; none where the same waits to be classified.

    Args:
        recorded_at: where the minute could tell an arm, what stands for it.
    """
    same = scene.participant.deviations.filter(
        kind=kind.value, subject=subject, classification=None
    )
    if subject and same.exists():
        return None
    last = Deviation.objects.filter(study=scene.study).aggregate(last=Max("number"))["last"]
    deviation = Deviation(
        study=scene.study,
        number=(last or 0) + 1,
        participant=scene.participant,
        kind=kind.value,
        subject=subject,
        cause=cause,
        on=on,
        description=description,
        recorded_at=recorded_at or scene.at,
        recorded_by=scene.by.person_id,
    )
    scene.record(deviation)
    return deviation
