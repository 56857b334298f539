"""The concealed list: one equal-length ciphertext for each place, and who has opened one."""

from django.db import models

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study


class AllocationSlot(models.Model):
    """One place of one list. `participant` is filled in, in order, as women are randomised."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="slots")
    list_name = models.CharField(max_length=64)
    place = models.PositiveIntegerField()
    sealed = models.BinaryField()
    participant = models.OneToOneField(
        Participant, on_delete=models.PROTECT, null=True, related_name="slot"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "list_name", "place"], name="slot_once")
        ]

    def __str__(self) -> str:
        return f"{self.list_name} {self.place}"


class ArmSeen(models.Model):
    """Who has seen which participant's arm, and why; she is unmasked for her from then on."""

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="seen_by")
    person = person()
    seen_at = models.DateTimeField()
    why = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["participant", "person"], name="arm_seen_once")
        ]

    def __str__(self) -> str:
        return self.why
