"""What `trialwright doctor` looks at: whatever around the program can go wrong unseen."""

import os
import platform
import shutil
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from trialwright import __version__
from trialwright.backup import keeping
from trialwright.config.home import home
from trialwright.ledger import files, signing, witness
from trialwright.ledger.encoding import LedgerError

_LEAST_FREE: Final = 2 * 1024**3
_CLOCK: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at."""

    about: str
    well: bool
    said: str


def findings() -> list[Looked]:
    """Everything, each by itself: what fails in one way doesn't hide the rest."""
    looks = (
        ("versions", _versions), ("tables", _tables), ("permissions", _permissions),
        ("clock", _clock), ("disk", _disk), ("signing", _signing), ("witness", _witness),
        ("mail", _mail), ("backups", _backups),
    )  # fmt: skip
    return [_look(about, look) for about, look in looks]


def _look(about: str, look: Callable[[], tuple[bool, str]]) -> Looked:
    try:
        well, said = look()
    except (OSError, LedgerError) as error:
        well, said = False, str(error)
    return Looked(about, well, said)


def _versions() -> tuple[bool, str]:
    server = connection.cursor().connection.info.server_version // 10_000
    said = f"Trialwright {__version__}, Python {platform.python_version()}, PostgreSQL {server}"
    return server >= 15, said


def _tables() -> tuple[bool, str]:
    # The web's role may not read what was migrated; tests have one role for all.
    owner = connections["owner"] if "owner" in settings.DATABASES else connection
    executor = MigrationExecutor(owner)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return False, f"{len(missing)} migrations are not applied yet; `trialwright serve` does it."
    return True, "as this release has them"


def _permissions() -> tuple[bool, str]:
    for path in [Path(settings.TRIALWRIGHT_KEYS), *Path(settings.TRIALWRIGHT_KEYS).iterdir()]:
        status = path.stat()
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return False, f"{path} can be opened by others. Run: chmod go= {path}"
        if status.st_uid != os.geteuid():
            return False, f"{path} belongs to another account than the one that runs this."
    return True, "keys are readable by this account alone"


def _clock() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        before = datetime.now(UTC)
        cursor.execute("SELECT clock_timestamp()")
        there = cursor.fetchone()[0]
        after = datetime.now(UTC)
    apart = max(before - there, there - after, timedelta(0))
    said = f"this machine and the database are {apart.total_seconds():.1f} s apart"
    return apart <= _CLOCK, said


def _disk() -> tuple[bool, str]:
    places = {home(), Path(settings.TRIALWRIGHT_HEADS), Path(settings.TRIALWRIGHT_CUTS)}
    if settings.TRIALWRIGHT_BACKUPS:
        places.add(Path(settings.TRIALWRIGHT_BACKUPS))
    least = min((shutil.disk_usage(place).free, place) for place in places)
    return least[0] >= _LEAST_FREE, f"{least[0] / 1024**3:.1f} GB are free under {least[1]}"


def _signing() -> tuple[bool, str]:
    trouble, other = signing.trouble(), signing.signer_elsewhere()
    where = f"on the host {other}" if other else f"into {files.heads_path()}"
    return not trouble, trouble or f"heads are signed {where}"


def _witness() -> tuple[bool, str]:
    if not settings.TRIALWRIGHT_WITNESS:
        return False, "there is none: whoever has this machine can rewrite it (ADR 0005)"
    heard = witness.last_heard()
    if heard is None:
        return False, f"{settings.TRIALWRIGHT_WITNESS} has not taken anything yet"
    silent = datetime.now(UTC) - heard > witness.SILENT
    return not silent, f"took what it was given last at {heard:%Y-%m-%d %H:%M} UTC"


def _mail() -> tuple[bool, str]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return True, "mails are put into a folder, as TRIALWRIGHT_MAIL says"
    place = (settings.EMAIL_HOST, settings.EMAIL_PORT)
    with socket.create_connection(place, timeout=10):
        return True, f"{urlsplit('//' + settings.EMAIL_HOST).hostname}:{place[1]} answers"


def _backups() -> tuple[bool, str]:
    folder = settings.TRIALWRIGHT_BACKUPS
    if not folder:
        return False, "none are made: TRIALWRIGHT_BACKUPS names no folder"
    newest = max(keeping.backups_in(Path(folder)), default=None)
    if newest is None:
        return False, f"there is none in {folder}"
    age = datetime.now(UTC) - newest
    late = age > timedelta(hours=2 * settings.TRIALWRIGHT_BACKUP_HOURS)
    return not late, f"the newest is {age.total_seconds() / 3600:.1f} hours old"
