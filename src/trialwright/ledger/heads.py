"""The file of signed heads, outside the database: what the chains were, said again elsewhere.

One line for each chain that an entry moved, as docs/adr/0002-ledger-bytes.md fixes it:

    trialwright-head-1 STUDY CHAIN SEQ RECORDED_AT HASH PREVIOUS_LINE KEY SIGNATURE
    trialwright-head-2 STUDY CHAIN SEQ RECORDED_AT HASH COUNTS PREVIOUS_LINE KEY SIGNATURE

The second where what is counted (`tallies`) has moved. Each line carries the hash of the line
before, so one good signature vouches for all lines above it in an unbroken run.
"""

import contextlib
import errno
import fcntl
import os
import re
import struct
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain, pairwise
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trialwright.ledger.encoding import LedgerError, moment_text
from trialwright.ledger.keys import Keys, key_name
from trialwright.ledger.tallies import TEXT, Counts, counts_of

TAG, TAG_WITH_COUNTS = "trialwright-head-1", "trialwright-head-2"
NO_LINE: Final = "0" * 64
_LINE: Final = re.compile(
    r"trialwright-head-(?:1|(?P<second>2))"
    r" (?P<study>\S{1,64}) (?P<chain>open|sealed|installation) (?P<seq>[1-9][0-9]{0,17}) \S{27}"
    r" (?P<hash>[0-9a-f]{64})"
    rf"(?(second) (?P<counts>{TEXT}))"
    r" (?P<previous>[0-9a-f]{64}) [0-9a-f]{16} [0-9a-f]{128}",
    re.ASCII,
)
_HEAD = struct.Struct(">QQ32s")
# More than the longest line: one whose counts are many.
_LINE_LIMIT: Final = 5120
_BLOCK: Final = 64 * 1024


@dataclass(frozen=True)
class Head:
    """Where a chain stands."""

    study: str
    chain: str
    seq: int
    hash: bytes
    recorded_at: datetime | None
    # What is counted beside it, as a line carries it.
    counts: str = ""

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
        # The rows and lines once more, in the order of the file.
        self.seqs, self.lines = array("Q"), array("Q")

    def add(self, head: SignedHead) -> None:
        self._packed.append(_HEAD.pack(*head))
        self._sorted = False
        self.seqs.append(head.seq)
        self.lines.append(head.line)

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


class Lines:
    """The hashes of the file's lines by their numbers, packed: rows of the ledger name them."""

    def __init__(self) -> None:
        self._packed = bytearray()

    def add(self, number: int, digest: bytes) -> None:
        self._packed.extend(bytes(32 * (number - 1) - len(self._packed)))
        self._packed.extend(digest)

    def find(self, digest: bytes, begin: int) -> int | None:
        """The number of the line with that hash, from line `begin` on; 0 for "none before"."""
        if digest == bytes(32):
            return 0 if begin == 0 else None
        at = self._packed.find(digest, 32 * max(begin - 1, 0))
        while at % 32:
            if at < 0:
                return None
            at = self._packed.find(digest, at + 1)
        return at // 32 + 1


class Trouble(NamedTuple):
    """A line of the file that can't be trusted: "altered_line" or "unlinked_line"."""

    kind: str
    number: int
    after: int


class HeadsReading(NamedTuple):
    """The whole file: its trusted heads by chain, what is wrong with it, torn lines, the hashes of
    its trusted lines, and the most that these count in each study."""

    heads: dict[tuple[str, str], SignedHeads]
    troubles: list[Trouble]
    torn: list[int]
    lines: Lines
    counts: dict[str, Counts]

    def of(self, study: str, chain: str) -> SignedHeads:
        """The heads of one chain."""
        return self.heads.get((study, chain)) or SignedHeads()


def line(head: Head, previous_line: str, keys: Keys) -> str:
    """The signed line for a head, without its line end."""
    if head.recorded_at is None:
        raise LedgerError(
            f"The {head.chain} chain of {head.study} has no row yet; nothing to sign."
        )
    tag, counts = (TAG_WITH_COUNTS, f" {head.counts}") if head.counts else (TAG, "")
    said = (
        f"{tag} {head.study} {head.chain} {head.seq} {moment_text(head.recorded_at)}"
        f" {head.hash.hex()}{counts} {previous_line} {key_name(keys.public)}"
    )
    return f"{said} {keys.sign(said.encode()).hex()}"


def line_hash(text: str) -> str:
    """What the next line carries of this one."""
    return sha256(text.encode()).hexdigest()


