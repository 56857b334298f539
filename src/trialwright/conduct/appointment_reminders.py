"""Mails before appointments, to who made them and asked for one.

What is due is judged from the appointments, never from a queue; `conduct.safety.reminding` sends. A
mail names no study, participant, visit or time: it has a link, which tells its reader alone.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from trialwright.accounts.mail_address import address_of
from trialwright.accounts.models import Person
from trialwright.accounts.policy import Act, may
from trialwright.conduct.models import Appointment, AppointmentReminder, VisitStatus
from trialwright.conduct.plain_mail import mail_with_link
from trialwright.conduct.reads.people import enter
from trialwright.conduct.refusals import NotFound

BEFORE = timedelta(hours=24)
_AT_ONCE = 500


def plan(now: datetime) -> None:
    """Have a row for each mail that is due: a day before; later, where no host ran."""
    rows = Appointment.objects.filter(
        remind=True,
        cancelled_at=None,
        starts_at__gt=now,
        starts_at__lte=now + BEFORE,
        visit__status=VisitStatus.PLANNED.value,
    ).order_by("starts_at", "pk")
    made = set(
        AppointmentReminder.objects.filter(appointment__in=rows).values_list(
            "appointment", "starts_at"
        )
    )
    due = [
        AppointmentReminder(
            appointment=row, starts_at=row.starts_at, person=row.made_by, made_at=now
        )
        for row in rows
        if (row.pk, row.starts_at) not in made
    ]
    AppointmentReminder.objects.bulk_create(due, _AT_ONCE, ignore_conflicts=True)


def is_due(row: AppointmentReminder, now: datetime) -> bool:
    """Whether the appointment still stands as it was, ahead, for a person who still makes them."""
    found = Appointment.objects.select_related("visit__participant").get(pk=row.appointment_id)
    stands = (
        found.cancelled_at is None
        and found.remind
        and found.starts_at == row.starts_at
        and found.made_by == row.person
        and found.visit.status == VisitStatus.PLANNED
    )
    return stands and now < found.starts_at and _still_works(row.person, found)


def _still_works(person: UUID, appointment: Appointment) -> bool:
    participant = appointment.visit.participant
    row = Person.objects.filter(pk=person, is_active=True).first()
    try:
        actor = enter(row, str(participant.study_id))[0] if row else None
    except NotFound:
        return False
    return actor is not None and may(actor, Act.PLAN_VISITS, site=participant.site)


def mail_of(row: AppointmentReminder) -> EmailMessage:
    """The mail."""
    person = Person.objects.get(pk=row.person)
    with translation.override(person.language):
        subject = _("Trialwright: something is coming up")
        text = _("Sign in to see what it is:")
    return mail_with_link(row.pk, address_of(person), subject, text, f"reminders/{row.pk}")


def visit_of(person: Person, key: UUID) -> tuple[str, str, str] | None:
    """The study, participant and visit that a mail to this person is about."""
    rows = AppointmentReminder.objects.filter(pk=key, person=person.pk)
    found = rows.select_related("appointment__visit__participant").first()
    if found is None:
        return None
    visit = found.appointment.visit
    return str(visit.participant.study_id), visit.participant.code, visit.visit
