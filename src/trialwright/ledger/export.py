"""The ledger of one study as JSON lines, for the verifier that stands alone (ADR 0002)."""

import json
from collections.abc import Iterator
from typing import Any

from trialwright.ledger.encoding import LedgerError, chains_of, moment_text
from trialwright.ledger.snapshot import snapshot, standing, stream

FORMAT = "trialwright-ledger-export-1"

_ROWS = """
    SELECT r.chain, r.seq, r.format, r.recorded_at, r.happened_at, r.by, r.role, r.action,
           r.entity, r.id, r.field, r.old, r.new, r.reason, r.previous, r.heads, r.hash,
           n.seq IS NOT NULL, n.salt, n.text, n.sealed, w.seq IS NOT NULL, w.salt, w.text, w.sealed
    FROM ledger_row r
    LEFT JOIN ledger_value n
        ON n.study = r.study AND n.chain = r.chain AND n.seq = r.seq AND n.part = 'new'
    LEFT JOIN ledger_value w
        ON w.study = r.study AND w.chain = r.chain AND w.seq = r.seq AND w.part = 'reason'
    WHERE r.study = %s AND r.chain = %s ORDER BY r.seq
"""
_NAMES = (
    "chain", "seq", "format", "recorded_at", "happened_at", "by", "role", "action",
    "entity", "id", "field", "old", "new", "reason", "previous", "heads", "hash",
)  # fmt: skip


def lines(
    study: str, publics: list[bytes], *, values: bool = True, chains: tuple[str, ...] = ()
) -> Iterator[str]:
    """A header, then each row of each chain, in one snapshot. Not inside a transaction.

    Args:
        publics: the public keys that signed the heads.
        values: whether salts and texts go along; without them the chain still proves itself, and
            shows nothing. Sealed values go along as ciphertexts.
        chains: which ones; all by default.
    """
    with snapshot():
        if not standing(study):
            raise LedgerError(f"There is no ledger for the study {study}; check its identifier.")
        chosen = chains or chains_of(study)
        header = {"format": FORMAT, "study": study, "chains": chosen, "values": values}
        yield _line(header | {"public_keys": [public.hex() for public in publics]})
        for chain in chosen:
            for columns in stream(_ROWS, study, chain):
                yield _line(_row(study, columns, values))


def _row(study: str, columns: tuple[Any, ...], values: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"study": study}
    for name, content in zip(_NAMES, columns, strict=False):
        row[name] = content.hex() if isinstance(content, bytes) else content
    row["recorded_at"] = moment_text(row["recorded_at"])
    row["happened_at"] = moment_text(row["happened_at"])
    if values:
        kept = {"new": _value(*columns[17:21]), "reason": _value(*columns[21:25])}
        row["values"] = {part: value for part, value in kept.items() if value is not None}
    return row


def _value(
    there: bool, salt: bytes | None, text: str | None, sealed: bytes | None
) -> dict[str, Any] | None:
    if not there:
        return None
    if sealed is not None:
        return {"sealed": sealed.hex()}
    return {"salt": (salt or b"").hex(), "text": text}


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
