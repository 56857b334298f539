"""After commit: sign what the chains have come to, into the file outside the database.

One signer at a time, of all processes on all hosts: it takes a lock in the database, signs every
chain that has moved since, whoever moved it, and keeps there which line came last. Before it signs,
the file must go on from where the program left it, and its last line must name a row that is there.
Otherwise somebody changed the one or the other, and nothing is signed until a person acknowledges
it. What is committed is saved, whether it could be signed or not.
"""

import itertools
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.db import Error, connection, transaction

from trialwright.ledger import files, heads, tallies
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.gaps import LATE
from trialwright.ledger.heads import Head, HeadsEnding
from trialwright.ledger.witness import witness_of

_log = logging.getLogger("trialwright.ledger")
_TOLD_AGAIN_AFTER: Final = 60.0
_WITNESS_EVERY: Final = 60


_WAY_OUT: Final = (
    " Nothing is signed until a person has looked into it (trialwright verify) and acknowledged it:"
    " trialwright ledger acknowledge"
)


class GapError(LedgerError):
    """The heads file doesn't go on from where the program left it, or names what isn't there."""


class _Moved(NamedTuple):
    """A chain that moved, or the one whose line was written last."""

    study: str
    chain: str
    seq: int
    hash: bytes | None
    recorded_at: datetime | None
    signed_seq: int | None
    signed_hash: bytes | None
    line: bytes | None
    number: int | None
    signer: str | None
    stands: bool
    acknowledges: bool

    def needs_signing(self, lines: Sequence[HeadsEnding]) -> bool:
        """Whether neither the database nor one of these lines says that its head is signed."""
        said = {(line.study, line.chain): line.hash for line in lines}
        return self.seq > 0 and self.hash not in (
            self.signed_hash, said.get((self.study, self.chain)),
        )  # fmt: skip

    @property
    def head(self) -> Head:
        """The head to sign, with what its rows moved of what is counted."""
        counts = ""
        if self.chain == "open":
            counts = tallies.moved(self.study, self.signed_seq or 0, self.seq)
        return Head(self.study, self.chain, self.seq, self.hash or b"", self.recorded_at, counts)


def after_commit() -> None:
    """Have the heads signed once this transaction is committed."""
    if not any(entry[1] in (_sign_in_passing, _sign_across) for entry in connection.run_on_commit):
        transaction.on_commit(_sign_in_passing, robust=True)


def across_a_gap() -> None:
    """The same for a transaction in which a person acknowledges the gap; raises what fails."""
    transaction.on_commit(_sign_across)


def sign(*, across: bool = False) -> bool:
    """Sign every chain that has moved; whether it is for this host to do so.

    Args:
        across: whether a person has just acknowledged that the file doesn't go on.

    Raises:
        GapError: it doesn't go on, and nobody has acknowledged that.
        OSError: the file can't be written.
    """
    with _lock() as (moved, kept):
        last = max(moved, key=lambda one: one.number or 0, default=None)
        noted = files.noted_end()
        if last is None:
            return True
        if last.signer not in (None, settings.TRIALWRIGHT_HOST) and not files.is_here():
            return False
        anchors = {line for line in (last.line, noted) if line is not None}
        found = heads.ending(files.heads_path(), after=anchors)
        if not across:
            _require_no_gap(moved, last, found, anchored=bool(anchors))
        kept += found or []
        wanted = [one.head for one in moved if one.needs_signing(kept)]
        if wanted:
            texts = heads.append(files.heads_path(), wanted, files.keys())
            kept += [
                HeadsEnding(text, head.study, head.chain, head.seq, head.hash)
                for text, head in zip(texts, wanted, strict=True)
            ]
        if kept and kept[-1].digest != noted:
            files.note_end(kept[-1].digest)
    return True


def signer_elsewhere() -> str | None:
    """The host that signs and has the heads file, where that is another; this one waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT signer FROM ledger_signed ORDER BY number DESC LIMIT 1")
        row = cursor.fetchone()
    here = row is None or row[0] == settings.TRIALWRIGHT_HOST or files.is_here()
    return None if here else str(row[0])


def require_heads() -> None:
    """Refuse what needs the file of signed heads on a host that doesn't have it.

    Raises:
        LedgerError: another host signs, and has the file.
    """
    host = signer_elsewhere()
    if host is not None:
        raise LedgerError(elsewhere_words(host))


def elsewhere_words(host: str) -> str:
    """Say to a person where the file of signed heads is."""
    return (
        f"The file of signed heads is on the host {host}, which signs for all. Do this there; if"
        " that host is lost for good, copy the file here first (the witness has it too)."
    )


def _require_no_gap(
    moved: Sequence[_Moved], last: _Moved, found: list[HeadsEnding] | None, *, anchored: bool
) -> None:
    if found is None:
        raise GapError(
            "The file of signed heads doesn't hold the line that the program wrote last: lines were"
            " removed, or an older copy was put in its place." + _WAY_OUT
        )
    if not heads.continues(found, files.keys().public):
        raise GapError(
            "The file of signed heads was altered at its end: a line doesn't follow the one before"
            " it, or isn't signed by this installation." + _WAY_OUT
        )
    named = {(line.study, line.chain): line for line in _last_of_each_chain(found)}
    for line in named.values():
        by_database = (last.study, last.chain, last.signed_seq, last.signed_hash, last.stands)
        if (*line[1:], True) != by_database and not _stands(line):
            raise GapError(
                f"The file of signed heads names row {line.seq} of the {line.chain} chain of"
                f" {line.study}, which is gone or another one now." + _WAY_OUT
            )
    for one in moved:
        was_there = one.stands or one.signed_seq is None or (one.study, one.chain) in named
        if not was_there:
            raise GapError(
                f"Row {one.signed_seq} of the {one.chain} chain of {one.study} was signed, and is"
                " gone or another one now." + _WAY_OUT
            )
        if one.acknowledges:
            raise GapError(
                f"The {one.chain} chain of {one.study} acknowledges a loss that nobody has signed."
                + _WAY_OUT
            )


def _stands(line: HeadsEnding) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM ledger_row"
            " WHERE study = %s AND chain = %s AND seq = %s AND hash = %s)",
            line[1:],
        )
        return bool(cursor.fetchone()[0])


def refuses() -> bool:
    """Whether there is a gap that keeps this host from signing."""
    try:
        sign()
    except GapError:
        return True
    except OSError as error:
        _complaint.tells(error)
    return False


def trouble() -> str:
    """Why the heads can't be signed, for whoever starts the program; empty if they can."""
    try:
        sign()
    except (GapError, OSError) as error:
        return f"Entries will be saved, but their heads can't be signed. {error}"
    return ""


