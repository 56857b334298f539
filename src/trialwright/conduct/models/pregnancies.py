"""Pregnancies of participants, followed to their outcome and the children."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.adverse_events import AdverseEvent
from trialwright.conduct.models.columns import identifier
from trialwright.conduct.models.study import Study


class PregnancyOutcome(StrEnum):
    """How a pregnancy ended."""

    BIRTH = "birth"
    MISCARRIAGE = "miscarriage"
    ECTOPIC = "ectopic"
    STILLBIRTH = "stillbirth"
    TERMINATION = "termination"
    UNKNOWN = "unknown"


class Pregnancy(models.Model):
    """What is asked of a pregnancy; `case` is the special situation that is reported of it.

    The case has the participant, when it began by the best estimate, when it was known, and when it
    ended. `last_period` and `expected_on` are ISO dates cut short where only part is known, empty
    where nothing is; `weeks` are the completed ones at the end. `loss` is the participant's serious
    event that the end of the pregnancy was.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="pregnancies")
    case = models.OneToOneField(AdverseEvent, on_delete=models.PROTECT, related_name="pregnancy")
    last_period = models.CharField(max_length=10, blank=True)
    expected_on = models.CharField(max_length=10, blank=True)
    contraception = models.TextField(blank=True)
    history = models.TextField(blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    weeks = models.PositiveSmallIntegerField(null=True)
    loss = models.ForeignKey(
        AdverseEvent, null=True, on_delete=models.PROTECT, related_name="pregnancies_lost"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=[each.value for each in PregnancyOutcome]),
                name="pregnancy_outcome",
            ),
        ]

    def __str__(self) -> str:
        return str(self.case)


class PregnancyChild(models.Model):
    """A child born of a pregnancy. `code` is the mother's with a number of the child's own; `born`
    and `died_on` are ISO dates that may be cut short, `died_on` empty for who lives."""

    id = identifier()
    pregnancy = models.ForeignKey(Pregnancy, on_delete=models.PROTECT, related_name="children")
    code = models.CharField(max_length=64)
    born = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=8, blank=True)
    weight_g = models.PositiveIntegerField(null=True)
    condition = models.TextField(blank=True)
    died_on = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pregnancy", "code"], name="pregnancy_child_once"),
            models.CheckConstraint(
                condition=Q(sex__in=["", "female", "male"]), name="pregnancy_child_sex"
            ),
        ]

    def __str__(self) -> str:
        return self.code
