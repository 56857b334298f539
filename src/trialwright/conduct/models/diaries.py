"""A participant's way to their diary, and the entries that came by it."""

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, person, together
from trialwright.conduct.models.entries import Entry
from trialwright.conduct.models.participants import Participant


class DiaryLink(models.Model):
    """A link with a code, by which a participant without an account writes their diaries.

    It is opened once, with the code, before it expires, and from then on serves the browser that
    opened it (`device`, a keyed hash). `tries` counts wrong codes: no fact of a trial.
    """

    id = identifier()
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="diary_links"
    )
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    made_by = person()
    role = models.CharField(max_length=32)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=64, null=True)  # noqa: DJ001
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(null=True)  # noqa: DJ001
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "number"], name="diary_link_number_once"
            ),
            models.UniqueConstraint(
                fields=["participant"], condition=Q(ended_at=None), name="one_diary_link"
            ),
            together("diary_link_opened_whole", "opened_at", "device"),
            together("diary_link_ended_whole", "ended_at", "end_reason"),
        ]

    def __str__(self) -> str:
        return f"diary link {self.number}"


class DiaryEntry(models.Model):
    """How an entry of a diary came: `written_at` is what the phone said, `received_at` our clock.

    `key` was drawn by the page on which it was written: what is sent twice is the same entry.
    """

    id = identifier()
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="diary_entry")
    link = models.ForeignKey(DiaryLink, on_delete=models.PROTECT, related_name="entries")
    due_at = models.DateTimeField()
    written_at = models.DateTimeField()
    received_at = models.DateTimeField()
    late = models.BooleanField()
    key = models.CharField(max_length=40)

    class Meta:
        verbose_name_plural = "diary entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(written_at__lte=models.F("received_at")),
                name="diary_entry_written_before_received",
            ),
        ]

    def __str__(self) -> str:
        return f"diary entry {self.key}"


class DiaryReminder(models.Model):
    """One mail to a participant whose entry isn't there. No fact of a trial, so in no ledger."""

    id = identifier()
    link = models.ForeignKey(DiaryLink, on_delete=models.CASCADE, related_name="reminders")
    form = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "form", "number"], name="diary_reminder_once")
        ]
        indexes = [
            models.Index(
                fields=["made_at"], condition=Q(sent_at=None), name="diary_reminder_unsent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.number}"
