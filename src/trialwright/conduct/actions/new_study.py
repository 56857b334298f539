"""Begin a study from a protocol file, and put another file in its place until it is signed."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act, Actor
from trialwright.accounts.reads import administers_installation
from trialwright.conduct import audited
from trialwright.conduct.models import ProtocolDraft, ProtocolFile, Study
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.conduct.setting_up import (
    SYSTEM,
    WRITING,
    SetUpContext,
    draft_of,
    setting_up,
    with_manager,
)
from trialwright.ledger import journal
from trialwright.protocol.model import Protocol
from trialwright.safety.checked import CheckedFile, check_file

_LONGEST_NAME = 120


def new_study(
    *, by: Person | None, source: bytes, file_name: str, at: datetime | None = None
) -> str:
    """Begin a study with a protocol file as its draft; returns its identifier, which the file says.

    The file may still have problems. Whoever begins it administers it.

    Args:
        by: an administrator of the installation; None is the person at the machine.

    Raises:
        NotFound: this person doesn't start studies here.
        ActionRefused: the file can't be read, names no identifier, or one that is taken.
    """
    if by is not None and not administers_installation(by):
        raise NotFound
    protocol = _identified(check_file(source, file_name))
    now = at or timezone.now()
    who: UUID | str = by.id if by else SYSTEM
    with transaction.atomic():
        journal.create(protocol.identifier)
        opened = journal.open_entry(
            study=protocol.identifier, by=who, action="new_study", happened_at=now
        )
        with opened as writer:
            if Study.objects.filter(pk=protocol.identifier).exists():
                raise ActionRefused(
                    _(
                        "There is a study %(study)s here already. Open it, or give the file "
                        "another `identifier`."
                    )
                    % {"study": protocol.identifier}
                )
            study = Study(identifier=protocol.identifier, demonstration=protocol.demonstration)
            audited.record(writer, study)
            keep(SetUpContext(who, "", study, writer), source, file_name)
        if by is not None:
            with accounts.entry("give_role", at=now, by=by.id) as book:
                accounts.give_role(
                    book, by, study=protocol.identifier, role=managing_role(protocol)
                )
    return protocol.identifier


def replace_draft(
    *, by: Actor, source: bytes, file_name: str, at: datetime | None = None
) -> CheckedFile:
    """Put another file in the place of a study's draft, or begin an amendment with it.

    Signatures stand on bytes, so those on the file before count no more.

    Raises:
        ActionRefused: it can't be read, is of another study, or would change whether the study is
            a demonstration.
    """
    checked = check_file(source, file_name)
    with setting_up(by, WRITING, "upload_protocol", at=at) as context:
        protocol = _identified(checked)
        if protocol.identifier != context.study.identifier:
            raise ActionRefused(
                _(
                    "The file is of the study %(other)s, and this is %(study)s. Begin another "
                    "study with it, or correct its `identifier`."
                )
                % {"other": protocol.identifier, "study": context.study.identifier}
            )
        if protocol.demonstration is not context.study.demonstration:
            raise ActionRefused(
                _(
                    "A demonstration stays one, and a study of real participants too: the file "
                    "says otherwise. Begin another study with it."
                )
            )
        keep(context, source, file_name)
    return checked


def managing_role(protocol: Protocol) -> str:
    """The role under which people of a study are managed."""
    roles = with_manager(protocol.roles)
    managers = roles.who_may(Act.MANAGE_PEOPLE)
    return min(managers, key=lambda key: (roles.at_a_site(key), roles.place(key)))


def _identified(checked: CheckedFile) -> Protocol:
    protocol = checked.protocol
    if protocol is None or not protocol.identifier:
        first = checked.problems[0] if checked.problems else None
        raise ActionRefused(
            _("No protocol can be read in this file. Line %(line)d: %(problem)s. %(way_out)s")
            % {
                "line": first.line if first else 1,
                "problem": first.message if first else _("it names no `identifier`"),
                "way_out": first.way_out if first else _("Add `identifier:` at its top."),
            }
        )
    if bad := next((one for one in checked.problems if one.rule == "identifier"), None):
        raise ActionRefused(f"{bad.message}. {bad.way_out}")
    return protocol


def keep(context: SetUpContext, source: bytes, file_name: str) -> str:
    """Keep a file as the study's draft; returns its hash."""
    sha256 = hashlib.sha256(source).hexdigest()
    ProtocolFile.objects.get_or_create(sha256=sha256, defaults={"source": source})
    columns = {
        "sha256": sha256,
        "file_name": file_name[-_LONGEST_NAME:],
        "uploaded_at": context.at,
        "uploaded_by": context.by if isinstance(context.by, UUID) else None,
    }
    row = draft_of(context.study)
    if row is None:
        context.record(ProtocolDraft(study=context.study, **columns))
    else:
        context.change(row, **columns)
    return sha256
