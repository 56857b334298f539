"""Have the server make its backups by itself, each in a process of its own."""

import logging
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from trialwright.backup import keeping

_log = logging.getLogger("trialwright.backup")
# How often it is looked whether one is due; after one that failed, the next is tried then.
_LOOKED_EVERY: Final = 300.0


class Schedule:
    """Looked after each second by the server; starts a backup where one is due."""

    def __init__(self, folder: str | None, hours: int) -> None:
        self._folder, self._every = folder, timedelta(hours=hours)
        self._process: subprocess.Popen[bytes] | None = None
        self._looked = float("-inf")

    def look(self) -> None:
        """Start one if it is due, or take note of how the one that runs ended."""
        if self._process is not None:
            self._take_note(self._process)
        elif self._folder and time.monotonic() - self._looked > _LOOKED_EVERY:
            self._looked = time.monotonic()
            if keeping.is_due(Path(self._folder), self._every, datetime.now(UTC)):
                command = [sys.executable, "-m", "trialwright", "backup"]
                self._process = subprocess.Popen(  # noqa: S603
                    command, stdout=subprocess.DEVNULL, start_new_session=True
                )

    def _take_note(self, process: "subprocess.Popen[bytes]") -> None:
        ended = process.poll()
        if ended is None:
            return
        self._process = None
        if ended:
            _log.error("The backup was not made; it is tried again in five minutes.")
