"""Donors, lots, their tests and containers, and what was done at the bedside.

A donor is a code, never a person's identity. What tells who was given what is a ciphertext.
"""

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import Study
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus


class Donor(models.Model):
    """A donor of a product, by code."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="donors")
    code = models.CharField(max_length=16)
    product = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    registered_by = person()
    excluded_at = models.DateTimeField(null=True)
    excluded_by = person(null=True)
    why_excluded = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="donor_once"),
            together("donor_excluded_whole", "excluded_at", "excluded_by"),
        ]

    def __str__(self) -> str:
        return self.code


class Lot(models.Model):
    """A lot of a product. `status` is what was decided; that it has expired follows from its time
    (`custody.lots.status_at`). Stock of a lot is blocked by the lot's own row."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="lots")
    code = models.CharField(max_length=16)
    product = models.CharField(max_length=64)
    supplier = models.CharField(max_length=200)
    supplier_lot = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=12)
    registered_at = models.DateTimeField()
    registered_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="lot_once"),
            one_of("lot_status", "status", LotStatus),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.status}"


class LotDonor(models.Model):
    """That a donor gave for a lot, and when."""

    id = identifier()
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="donors")
    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="lots")
    donated_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "donor"], name="lot_donor_once")]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.donor_id}"


class LotComponent(models.Model):
    """The lot of something that touched a lot."""

    id = identifier()
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="components")
    component = models.CharField(max_length=64)
    number = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "component"], name="lot_component_once")
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.number}"


class ProductResult(models.Model):
    """A result of a test of a donor or of a lot; the latest counts. `result` is canonical text,
    empty where it was indeterminate; `on` is the day of the sample."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="product_results")
    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, null=True, related_name="results")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, related_name="results")
    test = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    result = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = person()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(donor__isnull=True, lot__isnull=False)
                | Q(donor__isnull=False, lot__isnull=True),
                name="result_of_a_donor_or_a_lot",
            ),
            models.UniqueConstraint(fields=["study", "number"], name="result_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.test}: {self.result or 'indeterminate'}"


class LotDecision(models.Model):
    """A signed change of a lot's status; `open_tests` are those that a conditional release leaves
    open, and `content_hash` is of what the signer read ("" where the system failed the lot)."""

    id = identifier()
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = person()
    open_tests = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "number"], name="lot_decision_once"),
            one_of("lot_decision_status", "status", LotStatus),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.status}"


class Container(models.Model):
    """A container of a lot: where it stands and is. Whom it is for stands sealed in its moves;
    `recipient` is a keyed mark of whom it was given to, "" while it wasn't."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="containers")
    code = models.CharField(max_length=16)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="containers")
    holds = models.CharField(max_length=40)
    unit = models.CharField(max_length=32)
    status = models.CharField(max_length=12)
    site = models.CharField(max_length=8, blank=True)
    place = models.CharField(max_length=80, blank=True)
    thawed_at = models.DateTimeField(null=True)
    recipient = models.CharField(max_length=64, blank=True)
    moves_made = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="container_once"),
            one_of("container_status", "status", ContainerStatus),
            models.CheckConstraint(
                condition=~Q(status__in=["thawed", "loaded"]) | Q(thawed_at__isnull=False),
                name="container_thawed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "status"], name="container_of_lot"),
            models.Index(
                fields=["study", "recipient"],
                name="container_of_recipient",
                condition=~Q(recipient=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.status}"


class ContainerMove(models.Model):
    """One move of a container, signed by who made it: all sealed (`conduct.products.moves`)."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="container_moves")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="moves")
    number = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["container", "number"], name="container_move_once")
        ]

    def __str__(self) -> str:
        return f"{self.container_id} {self.number}"


class BedsideCheck(models.Model):
    """One check at the bedside, accepted or a near miss: all of it is sealed."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="bedside_checks")
    number = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="bedside_once")]

    def __str__(self) -> str:
        return f"bedside check {self.number}"


class ProductNotice(models.Model):
    """That a participant's doctor must hear of the product they were given, until it is confirmed
    that they have, and that the participant was called. About which lot, and why, is sealed."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="product_notices")
    number = models.PositiveIntegerField()
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="product_notices"
    )
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = person(null=True)
    called_at = models.DateTimeField(null=True)
    called_by = person(null=True)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="product_notice_once"),
            together("product_notice_confirmed", "confirmed_at", "confirmed_by"),
            together("product_notice_called", "called_at", "called_by"),
        ]

    def __str__(self) -> str:
        return f"product notice {self.number}"
