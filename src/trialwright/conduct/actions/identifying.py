"""Who a participant is: entered, read and looked for by the site's own staff. Each reading is kept.

The ledger says who entered, read or looked for it and when, never a word of it.
"""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from trialwright.accounts.policy import Actor, role_to_identify
from trialwright.conduct.acting import ActionContext, acting
from trialwright.conduct.identity import identities
from trialwright.conduct.identity import keys as identity_keys
from trialwright.conduct.identity.identities import Known
from trialwright.conduct.models import Identity, Study
from trialwright.conduct.refusals import ActionRefused, NotFound, Problem
from trialwright.ledger import journal
from trialwright.ledger.journal import Writer

_LONGEST = 200
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _role(context: ActionContext) -> str | None:
    return role_to_identify(context.by, context.participant.site)


def _commit(writer: Writer, row: Identity) -> None:
    text = identities.committed(row.pk, bytes(row.sealed), row.hospital_mark, row.key)
    writer.write(entity="identity", id=row.pk, field="sealed", new=text)


def save_identity(*, by: Actor, code: str, known: Known, at: datetime | None = None) -> None:
    """Enter or change who a participant is; nothing typed in any box removes it."""
    with acting(by, _role, "save_identity", code=code, at=at) as context:
        participant = context.participant
        if any(len(text) > _LONGEST for text in (known.name, known.telephone, known.mail)):
            raise ActionRefused(_("Enter at most 200 characters in each box."))
        if known.mail and not _MAIL.fullmatch(known.mail):
            words = _("Enter the mail address as name@place, or leave it empty.")
            raise ActionRefused(problems=(Problem("mail", words),))
        row = Identity.objects.filter(participant=participant).first()
        if known == Known():
            if row is not None:
                context.writer.remove(entity="identity", id=row.pk)
                row.delete()
            return
        made = row is None
        row = row or Identity(participant=participant)
        identities.seal(row, known, context.study.identifier, participant.site)
        row.save(force_insert=made)
        if made:
            context.writer.write(
                entity="identity", id=row.pk, field="participant_id", new=participant.pk
            )
        _commit(context.writer, row)


def read_identity(*, by: Actor, code: str, at: datetime | None = None) -> Known:
    """Show who a participant is, and keep that it was shown, to whom."""
    with acting(by, _role, "see_identity", code=code, at=at) as context:
        row = Identity.objects.filter(participant=context.participant).first()
        if row is None:
            return Known()
        context.writer.write(entity="identity_seen", id=row.pk, field="seen", new=True)
        return identities.open_one(row)


def find_by_hospital_number(*, by: Actor, number: str, at: datetime | None = None) -> list[str]:
    """The codes of the person's own sites under a hospital number; kept where one was found."""
    sites = sorted(
        {seat.site for seat in by.seats if seat.site and role_to_identify(by, seat.site)}
    )
    if not sites:
        raise NotFound

    def role(context: ActionContext) -> str | None:
        return role_to_identify(context.by, sites[0])

    with acting(by, role, "find_identity", at=at) as context:
        codes = []
        for site in sites:
            wanted = identities.marks(by.study, site, number)
            rows = Identity.objects.filter(
                participant__study=by.study, participant__site=site, hospital_mark__in=wanted
            ).select_related("participant")
            for row in rows.order_by("participant__code"):
                codes.append(row.participant.code)
                context.writer.write(entity="identity_seen", id=row.pk, field="seen", new=True)
        return codes


def rotate_key(*, at: datetime, by: str = "system") -> int:
    """Seal every identity anew under a new key and forget the old ones; returns how many."""
    new, count = identity_keys.add(), 0
    for study in Study.objects.order_by("identifier"):
        opened = journal.open_entry(
            study=study.identifier, by=by, role="", action="rotate_identity_key", happened_at=at
        )
        with transaction.atomic(), opened as writer:
            rows = Identity.objects.filter(participant__study=study).select_related("participant")
            for row in rows:
                known = identities.open_one(row)
                identities.seal(row, known, study.identifier, row.participant.site)
                row.save(update_fields=["sealed", "hospital_mark", "key"])
                _commit(writer, row)
                count += 1
    identity_keys.keep_only(new)
    return count
