"""What monitoring keeps: the random number by which participants are drawn for verification."""

from django.db import models

from trialwright.conduct.models.columns import identifier
from trialwright.conduct.models.study import Study


class VerificationSeed(models.Model):
    """The random number from which follows whose source data are verified in full, as a
    ciphertext: who knows it knows beforehand who is drawn."""

    id = identifier()
    study = models.OneToOneField(Study, on_delete=models.PROTECT, related_name="verification_seed")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"verification seed of {self.study_id}"
