"""How a trial decides: allocation, decision and stopping rules, and how they perform."""

from trialwright.design.allocation import BlockProperties, PermutedBlocks
from trialwright.design.errors import DesignError
from trialwright.design.from_node import designs_from_node, from_node
from trialwright.design.selection import SelectionDesign, SelectionState
from trialwright.design.stopping import BetaBinomialStopping, MonitoringState, ToxicityBoundary
from trialwright.design.table import Decision, RuleTable

__all__ = [
    "BetaBinomialStopping",
    "BlockProperties",
    "Decision",
    "DesignError",
    "MonitoringState",
    "PermutedBlocks",
    "RuleTable",
    "SelectionDesign",
    "SelectionState",
    "ToxicityBoundary",
    "designs_from_node",
    "from_node",
]
