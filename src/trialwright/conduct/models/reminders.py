"""Mails that remind a person of a report that is due: each is one row, and sent once."""

from django.db import models

from trialwright.conduct.models.clocks import Clock
from trialwright.conduct.models.columns import identifier, person


class Reminder(models.Model):
    """One mail to one person about one stage of a clock. No fact of a trial: it enters no ledger.

    `stage` is `opened`, so many hours before it is due, or `overdue`. The row's name is in the
    mail's Message-ID and link, so that a mail that is sent again is known as the same.
    """

    id = identifier()
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="reminders")
    stage = models.CharField(max_length=8)
    person = person()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "stage", "person"], name="reminder_once")
        ]
        indexes = [
            models.Index(
                fields=["made_at"], condition=models.Q(sent_at=None), name="reminder_unsent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock} {self.stage}"
