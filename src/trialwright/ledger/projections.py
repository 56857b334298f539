"""Which table says what the ledger says: each package above registers its own, and `verify`
compares.

In a package's `AppConfig.ready`:

    folds.register(
        Folded("participant", "conduct.Participant", study="study_id", id="code",
               fields={"state": "state", "born": "birth_year"}),
        Folded("allocation", "conduct.Allocation", study="participant__study_id",
               id="participant__code", chain="sealed",
               fields={"arm": Read("sealed_arm", "stratum", "slot", by=open_slot)}),
    )
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import CharField, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Collate

from trialwright.ledger.canonical import Storable, canonical
from trialwright.ledger.encoding import LedgerError

TableRow = tuple[str, dict[str, str | None]]


class Read:
    """A ledger field computed from columns of the table: `by` gets their values in order."""

    def __init__(self, *paths: str, by: Callable[..., Storable]) -> None:
        self.paths, self.by = paths, by


@dataclass(frozen=True)
class Projected:
    """One kind of record: the table that holds it, and the column behind each ledger field.

    Args:
        entity: the name that its ledger rows carry.
        model: the table, as "app.Model".
        fields: for each ledger field the path of its column, or a `Read`.
        study: the path of the study's identifier; empty for records of the installation.
        id: the path (or expression) whose text is the ledger's id.
        chain: where its fields are written. A record with fields in both chains is given twice.
        rows: which rows of the table are meant, if not all.
    """

    entity: str
    model: str
    fields: Mapping[str, str | Read]
    study: str = "study"
    id: str | Combinable = "id"
    chain: str = "open"
    rows: Q = field(default_factory=Q)

    def table_rows(self, study: str) -> Iterator[TableRow]:
        """(id, {field: text}) of each row, sorted by the bytes of the id; streamed."""
        readers = [(name, _reader(column)) for name, column in self.fields.items()]
        paths = [path for _, reader in readers for path in reader.paths]
        for id, *columns in self._query(study).values_list("ledger_id", *paths).iterator(5000):
            texts: dict[str, str | None] = {}
            at = 0
            for name, reader in readers:
                until = at + len(reader.paths)
                texts[name] = _text(reader, columns[at:until])
                at = until
            yield id, texts

    def _query(self, study: str) -> QuerySet:
        query = apps.get_model(self.model)._default_manager.filter(self.rows)
        if self.study:
            query = query.filter(**{self.study: study})
        id = F(self.id) if isinstance(self.id, str) else self.id
        by_bytes = Collate(Cast(id, CharField()), "C")
        return query.annotate(ledger_id=by_bytes).order_by("ledger_id")


_registered: dict[tuple[str, str], Projected] = {}


def register(*folded: Projected) -> None:
    """Add what a package holds; the same again is nothing new, another of its name an error."""
    for one in folded:
        known = _registered.setdefault((one.chain, one.entity), one)
        if known is not one and known.model != one.model:
            raise LedgerError(
                f"{one.entity} in the {one.chain} chain is registered for {known.model} and"
                f" {one.model}. Give one of them another entity name."
            )


def registered(chain: str) -> dict[str, Projected]:
    """What is compared with the chain, by entity."""
    return {entity: one for (of, entity), one in _registered.items() if of == chain}


def _text(reader: Read, columns: Sequence[Storable]) -> str | None:
    """The text of a field; a sealed one that was changed or moved doesn't open, and so differs."""
    try:
        return canonical(reader.by(*columns))
    except LedgerError as error:
        return str(error)


def _reader(column: str | Read) -> Read:
    return column if isinstance(column, Read) else Read(column, by=lambda value: value)
