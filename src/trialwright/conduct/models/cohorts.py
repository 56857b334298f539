"""Dose cohorts: each signed decision that opened one, or ended the escalation."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person
from trialwright.conduct.models.study import Study


class Verdict(StrEnum):
    """What was decided: open the next cohort, or end the escalation with a dose chosen or none."""

    OPEN = "open"
    END = "end"


class CohortDecision(models.Model):
    """One decision: `number` of the cohort it opens, at which dose level and for how many.

    group: the key of the group that escalates by itself, None of the whole trial.
    level: counted from 1; of an end the dose chosen, None where none is. `seen` holds the counts
    that were read, `content_hash` binds them. said_action, said_level: what the rule said then.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="cohort_decisions")
    group = models.CharField(max_length=40, null=True)  # noqa: DJ001 - entries begin with a group
    number = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=8)
    level = models.PositiveSmallIntegerField(null=True)
    size = models.PositiveSmallIntegerField()
    said_action = models.CharField(max_length=16, blank=True)
    said_level = models.PositiveSmallIntegerField(null=True)
    seen = models.JSONField()
    content_hash = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = person()
    role = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "group", "number"],
                name="cohort_decided_once",
                nulls_distinct=False,
            ),
            one_of("cohort_verdict", "verdict", Verdict),
            models.CheckConstraint(
                condition=Q(verdict="open", level__isnull=False, size__gte=1)
                | Q(verdict="end", size=0),
                name="cohort_open_has_level",
            ),
        ]

    def __str__(self) -> str:
        return f"cohort {self.number}: {self.verdict}"
