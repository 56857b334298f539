"""Sealed envelopes for who keeps them, and those that whoever opened one can name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct.acting import protocol_for
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import (
    AllocationSlot,
    Envelope,
    EnvelopeState,
    Participant,
    Study,
)
from trialwright.conduct.reads.participants import one, study_and_protocol
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety.envelopes import is_outdated
from trialwright.protocol.model import Arm, Protocol


@dataclass(frozen=True, slots=True)
class EnvelopeLine:
    """One envelope. `outdated`: it is in keeping and tells an allocation before the latest.
    `unblinding` is the number of the one that its opening was, once it is told."""

    number: int
    code: str
    site: str
    printed_at: datetime
    printed_by: UUID
    role: str
    state: EnvelopeState
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str
    unblinding: int | None
    outdated: bool


@dataclass(frozen=True, slots=True)
class EnvelopesToRead:
    """The envelopes of the sites that a person keeps, the latest first, and how many allocated
    participants of each site have none in keeping."""

    lines: tuple[EnvelopeLine, ...]
    without: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed on one envelope."""

    number: int
    code: str
    arm: Arm


def keeps_envelopes(by: Actor, protocol: Protocol) -> bool:
    """Whether the study has arms that somebody may not know, and this person keeps envelopes."""
    blinded = bool(set(protocol.roles.people) & protocol.roles.blinded)
    return blinded and protocol.allocation is not None and may(by, Act.KEEP_ENVELOPES)


def envelopes_to_read(by: Actor) -> EnvelopesToRead:
    """All of the sites at which this person keeps envelopes; NotFound for who keeps none."""
    study = _kept_study(by)
    rows = _rows(by).select_related("participant", "unblinding").order_by("-number")
    allocated = Participant.objects.filter(study=study, randomised_at__isnull=False)
    sites = by.sites_for(Act.KEEP_ENVELOPES)
    if sites is not None:
        allocated = allocated.filter(site__in=sites)
    lacking = allocated.exclude(envelopes__state=EnvelopeState.KEPT.value)
    counted = lacking.values_list("site").annotate(Count("pk")).order_by("site")
    return EnvelopesToRead(tuple(_line(row) for row in rows), dict(counted))


def envelope_to_settle(by: Actor, number: int) -> EnvelopeLine:
    """One that is in keeping with this person; NotFound where there is none."""
    _kept_study(by)
    row = _rows(by).filter(number=number, state=EnvelopeState.KEPT.value).first()
    if row is None:
        raise NotFound
    return _line(row)


def printed_sheets(by: Actor, printing: int) -> tuple[Sheet, ...]:
    """What stands on the envelopes of a printing, for whoever has printed it alone."""
    study = _kept_study(by)
    assert study.version is not None  # noqa: S101 - `study_and_protocol` has asked
    rows = list(
        _rows(by)
        .filter(printing=printing, printed_by=by.person_id)
        .select_related("participant")
        .order_by("number")
    )
    if not rows:
        raise NotFound
    slots = AllocationSlot.objects.filter(participant__in=[row.participant_id for row in rows])
    places = {(slot.participant_id, slot.allocation): slot for slot in slots}
    return tuple(
        Sheet(
            row.number,
            row.participant.code,
            protocol_for(row.participant, study.version).arm_numbered(
                allocation_list.opened(places[row.participant_id, row.allocation])
            ),
        )
        for row in rows
    )


def openable(by: Actor, code: str) -> tuple[Participant, tuple[int, ...]]:
    """A participant, and the numbers of the envelopes whose opening nobody has told yet; NotFound
    for who may not unblind, and where there is none."""
    study_and_protocol(by)
    participant = one(by, code, Act.UNBLIND)
    numbers = tuple(_unopened(participant).order_by("number").values_list("number", flat=True))
    if not numbers:
        raise NotFound
    return participant, numbers


def has_openable(by: Actor, participant: Participant) -> bool:
    """Whether this person could report having opened one of the participant's envelopes."""
    return may(by, Act.UNBLIND, site=participant.site) and _unopened(participant).exists()


def _unopened(participant: Participant) -> QuerySet[Any]:
    states = (EnvelopeState.KEPT.value, EnvelopeState.OPENED.value, EnvelopeState.LOST.value)
    return Envelope.objects.filter(participant=participant, state__in=states, unblinding=None)


def _kept_study(by: Actor) -> Study:
    study, protocol = study_and_protocol(by)
    if not keeps_envelopes(by, protocol):
        raise NotFound
    return study


def _rows(by: Actor) -> QuerySet[Any]:
    rows: QuerySet[Any] = Envelope.objects.filter(study=by.study)
    sites = by.sites_for(Act.KEEP_ENVELOPES)
    return rows if sites is None else rows.filter(participant__site__in=sites)


def _line(row: Envelope) -> EnvelopeLine:
    return EnvelopeLine(
        row.number,
        row.participant.code,
        row.participant.site,
        row.printed_at,
        row.printed_by,
        row.role,
        EnvelopeState(row.state),
        row.settled_at,
        row.settled_by,
        row.reason,
        row.unblinding.number if row.unblinding else None,
        is_outdated(row),
    )
