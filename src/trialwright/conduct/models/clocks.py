"""Clocks of reports: what must be told to whom by when, its older due times, and how it ended."""

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.adverse_events import AdverseEvent
from trialwright.conduct.models.columns import identifier, one_of
from trialwright.conduct.models.holds import Hold
from trialwright.conduct.models.study import Study
from trialwright.safety.duties import Stage, Why


class Clock(models.Model):
    """One report that is due, of an event or of a hold. `rule` is the key of the protocol's rule
    and `site` empty where the sponsor counts; `zone` is where its days are counted.

    Nothing here comes from an arm: a clock is opened by what blinded people enter.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="clocks")
    number = models.PositiveIntegerField()
    event = models.ForeignKey(
        AdverseEvent, null=True, on_delete=models.PROTECT, related_name="clocks"
    )
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="clocks")
    site = models.CharField(max_length=8, blank=True)
    region = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=8)
    rule = models.CharField(max_length=64)
    zone = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="clock_number_once"),
            one_of("clock_stage", "stage", Stage),
            models.CheckConstraint(
                condition=Q(event__isnull=True, hold__isnull=False)
                | Q(event__isnull=False, hold__isnull=True),
                name="clock_of_an_event_or_a_hold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"


class ClockDue(models.Model):
    """A due time that a clock has or had, why, and under which rule; `last_day` is the date that
    it ends, of a clock of days."""

    id = identifier()
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="dues")
    number = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=64)
    why = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    last_day = models.DateField(null=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "number"], name="clock_due_number_once"),
            one_of("clock_due_why", "why", Why),
        ]

    def __str__(self) -> str:
        return f"{self.clock} {self.number}"


class ClockEnding(models.Model):
    """That a clock has ended. When, by whom, by which report or why none was due is sealed: of an
    event it could tell an arm."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="clock_endings")
    clock = models.OneToOneField(Clock, on_delete=models.PROTECT, related_name="ending")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.clock)
