"""A database server of its own for a simulation, gone with its folder when it ends.

It shares nothing with an installation: neither its server nor its keys, and needs none.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
"""Options of `postgres` for a server whose data nobody misses when the machine stops."""


@contextlib.contextmanager
def server() -> Iterator[None]:
    """Have Django work on an embedded server in a temporary folder for as long as the block lasts.

    To be entered once in a process, before Django has read its settings.
    """
    from trialwright.config import starting

    folder = Path(tempfile.mkdtemp(prefix="trialwright-scratch-"))
    os.environ["TRIALWRIGHT_HOME"] = str(folder)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "TRIALWRIGHT_WITNESS"):
        os.environ.pop(name, None)
    noted: list[Path] = []
    try:
        with starting.database(QUICK):
            notes = (folder / "data" / "cluster-folder", folder / "data" / "socket-folder")
            noted = [Path(note.read_text()) for note in notes if note.exists()]
            yield
    finally:
        for each in (*noted, folder):
            shutil.rmtree(each, ignore_errors=True)
