"""Estimates, intervals and p-values as the tables of a report write them."""

from math import isfinite, isnan

from trialwright.analysis.result import Estimate
from trialwright.protocol.analysis_plan import AnalysisPlan, Measure
from trialwright.report.context import MINUS

_NUMERIC = (
    Measure.MEAN_DIFFERENCE,
    Measure.LOCATION_SHIFT,
    Measure.PERIOD_DIFFERENCE,
    Measure.RESTRICTED_MEAN_DIFFERENCE,
)
_SHARES = (Measure.DIFFERENCE, Measure.SURVIVAL_DIFFERENCE)


def interval_text(plan: AnalysisPlan, each: Estimate | None) -> str:
    """`−0.12 (−0.31, 0.08)`, proportions and ratios with two decimals, numbers with three
    significant digits; a dash where there is none."""
    if each is None:
        return "–"
    parts = (each.estimate, each.lower, each.upper)
    one, low, high = (_number(plan, part) for part in parts)
    return f"{one} ({low}, {high})"


def _number(plan: AnalysisPlan, value: float) -> str:
    if isnan(value):
        return "–"
    if not isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    numeric = plan.measure in _NUMERIC
    digits = 3 if plan.measure in _SHARES else 2
    text = f"{value:.{digits if not numeric or abs(value) < 100 else 1}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", MINUS)


def p_text(value: float | None) -> str:
    """A p-value with three decimals; a dash where there is none."""
    if value is None:
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
