"""Freezes and locks: a place in the study's data where nothing changes until it is lifted."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study


class LockLevel(StrEnum):
    """Frozen data don't change, but are still asked about and signed; locked ones neither."""

    FREEZE = "freeze"
    LOCK = "lock"


class Lock(models.Model):
    """One signed freeze or lock, of the study or of a part of it; each empty column is all of it.

    `head_seq` and `head_hash` are of the ledger's open chain as it stood: what was locked is what
    it says. It is lifted by another signature, with its reason, and stays to be read.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="locks")
    number = models.PositiveIntegerField()
    level = models.CharField(max_length=8)
    site = models.CharField(max_length=8, blank=True)
    participant = models.ForeignKey(
        Participant, null=True, on_delete=models.PROTECT, related_name="locks"
    )
    visit = models.CharField(max_length=64, blank=True)
    form = models.CharField(max_length=64, blank=True)
    reason = models.TextField()
    head_seq = models.PositiveBigIntegerField()
    head_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = person()
    role = models.CharField(max_length=40)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = person(null=True)
    lifted_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="lock_number_once"),
            one_of("lock_level", "level", LockLevel),
            together("lock_lifted_whole", "lifted_at", "lifted_by"),
            models.CheckConstraint(
                condition=Q(visit="") | Q(participant__isnull=False), name="lock_visit_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(form="") | ~Q(visit=""), name="lock_form_of_a_visit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.number}"
