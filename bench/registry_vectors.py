"""Vectors of trials: how many records a second get one, and how long the nearest of many take.

The records are real ones; the vectors that are searched are random directions, which costs what
real ones do. `REGISTRY_BENCH_VECTORS` is how many (600000 unless set).
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from bench.registry_development import SHARED
from bench.registry_records import real_lines
from trialwright.registry.embeddings.building import conditions_of, text_of
from trialwright.registry.embeddings.model import DIMENSIONS, OF_CONDITIONS, OF_SEARCH, embedder
from trialwright.registry.embeddings.vectors import Vectors, append
from trialwright.registry.readers.detect import read_record

_FOLDER = Path(__file__).parent.parent / "var" / "bench" / "registry-vectors"
_RECORDS, _SEARCHES, _TOGETHER = 512, 100, 50_000


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    model = embedder()
    load = f"load {os.getloadavg()[0]:.1f}"
    if SHARED.is_dir():
        records = [read_record(line) for line in islice(real_lines(), _RECORDS)]
        texts = [text_of(record) for record in records]
        conditions = [conditions_of(record) for record in records]
        model.embed(texts[:8])
        clock, processor = time.perf_counter(), time.process_time()
        model.embed(texts)
        model.embed(conditions, OF_CONDITIONS)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        yield (
            f"registry vectors, {len(texts)} records ({load}): {len(texts) / clock:.0f}/s, "
            f"{len(texts) / processor:.0f} for each second of processor"
        )
        took = _timed(lambda text: model.embed([text], OF_SEARCH), texts[:_SEARCHES])
        yield f"  a search's own vector, of a text as long as a record: {took}"
    count = int(os.environ.get("REGISTRY_BENCH_VECTORS", "600000"))
    shutil.rmtree(_FOLDER, ignore_errors=True)
    random = np.random.default_rng(1)
    for start in range(0, count, _TOGETHER):
        some = random.standard_normal((min(_TOGETHER, count - start), DIMENSIONS), np.float32)
        append(_FOLDER, [(f"NCT{start + at:08}", "-") for at in range(len(some))], some, some)
    began = time.perf_counter()
    vectors = Vectors(_FOLDER)
    size = sum(path.stat().st_size for path in _FOLDER.rglob("*") if path.is_file())
    yield (
        f"  {len(vectors):,} vectors of {size / 1e6:,.0f} MB opened in "
        f"{time.perf_counter() - began:.2f} s"
    )
    searches = random.standard_normal((_SEARCHES, DIMENSIONS), np.float32)
    searches /= np.linalg.norm(searches, axis=1, keepdims=True)
    took = _timed(lambda query: vectors.nearest(query, 300), searches)
    yield f"  the nearest 300 of them ({load}): {took}"
    shutil.rmtree(_FOLDER)


def _timed(call, arguments) -> str:  # type: ignore[no-untyped-def]
    clock, processor = [], []
    for argument in arguments:
        began, used = time.perf_counter(), time.thread_time()
        call(argument)
        clock.append((time.perf_counter() - began) * 1000)
        processor.append((time.thread_time() - used) * 1000)
    high = statistics.quantiles(clock, n=20)[-1]
    return (
        f"p50 {statistics.median(clock):.1f} ms, p95 {high:.1f} ms "
        f"(on a processor p50 {statistics.median(processor):.1f} ms)"
    )
