"""Ranking on judgements that nobody here made: TREC Clinical Trials 2021, beside SQLite FTS5.

Topics and judgements lie in `judged-outside/` of the shared registry data. Each topic is searched
over the whole library, unjudged counts as not relevant. FTS5 has the same texts in six weighted
columns and takes any of a topic's words.

Weights are chosen on the topics of odd number among the shipped ones and their neighbours, and
used for the even ones, and the other way round: those are the held-out predictions. How words and
concepts are put together was chosen while all topics were known, which no halving undoes.

With vectors, how much nearness counts beside words is chosen in the same way for the held-out
predictions; that a note's nearness to conditions counts too, how it is added, and that 256 pieces
of a note are read and not 128, was chosen while the topics were known.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from bench.registry_development import SHARED
from bench.registry_ranking import whole_library
from trialwright.registry.embeddings.building import build
from trialwright.registry.embeddings.model import embedder
from trialwright.registry.index.document import facts_of
from trialwright.registry.library.library import Library
from trialwright.registry.search.evaluate import measures, ranked
from trialwright.registry.search.judgements import read_qrels, read_topics
from trialwright.registry.search.search import search
from trialwright.registry.search.weights import PLAIN, TUNED, Weights

_JUDGED = SHARED / "judged-outside"
_SETS = {"trec2021": "descriptions", "trec2021condition": "single conditions"}
_COLUMNS = {"title": 2.0, "condition": 4.0, "intervention": 2.0, "keyword": 3.0, "summary": 1.0}
_REST = 0.5
_RESAMPLES = 2000
_WORDS = replace(TUNED, meaning=0.0)
# How much nearness counts: for notes each standard deviation, for words the rank.
_FITS = (0.1, 0.15, 0.3)
_MEANINGS = (0.25, 0.5, 0.75, 1.5)
Measured = dict[str, tuple[float, float, float]]
Grades = Mapping[str, Mapping[str, int]]


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    if not _JUDGED.is_dir():
        yield f"registry outside: skipped, {_JUDGED} is not there"
        return
    library = whole_library()
    made = build(library, embedder())
    yield f"registry outside: {made:,} vectors made"
    peer = _fts5(library)
    for name, kind in _SETS.items():
        grades = {
            topic: of_topic
            for topic, of_topic in read_qrels(_JUDGED / f"{name}.qrels.txt").grades.items()
            if any(grade > 0 for grade in of_topic.values())
        }
        searches = read_topics(_JUDGED / f"{name}.topics.tsv").searches
        topics = {topic: text for topic, text in searches.items() if topic in grades}
        yield f"registry outside, {kind}: {len(library):,} trials, {len(topics)} topics"
        other = {
            topic: measures(_of_fts5(peer, text), grades[topic]) for topic, text in topics.items()
        }
        shipped = _searched(library, topics, grades, _WORDS)
        yield _line("shipped weights", shipped)
        fused = _searched(library, topics, grades, TUNED)
        yield _line("shipped weights and vectors", fused)
        words = [w for w in _neighbours() if w is not _WORDS]
        held = _held_out([shipped, *(_searched(library, topics, grades, w) for w in words)])
        yield _line("held-out predictions", held)
        fusions = (
            *(replace(TUNED, fit=weight) for weight in _FITS if name == "trec2021"),
            *(replace(TUNED, meaning=weight) for weight in _MEANINGS if name != "trec2021"),
        )
        fused_held = _held_out([fused, *(_searched(library, topics, grades, w) for w in fusions)])
        yield _line("held-out predictions with vectors", fused_held)
        yield _line("without MeSH", _searched(library, topics, grades, _WORDS, expand=False))
        yield _line(
            "plain BM25 over all text", _searched(library, topics, grades, PLAIN, expand=False)
        )
        yield _line("SQLite FTS5, six columns", other)
        for label, ours, theirs in (
            ("shipped less FTS5", shipped, other),
            ("held-out less FTS5", held, other),
            ("with vectors less FTS5", fused, other),
            ("with vectors less without", fused, shipped),
        ):
            for place, measure in enumerate(("nDCG@10", "recall@100")):
                differences = [ours[topic][place] - theirs[topic][place] for topic in topics]
                yield f"  {label}, {measure}: {_interval(differences)}"


def _neighbours() -> Iterator[Weights]:
    """The shipped weights, and those that differ from them in one thing."""
    yield _WORDS
    for concept in (0.5, 2.0):
        yield replace(_WORDS, concept=concept)
    for early in (1.0, 2.0):
        yield replace(_WORDS, early=early)
    for heading in (4.0, 16.0):
        yield replace(_WORDS, common_heading=heading)
    for times in (0.5, 2.0):
        fields = {name: w if name == "text" else times * w for name, w in _WORDS.fields.items()}
        yield replace(_WORDS, fields=fields)


def _held_out(tried: Sequence[Measured]) -> Measured:
    """Of each half of the topics the measures of what was best on the other half."""
    held: Measured = {}
    for parity in (0, 1):
        others = [topic for topic in tried[0] if int(topic) % 2 != parity]
        best = max(tried, key=lambda one: sum(one[topic][0] + one[topic][1] for topic in others))
        held |= {topic: row for topic, row in best.items() if int(topic) % 2 == parity}
    return held


def _searched(
    library: Library,
    topics: Mapping[str, str],
    grades: Grades,
    weights: Weights,
    *,
    expand: bool = True,
) -> Measured:
    measured = {}
    for topic, text in topics.items():
        found = search(library, text, limit=100, facets=False, weights=weights, expand=expand)
        measured[topic] = measures(ranked((*found.hits, *found.partly)), grades[topic])
    return measured


def _line(name: str, measured: Measured) -> str:
    ndcg, recall, precision = (_mean([row[at] for row in measured.values()]) for at in range(3))
    return f"  {name}: nDCG@10 {ndcg:.3f}, recall@100 {recall:.3f}, P@10 {precision:.3f}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _interval(differences: Sequence[float]) -> str:
    """A mean with its 95% percentile-bootstrap interval over topics."""
    random = Random(1)
    means = sorted(
        _mean(random.choices(differences, k=len(differences))) for _ in range(_RESAMPLES)
    )
    edge = round(_RESAMPLES * 0.025)
    return f"{_mean(differences):+.3f} ({means[edge]:+.3f} to {means[-edge - 1]:+.3f})"


def _fts5(library: Library) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    names = ", ".join((*_COLUMNS, "rest"))
    base.execute(f"CREATE VIRTUAL TABLE trial USING fts5(number UNINDEXED, {names}, "
                 "tokenize='porter unicode61')")  # fmt: skip
    marks = ", ".join("?" * (len(_COLUMNS) + 2))
    for summary in library.summaries():
        number = summary["nct"]
        texts = facts_of(library.record(number), library.mesh).texts
        parts = [" ".join(texts[name]) for name in _COLUMNS]
        # The whole text begins with those of the other fields.
        before = sum(len(found) for name, found in texts.items() if name not in {"text", "sponsor"})
        base.execute(f"INSERT INTO trial VALUES ({marks})",
                     (number, *parts, " ".join(texts["text"][before:])))  # fmt: skip
    return base


def _of_fts5(base: sqlite3.Connection, text: str) -> list[str]:
    # Each word once: repeated ones it would count again, and answer worse.
    words = dict.fromkeys(re.findall(r"\w+", text.lower()))
    match = " OR ".join(f'"{word}"' for word in words)
    weights = ", ".join(str(w) for w in (0.0, *_COLUMNS.values(), _REST))
    rows = base.execute(
        f"SELECT number FROM trial WHERE trial MATCH ? ORDER BY bm25(trial, {weights}), number DESC"
        " LIMIT 100",
        (match,),
    )
    return [number for (number,) in rows]
