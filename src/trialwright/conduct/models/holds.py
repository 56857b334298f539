"""Holds of a trial, the decisions that end them, and the signatures on these.

What could tell an arm (which arm is held, on which counts, why) is one padded ciphertext, `sealed`.
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person
from trialwright.conduct.models.cuts import DataCut
from trialwright.conduct.models.meetings import BoardMeeting
from trialwright.conduct.models.study import Study


class HoldKind(StrEnum):
    """What set a hold: a stopping rule, an event that holds at once, or a person."""

    RULE = "rule"
    AT_ONCE = "at_once"
    PERSON = "person"


class Pauses(StrEnum):
    """What a hold pauses: one arm, or all randomisation and every start of treatment."""

    ARM = "arm"
    ALL = "all"


class HoldDecision(models.Model):
    """A signed decision about all holds in force when it was made; `goes_on` unless the study is
    closed by it. `meeting` is that of the board in which it was made, where it names one."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="hold_decisions")
    number = models.PositiveIntegerField()
    goes_on = models.BooleanField()
    cut = models.ForeignKey(DataCut, on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey(
        BoardMeeting, null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    decided_at = models.DateTimeField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="hold_decision_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"


class Hold(models.Model):
    """One hold: in force until a decision. `set_by` is empty where the system set it; `reason` is
    what a blinded person wrote, what an unblinded one wrote is sealed."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="holds")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    pauses = models.CharField(max_length=3)
    set_at = models.DateTimeField()
    set_by = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    decision = models.ForeignKey(
        HoldDecision, null=True, on_delete=models.PROTECT, related_name="holds"
    )
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="hold_number_once"),
            one_of("hold_kind", "kind", HoldKind),
            one_of("hold_pauses", "pauses", Pauses),
            models.CheckConstraint(
                condition=Q(kind=HoldKind.PERSON.value, set_by__isnull=False)
                | (~Q(kind=HoldKind.PERSON.value) & Q(set_by__isnull=True)),
                name="hold_by_a_person_or_the_system",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"


class HoldSignature(models.Model):
    """One person's signature under a decision, which takes effect once there are enough."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="hold_signatures")
    decision = models.ForeignKey(
        HoldDecision, null=True, on_delete=models.PROTECT, related_name="signatures"
    )
    signed_at = models.DateTimeField()
    signed_by = person()
    role = models.CharField(max_length=40)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.study_id} {self.role}"
