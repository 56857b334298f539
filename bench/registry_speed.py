"""The registry library at scale: records resampled from the real ones; beside it, SQLite FTS5.

`REGISTRY_BENCH_TRIALS` (10,000 unless set) is how many trials; each is a real v2 record under a new
number. Searches are 500 condition and intervention names of the records, with ten facets counted.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import resource
import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from bench.registry_development import SHARED
from trialwright.registry.adding import add
from trialwright.registry.library import Library
from trialwright.registry.readers.detect import read_record
from trialwright.registry.readers.files import RawRecord
from trialwright.registry.reindexing import load_mesh_file
from trialwright.registry.related import related
from trialwright.registry.search import search

FOLDER = Path(__file__).parent.parent / "var" / "bench" / "registry-speed"
_QUERIES = 500
_RELATED = 100
_SEED = 7


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    if not SHARED.is_dir():
        yield f"registry speed: skipped, the real records of {SHARED} are not there"
        return
    trials = int(os.environ.get("REGISTRY_BENCH_TRIALS", "10000"))
    with gzip.open(SHARED / "studies-v2.ndjson.gz") as file:
        lines = [line.rstrip() for line in file]
    shutil.rmtree(FOLDER, ignore_errors=True)
    load_mesh_file(FOLDER, SHARED / "mesh" / "mesh2024-descriptors.tsv.gz")
    yield from _added(lines, trials)
    started = time.perf_counter()
    library = Library(FOLDER)
    yield f"  opening: {(time.perf_counter() - started) * 1000:.1f} ms (without the MeSH table)"
    queries = _query_log(lines)
    library.mesh  # noqa: B018 - loaded before the clock starts
    search(library, "warm")
    ours = _timed(lambda text: search(library, text, limit=20), queries)
    yield f"  search with ten facets: {_said(ours)}"
    numbers = [
        f"NCT{number:08d}" for number in random.Random(_SEED).sample(range(trials), _RELATED)
    ]
    yield f"  related: {_said(_timed(lambda number: related(library, number), numbers))}"
    yield from _sqlite(lines, trials, queries, statistics.median(ours))


def resampled(lines: list[bytes], trials: int) -> Iterator[bytes]:
    """Real records in a random order, as often as needed, each under a new number."""
    chance = random.Random(_SEED)
    for number in range(trials):
        new = b"NCT%08d" % number
        yield re.sub(rb'(?<="nctId":")NCT\d{8}', new, chance.choice(lines), count=1)


def _added(lines: list[bytes], trials: int) -> Iterator[str]:
    raw_bytes = 0

    def records() -> Iterator[RawRecord]:
        nonlocal raw_bytes
        for line in resampled(lines, trials):
            raw_bytes += len(line)
            yield RawRecord(line, "resampled", "")

    started = time.perf_counter()
    counts = add(FOLDER, records())
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield (
        f"registry, {counts.new:,} trials of {raw_bytes / 1e6:,.0f} MB: added in {seconds:.1f} s, "
        f"{counts.new / seconds:,.0f}/s; library {size / raw_bytes:.0%} of the raw JSON; "
        f"peak {peak:,.0f} MB"
    )


def _query_log(lines: list[bytes]) -> list[str]:
    chance = random.Random(_SEED)
    names = []
    for line in lines:
        record = read_record(line)
        names += [item.value for item in record.conditions if item.value]
        names += [item.name.value for item in record.interventions if item.name.value]
    plain = sorted({re.sub(r"[^\w -]", " ", name).strip() for name in names if len(name) < 60})
    return chance.sample(plain, _QUERIES)


def _timed(call: Callable[[str], object], arguments: list[str]) -> list[float]:
    """Milliseconds of each call."""
    taken = []
    for argument in arguments:
        started = time.perf_counter()
        call(argument)
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _said(taken: list[float]) -> str:
    p95 = statistics.quantiles(taken, n=20)[-1]
    return f"p50 {statistics.median(taken):.1f} ms, p95 {p95:.1f} ms of {len(taken)}"


def _sqlite(lines: list[bytes], trials: int, queries: list[str], ours_ms: float) -> Iterator[str]:
    """The same texts in SQLite FTS5, the same searches with two facets counted."""
    path = FOLDER / "peer.sqlite"
    peer = sqlite3.connect(path)
    peer.execute("CREATE VIRTUAL TABLE trial USING fts5(title, condition, body, tokenize='porter')")
    peer.execute("CREATE TABLE facet (id INTEGER PRIMARY KEY, status, type)")
    started = time.perf_counter()
    for number, line in enumerate(resampled(lines, trials)):
        section = orjson.loads(line)["protocolSection"]
        body = section.get("descriptionModule", {})
        texts = (
            section["identificationModule"].get("briefTitle", ""),
            "; ".join(section.get("conditionsModule", {}).get("conditions", [])),
            " ".join(
                (
                    body.get("briefSummary", ""),
                    body.get("detailedDescription", ""),
                    section.get("eligibilityModule", {}).get("eligibilityCriteria", ""),
                )
            ),
        )
        peer.execute("INSERT INTO trial (rowid, title, condition, body) VALUES (?,?,?,?)",
                     (number, *texts))  # fmt: skip
        peer.execute(
            "INSERT INTO facet VALUES (?,?,?)",
            (
                number,
                section["statusModule"].get("overallStatus"),
                section.get("designModule", {}).get("studyType"),
            ),
        )
    peer.commit()
    seconds = time.perf_counter() - started

    def ask(text: str) -> None:
        match = " ".join(f'"{word}"' for word in text.split())
        peer.execute(
            "SELECT rowid FROM trial WHERE trial MATCH ? ORDER BY bm25(trial, 3, 3, 1) LIMIT 20",
            (match,),
        ).fetchall()
        for name in ("status", "type"):
            peer.execute(
                f"SELECT {name}, count(*) FROM trial JOIN facet ON facet.id = trial.rowid "
                "WHERE trial MATCH ? GROUP BY 1",
                (match,),
            ).fetchall()

    taken = _timed(ask, queries)
    yield (
        f"  SQLite FTS5 (text alone, two facets): {trials / seconds:,.0f}/s; {_said(taken)}; "
        f"its median is {statistics.median(taken) / ours_ms:.1f} times ours"
    )
    peer.close()
    path.unlink()
