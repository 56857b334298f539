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
