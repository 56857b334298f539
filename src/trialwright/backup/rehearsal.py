"""Rehearse a restore: read a backup into a server of its own, verify it there, throw it away.

It runs in a process of its own, which is told the keys and knows nothing else of the installation:

    python -m trialwright.backup.rehearsal FILE < KEYS
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from trialwright.backup.sealing import BackupError
from trialwright.ledger.keys import Keys


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a rehearsal found: what the backup is, what differs, what `verify` says of it."""

    id: str
    made_at: str
    tables: int
    rows: int
    seconds: float
    problems: tuple[str, ...]


def rehearse(path: Path, keys: Keys) -> Rehearsed:
    """Restore, verify and compare, elsewhere; takes as long as a restore."""
    told = json.dumps({"signing": keys.signing.hex(), "sealing": keys.sealing.hex()})
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "trialwright.backup.rehearsal", str(path.absolute())],
        input=told, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise BackupError(done.stderr.strip().splitlines()[-1] if done.stderr else "It failed.")
    said = json.loads(done.stdout)
    return Rehearsed(**{**said, "problems": tuple(said["problems"])})


def enter(rehearsed: Rehearsed, *, by: UUID, at: datetime) -> None:
    """Enter in the installation's chain that a restore was rehearsed, by whom, and its outcome."""
    from trialwright.accounts import actions

    with actions.entry("rehearse_restore", at=at, by=by) as writer:
        fields = {
            "made_at": rehearsed.made_at,
            "rows": str(rehearsed.rows),
            "outcome": "whole" if not rehearsed.problems else "differs",
        }
        for name, text in fields.items():
            writer.write(entity="backup", id=rehearsed.id, field=name, new=text)


def _here(path: Path, keys: Keys) -> Rehearsed:
    from trialwright.config import scratch, starting

    begun = datetime.now().astimezone()
    with scratch.server(), TemporaryDirectory() as folder:
        from trialwright.backup.postgres import owner_url
        from trialwright.backup.reading import differences, unpack
        from trialwright.ledger import files
        from trialwright.ledger.keys import write

        # The tables' own sealed values are opened too; the folder goes with the server.
        write(files.keys_path(), keys)
        unpacked = unpack(path, keys, owner_url(), Path(folder))
        problems = differences(unpacked, owner_url())
        starting.migrate()
        problems += _verified(unpacked.heads, keys, unpacked.manifest["made_at"])
    said = unpacked.manifest
    rows = sum(count for count, _ in said["tables"].values())
    seconds = (datetime.now().astimezone() - begun).total_seconds()
    return Rehearsed(
        said["id"], said["made_at"], len(said["tables"]), rows, seconds, tuple(problems)
    )


def _verified(heads_path: Path, keys: Keys, made_at: str) -> list[str]:
    from trialwright.ledger import heads
    from trialwright.ledger.snapshot import studies
    from trialwright.ledger.verify import verify, verify_guards

    reading = heads.read(heads_path, [keys.public])
    now = datetime.fromisoformat(made_at)
    results = [
        verify(name, heads_path=heads_path, publics=[keys.public], keys=keys, now=now)
        for name in studies(reading)
    ]
    results.append(verify_guards())
    return [f"{result.study}: {problem}" for result in results for problem in result.problems]


def _main() -> None:
    from trialwright.config.home import SetupError
    from trialwright.ledger.encoding import LedgerError

    told = json.loads(sys.stdin.read())
    keys = Keys(bytes.fromhex(told["signing"]), bytes.fromhex(told["sealing"]))
    try:
        result = _here(Path(sys.argv[1]), keys)
    except (SetupError, LedgerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    _main()
