"""Steps of the treatment as they were taken: one row for each step, visit and occurrence."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person
from trialwright.conduct.models.participants import Participant


class StepStatus(StrEnum):
    """How far a step was done. Only a dose can be given in part, or recorded as not given."""

    DONE = "done"
    PART = "part"
    NOT_DONE = "not_done"


class StepRecord(models.Model):
    """One step of one participant.

    visit: where it was taken; empty for a step that is taken once. taken_on: its day. The details
    that could tell an arm of a restricted step (its minute, amount, words and people) are one
    padded ciphertext, `sealed`; those of any other stand in their columns. amount: as decimal text,
    in `unit`; planned: the amount that was to be given then, by the values of that moment.
    """

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=64)
    visit = models.CharField(max_length=64, blank=True)
    occurrence = models.PositiveIntegerField(default=1)
    taken_on = models.DateField()
    status = models.CharField(max_length=8)
    at = models.DateTimeField(null=True)
    planned = models.CharField(max_length=40, blank=True)
    amount = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    why_late = models.TextField(blank=True)
    second_person = person(null=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "step", "visit", "occurrence"], name="step_once"
            ),
            one_of("step_status", "status", StepStatus),
            models.CheckConstraint(
                condition=Q(sealed__isnull=True, at__isnull=False)
                | Q(
                    sealed__isnull=False,
                    at__isnull=True,
                    planned="",
                    amount="",
                    unit="",
                    reason="",
                    why_late="",
                    second_person__isnull=True,
                ),
                name="step_open_or_sealed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.status}"
