"""Reminders of diary entries that aren't there, to participants who gave a mail address.

What is due is judged from the diaries, never from a queue; `conduct.safety.reminding` sends. A mail
names no study, participant, form or day: its link opens on the participant's own phone alone.
"""

from collections.abc import Iterator
from datetime import datetime

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from trialwright.conduct.clock import share_zones, zones_of
from trialwright.conduct.diary.diaries import (
    diaries_in,
    diaries_of,
    ended_on,
    protocol_of_link,
    slot_of,
    token_of,
)
from trialwright.conduct.identity import identities
from trialwright.conduct.models import DiaryEntry, DiaryLink, DiaryReminder, Identity, Participant
from trialwright.conduct.plain_mail import mail_with_link
from trialwright.protocol.diaries import Slot
from trialwright.protocol.model import Protocol

_AT_ONCE = 500


def plan(now: datetime) -> None:
    """Have a row for each mail that is due: of each diary the latest entry that is missing alone.

    What was missed while no host ran is one late mail.
    """
    links = DiaryLink.objects.exclude(opened_at=None).filter(
        ended_at=None, participant__identity__isnull=False
    )
    made = set(DiaryReminder.objects.filter(link__in=links).values_list("link", "form", "number"))
    rows = []
    for link in links.select_related("participant__study").order_by("made_at", "pk"):
        protocol = protocol_of_link(link)
        if not any(each.diary and each.diary.remind_hours is not None for each in protocol.forms):
            continue
        share_zones([link.participant], zones_of(link.participant.study_id))
        for form, slot in _missing(link.participant, protocol, now):
            if (link.pk, form, slot.number) not in made:
                rows.append(DiaryReminder(link=link, form=form, number=slot.number, made_at=now))
    DiaryReminder.objects.bulk_create(rows, _AT_ONCE, ignore_conflicts=True)


def _missing(
    participant: Participant, protocol: Protocol, now: datetime
) -> Iterator[tuple[str, Slot]]:
    """Of each diary the latest entry of which a reminder is due, where it hasn't come."""
    for own in diaries_of(participant, protocol):
        due = [slot for slot in own.slots if slot.reminded and slot.reminded <= now < slot.closes]
        if due and not _has_come(participant, own.form.key, due[-1].number):
            last_day = ended_on(participant, protocol, own.form.key)
            if last_day is None or due[-1].day <= last_day:
                yield own.form.key, due[-1]


def _has_come(participant: Participant, form: str, number: int) -> bool:
    return DiaryEntry.objects.filter(
        entry__participant=participant, entry__form=form, entry__repeat=number
    ).exists()


def is_due(row: DiaryReminder, now: datetime) -> bool:
    """Whether the entry is still missing, and the link still open."""
    link = DiaryLink.objects.select_related("participant__study").get(pk=row.link_id)
    if link.ended_at is not None or _has_come(link.participant, row.form, row.number):
        return False
    protocol = protocol_of_link(link)
    if row.form not in {form.key for form in diaries_in(protocol)}:
        return False
    found = slot_of(diaries_of(link.participant, protocol), row.form, row.number)
    return found is not None and now < found[1].closes


def mail_of(row: DiaryReminder) -> EmailMessage | None:
    """The mail; None where the participant has no mail address any more."""
    held = Identity.objects.filter(participant__diary_links=row.link_id).first()
    to = identities.open_one(held).mail if held else ""
    if not to:
        return None
    with translation.override(row.link.language):
        subject = _("Something waits to be filled in")
        text = _("Open it on the phone on which you opened it first:")
    return mail_with_link(row.pk, to, subject, text, f"diary/{token_of(row.link_id)}")
