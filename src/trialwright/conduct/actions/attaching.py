"""Attach a file to a form or a participant, and remove one that doesn't belong there."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_attach
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.actions.entering import MEANING
from trialwright.conduct.attached_files import kind_of, seal
from trialwright.conduct.models import AttachedFile, Attachment, Entry
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.conduct.signing import void
from trialwright.conduct.tables import entry_of, row_of
from trialwright.protocol.basics import UnknownKeyError
from trialwright.protocol.forms import Form

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class OnForm:
    """The form of a participant at a visit to which something is attached."""

    visit: str
    form: str
    repeat: int = 1


def attach_file(
    *,
    by: Actor,
    code: str,
    content: bytes,
    file_name: str,
    about: str = "",
    place: OnForm | None = None,
    at: datetime | None = None,
) -> int:
    """Attach a file; returns its number among the participant's attachments.

    Args:
        content: its bytes, which are stored encrypted; the ledger keeps their hash.
        file_name: of which only the ending is read, and nothing kept: it may name a person.
        about: what it shows; on a form that could reveal an arm nothing.
        place: the form; None for the participant as a whole.

    A signature on the form is void with it, as what was signed has changed.

    Raises:
        ActionRefused: the file is not what can be attached, it is there already, nothing is said
            of what it shows, or the form has not been saved yet.
    """
    with acting(by, partial(_role, place), "attach_file", code=code, at=at) as context:
        entry = None if place is None else _entry(context, place)
        restricted = place is not None and _reveals(context.protocol.form(place.form))
        kind = kind_of(content, file_name)
        problems = []
        if not about.strip() and not restricted:
            words = _("Say what the file shows, such as: laboratory report.")
            problems.append(Problem("about", words))
        if len(about.strip()) > _LONGEST:
            shorter = _("Say it in at most %(most)d characters.") % {"most": _LONGEST}
            problems.append(Problem("about", shorter))
        if problems:
            raise ActionRefused(problems=tuple(problems))
        there = Attachment.objects.filter(participant=context.participant)
        sha256 = hashlib.sha256(content).hexdigest()
        same = there.filter(sha256=sha256, entry=entry, removed_at=None).first()
        if same is not None:
            words = _("This very file is there already, as attachment %(number)d.")
            raise ActionRefused(problems=(Problem("file", words % {"number": same.number}),))
        row = Attachment(
            participant=context.participant,
            entry=entry,
            number=(there.aggregate(last=Max("number"))["last"] or 0) + 1,
            restricted=restricted,
            kind=kind.value,
            size_bytes=len(content),
            sha256=sha256,
            about="" if restricted else about.strip(),
            attached_at=context.at,
            attached_by=context.by.person_id,
            role=context.role,
        )
        context.record(row)
        _keep(context, row, content)
        _void(context, entry)
        return row.number


def remove_attachment(
    *, by: Actor, code: str, number: int, reason: str, at: datetime | None = None
) -> None:
    """Remove a file that doesn't belong there, and say why; it is shown to nobody any more.

    What is known of it stays, as in the ledger, and so do its bytes.

    Raises:
        ActionRefused: it is removed already, or no reason is given.
    """
    with acting(by, partial(_role_at, number), "remove_attachment", code=code, at=at) as context:
        row = _attachment(context, number)
        if row.removed_at is not None:
            raise ActionRefused(_("This attachment is removed already."))
        if not reason.strip():
            words = _("Say why it is removed.")
            raise ActionRefused(problems=(Problem("reason", words),))
        if row.entry is not None:
            context.require_unlocked(row.entry.visit, row.entry.form)
        removed = {"removed_at": context.at, "removed_by": context.by.person_id}
        context.change(row, **removed, removed_reason=reason.strip())
        _void(context, row.entry)


def _keep(context: ActionContext, row: Attachment, content: bytes) -> None:
    """Store the bytes, and have the ledger say what they are."""
    AttachedFile.objects.create(
        attachment=row, sealed=seal(context.study.identifier, row.pk, content)
    )
    context.writer.write(
        entity="attachment",
        id=str(row.pk),
        field="file",
        new=row.sha256,
        sealed=row.restricted,
        first=True,
    )


def _void(context: ActionContext, entry: Entry | None) -> None:
    if entry is not None:
        signatures = entry.signatures.filter(meaning=MEANING)
        void(context, signatures, "an attachment of the form changed")


def _role(place: OnForm | None, context: ActionContext) -> str | None:
    form = None
    if place is not None:
        try:
            form = context.protocol.form(place.form)
        except UnknownKeyError:
            return None
    site, knows = context.participant.site, context.knows_arm()
    return role_to_attach(context.by, form, site=site, knows_arm=knows)


def _role_at(number: int, context: ActionContext) -> str | None:
    row = _attachment(context, number)
    entry = row.entry
    place = None if entry is None else OnForm(entry.visit, entry.form, entry.repeat)
    return _role(place, context)


def _attachment(context: ActionContext, number: int) -> Attachment:
    row = row_of(Attachment, participant_id=context.participant.pk, number=number)
    if row is None:
        raise NotFound
    return row


def _entry(context: ActionContext, place: OnForm) -> Entry:
    context.require_unlocked(place.visit, place.form)
    entry = entry_of(context.participant, place.visit, place.form, place.repeat)
    if entry is None:
        raise ActionRefused(_("Save the form first; then a file can be attached to it."))
    return entry


def _reveals(form: Form) -> bool:
    return form.unmasking or bool(form.unmasking_items)
