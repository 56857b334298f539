"""Data cuts: the state of a study at one number of its ledger, frozen in files."""

from django.db import models

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.study import Study


class DataCut(models.Model):
    """One named cut. The files lie outside the database; their hash is here and in the ledger."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="cuts")
    name = models.CharField(max_length=64)
    cut_at = models.DateTimeField()
    cut_by = person()
    open_seq = models.PositiveBigIntegerField()
    open_hash = models.CharField(max_length=64)
    sealed_seq = models.PositiveBigIntegerField()
    sealed_hash = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="cut_name_once")]

    def __str__(self) -> str:
        return self.name
