"""The file of signed heads, outside the database: what the chains were, said again elsewhere.

One line for each chain that an entry moved, as docs/adr/0002-ledger-bytes.md fixes it:

    trialwright-head-1 STUDY CHAIN SEQ RECORDED_AT HASH PREVIOUS_LINE KEY SIGNATURE

Each line carries the hash of the line before, so one good signature vouches for all lines above it
in an unbroken run.
"""

import fcntl
import os
import re
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trialwright.ledger.encoding import LedgerError, moment_text
from trialwright.ledger.keys import Keys, key_name

TAG: Final = "trialwright-head-1"
NO_LINE: Final = "0" * 64
_LINE: Final = re.compile(
    TAG
    + r" (\S{1,64}) (open|sealed|installation) ([1-9][0-9]{0,17}) \S{27} ([0-9a-f]{64})"
    + r" ([0-9a-f]{64}) [0-9a-f]{16} [0-9a-f]{128}",
    re.ASCII,
)
_HEAD = struct.Struct(">QQ32s")
# More than the longest line: a study of 64 characters still leaves room.
_LINE_LIMIT: Final = 1024


@dataclass(frozen=True)
class Head:
    """Where a chain stands."""

    study: str
    chain: str
    seq: int
    hash: bytes
    recorded_at: datetime | None

    @property
    def short(self) -> str:
        """For a page's foot: enough to pin the database (64 bits of the hash).

        >>> Head("S", "open", 1234, bytes.fromhex("9f3a" * 16), None).short
        'open 1,234 · 9f3a 9f3a 9f3a 9f3a'
        """
        digits = self.hash.hex()[:16]
        groups = " ".join(digits[at : at + 4] for at in range(0, 16, 4))
        return f"{self.chain} {self.seq:,} · {groups}"


class SignedHead(NamedTuple):
    """What one line of the file says of its chain."""

    seq: int
    line: int
    hash: bytes


class SignedHeads:
    """One chain's signed heads by row and line: packed, for a file has one for each entry."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._sorted = True

    def add(self, head: SignedHead) -> None:
        self._packed.append(_HEAD.pack(*head))
        self._sorted = False

    def since(self, seq: int) -> Iterator[SignedHead]:
        """Those of row `seq` and later, in order."""
        if not self._sorted:
            self._packed.sort()
            self._sorted = True
        begin = bisect_left(self._packed, _HEAD.pack(seq, 0, b""))
        return (
            SignedHead._make(_HEAD.unpack(self._packed[at]))
            for at in range(begin, len(self._packed))
        )


class Trouble(NamedTuple):
    """A line of the file that can't be trusted: "altered_line" or "unlinked_line"."""

    kind: str
    number: int
    after: int


class Reading(NamedTuple):
    """The whole file: its trusted heads by chain, what is wrong with it, and torn lines."""

    heads: dict[tuple[str, str], SignedHeads]
    troubles: list[Trouble]
    torn: list[int]


def line(head: Head, previous_line: str, keys: Keys) -> str:
    """The signed line for a head, without its line end."""
    if head.recorded_at is None:
        raise LedgerError(
            f"The {head.chain} chain of {head.study} has no row yet; nothing to sign."
        )
    said = (
        f"{TAG} {head.study} {head.chain} {head.seq} {moment_text(head.recorded_at)}"
        f" {head.hash.hex()} {previous_line} {key_name(keys.public)}"
    )
    return f"{said} {keys.sign(said.encode()).hex()}"


def line_hash(text: str) -> str:
    """What the next line carries of this one."""
    return sha256(text.encode()).hexdigest()


_held: ContextVar[dict[tuple[str, str], Head] | None] = ContextVar("held", default=None)


def append(path: Path, heads: Iterable[Head], keys: Keys) -> None:
    """Sign the heads and add them to the file, on disk before this returns."""
    held = _held.get()
    if held is not None:
        held.update({(head.study, head.chain): head for head in heads})
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        torn, previous = _last_line(descriptor)
        lines = []
        for head in heads:
            text = line(head, previous, keys)
            previous = line_hash(text)
            lines.append(text + "\n")
        os.write(descriptor, ("\n" * torn + "".join(lines)).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def signed_once(path: Path, keys: Keys) -> Iterator[None]:
    """Sign only the last head of each chain at the end: for building a demonstration quickly."""
    held: dict[tuple[str, str], Head] = {}
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)
        if held:
            append(path, held.values(), keys)


def _last_line(descriptor: int) -> tuple[bool, str]:
    """Whether the file ends inside a line that a crash tore, and the hash of its last whole one."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, 4 * _LINE_LIMIT, max(0, size - 4 * _LINE_LIMIT))
    torn = bool(tail) and not tail.endswith(b"\n")
    for raw in reversed(tail.split(b"\n")):
        text = raw.decode("ascii", "replace")
        if _LINE.fullmatch(text):
            return torn, line_hash(text)
    return torn, NO_LINE


def read(path: Path, publics: Iterable[bytes]) -> Reading:
    """Read and check the file; one that is missing reads as empty.

    Links are checked at every line and the signature of the last, which vouches for the rest.
    When something is wrong, every signature is checked, to name the lines it is about.
    """
    keys = {key_name(public): Ed25519PublicKey.from_public_bytes(public) for public in publics}
    if not path.exists():
        return Reading({}, [], [])
    reading = _walk(path, keys, every_signature=False)
    return _walk(path, keys, every_signature=True) if reading.troubles else reading


def _walk(path: Path, keys: dict[str, Ed25519PublicKey], *, every_signature: bool) -> Reading:
    reading = Reading({}, [], [])
    last, last_number, altered = "", 0, False
    with path.open(encoding="ascii", errors="replace") as file:
        for number, raw in enumerate(file, 1):
            text = raw.removesuffix("\n")
            words = _LINE.fullmatch(text)
            if words is None:
                if text:
                    reading.torn.append(number)
                continue
            broken = words[5] != (line_hash(last) if last else NO_LINE)
            before_altered, altered = altered, every_signature and not _signed(text, keys)
            if altered:
                reading.troubles.append(Trouble("altered_line", number, last_number))
            elif broken and not before_altered:
                reading.troubles.append(Trouble("unlinked_line", number, last_number))
            if not altered:
                head = SignedHead(int(words[3]), number, bytes.fromhex(words[4]))
                reading.heads.setdefault((words[1], words[2]), SignedHeads()).add(head)
            last, last_number = text, number
    if last and not every_signature and not _signed(last, keys):
        reading.troubles.append(Trouble("altered_line", last_number, last_number))
    return reading


def _signed(text: str, keys: dict[str, Ed25519PublicKey]) -> bool:
    said, _, signature = text.rpartition(" ")
    key = keys.get(said.rpartition(" ")[2])
    if key is None:
        return False
    try:
        key.verify(bytes.fromhex(signature), said.encode())
    except InvalidSignature:
        return False
    return True
