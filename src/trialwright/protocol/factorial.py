"""Factorial arms: each arm has one level of each factor, and a factor is told at its margin.

A margin is everybody whose arm has one level of a factor, whatever their levels of the others.
"""

from dataclasses import dataclass

from trialwright.protocol.basics import Text, found


@dataclass(frozen=True, slots=True)
class TreatmentLevel:
    """One level of a factor, such as the drug or its placebo."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True)
class TreatmentFactor:
    """One factor of a factorial trial, with its levels in the order written."""

    key: str
    label: Text
    levels: tuple[TreatmentLevel, ...]
    line: int

    def level(self, key: str) -> TreatmentLevel:
        """The level with this key."""
        return found(self.levels, "key", key, "level")
