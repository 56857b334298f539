"""Kits: packs known by a number; what is in one is a ciphertext."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person
from trialwright.conduct.models.steps import StepRecord
from trialwright.conduct.models.study import Study


class KitStatus(StrEnum):
    """Where a kit is: at the depot, under way, at a site, with a participant, back, set aside."""

    DEPOT = "depot"
    SENT = "sent"
    STOCK = "stock"
    DISPENSED = "dispensed"
    RETURNED = "returned"
    SET_ASIDE = "set_aside"


class KitBatch(models.Model):
    """One list of kits as it was put in. `sealed` is the random number from which the order follows
    in which its kits are handed out."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="kit_batches")
    number = models.PositiveIntegerField()
    listed_at = models.DateTimeField()
    listed_by = person()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="kit_batch_once")]

    def __str__(self) -> str:
        return f"batch {self.number}"


class Kit(models.Model):
    """One kit. `sealed` is its product.

    strength: the key of the one that is printed on it, None where all are alike.
    entered, left: when it came into a site's stock and left it, as numbers of one count of the
    study, so that what was in stock at any assignment can be found again. step: for which it was
    dispensed. unused: how much of it came back, as decimal text.
    """

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="kits")
    batch = models.ForeignKey(KitBatch, on_delete=models.PROTECT, related_name="kits")
    number = models.CharField(max_length=16)
    sealed = models.BinaryField()
    strength = models.CharField(max_length=40, null=True)  # noqa: DJ001 - entries begin with one
    expires_on = models.DateField(null=True)
    site = models.CharField(max_length=8, blank=True)
    status = models.CharField(max_length=10)
    entered = models.PositiveIntegerField(null=True)
    left = models.PositiveIntegerField(null=True)
    step = models.ForeignKey(StepRecord, on_delete=models.PROTECT, null=True, related_name="kits")
    dispensed_on = models.DateField(null=True)
    returned_on = models.DateField(null=True)
    unused = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="kit_number_once"),
            one_of("kit_status", "status", KitStatus),
            models.CheckConstraint(
                condition=~Q(status__in=["dispensed", "returned"])
                | Q(
                    step__isnull=False,
                    entered__isnull=False,
                    left__isnull=False,
                    dispensed_on__isnull=False,
                ),
                name="kit_dispensed_from_stock",
            ),
            models.CheckConstraint(
                condition=~Q(status="stock") | Q(entered__isnull=False, left__isnull=True),
                name="kit_in_stock",
            ),
            models.CheckConstraint(
                condition=Q(status="returned", returned_on__isnull=False)
                | (~Q(status="returned") & Q(returned_on__isnull=True, unused="")),
                name="kit_returned_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="depot", site="")
                | (~Q(status="depot") & ~Q(site=""))
                | Q(status="set_aside", site=""),
                name="kit_has_place",
            ),
        ]

    def __str__(self) -> str:
        return f"kit {self.number}: {self.status}"
