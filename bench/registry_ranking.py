"""Ranking: the tuned weights beside plain BM25 and beside no MeSH, on three development sets.

The first is graded by NLM's own indexing (`registry_development`). The second and third, in
`registry_judged/`, are 47 and 36 topics of our own words on the real records: descriptions of
persons (P), what people without training say (L), and short keywords (K). Grades were given by
rules of our own for each topic, over a record's titles, conditions, keywords, interventions, ages
and sex, after reading the lists of candidates: 2 for a trial of what is sought that admits the
person, 1 for one that doesn't, or of a near condition. No search was asked for them. The second was
looked at while the reading of descriptions was made; the third was written and graded after it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.registry_development import SHARED, development_set
from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library
from trialwright.registry.library.reindexing import load_mesh_file
from trialwright.registry.readers.files import raw_records
from trialwright.registry.search.evaluate import evaluate
from trialwright.registry.search.judgements import read_qrels, read_topics

_BENCH = Path(__file__).parent.parent / "var" / "bench"
_JUDGED = Path(__file__).parent / "registry_judged"
_FILES = ("studies-v2.ndjson.gz", "legacy-xml.tar.gz", "asherman-studies.ndjson")


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    if not SHARED.is_dir():
        yield f"registry ranking: skipped, the real records of {SHARED} are not there"
        return
    library, topics, grades = development_set(_BENCH / "registry-blind")
    yield from _measured("first set", library, topics, grades)
    library = whole_library()
    for name in ("second", "third"):
        topics = read_topics(_JUDGED / f"{name}.topics.tsv").searches
        grades = read_qrels(_JUDGED / f"{name}.qrels.txt").grades
        yield from _measured(f"{name} set", library, topics, grades)
        for kind, words in (("P", "persons"), ("L", "lay words"), ("K", "keywords")):
            part = {topic: text for topic, text in topics.items() if topic.startswith(kind)}
            yield from _measured(f"{name} set, {words}", library, part, grades)


def whole_library() -> Library:
    folder = _BENCH / "registry-whole"
    if not (folder / "index").exists():
        shutil.rmtree(folder, ignore_errors=True)
        load_mesh_file(folder, SHARED / "mesh" / "mesh2024-descriptors.tsv.gz")
        for name in _FILES:
            add(folder, raw_records(SHARED / name))
    return Library(folder)


def _measured(
    name: str, library: Library, topics: dict[str, str], grades: dict[str, dict[str, int]]
) -> Iterator[str]:
    yield f"registry ranking, {name}: {len(library):,} trials, {len(topics)} topics"
    for found in evaluate(library, topics, grades):
        parts = (
            f"{measure} {m.mean:.3f} ({m.low:.3f} to {m.high:.3f})"
            for measure, m in (
                ("nDCG@10", found.ndcg_10),
                ("recall@100", found.recall_100),
                ("P@10", found.precision_10),
            )
        )
        yield f"  {found.ranking}: " + ", ".join(parts)
