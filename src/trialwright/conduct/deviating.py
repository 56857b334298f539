"""Note a protocol deviation: the same for the system and for a person."""

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Max

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.clock import day_of, midnight, zones_of
from trialwright.conduct.models import Deviation, Participant
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
    deviation = Deviation(
        study=scene.study,
        number=_next_number(scene),
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


def note_all(
    scene: ActionContext, kind: DeviationKind, participants: Collection[Participant]
) -> None:
    """Record a deviation of each of these participants by the day alone, without a word."""
    first = _next_number(scene)
    zones = zones_of(scene.study.identifier)
    scene.record_all(
        [
            Deviation(
                study=scene.study,
                number=number,
                participant=each,
                kind=kind.value,
                on=day_of(scene.at, zones.at(each.site)),
                recorded_at=midnight(scene.at, zones.at(each.site)),
                recorded_by=scene.by.person_id,
            )
            for number, each in enumerate(participants, start=first)
        ]
    )


def _next_number(scene: ActionContext) -> int:
    last = Deviation.objects.filter(study=scene.study).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