def append(path: Path, heads: Iterable[Head], keys: Keys) -> list[str]:
    """Sign the heads and add them to the file, on disk before this returns; their lines.

    What could be written only in part, as on a full disk, is taken back.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        torn, previous = _last_line(descriptor)
        lines = []
        for head in heads:
            lines.append(line(head, previous, keys))
            previous = line_hash(lines[-1])
        _write_whole(descriptor, ("\n" * torn + "".join(f"{text}\n" for text in lines)).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return lines


def _write_whole(descriptor: int, content: bytes) -> None:
    size = os.fstat(descriptor).st_size
    written = os.write(descriptor, content)
    if written < len(content):
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class HeadsEnding(NamedTuple):
    """One of the last whole lines of the file: its text, and the head that it signs."""

    text: str
    study: str
    chain: str
    seq: int
    hash: bytes

    @property
    def digest(self) -> bytes:
        return sha256(self.text.encode()).digest()


def ending(path: Path, *, after: Collection[bytes]) -> list[HeadsEnding] | None:
    """The file's lines from the earliest of those named by their hash on; None if one isn't there.

    With none named, or only `NO_LINE`, the whole file. It is read from its end, mostly one block.
    """
    wanted = {digest for digest in after if digest != bytes(32)}
    if not path.exists():
        return None if wanted else []
    size = path.stat().st_size
    block = _BLOCK if wanted else size
    while True:
        lines = _lines_at_end(path, min(block, size))
        found = {line.digest: at for at, line in enumerate(lines) if line.digest in wanted}
        if wanted <= found.keys():
            return lines[min(found.values(), default=0) :]
        if block >= size:
            return None
        block *= 8


def last_line(path: Path) -> HeadsEnding | None:
    """The last whole line of a file."""
    lines = _lines_at_end(path, min(4 * _LINE_LIMIT, path.stat().st_size))
    return lines[-1] if lines else None


def _lines_at_end(path: Path, length: int) -> list[HeadsEnding]:
    with path.open("rb") as file:
        file.seek(-length, os.SEEK_END)
        raw = file.read(length)
    return lines_of(raw.decode("ascii", "replace"))


def lines_of(text: str) -> list[HeadsEnding]:
    """The lines of heads in a text, in its order."""
    found = (_LINE.fullmatch(line) for line in text.split("\n"))
    return [
        HeadsEnding(
            words[0],
            words["study"],
            words["chain"],
            int(words["seq"]),
            bytes.fromhex(words["hash"]),
        )
        for words in found
        if words
    ]


def continues(lines: Sequence[HeadsEnding], public: bytes) -> bool:
    """Whether each line follows the one before it, and the key signed the last of several."""
    keys = {key_name(public): Ed25519PublicKey.from_public_bytes(public)}
    linked = all(f" {line_hash(one.text)} " in other.text for one, other in pairwise(lines))
    return linked and (len(lines) < 2 or _signed(lines[-1].text, keys))


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


def read(path: Path, publics: Iterable[bytes]) -> HeadsReading:
    """Read and check the file, or a witness's folder of its pieces; what is missing is empty.

    Links are checked at every line and the signature of the last, which vouches for the rest.
    When something is wrong, every signature is checked, to name the lines it is about.
    """
    keys = {key_name(public): Ed25519PublicKey.from_public_bytes(public) for public in publics}
    if not path.exists():
        return HeadsReading({}, [], [], Lines(), {})
    reading = _walk(path, keys, every_signature=False)
    return _walk(path, keys, every_signature=True) if reading.troubles else reading


def _walk(path: Path, keys: dict[str, Ed25519PublicKey], *, every_signature: bool) -> HeadsReading:
    reading = HeadsReading({}, [], [], Lines(), {})
    last, last_hash, last_number, altered = "", NO_LINE, 0, False
    with contextlib.ExitStack() as opened:
        paths = sorted(path.iterdir()) if path.is_dir() else [path]
        opening = (one.open(encoding="ascii", errors="replace") for one in paths)
        files = (opened.enter_context(file) for file in opening)
        for number, raw in enumerate(chain.from_iterable(files), 1):
            text = raw.removesuffix("\n")
            words = _LINE.fullmatch(text)
            if words is None:
                if text:
                    reading.torn.append(number)
                continue
            broken, digest = words["previous"] != last_hash, sha256(text.encode())
            before_altered, altered = altered, every_signature and not _signed(text, keys)
            if altered:
                reading.troubles.append(Trouble("altered_line", number, last_number))
            elif broken and not before_altered:
                reading.troubles.append(Trouble("unlinked_line", number, last_number))
            if not altered:
                head = SignedHead(int(words["seq"]), number, bytes.fromhex(words["hash"]))
                place = words["study"], words["chain"]
                reading.heads.setdefault(place, SignedHeads()).add(head)
                reading.lines.add(number, digest.digest())
                if words["counts"]:
                    _count(reading.counts.setdefault(words["study"], {}), words["counts"])
            last, last_hash, last_number = text, digest.hexdigest(), number
    if last and not every_signature and not _signed(last, keys):
        reading.troubles.append(Trouble("altered_line", last_number, last_number))
    return reading


def _count(known: Counts, text: str) -> None:
    for name, number in counts_of(text).items():
        known[name] = max(number, known.get(name, 0))


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