def unsigned_since() -> datetime | None:
    """Since when a committed row has been waiting for its signature; for whoever watches."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(h.recorded_at) FROM ledger_head h"
            " LEFT JOIN ledger_signed s ON s.study = h.study AND s.chain = h.chain"
            " WHERE h.seq > 0 AND h.hash IS DISTINCT FROM s.hash"
        )
        return cursor.fetchone()[0]


def watch(seconds: float = 1.0) -> None:
    """Sign, for ever, what another host or a broken moment left unsigned; and tell the witness."""
    for turn in itertools.count():
        if turn % _WITNESS_EVERY == 0:
            _hand_over_in_passing()
        try:
            since = unsigned_since()
            if since is not None and not _sign_in_passing():
                _complaint.waits(since)
        except Error:
            pass  # a database that doesn't answer is told by whoever asks it for more
        finally:
            connection.close()
        time.sleep(seconds)


def _hand_over_in_passing() -> None:
    if not settings.TRIALWRIGHT_WITNESS:
        return
    try:
        witness_of(settings.TRIALWRIGHT_WITNESS).hand_over(files.heads_path())
    except FileExistsError:
        pass  # another process was first
    except (LedgerError, OSError) as error:
        _log.error("The second witness was not told of the signed heads. %s", error)


def begin_watching() -> None:
    """Have a thread of this process watch."""
    threading.Thread(target=watch, name="signing", daemon=True).start()


@contextmanager
def _lock() -> Iterator[tuple[list[_Moved], list[HeadsEnding]]]:
    """What has moved, under the lock; and a list for the lines that now end the file, to keep."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_signing()")
        moved = [_Moved(*columns) for columns in cursor.fetchall()]
        kept: list[HeadsEnding] = []
        try:
            yield moved, kept
        finally:
            lines = _last_of_each_chain(kept)
            columns = [
                [getattr(line, name) for line in lines]
                for name in ("study", "chain", "seq", "hash", "digest")
            ]
            cursor.execute(
                "SELECT ledger_signed_now(%s::text[], %s::text[], %s::bigint[], %s::bytea[],"
                " %s::bytea[], %s)",
                [*columns, settings.TRIALWRIGHT_HOST],
            )


def _last_of_each_chain(lines: Sequence[HeadsEnding]) -> list[HeadsEnding]:
    """In the order of the file."""
    last: dict[tuple[str, str], HeadsEnding] = {}
    for line in lines:
        last.pop((line.study, line.chain), None)
        last[line.study, line.chain] = line
    return list(last.values())


def _sign_in_passing() -> bool:
    """Sign, or tell the operator why not; whoever saved something reads that it is saved."""
    try:
        mine = sign()
    except (LedgerError, OSError, Error) as error:
        _complaint.tells(error)
        return True
    if mine:
        _complaint.is_over()
    return mine


def _sign_across() -> None:
    sign(across=True)


class _Complaint:
    """What the operator's log hears of heads that can't be signed: at once, then every minute."""

    def __init__(self) -> None:
        self._told: float | None = None

    def tells(self, error: Exception) -> None:
        if self._is_due():
            _log.error("Entries are saved, but their heads can't be signed. %s", error)

    def waits(self, since: datetime) -> None:
        if datetime.now(since.tzinfo) - since > LATE and self._is_due():
            _log.error(
                "Rows have waited since %s for the host that signs the heads; see that it runs.",
                since.isoformat(timespec="seconds"),
            )

    def is_over(self) -> None:
        if self._told is not None:
            self._told = None
            _log.warning("The heads are signed again.")

    def _is_due(self) -> bool:
        now = time.monotonic()
        due = self._told is None or now - self._told >= _TOLD_AGAIN_AFTER
        if due:
            self._told = now
        return due


_complaint = _Complaint()
