"""Measuring ranking against judgements: nDCG@10, recall@100 and P@10 with bootstrap intervals.

The measures are those of NIST's trec_eval 9 (ndcg_cut_10, recall_100, P_10), so that figures can be
set beside others: a grade is its own gain, a grade below 1 or no judgement is not relevant, of
equal scores the greater number stands first, and a topic without a relevant trial counts as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from trialwright.registry.library.library import Library
from trialwright.registry.search.search import Hit, search
from trialwright.registry.search.weights import PLAIN, TUNED, Weights

Grades = Mapping[str, Mapping[str, int]]
_RESAMPLES = 1000
_DEPTH = 100
# The three rankings compared: weights, and whether searches are widened by MeSH.
RANKINGS: dict[str, tuple[Weights, bool]] = {
    "tuned": (TUNED, True),
    "plain BM25 over all text": (PLAIN, False),
    "tuned without MeSH": (TUNED, False),
}


@dataclass(frozen=True, slots=True)
class RankingMeasure:
    """A mean over topics with its 95% percentile-bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One ranking's measures; `topics` is how many were searched."""

    ranking: str
    topics: int
    ndcg_10: RankingMeasure
    recall_100: RankingMeasure
    precision_10: RankingMeasure


def comparable(topics: Iterable[str], grades: Grades) -> tuple[list[str], list[str]]:
    """Return the topics that are judged, and sentences on those that aren't.

    Raises:
        ValueError: none is.
    """
    known = list(topics)
    judged = [topic for topic in known if topic in grades]
    if not judged:
        raise ValueError(
            f"no topic is judged: topics are called {_some(known)}, judgements {_some(grades)}"
        )
    said = []
    if unjudged := [topic for topic in known if topic not in grades]:
        said.append(f"not searched: {len(unjudged):,} topics without judgement: {_some(unjudged)}")
    if lost := [topic for topic in grades if topic not in set(known)]:
        said.append(f"left aside: judgements of {len(lost):,} topics not given: {_some(lost)}")
    if empty := [topic for topic in judged if not any(g > 0 for g in grades[topic].values())]:
        said.append(f"{len(empty):,} topics have no relevant trial and count as 0: {_some(empty)}")
    return judged, said


def held(library: Library, grades: Grades) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Return the judgements of trials that a library holds, and a sentence on the others."""
    every = {trial for of_topic in grades.values() for trial in of_topic}
    absent = {trial for trial in every if trial not in library}
    kept = {
        topic: {trial: grade for trial, grade in of_topic.items() if trial not in absent}
        for topic, of_topic in grades.items()
    }
    kept = {
        topic: of_topic for topic, of_topic in kept.items() if any(g > 0 for g in of_topic.values())
    }
    if not absent:
        return kept, []
    relevant = [t for of_topic in grades.values() for t, grade in of_topic.items() if grade > 0]
    lost = sum(trial in absent for trial in relevant)
    said = (
        f"not in the library: {len(absent):,} of {len(every):,} judged trials, with {lost:,} of "
        f"{len(relevant):,} relevant judgements; no ranking finds them"
    )
    return kept, [said]


def _some(names: Iterable[str]) -> str:
    shown = list(names)
    return ", ".join(shown[:6]) + (", …" if len(shown) > 6 else "")


def evaluate(
    library: Library,
    topics: Mapping[str, str],
    grades: Grades,
    *,
    rankings: Mapping[str, tuple[Weights, bool]] = RANKINGS,
    seed: int = 1,
) -> list[Evaluation]:
    """Measure each ranking over the topics that have judgements."""
    judged = [topic for topic in topics if topic in grades]
    answers = []
    for name, (weights, expand) in rankings.items():
        rows = []
        for topic in judged:
            found = search(
                library, topics[topic], limit=_DEPTH, facets=False, weights=weights, expand=expand
            )
            rows.append(measures(ranked((*found.hits, *found.partly)), grades[topic]))
        ndcg, recall, precision = (
            _bootstrap([row[place] for row in rows], seed) for place in range(3)
        )
        answers.append(Evaluation(name, len(judged), ndcg, recall, precision))
    return answers


def ranked(hits: Iterable[Hit]) -> list[str]:
    """Return the numbers of hits by score, of equal scores the greater number first."""
    pairs = sorted(((hit.score, hit.nct) for hit in hits), reverse=True)
    return [number for _, number in pairs]


def measures(ranking: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float]:
    """Return nDCG@10, recall@100 and P@10 of one ranking.

    nDCG with the grade as gain and discount log2(rank + 1) (Järvelin and Kekäläinen 2002, as
    trec_eval has it); recall and precision count grades of 1 and more.

    >>> [round(m, 4) for m in measures(["b", "x", "a"], {"a": 2, "b": 1})]
    [0.7602, 1.0, 0.2]
    """
    ideal = _discounted(sorted(grades.values(), reverse=True)[:10])
    relevant = {trial for trial, grade in grades.items() if grade > 0}
    found = relevant.intersection(ranking[:_DEPTH])
    return (
        _discounted([grades.get(trial, 0) for trial in ranking[:10]]) / ideal if ideal else 0.0,
        len(found) / len(relevant) if relevant else 0.0,
        len(relevant.intersection(ranking[:10])) / 10,
    )


def _discounted(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def _bootstrap(values: Sequence[float], seed: int) -> RankingMeasure:
    if not values:
        return RankingMeasure(math.nan, math.nan, math.nan)
    random = Random(seed)  # noqa: S311 - resampling, not a secret
    count = len(values)
    means = sorted(sum(random.choices(values, k=count)) / count for _ in range(_RESAMPLES))
    edge = round(_RESAMPLES * 0.025)
    return RankingMeasure(sum(values) / count, means[edge], means[-edge - 1])
