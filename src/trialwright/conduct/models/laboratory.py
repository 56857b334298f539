"""Reference ranges as laboratories sent them, and the range that is bound to each result."""

from django.db import models
from django.db.models import F, Q

from trialwright.conduct.models.columns import identifier, person
from trialwright.conduct.models.entries import Entry
from trialwright.conduct.models.study import Study

SEXES = ("", "female", "male")


class RangeList(models.Model):
    """One version of a laboratory's reference ranges, whole; its newest version is in force.

    `sites` are the codes of the sites whose samples it measures, parted by commas; empty: all.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="range_lists")
    laboratory = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    sites = models.TextField(blank=True)
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = person()
    role = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study", "laboratory", "version"], name="range_list_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.laboratory} {self.version}"


class ReferenceRange(models.Model):
    """One line of a list: the limits of a test for a sex (empty: both), an age and a time.

    Ages are whole years, from `age_from` up to and without `age_below`; limits stay as written,
    one may be empty. `row` is the line of the file.
    """

    id = identifier()
    list = models.ForeignKey(RangeList, on_delete=models.PROTECT, related_name="ranges")
    row = models.PositiveIntegerField()
    test = models.CharField(max_length=40)
    unit = models.CharField(max_length=32)
    sex = models.CharField(max_length=8, blank=True)
    age_from = models.PositiveIntegerField(null=True)
    age_below = models.PositiveIntegerField(null=True)
    low = models.CharField(max_length=32, blank=True)
    high = models.CharField(max_length=32, blank=True)
    first_day = models.DateField()
    last_day = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=SEXES), name="range_sex"),
            models.CheckConstraint(condition=~Q(low="", high=""), name="range_has_a_limit"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="range_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.test} {self.low}–{self.high}"


class BoundRange(models.Model):
    """The range in force on the day of the sample, bound to one result."""

    id = identifier()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="ranges")
    item = models.CharField(max_length=64)
    range = models.ForeignKey(ReferenceRange, on_delete=models.PROTECT, related_name="+")
    sampled_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "item"], name="one_range_a_value")]

    def __str__(self) -> str:
        return self.item
