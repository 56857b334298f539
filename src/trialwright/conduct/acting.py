"""The frame of every action: one transaction, the study's lock, the permission, the ledger.

    with acting(by, Act.CONSENT, "consent", code="C-007", at=at) as scene:
        scene.participant ...
        scene.record(Consent(...))

It first takes the study's lock, then reads, computes purely, writes and appends to the ledger.
Whatever raises inside leaves nothing behind.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may
from trialwright.conduct import ledgered
from trialwright.conduct.models import ArmSeen, Participant, ProtocolFile, ProtocolVersion, Study
from trialwright.conduct.refusals import NotHere, Refused
from trialwright.ledger import book
from trialwright.protocol.basics import Role
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol

# A clock a little ahead of the server's is a clock; further ahead is a mistake.
_TOLERANCE = timedelta(minutes=5)


@dataclass(slots=True)
class Scene:
    """What an action works with, read under the lock."""

    by: Actor
    role: Role
    at: datetime
    study: Study
    protocol: Protocol
    writer: book.Writer
    _participant: Participant | None = field(default=None)

    @property
    def participant(self) -> Participant:
        """The participant the action concerns."""
        assert self._participant is not None  # noqa: S101 - the action named a code
        return self._participant

    def record(self, row: Model) -> None:
        """Insert a row with its ledger entries."""
        ledgered.record(self.writer, row)

    def record_all(self, rows: Sequence[Model]) -> None:
        """Insert rows of one table with their ledger entries."""
        ledgered.record_all(self.writer, rows)

    def change(self, row: Model, **columns: Any) -> None:
        """Change columns of a row with their ledger entries."""
        ledgered.change(self.writer, row, **columns)

    def remove(self, row: Model) -> None:
        """Delete a row with its ledger entry."""
        ledgered.remove(self.writer, row)

    def because(self, reason: str) -> None:
        """Say why, as she who acts wrote it; the ledger keeps it with everything written here."""
        self.writer.entry = replace(self.writer.entry, reason=reason)

    def knows_arm(self) -> bool:
        """Whether she who acts has seen this participant's arm."""
        return knows_arm(self.by, self.participant)

    def may_see_arm(self) -> bool:
        """Whether what could reveal this participant's arm is there for her who acts."""
        site = self.participant.site
        return may(self.by, Act.SEE_ARM, site=site, knows_arm=self.knows_arm())


@contextlib.contextmanager
def acting(
    by: Actor,
    may_act: Act | Callable[[Protocol, Participant], Role | None],
    action: str,
    *,
    code: str | None = None,
    at: datetime | None = None,
) -> Iterator[Scene]:
    """Open the frame for one action.

    Args:
        may_act: what the policy is asked; or a function giving the role under which she acts.
        action: the verb the ledger keeps.
        code: the participant concerned; her site decides with the policy.
        at: when it happened, for a demonstration study alone; else the present.

    Raises:
        NotHere: the study or the participant doesn't exist for her, or she may not do this.
        Refused: the time is not one this study may have.
    """
    with transaction.atomic():
        # Site and identity of a participant never change, so they may be read before the lock.
        study, participant = _read_now(by, code)
        if study is None or (participant and not _sees(by, participant)):
            raise NotHere
        if isinstance(may_act, Act):
            role = by.role_for(may_act, participant.site if participant else None)
        elif participant is None or study.version is None:
            role = None
        else:
            role = may_act(protocol_of(study.version), participant)
        if role is None:
            raise NotHere
        happened_at = _moment(study, at)
        with book.open_entry(
            study=study.identifier,
            by=by.person_id,
            role=role.value,
            action=action,
            happened_at=happened_at,
        ) as writer:
            study, participant = _read_now(by, code)
            if study is None or study.version is None:
                raise Refused(_("This study has no signed protocol yet. Sign one first."))
            yield Scene(
                by, role, happened_at, study, protocol_of(study.version), writer, participant
            )


def _read_now(by: Actor, code: str | None) -> tuple[Study | None, Participant | None]:
    """The study with its version, and the participant with this code; NotHere without her."""
    if code is None:
        studies = Study.objects.select_related("version")
        return studies.filter(identifier=by.study).first(), None
    rows = Participant.objects.select_related("study__version")
    participant = rows.filter(study=by.study, code=code).first()
    if participant is None:
        raise NotHere
    return participant.study, participant


def _sees(by: Actor, participant: Participant) -> bool:
    return may(by, Act.SEE_PARTICIPANTS, site=participant.site)


def _moment(study: Study, at: datetime | None) -> datetime:
    now = timezone.now()
    if at is None:
        return now
    if not study.demonstration:
        raise Refused(
            _("Only a demonstration study may have another clock. Leave the time to the system.")
        )
    if at > now + _TOLERANCE:
        raise Refused(_("The time lies in the future. An action is recorded once it has happened."))
    return at


def knows_arm(person: Actor, participant: Participant) -> bool:
    """Whether this person has seen this participant's arm; then she is unmasked for her."""
    return ArmSeen.objects.filter(participant=participant, person=person.person_id).exists()


def protocol_of(version: ProtocolVersion) -> Protocol:
    """The protocol as signed, read from its own bytes."""
    return _read(version.sha256, f"{version.study_id} {version.version}")


@lru_cache(maxsize=16)
def _read(sha256: str, name: str) -> Protocol:
    protocol = parse_file(bytes(ProtocolFile.objects.get(pk=sha256).source), name)
    if protocol.sha256 != sha256:
        raise RuntimeError(f"The protocol file kept for {name} is not the one that was signed.")
    return protocol
