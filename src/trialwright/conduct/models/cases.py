"""Narratives of events for reports to those outside."""

from django.db import models

from trialwright.conduct.models.adverse_events import AdverseEvent
from trialwright.conduct.models.columns import identifier
from trialwright.conduct.models.study import Study


class CaseNarrative(models.Model):
    """One version of the narrative of an event; the latest counts. All of it is sealed: that an
    event has one could tell that it was reported, and so an arm."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="narratives")
    event = models.ForeignKey(AdverseEvent, on_delete=models.PROTECT, related_name="narratives")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="narrative_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.number}"
