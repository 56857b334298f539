"""Sealed envelopes: the arm of one participant on paper, for when the system can't be reached."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.allocation import UnplannedUnblinding
from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study


class EnvelopeState(StrEnum):
    """What has become of an envelope; all but the first are final."""

    KEPT = "kept"
    OPENED = "opened"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"


class Envelope(models.Model):
    """One printed sheet. The arm stands on the paper alone, never in the row.

    printing: the number of the printing that made it, with others of its site. allocation: the key
    of the participant's latest allocation then; None of the one by which they entered. unblinding:
    that of whoever opened it, once they have said so.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="envelopes")
    number = models.PositiveIntegerField()
    printing = models.PositiveIntegerField()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="envelopes")
    allocation = models.CharField(max_length=40, null=True)  # noqa: DJ001 - most have none
    printed_at = models.DateTimeField()
    printed_by = person()
    role = models.CharField(max_length=40)
    state = models.CharField(max_length=9)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    unblinding = models.ForeignKey(
        UnplannedUnblinding, null=True, on_delete=models.PROTECT, related_name="envelopes"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="envelope_number_once"),
            models.UniqueConstraint(
                fields=["participant"], condition=Q(state="kept"), name="envelope_kept_once"
            ),
            one_of("envelope_state", "state", EnvelopeState),
            together("envelope_settled_whole", "settled_at", "settled_by"),
            models.CheckConstraint(
                condition=Q(state="kept", settled_at__isnull=True)
                | (~Q(state="kept") & Q(settled_at__isnull=False)),
                name="envelope_kept_until_settled",
            ),
            models.CheckConstraint(
                condition=Q(unblinding__isnull=True) | Q(state="opened"),
                name="envelope_unblinds_when_opened",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"
