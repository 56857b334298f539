"""Reviews of the audit trail: who has read it up to where, and what was found."""

from django.db import models
from django.db.models import F, Q

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.study import Study


class TrailReview(models.Model):
    """One review of the open chain from one number to another.

    It begins where the same person's last one ended; `findings` says what was found, and that
    nothing was.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="trail_reviews")
    number = models.PositiveIntegerField()
    first_seq = models.PositiveBigIntegerField()
    last_seq = models.PositiveBigIntegerField()
    findings = models.TextField()
    reviewed_at = models.DateTimeField()
    reviewed_by = person()
    role = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="trail_review_number_once"),
            models.CheckConstraint(
                condition=Q(first_seq__gte=1, last_seq__gte=F("first_seq")),
                name="trail_review_goes_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"audit trail {self.first_seq} to {self.last_seq}"
