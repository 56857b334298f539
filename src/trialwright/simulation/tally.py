"""What happened in a simulation, counted as it happens: what no table of the study keeps."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class LifeTally:
    """Counts of what was tried.

    refusals: actions that were refused though a person would have expected them to be taken, by
    action and sentence. fired: checks that refused what was typed, by form and check. unmet: what
    no answers found bring about. accepted: what should have been refused and wasn't. mistakes: how
    often a check at a bedside was done wrong, by which each kind has its turn.
    """

    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    fired: Counter[tuple[str, str]] = field(default_factory=Counter)
    unmet: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    actions: int = 0
    mistakes: int = 0
