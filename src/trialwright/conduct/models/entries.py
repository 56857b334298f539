"""Entries: a form of a participant at a visit, its values, the questions and signatures on it."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from trialwright.conduct.models.columns import identifier, one_of, person, together
from trialwright.conduct.models.participants import Participant
from trialwright.conduct.models.study import ProtocolVersion, Study


class EntryStatus(StrEnum):
    """A complete entry has a value or a reason for every question that is asked."""

    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


class Entry(models.Model):
    """One filled-in form. `revision` counts its savings, so that two people can't overwrite.

    Values that could reveal an arm are not rows of `Value`, whose very presence would tell, but
    one padded ciphertext for the whole entry: `sealed`.
    """

    id = identifier()
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entries")
    visit = models.CharField(max_length=64)
    form = models.CharField(max_length=64)
    repeat = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=16)
    revision = models.PositiveIntegerField()
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT)
    sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "visit", "form", "repeat"], name="entry_once"
            ),
            one_of("entry_status", "status", EntryStatus),
        ]

    def __str__(self) -> str:
        return f"{self.visit}/{self.form}"


class Value(models.Model):
    """One item's value as typed (canonical text), or why it is missing; never both."""

    id = identifier()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="values")
    item = models.CharField(max_length=64)
    text = models.TextField(null=True)  # noqa: DJ001
    missing = models.CharField(max_length=32, null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "item"], name="value_once"),
            models.CheckConstraint(
                condition=Q(text__isnull=False, missing__isnull=True)
                | Q(text__isnull=True, missing__isnull=False),
                name="value_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.item


class Draft(models.Model):
    """What one person has typed and not yet saved. Takes no lock and enters no ledger; sealed."""

    person = person()
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE)
    visit = models.CharField(max_length=64)
    form = models.CharField(max_length=64)
    repeat = models.PositiveIntegerField()
    based_on = models.PositiveIntegerField()
    sealed = models.BinaryField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "participant", "visit", "form", "repeat"], name="draft_once"
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.form}"


class QueryStatus(StrEnum):
    """A query is answered by the site and closed by whoever asked."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Query(models.Model):
    """A question about one value, asked by a check or by a person."""

    id = identifier()
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="queries")
    number = models.PositiveIntegerField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="queries")
    item = models.CharField(max_length=64)
    check_key = models.CharField(max_length=64, blank=True)
    text = models.TextField()
    status = models.CharField(max_length=16)
    opened_at = models.DateTimeField()
    opened_by = person()
    answer = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "number"], name="query_number_once"),
            one_of("query_status", "status", QueryStatus),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="query_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"query {self.number}"


class Signature(models.Model):
    """A person's signature, bound to the hash of what was signed; void once that changes."""

    id = identifier()
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="signatures"
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="signatures")
    meaning = models.CharField(max_length=32)
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = person()
    role = models.CharField(max_length=32)
    void_at = models.DateTimeField(null=True)
    void_reason = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        constraints = [
            together("signature_void_whole", "void_at", "void_reason"),
            models.UniqueConstraint(
                fields=["entry", "meaning"],
                condition=Q(void_at__isnull=True, entry__isnull=False),
                name="one_valid_signature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meaning} by {self.role}"
