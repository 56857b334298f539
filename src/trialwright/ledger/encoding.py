"""The bytes of the ledger, as docs/adr/0002-ledger-bytes.md fixes them.

Pure functions: what a row's hash, a value's commitment and a chain's beginning are.
Nothing here may change for formats 1 and 2; another choice is a new format with a new number.
"""

import hashlib
import re
import struct
from datetime import UTC, datetime
from typing import Final, NamedTuple

# What is written now. Rows of format 1 name no line of the heads file.
FORMAT: Final = 2
SALT_BYTES: Final = 32
HASH_BYTES: Final = 32
# What stands for the line before the first of the heads file.
NO_LINE: Final = bytes(HASH_BYTES)

INSTALLATION: Final = "@installation"

_GENESIS: Final = b"trialwright-genesis-1"
_ROW: Final = {1: b"trialwright-row-1", 2: b"trialwright-row-2"}
_VALUE: Final = b"trialwright-value-1"

_length = struct.Struct(">I").pack

_PATTERNS: Final = {
    "study": re.compile(r"@installation|[A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
    "chain": re.compile(r"open|sealed|installation"),
    "by": re.compile(r"[!-~]{1,100}"),
    "role": re.compile(r"([a-z][a-z0-9_]{0,63})?"),
    "action": re.compile(r"[a-z][a-z0-9_]{0,63}"),
    "entity": re.compile(r"[a-z][a-z0-9_]{0,63}"),
    "id": re.compile(r"[!-~]{1,200}"),
    "field": re.compile(r"([a-z][a-z0-9_.]{0,99})?"),
}


class LedgerError(Exception):
    """Something the ledger refuses; the message says what, by which rule, and the way out."""


class NoLedgerError(LedgerError):
    """The study has no ledger: it is not there."""


class Row(NamedTuple):
    """One change as it is hashed. Commitments are 32 bytes, or empty where there is none.

    `heads` is the hash of the last line of the heads file when the row was written; a row of
    format 1 has none.
    """

    study: str
    chain: str
    seq: int
    recorded_at: datetime
    happened_at: datetime
    by: str
    role: str
    action: str
    entity: str
    id: str
    field: str
    old: bytes
    new: bytes
    reason: bytes
    previous: bytes
    heads: bytes = b""

    @property
    def format(self) -> int:
        """The format whose bytes its hash covers."""
        return 2 if self.heads else 1


def frame(*parts: bytes) -> bytes:
    """Each part after its length (4 bytes, big-endian): no two lists of parts share bytes.

    >>> frame(b"ab", b"").hex()
    '00000002616200000000'
    """
    return b"".join([piece for part in parts for piece in (_length(len(part)), part)])


def moment_text(moment: datetime) -> str:
    """A moment in UTC with six decimals.

    >>> moment_text(datetime(2026, 11, 22, 17, 2, tzinfo=UTC))
    '2026-11-22T17:02:00.000000Z'
    """
    offset = moment.utcoffset()
    if offset is None:
        raise LedgerError(
            f"{moment.isoformat()} has no time zone; the ledger keeps moments, not wall clocks."
            " Pass an aware datetime."
        )
    if offset:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def value_bytes(text: str | None) -> bytes:
    """`n` for "no value"; `t` and the text's UTF-8, exactly as typed, for a value."""
    return b"n" if text is None else b"t" + text.encode()


def value_text(encoded: bytes) -> str | None:
    """Read `value_bytes` back."""
    if encoded == b"n":
        return None
    if encoded[:1] != b"t":
        raise LedgerError("A ledger value begins with neither `n` nor `t`; it isn't of format 1.")
    return encoded[1:].decode()


def genesis(study: str, chain: str) -> bytes:
    """What stands before the first row: the chain begins bound to its study and its name."""
    return hashlib.sha256(frame(_GENESIS, study.encode(), chain.encode())).digest()


def commitment(
    salt: bytes, study: str, chain: str, entity: str, id: str, field: str, part: str, value: bytes
) -> bytes:
    """Bind a row to a value without showing it: without the 32 random bytes it can't be guessed.

    `part` is "new" or "reason"; `value` comes from `value_bytes`.
    """
    return hashlib.sha256(
        frame(
            _VALUE,
            salt,
            study.encode(),
            chain.encode(),
            entity.encode(),
            id.encode(),
            field.encode(),
            part.encode(),
            value,
        )
    ).digest()


def row_hash(row: Row) -> bytes:
    """The hash that the next row carries as `previous`."""
    return hashlib.sha256(
        frame(
            _ROW[row.format],
            row.study.encode(),
            row.chain.encode(),
            b"%d" % row.seq,
            moment_text(row.recorded_at).encode(),
            moment_text(row.happened_at).encode(),
            row.by.encode(),
            row.role.encode(),
            row.action.encode(),
            row.entity.encode(),
            row.id.encode(),
            row.field.encode(),
            row.old,
            row.new,
            row.reason,
            row.previous,
            *((row.heads,) if row.heads else ()),
        )
    ).digest()


def chains_of(study: str) -> tuple[str, ...]:
    """The chains of a study, or of the installation."""
    return ("installation",) if study == INSTALLATION else ("open", "sealed")


def checked(name: str, text: str) -> str:
    """The text if it may stand in that column: identifiers are plain ASCII without spaces."""
    if not _PATTERNS[name].fullmatch(text):
        raise LedgerError(
            f"{text!r} can't be the {name} of a ledger row: identifiers are plain ASCII matching"
            f" {_PATTERNS[name].pattern}. Put text that people write in a value or a reason."
        )
    return text


def checked_value(text: str | None) -> str | None:
    """The text if it can be kept for ever: any Unicode but NUL and lone surrogates."""
    if text is not None:
        if "\0" in text:
            raise LedgerError(
                "A value holds a NUL character, which PostgreSQL can't store. Take it out."
            )
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise LedgerError(
                f"A value holds half a character at position {error.start} (a lone surrogate),"
                " which UTF-8 can't write. Type that character again."
            ) from None
    return text
