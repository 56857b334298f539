"""Counting: how many of the trials that a search finds have each code of each facet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import tantivy
from tantivy import Occur, Query

from trialwright.registry.index.schema import BY_SET, FACETS, SET_MARK, set_of

# What is counted beside a search.
COUNTED = (*FACETS, "start_year")
_MOST_VALUES = 300
_MOST_SETS = 10_000


def filtered(schema: tantivy.Schema, query: Query, chosen: Mapping[str, list[str]]) -> Query:
    """Narrow a query to the trials that have, for each filter, one of the codes chosen."""
    if not chosen:
        return query
    parts = [(Occur.Must, query)]
    for name, codes in chosen.items():
        terms: list[str] | list[int] = codes
        if name == "start_year":
            terms = [int(code) for code in codes if re.fullmatch(r"\d{1,4}", code)]
        one_of = Query.term_set_query(schema, name, terms) if terms else Query.empty_query()
        parts.append((Occur.Must, Query.const_score_query(one_of, 0.0)))
    return Query.boolean_query(parts)


def counts(
    schema: tantivy.Schema,
    searcher: tantivy.Searcher,
    asked: Query,
    chosen: Mapping[str, list[str]],
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Count each facet's values; a facet already filtered is counted as if it weren't."""
    free = [name for name in COUNTED if name not in chosen]
    counted = _aggregate(searcher, filtered(schema, asked, chosen), free)
    for name in chosen.keys() & set(COUNTED):
        others = {key: codes for key, codes in chosen.items() if key != name}
        counted |= _aggregate(searcher, filtered(schema, asked, others), [name])
    return {name: counted[name] for name in COUNTED}


def _aggregate(
    searcher: tantivy.Searcher, query: Query, names: list[str]
) -> dict[str, tuple[tuple[str, int], ...]]:
    if not names:
        return {}
    wanted = {
        name: {"terms": {"field": set_of(name), "size": _MOST_SETS}}
        if name in BY_SET
        else {"terms": {"field": name, "size": _MOST_VALUES}}
        for name in names
    }
    answer = searcher.aggregate(query, wanted)
    return {name: _counted(name, answer[name]["buckets"]) for name in names}


def _counted(name: str, buckets: list[dict[str, Any]]) -> tuple[tuple[str, int], ...]:
    """A facet's codes with their counts, the most frequent first."""
    if name not in BY_SET:
        counts = ((_key(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets)
        return tuple(sorted(counts, key=_most_first))
    counted: Counter[str] = Counter()
    for bucket in buckets:
        for code in str(bucket["key"]).split(SET_MARK):
            counted[code] += int(bucket["doc_count"])
    return tuple(sorted(counted.items(), key=_most_first)[:_MOST_VALUES])


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    code, count = counted
    return -count, code


def _key(key: object) -> str:
    """A bucket's key as a code; numbers come as floats."""
    return f"{key:.0f}" if isinstance(key, float) else str(key)
