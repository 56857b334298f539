"""The weights of ranking and of relatedness, in one place.

Measured by `python -m bench registry_outside` on judgements of outside assessors (TREC Clinical
Trials 2021), and by `python -m bench registry_ranking` on three sets of our own, which are kept as
checks against getting worse: they were made by those who tuned. The figures stand in
`docs/registry.md`.

All weights are round. On the outside topics they lie on a plateau: half and double of `concept`, of
`early` and of all fields but `text` move nDCG@10 between 0.432 and 0.447, less than half the width
of an interval over topics. Weights climbed to on one half of the topics did worse on the other half
than these, so none was fitted.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a match counts, by where it is found.

    A word's score is the sum of BM25 over the fields, each times its weight; `text` holds all words
    of a record. A concept (a MeSH heading, those below it, or a name of one) gives its rarity times
    `concept` times `disease`, `finding` or `substance` (all that is neither); `again` is what each
    further mention in a description adds. A `synonym` counts so much of the word. `early`
    multiplies the words with which a description begins, `least_topical` is how much trials must be
    about a word before a description demands it. `admits` is added for each of age and sex that a
    trial admits. `common_word` and `common_heading` are what a later trial of a description's
    answer gets for the word, and for the heading, that its first trials share most. Where the
    library has vectors, `meaning` is what the ranking by them counts beside that by words (0 for
    nothing), and `fit` what each standard deviation of nearness adds to a description's trial.
    `plain`: words alone, as they are written.
    """

    fields: dict[str, float] = field(
        default_factory=lambda: {
            "title": 0.3, "condition": 0.4, "intervention": 0.1, "keyword": 0.3,
            "summary": 0.3, "sponsor": 0.1, "text": 1.0,
        }
    )  # fmt: skip
    concept: float = 1.0
    disease: float = 4.0
    finding: float = 1.2
    substance: float = 1.5
    again: float = 0.25
    synonym: float = 0.5
    early: float = 1.5
    least_topical: float = 0.08
    admits: float = 8.0
    common_word: float = 1.0
    common_heading: float = 8.0
    meaning: float = 1.0
    fit: float = 0.2
    plain: bool = False


TUNED = Weights()
PLAIN = Weights(fields=dict.fromkeys(TUNED.fields, 0.0) | {"text": 1.0}, meaning=0.0, plain=True)


@dataclass(frozen=True, slots=True)
class Closeness:
    """How much each kind of likeness counts between two trials; each likeness is from 0 to 1.

    `generic` is the idf, as a share of the rarest's, below which a word says nothing.
    """

    condition: float = 0.42
    intervention: float = 0.28
    words: float = 0.20
    population: float = 0.06
    phase: float = 0.04
    generic: float = 0.35


RELATED = Closeness()
