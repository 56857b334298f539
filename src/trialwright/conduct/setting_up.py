"""The frame of what is done to a study itself: set up, signed, activated, amended, closed.

As `acting`, with the protocol that counts at that moment: the one in force, or before there is one
the draft, which may have problems. People manage people before any file says who may.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act, Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct import audited
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.models import ProtocolDraft, ProtocolFile, Study
from trialwright.conduct.refusals import NotFound
from trialwright.ledger import journal
from trialwright.protocol.amending import problems_of_amendment
from trialwright.protocol.model import Protocol
from trialwright.protocol.read_roles import standard_roles
from trialwright.protocol.roles import Roles
from trialwright.safety.checked import CheckedFile, check_file

SYSTEM = "system"
Ask = Callable[[Actor], str | None]
WRITING = (Act.SIGN_PROTOCOL, Act.MANAGE_PEOPLE)
"""One of these lets somebody put a protocol file there."""


@dataclass(slots=True)
class SetUpContext:
    """What an action on a study works with, read under the lock."""

    by: UUID | str
    role: str
    study: Study
    writer: journal.Writer
    actor: Actor | None = None
    """The person with the seats that they hold under the lock; None where nobody of the study."""

    @property
    def at(self) -> datetime:
        """When it happens."""
        return self.writer.entry.happened_at

    def record(self, row: Model) -> None:
        """Insert a row with its ledger entries."""
        audited.record(self.writer, row)

    def change(self, row: Model, **columns: Any) -> None:
        """Change columns of a row with their ledger entries."""
        audited.change(self.writer, row, **columns)

    def remove(self, row: Model) -> None:
        """Delete a row with its ledger entry."""
        audited.remove(self.writer, row)

    def set_reason(self, reason: str) -> None:
        """Say why, as whoever acts wrote it."""
        self.writer.entry = replace(self.writer.entry, reason=reason)


@contextmanager
def setting_up(
    by: Actor | None,
    acts: Act | Collection[Act] | Ask,
    action: str,
    *,
    study: str = "",
    site: str | None = None,
    at: datetime | None = None,
) -> Iterator[SetUpContext]:
    """Open the frame for one action on a study.

    Args:
        by: who does it; None is the person at the machine, for a command, with `study` named.
        acts: what the policy is asked, of the roles as they are under the lock: one of these acts,
            or a question of its own that names the role.
        site: the site that it concerns, if it concerns one.

    Raises:
        NotFound: there is no such study, or this isn't allowed.
    """
    identifier = by.study if by else study
    who: UUID | str = by.person_id if by else SYSTEM
    opened = journal.open_entry(
        study=identifier, by=who, action=action, happened_at=at or timezone.now()
    )
    try:
        with transaction.atomic(), opened as writer:
            row = Study.objects.filter(pk=identifier).first()
            if row is None:
                raise NotFound
            actor = None if by is None else actor_now(by.person_id, row)
            role = "" if actor is None else _role_of(actor, acts, site)
            writer.entry = replace(writer.entry, role=role)
            yield SetUpContext(who, role, row, writer, actor)
    except journal.NoLedgerError:
        raise NotFound from None


@contextmanager
def own_affair(
    by: Person, study: str, action: str, *, at: datetime | None = None
) -> Iterator[SetUpContext]:
    """The same frame for what concerns somebody alone, whatever they may do otherwise."""
    opened = journal.open_entry(
        study=study, by=by.pk, action=action, happened_at=at or timezone.now()
    )
    try:
        with transaction.atomic(), opened as writer:
            row = Study.objects.filter(pk=study).first()
            if row is None or not by.is_active:
                raise NotFound
            yield SetUpContext(by.pk, "", row, writer)
    except journal.NoLedgerError:
        raise NotFound from None


def role_now(
    person_id: UUID, study: Study, acts: Act | Collection[Act] | Ask, site: str | None = None
) -> str:
    """The role under which a person may do one of these now; raises NotFound without one."""
    return _role_of(actor_now(person_id, study), acts, site)


def actor_now(person_id: UUID, study: Study) -> Actor:
    """A person with the seats that they hold at this moment; raises NotFound without one."""
    person = Person.objects.get(pk=person_id)
    actor = actor_in(person, study.identifier, roles_of(study), delegated=not study.demonstration)
    if actor is None:
        raise NotFound
    return actor


def _role_of(actor: Actor, acts: Act | Collection[Act] | Ask, site: str | None) -> str:
    role = _role_among(actor, acts, site)
    if role is None:
        raise NotFound
    return role


def _role_among(actor: Actor, acts: Act | Collection[Act] | Ask, site: str | None) -> str | None:
    if callable(acts):
        return acts(actor)
    wanted = (acts,) if isinstance(acts, Act) else acts
    roles = (actor.role_for(act, site) for act in wanted)
    return next((role for role in roles if role is not None), None)


def protocol_in_force(study: Study) -> Protocol | None:
    """The protocol that a study runs on; None before it is activated."""
    return protocol_of(study.version) if study.version is not None else None


def draft_of(study: Study) -> ProtocolDraft | None:
    """The file that waits to be signed, if there is one."""
    return ProtocolDraft.objects.filter(study=study).first()


def checked_draft(study: Study) -> CheckedFile | None:
    """What the file that waits to be signed says, and its problems; in a study that runs, those of
    an amendment too."""
    draft = draft_of(study)
    if draft is None:
        return None
    checked = check_kept(draft.sha256)
    runs = protocol_in_force(study)
    if runs is None or checked.protocol is None:
        return checked
    against = problems_of_amendment(runs, checked.protocol)
    return replace(checked, problems=checked.problems + against)


@lru_cache(maxsize=32)
def check_kept(sha256: str) -> CheckedFile:
    """A kept file, read and checked; once kept it never changes."""
    source = bytes(ProtocolFile.objects.get(pk=sha256).source)
    return check_file(source, f"{sha256[:12]}.yaml")


def roles_of(study: Study) -> Roles:
    """The roles that a study has now: of the protocol in force, else of the draft.

    A file that can't be read yet has the bundled ones. Somebody manages people in any case.
    """
    if study.version is not None:
        return with_manager(protocol_of(study.version).roles)
    checked = checked_draft(study)
    if checked is None or checked.protocol is None:
        return standard_roles()
    return with_manager(checked.protocol.roles)


def with_manager(roles: Roles) -> Roles:
    """The same roles, and the bundled administrator where none of them manages people."""
    if roles.who_may(Act.MANAGE_PEOPLE):
        return roles
    bundled = standard_roles()
    manager = next(iter(bundled.who_may(Act.MANAGE_PEOPLE)))
    others = tuple(role for role in roles.all if role.key != manager)
    return Roles((*others, bundled.by_key[manager]))
