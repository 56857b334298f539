"""The files that stand outside the database: the keys, the signed heads, and where these ended."""

import os
from pathlib import Path

from django.conf import settings

from trialwright.ledger import keys as key_file
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.keys import Keys


def keys() -> Keys:
    """This installation's keys; made on first use, while the ledger is still empty.

    With rows in the ledger a missing key file is an error: a new one would open nothing.
    """
    from trialwright.ledger.models import LedgerRow

    path = keys_path()
    if not path.exists() and not LedgerRow.objects.exists():
        try:
            return key_file.generate(path)
        except LedgerError:
            pass  # another process was first: its keys are the ones
    return key_file.load(path)


def keys_path() -> Path:
    """The key file."""
    return Path(settings.TRIALWRIGHT_KEYS) / "ledger.json"


def heads_path() -> Path:
    """The append-only file of signed heads."""
    return Path(settings.TRIALWRIGHT_HEADS) / "heads"


def _end_path() -> Path:
    """Beside the keys, so that whoever can write to the heads file can't write there too."""
    return Path(settings.TRIALWRIGHT_KEYS) / f"{Path(settings.TRIALWRIGHT_HEADS).name}.end"


def noted_end() -> bytes | None:
    """The hash of the last line that the program left in the heads file, as it noted it."""
    try:
        noted = bytes.fromhex(_end_path().read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return noted if len(noted) == 32 else None


def note_end(digest: bytes) -> None:
    """Note where the heads file ends; whole, or as it was."""
    path = _end_path()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(digest.hex(), encoding="ascii")
    draft.replace(path)


def witness_note() -> Path:
    """What the witness took last, and when; beside the keys, as where the file ends."""
    return Path(settings.TRIALWRIGHT_KEYS) / f"{Path(settings.TRIALWRIGHT_HEADS).name}.witness"


def begin_anew() -> None:
    """Forget the heads file and where it ended: for a database that was emptied, as tests do."""
    heads_path().unlink(missing_ok=True)
    _end_path().unlink(missing_ok=True)
    witness_note().unlink(missing_ok=True)
