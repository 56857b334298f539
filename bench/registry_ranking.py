"""Ranking: the tuned weights beside plain BM25 and beside no MeSH, on the development set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.registry_development import SHARED, development_set
from trialwright.registry.evaluate import evaluate

FOLDER = Path(__file__).parent.parent / "var" / "bench" / "registry-blind"


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    if not SHARED.is_dir():
        yield f"registry ranking: skipped, the real records of {SHARED} are not there"
        return
    library, topics, grades = development_set(FOLDER)
    yield f"registry ranking: {len(library):,} trials, {len(topics)} topics"
    for found in evaluate(library, topics, grades):
        parts = (
            f"{name} {m.mean:.3f} ({m.low:.3f} to {m.high:.3f})"
            for name, m in (
                ("nDCG@10", found.ndcg_10),
                ("recall@100", found.recall_100),
                ("P@10", found.precision_10),
            )
        )
        yield f"  {found.ranking}: " + ", ".join(parts)
