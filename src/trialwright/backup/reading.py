"""Read a backup into an empty database and a folder, and hold the result against its manifest."""

import hashlib
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import psycopg
import zstandard

from trialwright.backup import postgres
from trialwright.backup.making import CUTS, DATABASE, HEADS, MANIFEST
from trialwright.backup.sealing import BackupError, SealedReader
from trialwright.ledger.keys import Keys

_AT_ONCE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a backup: what it says of itself, and the folder of heads and cuts."""

    manifest: dict[str, Any]
    folder: Path

    @property
    def heads(self) -> Path:
        return self.folder / HEADS

    @property
    def cuts(self) -> Path:
        return self.folder / CUTS.rstrip("/")


def unpack(path: Path, keys: Keys, url: str, folder: Path) -> Unpacked:
    """Read the database into the one at `url`, which is empty, and the files into `folder`.

    Raises:
        BackupError: the file isn't whole, or what came out isn't what went in.
    """
    manifest: dict[str, Any] = {}
    restoring: _Restoring | None = None
    with path.open("rb") as file:
        sealed = SealedReader(file, keys)
        with (
            zstandard.ZstdDecompressor().stream_reader(sealed) as packed,  # type: ignore[arg-type]
            tarfile.open(mode="r|", fileobj=packed) as tar,
        ):
            for member in tar:
                content = tar.extractfile(member)
                assert content is not None  # noqa: S101 - the file has files alone
                if member.name.startswith(DATABASE):
                    restoring = restoring or _Restoring(url)
                    restoring.take(content.read())
                elif member.name == MANIFEST:
                    manifest = json.loads(content.read())
                else:
                    _put(folder, member.name, content.read())
            while packed.read(_AT_ONCE):
                pass
        sealed.read()
    if restoring is None or not manifest:
        raise BackupError("The backup holds no database. Take another.")
    restoring.end()
    return Unpacked(manifest, folder)


def _put(folder: Path, name: str, content: bytes) -> None:
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts:
        raise BackupError(f"The backup names a file outside its folders: {name}.")
    place = folder.joinpath(*parts)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.write_bytes(content)


class _Restoring:
    """`pg_restore`, fed part after part; one transaction, so that it is all there or nothing."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            version = connection.info.server_version // 10_000
        self._process = postgres.run(
            postgres.program("pg_restore", version), url,
            "--format=custom", "--no-owner", "--no-privileges", "--single-transaction",
            "--exit-on-error", stdin=subprocess.PIPE,
        )  # fmt: skip

    def take(self, part: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(part)
        except BrokenPipeError:
            self.end()

    def end(self) -> None:
        _, said = self._process.communicate()
        if self._process.returncode != 0:
            words = said.decode(errors="replace").strip()
            raise BackupError(f"The database could not be read in. {words}")


def differences(unpacked: Unpacked, url: str) -> list[str]:
    """What is not as the manifest says: tables, chains, heads, files of cuts."""
    said, found = unpacked.manifest, []
    with psycopg.connect(url) as connection:
        tables = postgres.sums(connection)
        chains = {
            name: [seq, digest]
            for name, seq, digest in connection.execute(
                "SELECT study || ' ' || chain, seq, encode(hash, 'hex') FROM ledger_head"
            )
        }
    for name in sorted(said["tables"].keys() | tables.keys()):
        if said["tables"].get(name) != tables.get(name):
            rows = [each[0] if each else 0 for each in (said["tables"].get(name), tables.get(name))]
            found.append(f"table {name}: {rows[0]} rows were backed up, {rows[1]} came back")
    if chains != said["chains"]:
        found.append("the ends of the ledger's chains")
    heads = unpacked.heads.read_bytes() if unpacked.heads.exists() else b""
    if hashlib.sha256(heads).hexdigest() != said["heads"]:
        found.append("the signed heads")
    for name, digest in said["cuts"].items():
        place = unpacked.cuts / name
        if not place.exists() or hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            found.append(f"the cut's file {name}")
    return found
