"""Where an installation keeps its things: one folder, `TRIALWRIGHT_HOME`, and what lies in it.

Keys stand apart from the data, so that a backup of the data holds no key.
"""

import os
import secrets
from pathlib import Path


class SetupError(Exception):
    """The program can't start as things are; the message says why and what to do."""


class HomeError(SetupError):
    """The installation's folder can't be used."""


def home() -> Path:
    """The installation's folder: `TRIALWRIGHT_HOME`, else `~/.local/share/trialwright`."""
    named = os.environ.get("TRIALWRIGHT_HOME")
    return Path(named).absolute() if named else Path.home() / ".local" / "share" / "trialwright"


def private_folder(name: str) -> Path:
    """A folder of the installation that only its owner can enter, made when it isn't there."""
    folder = home() / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise HomeError(
            f"The folder {folder} could not be made ({error.strerror}). "
            "Set TRIALWRIGHT_HOME to a folder that you may write to."
        ) from error
    return folder


def secret(name: str) -> str:
    """The secret kept in `keys/NAME`, drawn from the system's random source on first use.

    The file is written whole under another name and then linked, so that two processes that
    start together read one secret, and a killed one leaves none behind.
    """
    path = private_folder("keys") / name
    if not path.exists():
        draft = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its secret is the one
        finally:
            draft.unlink()
    return path.read_text()
