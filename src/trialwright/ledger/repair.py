"""The two lawful ways to lose something: an erasure, and a restore that is acknowledged.

Both are entries like any other, by a person and with a reason. An erasure deletes values, so it
runs as the owner of the tables; the web's role can't.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from trialwright.ledger import book, files, heads
from trialwright.ledger.encoding import LedgerError, chains_of
from trialwright.ledger.heads import Head, SignedHead

_DELETE = """
    DELETE FROM ledger_value v USING ledger_row r
    WHERE v.study = r.study AND v.chain = r.chain AND v.seq = r.seq
      AND r.study = %s AND r.chain = %s AND r.entity = %s AND r.id = %s
      AND r.field = ANY(%s) AND r.seq <= %s
"""


def erase(
    *,
    study: str,
    entity: str,
    id: object,
    fields: Iterable[str],
    by: UUID | str,
    role: str,
    happened_at: datetime,
    reason: str,
    sealed: bool = False,
) -> int:
    """Enter that the fields were emptied by erasure, then delete their earlier values and reasons.

    The caller empties the table's columns in the same transaction. Returns how many values went.
    """
    names = sorted(set(fields))
    if not reason:
        raise LedgerError("An erasure needs its reason: the law or the request that asks for it.")
    with book.open_entry(
        study=study, by=by, role=role, action="erase", happened_at=happened_at, reason=reason
    ) as writer:
        chain = "sealed" if sealed else chains_of(study)[0]
        before = writer.heads[chain].seq
        for field in names:
            writer.write(entity=entity, id=id, field=field, new=None, sealed=sealed)
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [study, chain, entity, str(id), names, before])
        return cursor.rowcount


def lost_in_restore(study: str) -> list[tuple[Head, SignedHead]]:
    """For each chain that is shorter than the heads file says: where it stands, what was signed."""
    reading = heads.read(files.heads_path(), [files.keys().public])
    lost = []
    for chain in chains_of(study):
        here = book.head(study, chain)
        signed = reading.heads.get((study, chain), heads.SignedHeads())
        beyond = list(signed.since(here.seq + 1))
        if beyond:
            lost.append((here, beyond[-1]))
    return lost


def acknowledge_restore(
    *, study: str, by: UUID | str, role: str, happened_at: datetime, reason: str
) -> list[tuple[int, int]]:
    """After a restore from a backup: enter which rows it lost, as the first row of each chain.

    Returns the ranges (first, last). `verify` then takes their signed heads for lost.
    """
    lost = lost_in_restore(study)
    if not lost:
        raise LedgerError(
            f"The chains of {study} are as long as the heads file says; no restore lost anything."
        )
    with transaction.atomic(), book.open_entry(
        study=study, by=by, role=role, action="acknowledge_restore", happened_at=happened_at,
        reason=reason,
    ) as writer:  # fmt: skip
        for here, signed in lost:
            writer.write(
                entity="ledger", id=f"{here.seq + 1}:{signed.seq}:{signed.hash.hex()}",
                field="lost", new=None, sealed=here.chain == "sealed",
            )  # fmt: skip
    return [(here.seq + 1, signed.seq) for here, signed in lost]
