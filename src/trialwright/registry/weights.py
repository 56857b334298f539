"""The weights of ranking and of relatedness, in one place, with the measurement behind them.

Measured by `python -m bench registry_ranking`: 2,511 v2 records made blind (the register's MeSH
terms taken out), 150 topics, each a further name of a heading that NLM gave to conditions; chosen
by coordinate ascent on every second topic, checked on the others (their nDCG@10 + recall@100 / 2
rose from 1.15 to 1.24 too), and then rounded. Means with 95% bootstrap intervals:

                          nDCG@10              recall@100           P@10
    tuned                 0.770 (0.724-0.814)  0.879 (0.840-0.913)  0.606 (0.554-0.654)
    tuned without MeSH    0.391 (0.335-0.448)  0.405 (0.348-0.468)  0.302 (0.249-0.356)
    plain BM25            0.357 (0.302-0.412)  0.397 (0.342-0.459)  0.273 (0.227-0.321)

The set is small, has conditions only, and is graded by MeSH itself, so it flatters widening by
MeSH. The weight of interventions is therefore not tuned by it. Lifting what was written above its
synonyms was tried and made every measure worse. Seeking other names in the body too, as was done
when the weights were tuned, finds a little more: recall@100 0.887.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a match counts, by where it is found.

    A word's score is its best field's BM25 times the field's weight, plus `tie` times the others'.
    `concept` weighs a trial that has the searched MeSH heading itself, `narrower` one that has a
    heading below it, `name` one that has another of the heading's names as a phrase, `kin` a word
    that names the same thing. Of a description, a finding, a substance or procedure, and a word
    that names no heading weigh `finding`, `substance` and `word` to a disease's 1; `again` is what
    each further mention adds. `admits` is added for each of age and sex that a trial admits.
    `plain`: words alone, as they are written.
    """

    fields: dict[str, float] = field(
        default_factory=lambda: {
            "title": 1.2, "condition": 4.5, "intervention": 2.5, "keyword": 3.0,
            "summary": 0.5, "body": 0.25, "sponsor": 0.5,
        }
    )  # fmt: skip
    tie: float = 0.2
    concept: float = 8.0
    narrower: float = 6.0
    name: float = 3.0
    kin: float = 0.5
    disease: float = 4.0
    finding: float = 1.2
    substance: float = 1.5
    word: float = 0.7
    least_topical: float = 0.08
    topical_power: float = 0.5
    again: float = 0.25
    admits: float = 8.0
    plain: bool = False


TUNED = Weights()
PLAIN = Weights(fields=dict.fromkeys(TUNED.fields, 1.0), tie=1.0, plain=True)


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
