"""The frame of every action: one transaction, the study's lock, the permission, the ledger.

    with acting(by, Act.CONSENT, "consent", code="C-007", at=at) as scene:
        scene.participant ...
        scene.record(Consent(...))

It first takes the study's lock, then reads, computes purely, writes and appends to the ledger.
Whatever raises inside leaves nothing behind.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Act, Actor, may, may_act_on
from trialwright.conduct import audited, held_rows
from trialwright.conduct.allocation.links import holder_id, holder_of
from trialwright.conduct.clock import day_of, zone_of
from trialwright.conduct.locks import place_of, require_running, require_unlocked
from trialwright.conduct.models import (
    Entry,
    Participant,
    ProtocolFile,
    ProtocolVersion,
    Study,
    Unblinding,
)
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.tables import row_of, rows_of, version_for, version_of
from trialwright.ledger import journal, sources
from trialwright.protocol.groups import part_of_group
from trialwright.protocol.kinds import part_of
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol

# A clock a little ahead of the server's is a clock; further ahead is a mistake.
_TOLERANCE = timedelta(minutes=5)

# How the ledger's reason begins where a row follows from other items, which it names.
FOLLOWS_FROM = "Follows from "
RESTRICTED = "restricted data"


@dataclass(slots=True)
class ActionContext:
    """What an action works with, read under the lock."""

    by: Actor
    study: Study
    protocol: Protocol
    """The version under which the participant stands; where none is concerned, the newest."""
    writer: journal.Writer
    _participant: Participant | None
    _knows_arm: bool | None = None
    touched: set[str] = field(default_factory=set)
    """What the action has changed: names of tables, of entries with their form."""
    changed: list[Model] = field(default_factory=list)
    """The rows that it has inserted, changed or removed."""
    news: set[Any] = field(default_factory=set)
    """The keys of the events of which it tells significant news."""
    learned_at: datetime | None = None
    """When the site learned of what the action tells, where that isn't as it is told."""

    @property
    def at(self) -> datetime:
        """When it happens."""
        return self.writer.entry.happened_at

    @property
    def role(self) -> str:
        """The role under which the person acts."""
        return self.writer.entry.role

    @property
    def participant(self) -> Participant:
        """The participant the action concerns."""
        assert self._participant is not None  # noqa: S101 - the action named a code
        return self._participant

    def about(self, participant: Participant, protocol: Protocol) -> None:
        """Turn to another participant, who is concerned with the first."""
        self._participant, self.protocol, self._knows_arm = participant, protocol, None

    @property
    def about_participant(self) -> bool:
        """Whether the action concerns a participant."""
        return self._participant is not None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the participant's site."""
        return zone_of(self.participant)

    @property
    def today(self) -> date:
        """The day on which it happens, at the participant's site."""
        return self.day_of(self.at)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment at the participant's site."""
        return day_of(moment, self.zone)

    def record(self, row: Model) -> None:
        """Insert a row with its ledger entries."""
        self._touch(row)
        audited.record(self.writer, row)

    def record_sealed(self, row: Model, text: str) -> None:
        """Insert a row whose `sealed` holds these details, with its ledger entries."""
        self._touch(row)
        audited.record_sealed(self.writer, row, text)

    def record_all_sealed(self, rows: Sequence[tuple[Model, str]]) -> None:
        """The same for rows of one table at once."""
        self._touch(*(row for row, _text in rows))
        audited.record_all_sealed(self.writer, rows)

    def _touch(self, *rows: Model) -> None:
        for row in rows:
            name = type(row).__name__
            self.touched.add(f"{name}:{row.form}" if isinstance(row, Entry) else name)
        self.changed.extend(rows)

    def record_all(self, rows: Sequence[Model]) -> None:
        """Insert rows of one table with their ledger entries."""
        self._touch(*rows)
        audited.record_all(self.writer, rows)

    def change(self, row: Model, **columns: Any) -> None:
        """Change columns of a row with their ledger entries."""
        self._touch(row)
        audited.change(self.writer, row, **columns)

    def remove(self, row: Model) -> None:
        """Delete a row with its ledger entry."""
        self._touch(row)
        audited.remove(self.writer, row)

    def set_reason(self, reason: str) -> None:
        """Say why, as whoever acts wrote it; the ledger keeps it with everything written here."""
        self.writer.entry = replace(self.writer.entry, reason=reason)

    @contextlib.contextmanager
    def following(self, reason: str) -> Iterator[None]:
        """Write what follows from something else under a reason of its own."""
        self.writer.own_reason = reason
        try:
            yield
        finally:
            self.writer.own_reason = None

    def follows_from(self, causes: Collection[str]) -> str:
        """The reason of what follows from items (`visit.form.item`), none restricted of which is
        named, or from the day of a visit."""
        opened = []
        for name in sorted(causes):
            _visit, *of = name.split(".")
            if not of or of[1] not in self.protocol.form(of[0]).unmasking_items:
                opened.append(name)
        return FOLLOWS_FROM + (", ".join(opened) or RESTRICTED)

    def change_all(self, changes: Sequence[tuple[Model, Mapping[str, Any]]]) -> None:
        """Change columns of rows of one table with their ledger entries, at once."""
        self._touch(*(row for row, _columns in changes))
        audited.change_all(self.writer, changes)

    def remove_all(self, rows: Sequence[Model]) -> None:
        """Delete rows of one table with their ledger entries, at once."""
        self._touch(*rows)
        audited.remove_all(self.writer, rows)

    def require_unlocked(self, visit: str, form: str = "") -> None:
        """Refuse what a freeze or lock of this visit or form forbids."""
        place = place_of(self.participant, visit, form)
        require_unlocked(self.study, self.writer.entry.action, place)

    def knows_arm(self) -> bool:
        """Whether whoever acts has seen this participant's arm."""
        if self._knows_arm is None:
            self._knows_arm = knows_arm(self.by, self.participant)
        return self._knows_arm

    def record_unblinding(self, why: str) -> None:
        """Whoever acts is shown this participant's arm; kept when it is the first time."""
        if not self.knows_arm():
            seen = {"person": self.by.person_id, "seen_at": self.at, "why": why}
            self.record(Unblinding(participant=holder_of(self.participant), **seen))
            self._knows_arm = True

    def may_see_arm(self) -> bool:
        """Whether what could reveal this participant's arm is there for whoever acts."""
        site = self.participant.site
        return may(self.by, Act.SEE_ARM, site=site, knows_arm=self.knows_arm())


