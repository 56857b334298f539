"""Two people as a witness: each is sent the last signed line of every chain that moved.

A line carries the hash of the one before it, so the last one that a person keeps holds the whole
file above it. One mail at most in half an hour, and none while nothing moves.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPException
from typing import Final

from django.core.mail import EmailMessage, get_connection

from trialwright.ledger import files, heads
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.heads import HeadsEnding

_EVERY: Final = timedelta(minutes=30)


class MailWitness:
    """Sends lines to people, who keep the mails."""

    def __init__(self, people: Sequence[str], note: Path) -> None:
        self._people, self._note = [person.strip() for person in people], note

    def hand_over(self, file: Path, *, now: datetime | None = None, at_once: bool = False) -> int:
        """Send what was signed since the last mail, if one is due; returns how many lines.

        Raises:
            LedgerError: the heads file no longer holds the line that was sent last.
            OSError: the mail could not be handed to the mail server.
        """
        now = now or datetime.now(UTC)
        sent_at, digest = self._sent()
        if sent_at is not None and now - sent_at < _EVERY and not at_once:
            return 0
        found = heads.ending(file, after={digest} if digest else set())
        if found is None:
            raise LedgerError(
                "The file of signed heads doesn't hold the line that was mailed last: lines were"
                " removed. Run trialwright verify --witness with the mails that people kept."
            )
        lines = _last_of_each_chain(found[1:] if digest else found)
        if lines:
            self._send(lines, now)
        end = found[-1].digest if found else digest or b""
        files.write_note(self._note, f"{now.isoformat()} {end.hex()}\n")
        return len(lines)

    def _sent(self) -> tuple[datetime | None, bytes | None]:
        try:
            at, said = self._note.read_text(encoding="ascii").split()
            digest = bytes.fromhex(said)
            # What another kind of witness left there says nothing of mails.
            return (datetime.fromisoformat(at), digest) if len(digest) == 32 else (None, None)
        except (FileNotFoundError, ValueError):
            return None, None

    def _send(self, lines: Sequence[HeadsEnding], now: datetime) -> None:
        text = (
            "Keep this mail. It witnesses the ledger of this installation: whoever changes history"
            " there can't change what you hold. To compare, save your mails as .eml files in a"
            " folder and run: trialwright verify --witness FOLDER\n\n"
        )
        body = text + "".join(f"{line.text}\n" for line in lines)
        subject = f"Trialwright: signed heads of {now:%Y-%m-%d %H:%M} UTC"
        try:
            with get_connection(timeout=30) as connection:
                for person in self._people:
                    EmailMessage(subject, body, to=[person], connection=connection).send()
        except SMTPException as error:
            raise OSError(f"The mail server refused the witness's mail: {error}") from None


def _last_of_each_chain(lines: Sequence[HeadsEnding]) -> list[HeadsEnding]:
    last: dict[tuple[str, str], HeadsEnding] = {}
    for line in lines:
        last.pop((line.study, line.chain), None)
        last[line.study, line.chain] = line
    return list(last.values())
