"""What people say of single values: whether an abnormal result matters, and that one agrees with
its source."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.entries import Entry


class ReviewKind(StrEnum):
    """The clinical significance of a result outside normal, or its verification in the source."""

    SIGNIFICANCE = "significance"
    SOURCE = "source"


class ReviewAnswer(StrEnum):
    """What was found: of a significance one of two, of a verification that the two agree."""

    SIGNIFICANT = "significant"
    NOT_SIGNIFICANT = "not_significant"
    VERIFIED = "verified"


class ValueReview(models.Model):
    """One review of one value as it stood; undone once the value changes, or by a person.

    What could reveal an arm is never reviewed here: that a value is there would tell.
    """

    id = identifier()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="value_reviews")
    item = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    answer = models.CharField(max_length=16)
    comment = models.TextField(blank=True)
    reviewed_at = models.DateTimeField()
    reviewed_by = person()
    role = models.CharField(max_length=32)
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            one_of("value_review_kind", "kind", ReviewKind),
            one_of("value_review_answer", "answer", ReviewAnswer),
            models.CheckConstraint(
                condition=Q(kind="source", answer="verified")
                | Q(kind="significance", answer__in=["significant", "not_significant"]),
                name="value_review_answers_its_kind",
            ),
            together("value_review_undone_whole", "undone_at", "undone_reason"),
            models.UniqueConstraint(
                fields=["entry", "item", "kind"],
                condition=Q(undone_at__isnull=True),
                name="one_standing_value_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.answer}"
