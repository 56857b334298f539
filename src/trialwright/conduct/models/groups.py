"""Groups of participants: each signed decision that opened or closed one."""

from enum import StrEnum

from django.db import models

from trialwright.conduct.models.columns import identifier, one_of, person
from trialwright.conduct.models.study import Study


class GroupVerdict(StrEnum):
    """What was decided of a group."""

    OPEN = "open"
    CLOSE = "close"


class GroupDecision(models.Model):
    """One decision on one group. `entered` is how many were in it, as the signer read it;
    `content_hash` binds the state of all groups at that moment."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="group_decisions")
    group = models.CharField(max_length=40)
    verdict = models.CharField(max_length=8)
    entered = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    reason = models.TextField()
    decided_at = models.DateTimeField()
    decided_by = person()
    role = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "group", "verdict"], name="group_decided_once"
            ),
            one_of("group_verdict", "verdict", GroupVerdict),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.verdict}"
