"""Which columns of which tables the ledger speaks for, and the one way to write them.

`record` and `change` write the row and its ledger entries together, so that no column changes
without one. `verify` folds the same entries and compares them with the same columns.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from trialwright.conduct import models as m
from trialwright.conduct import sealed_values, tables
from trialwright.ledger.book import Writer
from trialwright.ledger.folds import Folded, Read


@dataclass(frozen=True, slots=True)
class Ledgered:
    """One table as the ledger names it: `study` is the path from it to the study's identifier."""

    entity: str
    model: type[Model]
    study: str
    columns: tuple[str, ...]


def _ledgered(
    entity: str, model: type[Model], study: str, *, without: tuple[str, ...] = ()
) -> Ledgered:
    columns = (field.attname for field in model._meta.concrete_fields if not field.primary_key)
    return Ledgered(entity, model, study, tuple(each for each in columns if each not in without))


# What is sealed is not among the columns: it stands in the sealed chain (see `folded`).
LEDGERED = (
    _ledgered("study", m.Study, "identifier"),
    _ledgered("protocol_version", m.ProtocolVersion, "study_id"),
    _ledgered("participant", m.Participant, "study_id"),
    _ledgered("consent", m.Consent, "participant__study_id"),
    _ledgered("criterion", m.CriterionAnswer, "participant__study_id"),
    _ledgered("ending", m.Ending, "participant__study_id"),
    _ledgered("visit", m.VisitRecord, "participant__study_id"),
    _ledgered("entry", m.Entry, "participant__study_id", without=("sealed",)),
    _ledgered("value", m.Value, "entry__participant__study_id"),
    _ledgered("query", m.Query, "study_id"),
    _ledgered("signature", m.Signature, "participant__study_id"),
    _ledgered("slot", m.AllocationSlot, "study_id", without=("sealed",)),
    _ledgered("arm_seen", m.ArmSeen, "participant__study_id"),
    _ledgered("cut", m.DataCut, "study_id"),
)
_BY_MODEL = {each.model: each for each in LEDGERED}


def _hash_of_file(sha256: str) -> str | None:
    file = m.ProtocolFile.objects.filter(pk=sha256).first()
    return None if file is None else hashlib.sha256(file.source).hexdigest()


# The ledger holds the hash of a protocol for its file: what is compared is the file's own.
_READ: dict[str, dict[str, str | Read]] = {
    "protocol_version": {"sha256": Read("sha256", by=_hash_of_file)}
}


def folded() -> tuple[Folded, ...]:
    """The same tables as `verify` reads them, and what is sealed in them."""
    opened = (
        Folded(
            each.entity,
            each.model._meta.label,
            study=each.study,
            id=each.model._meta.pk.attname,
            fields={column: column for column in each.columns} | _READ.get(each.entity, {}),
        )
        for each in LEDGERED
    )
    arm = Read("study_id", "list_name", "place", "sealed", by=sealed_values.open_arm)
    values = Read(
        "participant__study_id", "id", "sealed", by=sealed_values.open_text
    )  # fmt: skip
    return (
        *opened,
        Folded(
            "slot",
            m.AllocationSlot._meta.label,
            study="study_id",
            chain="sealed",
            fields={"arm": arm},
        ),
        Folded(
            "entry",
            m.Entry._meta.label,
            study="participant__study_id",
            chain="sealed",
            fields={"sealed": values},
            rows=Q(sealed__isnull=False),
        ),
    )


def record(writer: Writer, row: Model) -> None:
    """Insert a row, and say in the ledger what each of its filled columns holds."""
    record_all(writer, [row])


def record_all(writer: Writer, rows: Sequence[Model]) -> None:
    """Insert rows of one table at once, each with its ledger entries."""
    if not rows:
        return
    tables.insert(rows)
    spec = _BY_MODEL[type(rows[0])]
    for row in rows:
        drawn = isinstance(row.pk, UUID)
        for column in spec.columns:
            value = getattr(row, column)
            if value is not None:
                writer.write(
                    entity=spec.entity, id=str(row.pk), field=column, new=value, first=drawn
                )


def change(writer: Writer, row: Model, **columns: Any) -> None:
    """Change columns of a row; those that already hold the value are left alone."""
    spec = _BY_MODEL[type(row)]
    changed = []
    for column, value in columns.items():
        attribute = row._meta.get_field(column).attname  # type: ignore[union-attr]
        if getattr(row, column) == value:
            continue
        setattr(row, column, value)
        changed.append(attribute)
        writer.write(
            entity=spec.entity,
            id=str(row.pk),
            field=attribute,
            new=getattr(row, attribute),
        )
    if changed:
        tables.update(row, changed)


def remove(writer: Writer, row: Model) -> None:
    """Delete a row, and say so in the ledger."""
    writer.remove(entity=_BY_MODEL[type(row)].entity, id=str(row.pk))
    row.delete()
