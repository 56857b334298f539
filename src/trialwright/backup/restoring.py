"""Put a backup in the place of what was lost, and say what it doesn't bring back.

The heads file that is here, or what the second witness holds, may be newer than the backup: the
longest that goes on from the backup's is kept, for it alone knows what was entered since.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from trialwright.backup import postgres
from trialwright.backup.reading import Unpacked, differences, unpack
from trialwright.backup.sealing import BackupError
from trialwright.config import embedded, starting
from trialwright.ledger import files, heads, repair
from trialwright.ledger.keys import load
from trialwright.ledger.repair import Loss
from trialwright.ledger.witness import pieces_of


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: when it was backed up, which heads stand, and what is lost."""

    made_at: datetime
    heads_from: str
    aside: str
    losses: Sequence[Loss]
    counts: dict[str, dict[str, tuple[int, int]]]


def restore(path: Path, *, replace: bool) -> Restored:
    """Restore into this installation; to be called while nothing serves it.

    Args:
        replace: whether what stands in the database is put aside under another name.

    Raises:
        BackupError: there is something in the database, or the backup isn't whole.
    """
    keys = load(files.keys_path())
    with TemporaryDirectory(prefix="trialwright-restore-") as folder:
        with _database(replace) as (url, aside):
            unpacked = unpack(path, keys, url, Path(folder))
            if wrong := differences(unpacked, url):
                raise BackupError("What came out is not what went in: " + "; ".join(wrong))
        heads_from = _settle_heads(unpacked)
        _put_cuts(unpacked)
    starting.migrate()
    losses, counts = repair.lost(), repair.lost_counts()
    made_at = datetime.fromisoformat(unpacked.manifest["made_at"])
    return Restored(made_at, heads_from, aside, losses, counts)


@contextmanager
def _database(replace: bool) -> Iterator[tuple[str, str]]:
    """An empty database to read into, which takes its place when the block ends well; and the name
    under which the one that was there is kept."""
    name = settings.DATABASES["owner"]["NAME"]
    with psycopg.connect(postgres.owner_url()) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
        ).fetchone()
    if found is not None and found[0] == 0:
        yield postgres.owner_url(), ""
        return
    if not replace:
        raise BackupError(
            f"The database {name} isn't empty. To put it aside and restore, say --replace."
        )
    if not starting.database_is_ours():
        raise BackupError(
            f"The database {name} isn't empty, and it is not this program's server. Rename it there"
            " and make an empty one of that name, owned by the role that migrates."
        )
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    fresh, aside = f"{name}_restoring_{stamp}", f"{name}_before_{stamp}"
    url = embedded.address().url(embedded.SUPERUSER, "postgres")
    with psycopg.connect(url, autocommit=True) as server:
        _tell(server, "CREATE DATABASE {} OWNER {}", fresh, embedded.OWNER)
        try:
            yield postgres.owner_url(fresh), aside
        except BaseException:
            _tell(server, "DROP DATABASE {}", fresh)
            raise
        _close_ours()
        try:
            _tell(server, "ALTER DATABASE {} RENAME TO {}", name, aside)
        except psycopg.errors.ObjectInUse:
            _tell(server, "DROP DATABASE {}", fresh)
            raise BackupError(
                "Something still works on the database. End the server (trialwright serve) first."
            ) from None
        _tell(server, "ALTER DATABASE {} RENAME TO {}", fresh, name)


def _tell(server: "psycopg.Connection[Any]", words: str, *names: str) -> None:
    server.execute(sql.SQL(words).format(*(sql.Identifier(name) for name in names)))


def _close_ours() -> None:
    from django.db import connections

    connections.close_all()


def _settle_heads(unpacked: Unpacked) -> str:
    """Have the longest heads file that goes on from the backup's; says where it is from."""
    here, kept = files.heads_path(), unpacked.heads
    last = heads.last_line(kept) if kept.exists() and kept.stat().st_size else None
    best, source, length = kept, "the backup", 1
    with TemporaryDirectory() as scratch:
        for place, name in _candidates(here, Path(scratch)):
            found = heads.ending(place, after={last.digest} if last else set())
            if found is not None and len(found) > length:
                best, source, length = place, name, len(found)
        if best != here:
            if here.exists():
                here.rename(here.with_name(f"{here.name}.before-{datetime.now(UTC):%Y%m%d%H%M%S}"))
            if best.exists():
                shutil.copyfile(best, here)
                here.chmod(0o640)
    return source


def _candidates(here: Path, scratch: Path) -> Iterator[tuple[Path, str]]:
    if here.exists():
        yield here, "this machine"
    named = settings.TRIALWRIGHT_WITNESS
    if named and not named.startswith("mailto:"):
        whole = scratch / "witness"
        with pieces_of(named) as pieces, whole.open("wb") as file:
            for piece in sorted(pieces.iterdir()):
                file.write(piece.read_bytes())
        yield whole, "the second witness"


def _put_cuts(unpacked: Unpacked) -> None:
    """Files of cuts that aren't here; what is here is left, and compared whenever it is read."""
    if not unpacked.cuts.exists():
        return
    for source in sorted(unpacked.cuts.rglob("*")):
        place = Path(settings.TRIALWRIGHT_CUTS) / source.relative_to(unpacked.cuts)
        if source.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(source, place)
