"""The frame of every action: one transaction, the study's lock, the permission, the ledger.

    with acting(by, Act.CONSENT, "consent", code="C-007", at=at) as scene:
        scene.participant ...
        scene.record(Consent(...))

It first takes the study's lock, then reads, computes purely, writes and appends to the ledger.
Whatever raises inside leaves nothing behind.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from trialwright.conduct.tables import row_of, rows_of, version_of
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
    study: Study
    protocol: Protocol
    writer: book.Writer
    _participant: Participant | None
    _knows_arm: bool | None = None

    @property
    def at(self) -> datetime:
        """When it happens."""
        return self.writer.entry.happened_at

    @property
    def role(self) -> Role:
        """The role under which she acts."""
        return Role(self.writer.entry.role)

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
        if self._knows_arm is None:
            self._knows_arm = knows_arm(self.by, self.participant)
        return self._knows_arm

    def learns_arm(self, why: str) -> None:
        """She who acts is shown this participant's arm; kept when it is the first time."""
        if not self.knows_arm():
            seen = {"person": self.by.person_id, "seen_at": self.at, "why": why}
            self.record(ArmSeen(participant=self.participant, **seen))
            self._knows_arm = True

    def may_see_arm(self) -> bool:
        """Whether what could reveal this participant's arm is there for her who acts."""
        site = self.participant.site
        return may(self.by, Act.SEE_ARM, site=site, knows_arm=self.knows_arm())


@contextlib.contextmanager
def acting(
    by: Actor,
    may_act: Act | Callable[[Scene], Role | None],
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
    opened = book.open_entry(
        study=by.study, by=by.person_id, action=action, happened_at=at or timezone.now()
    )
    with _nothing_without_ledger(), transaction.atomic(), opened as writer:
        scene = _scene(by, code, writer)
        if isinstance(may_act, Act):
            role = by.role_for(may_act, scene.participant.site if code else None)
        else:
            role = may_act(scene)
        if role is None:
            raise NotHere
        writer.entry = replace(writer.entry, role=role.value)
        _require_own_clock(scene.study, at)
        yield scene


@contextlib.contextmanager
def _nothing_without_ledger() -> Iterator[None]:
    try:
        yield
    except book.NoLedgerError:
        raise NotHere from None


def _scene(by: Actor, code: str | None, writer: book.Writer) -> Scene:
    """What stands under the lock; NotHere without the study, or without a woman she may see."""
    study = row_of(Study, identifier=by.study)
    participant = None if code is None else row_of(Participant, study_id=by.study, code=code)
    if study is None or (code is not None and (participant is None or not _sees(by, participant))):
        raise NotHere
    if study.version_id is None:
        raise Refused(_("This study has no signed protocol yet. Sign one first."))
    study.version = version_of(study.version_id)
    if participant is not None:
        participant.study = study
    return Scene(by, study, protocol_of(study.version), writer, participant)


def _sees(by: Actor, participant: Participant) -> bool:
    return may(by, Act.SEE_PARTICIPANTS, site=participant.site)


def _require_own_clock(study: Study, at: datetime | None) -> None:
    if at is None:
        return
    if not study.demonstration:
        raise Refused(
            _("Only a demonstration study may have another clock. Leave the time to the system.")
        )
    if at > timezone.now() + _TOLERANCE:
        raise Refused(_("The time lies in the future. An action is recorded once it has happened."))


def knows_arm(person: Actor, participant: Participant) -> bool:
    """Whether this person has seen this participant's arm; then she is unmasked for her."""
    return bool(rows_of(ArmSeen, participant_id=participant.pk, person=person.person_id))


def protocol_of(version: ProtocolVersion) -> Protocol:
    """The protocol as signed, read from its own bytes."""
    return _read(version.sha256, f"{version.study_id} {version.version}")


@lru_cache(maxsize=16)
def _read(sha256: str, name: str) -> Protocol:
    protocol = parse_file(bytes(ProtocolFile.objects.get(pk=sha256).source), name)
    if protocol.sha256 != sha256:
        raise RuntimeError(f"The protocol file kept for {name} is not the one that was signed.")
    return protocol
