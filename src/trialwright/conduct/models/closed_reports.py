"""Copies of the report by arm that were made for readers of the board."""

from django.db import models

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.cuts import DataCut
from trialwright.conduct.models.study import Study


class ClosedReportCopy(models.Model):
    """That the report by arm of a cut, in a language, was encrypted for one reader. The password is
    `sealed`; the file isn't kept, since cut and password make it again."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="closed_report_copies")
    number = models.PositiveIntegerField()
    cut = models.ForeignKey(DataCut, on_delete=models.PROTECT, related_name="+")
    reader = person()
    language = models.CharField(max_length=2)
    made_at = models.DateTimeField()
    made_by = person()
    role = models.CharField(max_length=40)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="closed_report_copy_once")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"
