"""The keys of identities: a file beside the ledger's keys, outside the database and the backup.

A new key is put before the old ones, everything is sealed anew under it, and only then do the old
ones go; so a rotation that is broken off loses nothing.
"""

import json
import os
from pathlib import Path
from typing import Final

from trialwright.ledger import files, sources
from trialwright.ledger.encoding import LedgerError

FORMAT: Final = "trialwright-identity-1"


def path() -> Path:
    """The key file."""
    return files.keys_path().with_name("identity.json")


def keys(*, in_use: bool = False) -> dict[str, bytes]:
    """The keys by their names, the present one first; made on first use.

    Args:
        in_use: whether something is sealed under one, so that none may be made.

    Raises:
        LedgerError: the file is gone though something is sealed, or it can't be read.
    """
    place = path()
    if not place.exists():
        if in_use:
            raise LedgerError(
                f"There is no key file at {place}, and identities are sealed under its keys. Put it"
                " back from the custodian's copy: trialwright ledger restore-keys"
            )
        _write({_new_name(): sources.entropy(32)}, new=True)
    try:
        content = json.loads(place.read_text(encoding="ascii"))
        found = {name: bytes.fromhex(text) for name, text in content["keys"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        found, content = {}, {}
    if content.get("format") != FORMAT or not found:
        raise LedgerError(f"{place} isn't a key file of format {FORMAT}. Put it back from a copy.")
    return found


def add() -> str:
    """Put a new key before the others; returns its name."""
    name = _new_name()
    _write({name: sources.entropy(32)} | keys())
    return name


def keep_only(name: str) -> None:
    """Forget all keys but one."""
    _write({name: keys()[name]})


def text() -> str:
    """The file as it stands, for the custodian's copy; empty while there is none."""
    place = path()
    return place.read_text(encoding="ascii") if place.exists() else ""


def _new_name() -> str:
    return sources.entropy(8).hex()


def _write(found: dict[str, bytes], *, new: bool = False) -> None:
    place = path()
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        told = {name: key.hex() for name, key in found.items()}
        file.write(json.dumps({"format": FORMAT, "keys": told}, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if not new:
        draft.replace(place)
        return
    try:
        os.link(draft, place)
    except FileExistsError:
        pass  # another process was first: its key is the one
    finally:
        draft.unlink()