@contextlib.contextmanager
def acting(
    by: Actor,
    may_act: Act | Callable[[ActionContext], str | None],
    action: str,
    *,
    code: str | None = None,
    at: datetime | None = None,
) -> Iterator[ActionContext]:
    """Open the frame for one action.

    Args:
        may_act: what the policy is asked; or a function giving the role acted under.
        action: the verb the ledger keeps.
        code: the participant concerned; the site decides with the policy.
        at: when it happened, for a demonstration study alone; else the present.

    Where the action changes what a stopping rule reads and it holds, the hold is written here.

    Raises:
        NotFound: the study or the participant doesn't exist for the person, or this isn't allowed.
        ActionRefused: the time is not one this study may have.
    """
    from trialwright.conduct.safety.holding import HoldDue, read_rules

    try:
        with _acting(by, may_act, action, code, at) as context:
            yield context
    except HoldDue:
        # What is refused writes nothing; that a rule holds is written all the same.
        read_rules(by=by, at=at)
        raise


@contextlib.contextmanager
def _acting(
    by: Actor,
    may_act: Act | Callable[[ActionContext], str | None],
    action: str,
    code: str | None,
    at: datetime | None,
) -> Iterator[ActionContext]:
    from trialwright.conduct.laboratory.reference_ranges import settle_ranges
    from trialwright.conduct.safety.clocks import settle_clocks
    from trialwright.conduct.safety.holding import settle

    opened = journal.open_entry(
        study=by.study, by=by.person_id, action=action, happened_at=at or sources.now()
    )
    with _nothing_without_ledger(), transaction.atomic(), opened as writer, held_rows.held():
        context = _context(by, code, writer)
        if isinstance(may_act, Act):
            role = context.by.role_for(may_act, context.participant.site if code else None)
        else:
            role = may_act(context)
        if role is None:
            raise NotFound
        writer.entry = replace(writer.entry, role=str(role))
        _require_own_clock(context.study, at)
        require_running(context.study, action)
        if code is not None:
            require_unlocked(context.study, action, place_of(context.participant))
        yield context
        settle_ranges(context)
        # What the action changed may cross a bound of a stopping rule: the hold comes with it.
        settle(context)
        # And an event, or that hold, may have to be reported: its clocks start here.
        settle_clocks(context)


@contextlib.contextmanager
def _nothing_without_ledger() -> Iterator[None]:
    try:
        yield
    except journal.NoLedgerError:
        raise NotFound from None


def _context(by: Actor, code: str | None, writer: journal.Writer) -> ActionContext:
    """What stands under the lock; NotFound without the study, or without a participant in sight."""
    study = row_of(Study, identifier=by.study)
    if study is None:
        raise NotFound
    if study.version_id is None:
        raise ActionRefused(_("This study has no signed protocol yet. Sign one first."))
    study.version = version_of(study.version_id)
    protocol = protocol_of(study.version)
    # Under the lock it is the newest version that says what the roles may do.
    by = replace(by, roles=protocol.roles)
    participant = None if code is None else row_of(Participant, study_id=by.study, code=code)
    if code is not None and (participant is None or not _sees(by, participant)):
        raise NotFound
    if participant is not None:
        participant.study = study
        protocol = protocol_for(participant, study.version)
    return ActionContext(by, study, protocol, writer, participant)


def _sees(by: Actor, participant: Participant) -> bool:
    return may_act_on(by, code=participant.code, site=participant.site)


def _require_own_clock(study: Study, at: datetime | None) -> None:
    if at is None and not sources.are_given():
        return
    if not study.demonstration:
        raise ActionRefused(
            _("Only a demonstration study may have another clock. Leave the time to the system.")
        )
    if at is not None and at > sources.now() + _TOLERANCE:
        raise ActionRefused(
            _("The time lies in the future. An action is recorded once it has happened.")
        )


def knows_arm(person: Actor, participant: Participant) -> bool:
    """Whether this person has seen this participant's arm and is unblinded for them."""
    return bool(rows_of(Unblinding, participant_id=holder_id(participant), person=person.person_id))


def protocol_for(participant: Participant, newest: ProtocolVersion) -> Protocol:
    """The protocol under which a participant stands: the file's part of their kind and group."""
    whole = part_of(protocol_of(version_for(participant, newest)), participant.kind)
    return part_of_group(whole, participant.group)


def protocol_of(version: ProtocolVersion) -> Protocol:
    """The protocol as signed, read from its own bytes."""
    return _read(version.sha256, f"{version.study_id} {version.version}")


@lru_cache(maxsize=16)
def _read(sha256: str, name: str) -> Protocol:
    protocol = parse_file(bytes(ProtocolFile.objects.get(pk=sha256).source), name)
    if protocol.sha256 != sha256:
        raise RuntimeError(f"The protocol file kept for {name} is not the one that was signed.")
    return protocol
