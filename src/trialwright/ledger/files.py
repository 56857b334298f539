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
    noted = _noted()[0]
    return noted if len(noted) == 32 else None


def is_here() -> bool:
    """Whether this host has the heads file, or had it when it signed last.

    Hosts that share a database share the folder of the keys too, so the note names its host.
    """
    digest, host = _noted()
    try:
        begun = heads_path().stat().st_size > 0
    except FileNotFoundError:
        begun = False
    return begun or (len(digest) == 32 and host in ("", settings.TRIALWRIGHT_HOST))


def _noted() -> tuple[bytes, str]:
    """What the note says: the hash of the last line, and the host that wrote it."""
    try:
        digest, _, host = _end_path().read_text(encoding="utf-8").partition(" ")
        return bytes.fromhex(digest), host
    except (FileNotFoundError, ValueError):
        return b"", ""


def note_end(digest: bytes) -> None:
    """Note where the heads file ends, and on which host; whole, or as it was."""
    write_note(_end_path(), f"{digest.hex()} {settings.TRIALWRIGHT_HOST}")


def write_note(path: Path, text: str) -> None:
    """Replace a note beside the keys, whole or not at all; readable, as they are, by us alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def witness_note() -> Path:
    """What the witness took last, and when; beside the keys, as where the file ends."""
    return Path(settings.TRIALWRIGHT_KEYS) / f"{Path(settings.TRIALWRIGHT_HEADS).name}.witness"


def begin_anew() -> None:
    """Forget the heads file and where it ended: for a database that was emptied, as tests do."""
    heads_path().unlink(missing_ok=True)
    _end_path().unlink(missing_ok=True)
    witness_note().unlink(missing_ok=True)
