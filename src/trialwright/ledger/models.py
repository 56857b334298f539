"""The tables of the ledger: rows, the values they commit to, where each chain stands, and what the
file of signed heads says of it.

Nobody writes to them but `journal`. People and records are plain ids: no foreign key leaves this
package. What the database itself enforces stands in migrations/0002: rows are only added, at a
chain's end, under the clock of the database; a value is deleted only after its erasure was entered.
"""

from django.db import models
from django.db.models import Q


def _text(length: int) -> models.CharField:
    """Plain ASCII, sorted by its bytes wherever the database stands."""
    return models.CharField(max_length=length, db_collation="C")


class LedgerRow(models.Model):
    """One change of one field of one record, chained by hash; see ADR 0002."""

    pk = models.CompositePrimaryKey("study", "chain", "seq")
    study = _text(64)
    chain = _text(12)
    seq = models.BigIntegerField()
    format = models.SmallIntegerField()
    recorded_at = models.DateTimeField()
    happened_at = models.DateTimeField()
    by = _text(100)
    role = _text(64)
    action = _text(64)
    entity = _text(64)
    id = _text(200)
    field = _text(100)
    old = models.BinaryField(max_length=32)
    new = models.BinaryField(max_length=32)
    reason = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    # The last line of the heads file when the row was written; empty in rows of format 1.
    heads = models.BinaryField(max_length=32, default=b"", db_default=b"")

    class Meta:
        db_table = "ledger_row"
        indexes = [
            # The record first: an index that begins as the primary key does would be taken for it
            # by plans made while the table is small, and then read a whole chain for each row.
            models.Index(
                fields=["entity", "id", "field", "study", "chain", "seq"],
                name="ledger_row_by_record",
            )
        ]
        constraints = [models.CheckConstraint(condition=Q(seq__gte=1), name="ledger_row_from_one")]

    def __str__(self) -> str:
        return f"{self.study} {self.chain} {self.seq}"


class LedgerValue(models.Model):
    """What a commitment is to: salt and text, or both sealed. Apart, so that it can be erased."""

    pk = models.CompositePrimaryKey("study", "chain", "seq", "part")
    study = _text(64)
    chain = _text(12)
    seq = models.BigIntegerField()
    part = _text(6)
    salt = models.BinaryField(max_length=32, null=True)
    # Null is a value here: the field was emptied.
    text = models.TextField(null=True)  # noqa: DJ001
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "ledger_value"
        constraints = [
            models.CheckConstraint(
                condition=Q(chain="sealed", sealed__isnull=False, salt=None, text=None)
                | (~Q(chain="sealed") & Q(sealed=None, salt__isnull=False)),
                name="ledger_value_sealed_or_open",
            ),
            models.CheckConstraint(
                condition=Q(part__in=["new", "reason"]), name="ledger_value_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} {self.chain} {self.seq} {self.part}"


class LedgerHead(models.Model):
    """Where a chain stands; the rows of one study are the lock that its writers take."""

    pk = models.CompositePrimaryKey("study", "chain")
    study = _text(64)
    chain = _text(12)
    seq = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_head"

    def __str__(self) -> str:
        return f"{self.study} {self.chain} {self.seq}"


class LedgerSigned(models.Model):
    """The last line that the program left in the heads file for a chain; moved by `signing` alone.

    The row of the highest number tells where the whole file ended.
    """

    pk = models.CompositePrimaryKey("study", "chain")
    study = _text(64)
    chain = _text(12)
    seq = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    line = models.BinaryField(max_length=32)
    number = models.BigIntegerField()
    signer = models.CharField(max_length=255)

    class Meta:
        db_table = "ledger_signed"

    def __str__(self) -> str:
        return f"{self.study} {self.chain} {self.seq}"
