"""Who a participant is: apart from all coded data, sealed under a key that no database holds."""

from django.db import models

from trialwright.conduct.models.columns import identifier
from trialwright.conduct.models.participants import Participant


class Identity(models.Model):
    """A participant's name, birth date, telephone and hospital number, in one ciphertext.

    `hospital_mark` is a keyed hash of the hospital number, by which it is found; `key` names the
    key of both. Nothing of it stands in a cut, an export or the ledger's values.
    """

    id = identifier()
    participant = models.OneToOneField(
        Participant, on_delete=models.PROTECT, related_name="identity"
    )
    sealed = models.BinaryField()
    hospital_mark = models.CharField(max_length=64, blank=True, db_index=True)
    key = models.CharField(max_length=16)

    class Meta:
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return f"identity {self.id}"
