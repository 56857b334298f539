"""When a participant is expected for a visit, who takes a calendar along, and mails before it."""

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, person, together
from trialwright.conduct.models.participants import VisitRecord
from trialwright.conduct.models.study import Study


class Appointment(models.Model):
    """A moment agreed on for a planned visit. Whether it was kept is never written here: the visit
    says so.

    moves: how often it was moved; `reason` is that of the last move or, before one, why it lies
    outside the visit's window. remind: whether who made or moved it last is sent a mail before.
    """

    id = identifier()
    visit = models.ForeignKey(VisitRecord, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    remind = models.BooleanField()
    moves = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = person()
    role = models.CharField(max_length=40)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit"], condition=Q(cancelled_at=None), name="one_appointment"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=720), name="appointment_minutes"
            ),
            together("appointment_cancelled_whole", "cancelled_at", "cancel_reason"),
        ]
        indexes = [models.Index(fields=["starts_at"], name="appointment_starts")]

    def __str__(self) -> str:
        return f"appointment of {self.visit_id}"


class CalendarLink(models.Model):
    """A person's own link to the appointments of a study, for a program without an account."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="calendar_links")
    person = person()
    language = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "person"], condition=Q(ended_at=None), name="one_calendar_link"
            ),
        ]

    def __str__(self) -> str:
        return f"calendar link of {self.person}"


class AppointmentReminder(models.Model):
    """One mail before an appointment, to who made it. No fact of a trial, so in no ledger.

    `starts_at` is when the appointment was as the mail came up: one that is moved has another.
    """

    id = identifier()
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="reminders")
    starts_at = models.DateTimeField()
    person = person()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "starts_at"], name="appointment_reminder_once"
            )
        ]
        indexes = [
            models.Index(fields=["made_at"], condition=Q(sent_at=None), name="appt_reminder_unsent")
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.starts_at}"
