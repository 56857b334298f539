"""Vectors of a library's trials on disk: appended to, and searched whole in milliseconds.

Four files go together, a row of each for a trial: `vectors` in int8, their `signs` as bits,
`conditions` in int8 for its conditions alone, and `trials` with the number and the version's hash.
What a crash left incomplete is cut off; a newer row of a trial stands in place of an older one. A
search counts the signs that differ, which goes through 600,000 trials in the time of a blink, and
reckons the nearest of these exactly. Conditions are asked about for trials that are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trialwright.registry.embeddings.model import DIMENSIONS, MODEL, Floats

_SCALE = 127.0
_TRIAL = np.dtype([("number", "S48"), ("digest", "S64")])
_SIGNS = DIMENSIONS // 64
# The files, and the bytes of a row in each; `trials` comes last, for it says what is there.
_SIZES = {
    "vectors": DIMENSIONS,
    "conditions": DIMENSIONS,
    "signs": 8 * _SIGNS,
    "trials": _TRIAL.itemsize,
}
# Of how many trials by signs the exact likeness is reckoned.
_CANDIDATES = 2_000
_BLOCK = 16_384


class Vectors:
    """The vectors of a library, opened for reading; empty where there are none."""

    def __init__(self, folder: Path) -> None:
        """Take the library's folder."""
        place = folder_of(folder)
        self.rows = _rows(place)
        rows = self.rows
        self._vectors = _mapped(place / "vectors", np.dtype(np.int8), (rows, DIMENSIONS))
        self._conditions = _mapped(place / "conditions", np.dtype(np.int8), (rows, DIMENSIONS))
        self._signs = _mapped(place / "signs", np.dtype(np.uint64), (rows, _SIGNS))
        self.trials = _mapped(place / "trials", _TRIAL, (rows,))

    def __len__(self) -> int:
        """How many trials have a vector."""
        return len(self._newest[0])

    @cached_property
    def _newest(self) -> tuple[npt.NDArray[np.bytes_], npt.NDArray[np.int64]]:
        """The numbers in order, and the newest row of each."""
        numbers, backwards = np.unique(self.trials["number"][::-1], return_index=True)
        return numbers, self.rows - 1 - backwards

    def known(self) -> set[tuple[str, str]]:
        """The numbers of trials with the hash of the version whose vector there is."""
        newest = self.trials[self._newest[1]]
        return {(row["number"].decode(), row["digest"].decode()) for row in newest}

    def likeness(self, query: Floats, numbers: Sequence[str]) -> dict[str, float]:
        """How like a query some trials are, from -1 to 1; those without a vector are left out."""
        return self._likeness(self._vectors, query, numbers)

    def likeness_of_conditions(self, query: Floats, numbers: Sequence[str]) -> dict[str, float]:
        """The same of their conditions alone."""
        return self._likeness(self._conditions, query, numbers)

    def _likeness(
        self, vectors: npt.NDArray[np.int8], query: Floats, numbers: Sequence[str]
    ) -> dict[str, float]:
        known, rows = self._newest
        if not len(known) or not numbers:
            return {}
        wanted = np.array([number.encode("utf-8", "replace") for number in numbers], "S48")
        places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        there = known[places] == wanted
        scores = _exact(vectors, query, rows[places[there]])
        names = [number for number, has in zip(numbers, there, strict=True) if has]
        return dict(zip(names, scores.tolist(), strict=True))

    def nearest(self, query: Floats, count: int) -> list[tuple[str, float]]:
        """The trials most like a query, with their likeness from -1 to 1, the most like first.

        Of equals the greater number comes first.
        """
        _, rows = self._newest
        if not len(rows):
            return []
        differing = self._differing(query)
        differing[self._outdated] = DIMENSIONS + 1
        # As many differ in at most so many signs as are wanted, or some more that are their equals.
        within = np.cumsum(np.bincount(differing, minlength=DIMENSIONS + 1)[: DIMENSIONS + 1])
        wanted = min(max(_CANDIDATES, count), len(rows))
        near = np.flatnonzero(differing <= np.searchsorted(within, wanted))
        scores = _exact(self._vectors, query, near)
        names = self.trials["number"][near]
        best = np.lexsort((names, scores))[::-1][:count]
        return [(names[at].decode(), float(scores[at])) for at in best]

    @cached_property
    def _outdated(self) -> npt.NDArray[np.int64]:
        """The rows that a newer one replaces."""
        outdated = np.ones(self.rows, bool)
        outdated[self._newest[1]] = False
        return np.flatnonzero(outdated)

    def _differing(self, query: Floats) -> npt.NDArray[np.uint16]:
        """In how many signs each row differs from a query.

        Block by block, so that what is between lies in the processor's cache; six words of 64 bits
        are added as they are, since a sum over so short an axis takes ten times as long.
        """
        signs = _signs_of(query[None])
        found = np.empty(self.rows, np.uint16)
        for start in range(0, self.rows, _BLOCK):
            block = slice(start, start + _BLOCK)
            counts = np.bitwise_count(self._signs[block] ^ signs)
            # Three words differ in 192 signs at most, which a byte holds.
            first, second = (counts[:, at] + counts[:, at + 1] + counts[:, at + 2] for at in (0, 3))
            np.add(first, second, out=found[block], dtype=np.uint16)
        return found


def _exact(vectors: npt.NDArray[np.int8], query: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    some = vectors[rows].astype(np.float32)
    lengths = np.maximum(np.linalg.norm(some, axis=1), 1e-9)
    return np.asarray(some @ query / lengths, np.float32)


def opened(folder: Path) -> Vectors:
    """Return the vectors of a library, opened once for each state of them."""
    return _opened(folder, _rows(folder_of(folder)))


@lru_cache(maxsize=4)
def _opened(folder: Path, rows: int) -> Vectors:
    return Vectors(folder)


def append(
    folder: Path, trials: Iterable[tuple[str, str]], vectors: Floats, conditions: Floats
) -> None:
    """Write the vectors of some trials and of their conditions, each with number and hash."""
    place = folder_of(folder)
    place.mkdir(parents=True, exist_ok=True)
    keys = [(number.encode("utf-8", "replace"), digest.encode()) for number, digest in trials]
    data = {
        "vectors": _in_bytes(vectors),
        "conditions": _in_bytes(conditions),
        "signs": _signs_of(vectors).tobytes(),
        "trials": np.array(keys, _TRIAL).tobytes(),
    }
    rows = _rows(place)
    for name, size in _SIZES.items():
        with (place / name).open("ab") as file:
            file.truncate(rows * size)
            file.write(data[name])


def _in_bytes(vectors: Floats) -> bytes:
    # The largest part of a vector fills int8, so that none is lost at the low end.
    scale = _SCALE / np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9)
    return bytes(np.rint(vectors * scale).astype(np.int8).tobytes())


def folder_of(folder: Path) -> Path:
    """Where the vectors of this model lie in a library."""
    return folder / "vectors" / MODEL


def _signs_of(vectors: Floats) -> npt.NDArray[np.uint64]:
    return np.packbits(vectors > 0, axis=1).view(np.uint64)


def _rows(place: Path) -> int:
    """How many rows all the files have whole."""
    paths = {place / name: size for name, size in _SIZES.items()}
    if not all(path.exists() for path in paths):
        return 0
    return min(path.stat().st_size // size for path, size in paths.items())


def _mapped(path: Path, kind: np.dtype, shape: tuple[int, ...]) -> npt.NDArray:  # type: ignore[type-arg]
    if not shape[0]:
        return np.empty(shape, kind)
    return np.memmap(path, kind, "r", shape=shape)
