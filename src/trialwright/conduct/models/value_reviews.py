"""What people say of single values: whether an abnormal result matters, of which grade it is, and
that one agrees with its source."""

from enum import StrEnum
from typing import Final

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.entries import Entry


class ReviewKind(StrEnum):
    """The clinical significance of a result outside normal, the grade of a result that the criteria
    propose one for, or its verification in the source."""

    SIGNIFICANCE = "significance"
    GRADE = "grade"
    SOURCE = "source"


class ReviewAnswer(StrEnum):
    """What was found: of a significance one of two, of a grade that it is said, of a verification
    that the two agree."""

    SIGNIFICANT = "significant"
    NOT_SIGNIFICANT = "not_significant"
    GRADED = "graded"
    VERIFIED = "verified"


GRADES: Final = (0, 1, 2, 3, 4)
"""No grade, and those that a laboratory value can have."""


class ValueReview(models.Model):
    """One review of one value as it stood; undone once the value changes, or by a person.

    `grade` is the one that a person gave, 0 for none, of a review of the grade alone; where the
    criteria proposed another one, the comment says why.
    What could reveal an arm is never reviewed here: that a value is there would tell.
    """

    id = identifier()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="value_reviews")
    item = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    answer = models.CharField(max_length=16)
    comment = models.TextField(blank=True)
    grade = models.PositiveSmallIntegerField(null=True)
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
                condition=Q(kind="source", answer="verified", grade=None)
                | Q(kind="grade", answer="graded", grade__in=GRADES)
                | Q(kind="significance", answer__in=["significant", "not_significant"], grade=None),
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
