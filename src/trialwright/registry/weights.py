"""The weights of ranking and of relatedness, in one place, with the measurement behind them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a match counts, by where it is found.

    A word's score is its best field's BM25 times the field's weight, plus `tie` times the others'.
    `concept` weighs a trial that has the searched MeSH heading itself, `narrower` one that has a
    heading below it, `name` one that has another of the heading's names as a phrase.
    """

    fields: dict[str, float] = field(
        default_factory=lambda: {
            "title": 3.0, "condition": 3.0, "intervention": 2.5, "keyword": 1.5,
            "summary": 1.0, "body": 0.5, "sponsor": 0.5,
        }
    )  # fmt: skip
    tie: float = 0.3
    concept: float = 4.0
    narrower: float = 2.0
    name: float = 2.0


TUNED = Weights()
PLAIN = Weights(
    fields=dict.fromkeys(TUNED.fields, 1.0), tie=1.0, concept=0.0, narrower=0.0, name=0.0
)


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
