"""The registry library at scale: records resampled from the real ones, and its peers beside it.

`REGISTRY_BENCH_TRIALS` (10000 unless set) is how many trials, or several numbers for a curve
("10000,100000,600000"). Adding and searching run in processes of their own, whose memory is told.
Searches are 500 condition and intervention names of the records, with ten facets counted. The
peers do the same work at the largest number that is not above 100,000.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from bench.measuring import apart
from bench.registry_development import SHARED
from bench.registry_peers import Peer, plain_tantivy, postgresql, rows, sqlite
from bench.registry_records import query_log, real_lines, resampled, some_numbers

_FOLDER = Path(__file__).parent.parent / "var" / "bench" / "registry-speed"
_MESH = SHARED / "mesh" / "mesh2024-descriptors.tsv.gz"
_SEARCHES, _RELATED = 500, 200
_MOST_FOR_PEERS = 100_000


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    if not SHARED.is_dir():
        yield f"registry speed: skipped, the real records of {SHARED} are not there"
        return
    asked = os.environ.get("REGISTRY_BENCH_TRIALS", "10000")
    sizes = sorted(int(size) for size in asked.split(","))
    ours: dict[int, tuple[float, _Taken]] = {}
    for trials in sizes:
        seconds, line = apart(_adding, trials)
        yield line
        searched, lines = apart(_searching, trials)
        yield from lines
        ours[trials] = (seconds, searched)
        shutil.rmtree(_FOLDER)
    compared = max((size for size in sizes if size <= _MOST_FOR_PEERS), default=None)
    if compared is not None:
        for peer in (plain_tantivy, sqlite, postgresql):
            yield _beside(peer, compared, *ours[compared])


def _adding(trials: int) -> tuple[float, str]:
    from trialwright.registry.library.adding import add, processes_for
    from trialwright.registry.library.reindexing import load_mesh_file
    from trialwright.registry.readers.files import RawRecord

    shutil.rmtree(_FOLDER, ignore_errors=True)
    load_mesh_file(_FOLDER, _MESH)
    raw_bytes = 0

    def records() -> Iterator[RawRecord]:
        nonlocal raw_bytes
        for line in resampled(real_lines(), trials):
            raw_bytes += len(line)
            yield RawRecord(line, "resampled", "")

    memory = _Memory()
    cpu, started = _cpu_seconds(), time.perf_counter()
    counts = add(_FOLDER, records())
    seconds, cpu = time.perf_counter() - started, _cpu_seconds() - cpu
    size = sum(path.stat().st_size for path in _FOLDER.rglob("*") if path.is_file())
    beside = processes_for(None)
    each = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    line = (
        f"registry, {counts.new:,} trials of {raw_bytes / 1e6:,.0f} MB (load {_load()}): "
        f"added in {seconds:.1f} s, {trials / seconds:,.0f}/s, {trials / cpu:,.0f} for each second "
        f"of processor; library {size / raw_bytes:.0%} of the raw JSON; memory at most "
        f"{memory.stop():,.0f} MB, and {each:,.0f} MB in each of {beside} processes beside"
    )
    return seconds, line


class _Memory(threading.Thread):
    """Watches this process's own memory; pages of mapped files are the system's to take back."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._most = 0.0
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.wait(0.2):
            told = Path("/proc/self/status").read_text()
            own = next(line for line in told.splitlines() if line.startswith("RssAnon"))
            self._most = max(self._most, int(own.split()[1]) / 1024)

    def stop(self) -> float:
        """End, and return the most there was, in MB."""
        self._ended.set()
        self.join()
        return self._most


def _searching(trials: int) -> tuple[_Taken, tuple[str, ...]]:
    from trialwright.registry.library.library import Library
    from trialwright.registry.related.related import related
    from trialwright.registry.search.search import search

    started = time.perf_counter()
    library = Library(_FOLDER)
    len(library)
    opened = time.perf_counter()
    library.mesh  # noqa: B018 - read from disk now
    read = time.perf_counter()
    memory = _Memory()
    search(library, "warm")
    related(library, some_numbers(trials, 1)[0])
    searched = _timed(lambda text: search(library, text), query_log(real_lines(), _SEARCHES))
    near = _timed(lambda number: related(library, number), some_numbers(trials, _RELATED))
    lines = (
        f"  opening {(opened - started) * 1000:.0f} ms, the MeSH table after it "
        f"{(read - opened) * 1000:.0f} ms; {library.searcher().num_segments} segments; "
        f"memory at most {memory.stop():,.0f} MB",
        f"  search with ten facets: {_said(searched)} (load {_load()})",
        f"  related: {_said(near)}",
    )
    return searched, lines


def _beside(
    peer: Callable[[], AbstractContextManager[Peer]],
    trials: int,
    our_seconds: float,
    our_searches: _Taken,
) -> str:
    lines = real_lines()
    with peer() as made:
        given = rows(lines, trials)
        started = time.perf_counter()
        made.add(given)
        seconds = time.perf_counter() - started
        searched = _timed(made.search, query_log(lines, _SEARCHES))
    ours, theirs = _middle_and_high(our_searches.clock), _middle_and_high(searched.clock)
    return (
        f"  {made.name}, {trials:,} trials (load {_load()}): added in {seconds:.1f} s, "
        f"{seconds / our_seconds:.2f} times our time; {_said(searched)}: "
        f"{theirs[0] / ours[0]:.3g} and {theirs[1] / ours[1]:.3g} times ours"
    )


class _Taken(NamedTuple):
    """Milliseconds of each call: on the clock, and of this thread on a processor."""

    clock: list[float]
    processor: list[float]


def _timed(call: Callable[[str], object], arguments: list[str]) -> _Taken:
    taken = _Taken([], [])
    for argument in arguments:
        clock, processor = time.perf_counter(), time.thread_time()
        call(argument)
        taken.processor.append((time.thread_time() - processor) * 1000)
        taken.clock.append((time.perf_counter() - clock) * 1000)
    return taken


def _middle_and_high(taken: Sequence[float]) -> tuple[float, float]:
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def _said(taken: _Taken) -> str:
    clock, processor = _middle_and_high(taken.clock), _middle_and_high(taken.processor)
    return (
        f"p50 {clock[0]:.1f} ms, p95 {clock[1]:.1f} ms of {len(taken.clock)} "
        f"(on a processor {processor[0]:.1f} and {processor[1]:.1f})"
    )


def _cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"
