"""How a trial decides: allocation, decision and stopping rules, and how they perform."""

from trialwright.design.allocation import BlockProperties, PermutedBlocks
from trialwright.design.errors import DesignError

__all__ = ["BlockProperties", "DesignError", "PermutedBlocks"]
