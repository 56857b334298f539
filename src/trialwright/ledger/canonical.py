"""The one text of a value, the same whether it comes from an action or back out of a table."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from trialwright.ledger.encoding import LedgerError, moment_text

Storable = (
    str | bool | int | Decimal | date | datetime | time | UUID | bytes | Mapping | Sequence | None
)


def canonical(value: Storable) -> str | None:
    """The text that the ledger keeps.

    Text stays as typed, to the last code point. A float is refused: it isn't what anyone typed.

    >>> canonical(Decimal("3.10")), canonical(True), canonical(date(2026, 3, 1))
    ('3.10', 'true', '2026-03-01')
    >>> canonical({"b": [1, None], "a": "é"})
    '{"a":"é","b":[1,null]}'
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping | Sequence):
        return _json(value)
    raise LedgerError(
        f"A {type(value).__name__} has no ledger text. Pass the text as typed, or a whole number,"
        " Decimal, date, aware datetime, UUID, bytes, list or dict."
    )


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise LedgerError(
            f"{value} is not a number that can be measured; record the reason why it is missing."
        )
    return format(value, "f")


def _json(value: Mapping | Sequence) -> str:
    return json.dumps(
        _without_floats(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def _without_floats(value: Storable) -> object:
    if isinstance(value, Mapping):
        return {str(key): _without_floats(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(inner) for inner in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return canonical(value)
