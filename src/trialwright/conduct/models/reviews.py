"""Reviews of the first results: whoever the protocol names has seen them, and signed so."""

from django.db import models

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.study import Study


class ResultsReview(models.Model):
    """One signature that the results of the first participants have been seen.

    `participants` holds their codes as they stood; `content_hash` binds what was read.
    """

    id = identifier()
    study = models.OneToOneField(Study, on_delete=models.PROTECT, related_name="results_review")
    participants = models.JSONField()
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = person()
    role = models.CharField(max_length=32)

    def __str__(self) -> str:
        return f"results of {len(self.participants)} seen"
