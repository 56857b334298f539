"""Places that keep pieces of the heads file, each written once: a folder, or resources by HTTP."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from trialwright.ledger import files, heads
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.heads import HeadsEnding

_TIMEOUT_S: Final = 15


class WitnessPlace(Protocol):
    """Where numbered pieces lie, from 1 on without a gap."""

    def name(self, number: int) -> str:
        """What a person calls the piece."""
        ...

    def last(self, known: int) -> int:
        """The number of the last piece; `known` are said to be there."""
        ...

    def read(self, number: int) -> str | None:
        """The text of a piece; None if it isn't there."""
        ...

    def write(self, number: int, text: str) -> None:
        """Write a new piece; FileExistsError if there is one."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder, best on a server of somebody else's or mounted so that nothing can be changed."""

    path: Path

    def name(self, number: int) -> str:
        """Its path."""
        return str(self.path / f"heads-{number:09}")

    def last(self, known: int) -> int:
        """How many files there are."""
        return sum(1 for _ in self.path.iterdir())

    def read(self, number: int) -> str | None:
        """The text of the file of that number, whatever it is called."""
        pieces = sorted(self.path.iterdir())
        return pieces[number - 1].read_text("ascii", "replace") if number <= len(pieces) else None

    def write(self, number: int, text: str) -> None:
        """Write the file and wait for the disk."""
        with Path(self.name(number)).open("x", encoding="ascii") as piece:
            piece.write(text)
            piece.flush()
            os.fsync(piece.fileno())


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Resources:
    """Resources under an address: read with GET, made with PUT and `If-None-Match: *`.

    A store that honours the condition answers 412 where one is already there (RFC 9110, 13.1.2);
    that none can be replaced is for its owner to see to.
    """

    address: str

    def name(self, number: int) -> str:
        """Its address."""
        return f"{self.address}/heads-{number:09}"

    def last(self, known: int) -> int:
        """Go on from what is known; where that is gone, from the beginning."""
        number = known if known and self.read(known) is not None else 0
        while self.read(number + 1) is not None:
            number += 1
        return number

    def read(self, number: int) -> str | None:
        """What GET answers; None for 404.

        Raises:
            OSError: it can't be reached, or answers something else.
        """
        return self._ask(Request(self.name(number)), absent=404)  # noqa: S310 - the setting says http

    def write(self, number: int, text: str) -> None:
        """Make it with PUT."""
        kind = {"If-None-Match": "*", "Content-Type": "text/plain; charset=us-ascii"}
        request = Request(  # noqa: S310 - as above
            self.name(number), text.encode("ascii"), kind, method="PUT"
        )
        if self._ask(request, absent=412) is None:
            raise FileExistsError(self.name(number))

    @staticmethod
    def _ask(request: Request, *, absent: int) -> str | None:
        opener = build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=_TIMEOUT_S) as answer:
                text: str = answer.read().decode("ascii", "replace")
                return text
        except HTTPError as error:
            if error.code == absent:
                return None
            raise OSError(f"{request.full_url} answers {error.code} {error.reason}") from None
        except URLError as error:
            raise OSError(f"{request.full_url} can't be reached: {error.reason}") from None
        except HTTPException as error:
            raise OSError(f"{request.full_url} broke off: {error!r}") from None


@dataclass(frozen=True)
class PieceWitness:
    """A witness that keeps pieces; the note beside the keys says what it had, and when."""

    place: WitnessPlace
    note: Path | None

    def hand_over(self, file: Path) -> int:
        """Give the place the lines of the heads file that it lacks, as one new piece; how many.

        Raises:
            LedgerError: the heads file no longer holds what the witness has.
            OSError: the place can't be reached.
        """
        number = self.place.last(self._known())
        last = _last_line(self.place.read(number) or "") if number else None
        found = heads.ending(file, after={last.digest} if last else set())
        if found is None:
            raise LedgerError(
                "The file of signed heads doesn't hold the last line of the witness,"
                f" {self.place.name(number)}: lines were removed. Run trialwright verify --witness."
            )
        lines = found[1:] if last else found
        if lines:
            number += 1
            self.place.write(number, "".join(f"{line.text}\n" for line in lines))
        if self.note is not None:
            files.write_note(self.note, f"{datetime.now(UTC).isoformat()} {number}\n")
        return len(lines)

    def _known(self) -> int:
        try:
            return int(self.note.read_text(encoding="ascii").split(" ")[1]) if self.note else 0
        except (FileNotFoundError, ValueError, IndexError):
            return 0


def _last_line(text: str) -> HeadsEnding | None:
    lines = heads.lines_of(text)
    return lines[-1] if lines else None
