"""Measuring ranking against judgements: nDCG@10, recall@100 and P@10 with bootstrap intervals.

Topics are TREC's (`<topic number="1">search</topic>`) or lines "number<TAB>search"; judgements are
TREC's "topic 0 trial grade" with grades from 0. A trial without a judgement counts as not relevant.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from trialwright.registry.library import Library
from trialwright.registry.search import search
from trialwright.registry.weights import PLAIN, TUNED, Weights

_RESAMPLES = 1000
_DEPTH = 100
# The three rankings compared: weights, and whether searches are widened by MeSH.
RANKINGS: dict[str, tuple[Weights, bool]] = {
    "tuned": (TUNED, True),
    "plain BM25 over all text": (PLAIN, False),
    "tuned without MeSH": (TUNED, False),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over topics with its 95% percentile-bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One ranking's measures; `topics` is how many topics have a relevant trial."""

    ranking: str
    topics: int
    ndcg_10: Measure
    recall_100: Measure
    precision_10: Measure


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read judgements: for each topic, each judged trial's grade.

    Raises:
        ValueError: a line has not four parts, or a grade that is no number; it says which.
    """
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        parts = line.split()
        if not parts:
            continue
        try:
            topic, _, trial, grade = parts
            grades.setdefault(topic, {})[trial] = int(grade)
        except ValueError:
            raise ValueError(
                f"{path}, line {number}: a judgement is “topic 0 trial grade”, not {line!r}"
            ) from None
    return grades


def read_topics(path: Path) -> dict[str, str]:
    """Read topics: TREC's XML, or one a line: its number, a tab, the search.

    Raises:
        ValueError: a line has no tab; it says which.
    """
    whole = path.read_text(encoding="utf-8")
    if whole.lstrip().startswith("<"):
        found = re.findall(r'<topic[^>]*number="([^"]+)"[^>]*>(.*?)</topic>', whole, re.DOTALL)
        return {
            number.strip(): " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
            for number, text in found
        }
    topics = {}
    for number, line in enumerate(whole.splitlines(), start=1):
        if line.strip():
            topic, tab, text = line.partition("\t")
            if not tab:
                raise ValueError(f"{path}, line {number}: a topic is a number, a tab, the search")
            topics[topic.strip()] = text.strip()
    return topics


def topics_beside(qrels: Path) -> Path:
    """Return the file of topics that stands beside judgements: topics.xml or topics.tsv.

    Raises:
        ValueError: there is none.
    """
    for name in (
        f"{qrels.stem}.topics.xml",
        f"{qrels.stem}.topics.tsv",
        "topics.xml",
        "topics.tsv",
    ):
        if (qrels.parent / name).exists():
            return qrels.parent / name
    raise ValueError(f"there is no topics.xml or topics.tsv beside {qrels}; name it with --topics")


def evaluate(
    library: Library,
    topics: Mapping[str, str],
    grades: Mapping[str, Mapping[str, int]],
    *,
    rankings: Mapping[str, tuple[Weights, bool]] = RANKINGS,
    seed: int = 1,
) -> list[Evaluation]:
    """Measure each ranking over the topics that have at least one relevant trial."""
    judged = [topic for topic in topics if any(g > 0 for g in grades.get(topic, {}).values())]
    answers = []
    for name, (weights, expand) in rankings.items():
        rows = []
        for topic in judged:
            found = search(
                library, topics[topic], limit=_DEPTH, facets=False, weights=weights, expand=expand
            )
            rows.append(measures([hit.nct for hit in found.hits], grades[topic]))
        ndcg, recall, precision = (
            _bootstrap([row[place] for row in rows], seed) for place in range(3)
        )
        answers.append(Evaluation(name, len(judged), ndcg, recall, precision))
    return answers


def measures(ranked: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float]:
    """Return nDCG@10, recall@100 and P@10 of one ranking.

    nDCG with gain 2^grade - 1 and discount log2(rank + 1) (Burges et al. 2005); recall and
    precision count grades of 1 and more.

    >>> [round(m, 4) for m in measures(["b", "x", "a"], {"a": 2, "b": 1})]
    [0.6885, 1.0, 0.2]
    """
    gains = [2.0 ** grades.get(trial, 0) - 1 for trial in ranked[:10]]
    best = sorted((2.0**grade - 1 for grade in grades.values()), reverse=True)[:10]
    ideal = _discounted(best)
    relevant = {trial for trial, grade in grades.items() if grade > 0}
    found = relevant.intersection(ranked[:_DEPTH])
    return (
        _discounted(gains) / ideal if ideal else 0.0,
        len(found) / len(relevant) if relevant else 0.0,
        len(relevant.intersection(ranked[:10])) / 10,
    )


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _bootstrap(values: Sequence[float], seed: int) -> Measure:
    if not values:
        return Measure(math.nan, math.nan, math.nan)
    random = Random(seed)  # noqa: S311 - resampling, not a secret
    count = len(values)
    means = sorted(sum(random.choices(values, k=count)) / count for _ in range(_RESAMPLES))
    edge = round(_RESAMPLES * 0.025)
    return Measure(sum(values) / count, means[edge], means[-edge - 1])
