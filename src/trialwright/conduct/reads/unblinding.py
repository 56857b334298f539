"""Unblindings outside the plan: that they happened, to all who see the participant; never what."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct import sealed_values
from trialwright.conduct.models import Participant, UnplannedUnblinding
from trialwright.conduct.reads.participants import one, study_and_protocol, visible
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.model import Protocol


@dataclass(frozen=True, slots=True)
class UnblindingLine:
    """One unblinding; `reason` is empty for who may not read it, `effect` until it is judged."""

    number: int
    code: str
    urgency: str
    happened_at: datetime
    person: UUID
    role: str
    reason: str
    event: int | None
    effect: str
    judged_at: datetime | None


def unblindings_seen(by: Actor) -> tuple[UnblindingLine, ...]:
    """All of the participants whom this person may see, the latest first."""
    study_and_protocol(by)
    rows = UnplannedUnblinding.objects.filter(participant__in=visible(by))
    opened = may(by, Act.SEE_ARMS)
    return tuple(
        UnblindingLine(
            row.number,
            row.participant.code,
            row.urgency,
            row.happened_at,
            row.person,
            row.role,
            row.reason or (_sealed_reason(row) if opened else ""),
            row.event.number if row.event else None,
            row.effect,
            row.judged_at,
        )
        for row in rows.select_related("participant", "event").order_by("-number")
    )


def _sealed_reason(row: UnplannedUnblinding) -> str:
    text = sealed_values.open_details("unblinding", row.study_id, row.pk, bytes(row.sealed))
    return str(json.loads(text)["reason"])


def to_unblind(by: Actor, code: str) -> tuple[Participant, Protocol]:
    """The participant whose arm a person may be shown in an emergency; NotFound for others, and
    where nobody is allocated."""
    _study, protocol = study_and_protocol(by)
    participant = one(by, code, Act.UNBLIND)
    if participant.randomised_at is None or protocol.allocation is None:
        raise NotFound
    return participant, protocol


def unblindings_to_judge(by: Actor) -> tuple[UnblindingLine, ...]:
    """Those whose effect on the results this person judges, and nobody has yet."""
    if not may(by, Act.JUDGE_EVENTS_FOR_SPONSOR):
        return ()
    return tuple(each for each in unblindings_seen(by) if each.judged_at is None)
