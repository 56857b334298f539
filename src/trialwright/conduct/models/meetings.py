"""Meetings of the data and safety monitoring board, and the signatures on what was recommended.

What could tell an arm (what exactly is recommended and why, the closed minutes, what members
declared) is one padded ciphertext, `sealed`.
"""

from django.db import models

from trialwright.conduct.models.columns import identifier, one_of, person
from trialwright.conduct.models.cuts import DataCut
from trialwright.conduct.models.study import Study
from trialwright.safety.board import Advice


class BoardMeeting(models.Model):
    """One meeting as recorded; corrected before it was signed, the same number again as the next
    `version`. `present` lists the members who took part, each as the plain id that the ledger
    keeps; `signed_at` is when enough of them had signed."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="board_meetings")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    held_on = models.DateField()
    cut = models.ForeignKey(DataCut, on_delete=models.PROTECT, related_name="+")
    present = models.JSONField()
    chair = models.UUIDField()
    quorum = models.PositiveIntegerField()
    advice = models.CharField(max_length=8)
    minutes = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = person()
    role = models.CharField(max_length=40)
    signed_at = models.DateTimeField(null=True)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "number", "version"], name="board_meeting_version_once"
            ),
            one_of("board_meeting_advice", "advice", Advice),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"


class MeetingSignature(models.Model):
    """One member's signature on one version of a meeting's record."""

    id = identifier()
    meeting = models.ForeignKey(BoardMeeting, on_delete=models.PROTECT, related_name="signatures")
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = person()
    role = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "signed_by"], name="board_meeting_signed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.role}"
