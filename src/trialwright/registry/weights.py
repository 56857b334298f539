"""The weights of ranking and of relatedness, in one place, with the measurement behind them.

Measured by `python -m bench registry_ranking`, which says how its three sets were made. Means of
tuned, of tuned without MeSH and of plain BM25 over all text:

                               nDCG@10              recall@100           P@10
    first: 2,511 v2 records made blind, 150 names of conditions, graded by NLM's indexing
                               0.774  0.428  0.414  0.893  0.533  0.546  0.612  0.340  0.321
    second: 9,442 records, 47 topics of our own, looked at meanwhile
      15 persons               0.644  0.516  0.432  0.665  0.528  0.503  0.700  0.573  0.460
      16 in lay words          0.721  0.364  0.319  0.742  0.362  0.305  0.738  0.406  0.344
      16 of keywords           0.863  0.833  0.762  0.716  0.666  0.629  0.788  0.800  0.712
    third: 36 more topics, made afterwards
      12 persons               0.860  0.786  0.651  0.857  0.776  0.657  0.933  0.833  0.733
      12 in lay words          0.761  0.423  0.436  0.718  0.416  0.387  0.675  0.400  0.392
      12 of keywords           0.854  0.850  0.803  0.786  0.753  0.750  0.767  0.783  0.717

Intervals are wide: of all tuned on the second set nDCG@10 is 0.671 to 0.808, on the third 0.762 to
0.875. When the third set was first searched it gave 0.745 in all (0.507 before descriptions, lay
words and spelling were read); "does not control her urticaria" was then no longer taken for its
absence, words that no trial is about no longer asked for, "kid" made a kin of "child", and two lay
names added, so its figures above flatter lay words.

Phrases of all words in title, condition or intervention moved nothing by more than 0.002.

The weights of fields and of MeSH were chosen by coordinate ascent on half of the first set. On the
other two they stand on a plateau: no other value of any of them is better on all three sets, but
for `name` and `narrower` (3 and 6 before), which were changed. Weights of descriptions chosen on
half of the persons of the second set were worse on the other half than the round ones that stood
there, so they are round. The first set is graded by MeSH itself, so it flatters widening by MeSH;
the names of lay words in our additions to MeSH were written after the second set's topics.
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
    narrower: float = 9.0
    name: float = 2.0
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
