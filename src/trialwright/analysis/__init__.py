"""What the data say: estimates, intervals, tests and participant flow, all computed from a Cut."""

from trialwright.analysis.best import chance_of_being_best, probability_best
from trialwright.analysis.means import ancova, dunnett
from trialwright.analysis.one_proportion import proportion
from trialwright.analysis.proportions import two_proportions
from trialwright.analysis.rank_tests import permutation, wilcoxon
from trialwright.analysis.result import AnalysisError, Estimate
from trialwright.analysis.survival import SurvivalCurve, kaplan_meier, logrank
from trialwright.analysis.unconditional import barnard, boschloo, fisher

__all__ = [
    "AnalysisError",
    "Estimate",
    "SurvivalCurve",
    "ancova",
    "barnard",
    "boschloo",
    "chance_of_being_best",
    "dunnett",
    "fisher",
    "kaplan_meier",
    "logrank",
    "permutation",
    "probability_best",
    "proportion",
    "two_proportions",
    "wilcoxon",
]
