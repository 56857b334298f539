"""Making the index anew from the packs, and the MeSH table by which trials are indexed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from trialwright.registry.index.mesh import Mesh, read_mesh
from trialwright.registry.library.adding import processes_for, sole_writer, write_manifest
from trialwright.registry.library.indexing import Indexing, new_index, next_index
from trialwright.registry.library.library import RecordVersion, newest_index
from trialwright.registry.library.preparing import NOT_KEPT, RefusedRecord, prepared
from trialwright.registry.library.record_store import PackError, PackPlace, all_frames

_COMMIT_EVERY_RECORDS = 50_000
_FEW_BYTES = 2_000_000


def reindex(
    folder: Path,
    *,
    progress: Callable[[int], None] = lambda _: None,
    processes: int | None = None,
) -> int:
    """Make the index anew from the packs, and return the number of trials.

    Needed after `mesh`, after an upgrade that changes the index, and when the index is lost. The
    old index is in use until the new one is whole. `processes` is as for `adding.add`.

    Raises:
        LibraryError: another process is adding.
    """
    with sole_writer(folder):
        part = next_index(folder).with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        size = sum(path.stat().st_size for path in (folder / "packs").glob("*.pack"))
        beside = processes_for(processes) if size > _FEW_BYTES else 0
        with closing(Indexing(folder, new_index(part))) as indexing:
            frames = prepared(folder, NOT_KEPT, _frames(folder), beside)
            for done, ((place, digest), found) in enumerate(frames, start=1):
                if isinstance(found, RefusedRecord):
                    continue
                known = indexing.versions(found.number)
                if all(version.digest != digest for version in known):
                    indexing.put(found, RecordVersion(found.updated, digest, place))
                if done % 500 == 0:
                    progress(done)
                if done % _COMMIT_EVERY_RECORDS == 0:
                    indexing.commit()
            indexing.commit()
        old = newest_index(folder)
        part.rename(part.with_suffix(""))
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)
        write_manifest(folder, indexing.trials)
        return indexing.trials


def _frames(folder: Path) -> Iterator[tuple[tuple[PackPlace, str], bytes]]:
    for frame in all_frames(folder / "packs"):
        if not isinstance(frame, PackError):
            place, raw = frame
            yield (place, hashlib.sha256(raw).hexdigest()), raw


def load_mesh_file(folder: Path, path: Path) -> Mesh:
    """Give the library a table of MeSH descriptors; `reindex` then uses it for every trial.

    Raises:
        ValueError: the file is no such table.
        LibraryError: another process is adding.
    """
    mesh = Mesh(read_mesh(path))
    if not len(mesh):
        raise ValueError(f"{path} has no MeSH descriptors in it")
    with sole_writer(folder):
        part = folder / "mesh.json.part"
        part.write_bytes(mesh.to_bytes())
        part.replace(folder / "mesh.json")
    return mesh
