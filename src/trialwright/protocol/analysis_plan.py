"""How an endpoint is analysed, as typed facts: which arms are compared by which measure and method,
what is done about missing values, and how several comparisons are kept to one level.

The estimand's other attributes (population, treatments, variable, intercurrent events, summary)
stand in the endpoint itself.
"""

from dataclasses import dataclass
from enum import StrEnum

from trialwright.protocol.expression import Expression
from trialwright.protocol.terms import Sort


class Measure(StrEnum):
    """What compares two arms, the first named less, or divided by, the reference."""

    DIFFERENCE = "difference"
    RATIO = "ratio"
    ODDS_RATIO = "odds_ratio"
    MEAN_DIFFERENCE = "mean_difference"
    LOCATION_SHIFT = "location_shift"
    PERIOD_DIFFERENCE = "period_difference"
    WIN_ODDS = "win_odds"
    RATE_RATIO = "rate_ratio"
    HAZARD_RATIO = "hazard_ratio"
    SURVIVAL_DIFFERENCE = "survival_difference"
    RESTRICTED_MEAN_DIFFERENCE = "restricted_mean_difference"


class Method(StrEnum):
    """How the measure is estimated, with its interval."""

    MIETTINEN_NURMINEN = "miettinen_nurminen"
    NEWCOMBE = "newcombe"
    EXACT = "exact"
    STRATIFIED_MIETTINEN_NURMINEN = "stratified_miettinen_nurminen"
    MANTEL_HAENSZEL = "mantel_haenszel"
    EXACT_CONDITIONAL = "exact_conditional"
    T_TEST = "t_test"
    ANCOVA = "ancova"
    DUNNETT = "dunnett"
    WILCOXON = "wilcoxon"
    MIXED_MODEL = "mixed_model"
    CLUSTER_ROBUST = "cluster_robust"
    CROSSOVER = "crossover"
    PLACEMENTS = "placements"
    POISSON = "poisson"
    NEGATIVE_BINOMIAL = "negative_binomial"
    COX = "cox"
    KAPLAN_MEIER = "kaplan_meier"


class HypothesisTest(StrEnum):
    """Where the p-value comes from, when not from the method itself."""

    FISHER = "fisher"
    BOSCHLOO = "boschloo"
    BARNARD = "barnard"
    PERMUTATION = "permutation"
    RERANDOMISATION = "rerandomisation"
    LOGRANK = "logrank"


class CountedFrom(StrEnum):
    """The day from which time to an event is counted."""

    RANDOMISATION = "randomisation"
    TREATMENT = "treatment"


class MedianRule(StrEnum):
    """The median of times where the curve rests at exactly one half: programs differ."""

    FIRST = "first"
    MIDPOINT = "midpoint"


class Clusters(StrEnum):
    """Participants who may be alike."""

    SITE = "site"


class MissingRule(StrEnum):
    """What a missing value counts as."""

    EXCLUDED = "excluded"
    FAILURE = "failure"


class Multiplicity(StrEnum):
    """How the comparisons of one endpoint share its level."""

    NONE = "none"
    BONFERRONI = "bonferroni"
    HOLM = "holm"
    HOCHBERG = "hochberg"
    FIXED_SEQUENCE = "fixed_sequence"


@dataclass(frozen=True, slots=True)
class EventTime:
    """When an endpoint's event happened: the variable says whether it did, `on` on which day.

    counted_from: the day that is day 0. until: the horizon in days, of measures that have one.
    median: what is told as the median where the curve rests at one half.
    """

    on: Expression
    counted_from: CountedFrom
    until: float | None
    median: MedianRule = MedianRule.FIRST


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """The typed analysis of one endpoint.

    reference: the key of the arm that others are compared with. arms: those compared, in the order
    of the file. stratified: within the strata of the allocation. covariates: typed expressions over
    values known before treatment. level: of the intervals, two-sided. best: also the probability of
    each arm to have the highest response. tipping_point: also how many missing responses would have
    to differ for the conclusion to change. event: of measures of the time to an event. exposure:
    the time a count was watched. outcomes: of a mixed model, the values of earlier visits.
    clusters: whose participants may be alike. factor: of a factorial trial, the factor whose levels
    are compared at the margins; reference and arms are levels then.
    """

    measure: Measure
    method: Method
    reference: str
    arms: tuple[str, ...]
    test: HypothesisTest | None
    stratified: bool
    covariates: tuple[Expression, ...]
    missing: MissingRule
    multiplicity: Multiplicity
    level: float
    best: bool
    tipping_point: bool
    line: int
    event: EventTime | None = None
    exposure: Expression | None = None
    outcomes: tuple[Expression, ...] = ()
    clusters: Clusters | None = None
    factor: str = ""


_PROPORTIONS = (Measure.DIFFERENCE, Measure.RATIO, Measure.ODDS_RATIO)
TO_EVENT = (
    Measure.HAZARD_RATIO,
    Measure.SURVIVAL_DIFFERENCE,
    Measure.RESTRICTED_MEAN_DIFFERENCE,
)
"""Measures of the time to an event."""
AT_HORIZON = (Measure.SURVIVAL_DIFFERENCE, Measure.RESTRICTED_MEAN_DIFFERENCE)
"""Measures that need a horizon."""
RATIOS = (
    Measure.RATIO,
    Measure.ODDS_RATIO,
    Measure.WIN_ODDS,
    Measure.RATE_RATIO,
    Measure.HAZARD_RATIO,
)
"""Measures that are 1 where arms don't differ; the others are 0."""
METHODS: dict[Method, tuple[Measure, ...]] = {
    Method.MIETTINEN_NURMINEN: _PROPORTIONS,
    Method.NEWCOMBE: _PROPORTIONS,
    Method.EXACT: _PROPORTIONS,
    Method.STRATIFIED_MIETTINEN_NURMINEN: (Measure.DIFFERENCE, Measure.RATIO),
    Method.MANTEL_HAENSZEL: _PROPORTIONS,
    Method.EXACT_CONDITIONAL: (Measure.ODDS_RATIO,),
    Method.T_TEST: (Measure.MEAN_DIFFERENCE,),
    Method.ANCOVA: (Measure.MEAN_DIFFERENCE,),
    Method.DUNNETT: (Measure.MEAN_DIFFERENCE,),
    Method.WILCOXON: (Measure.LOCATION_SHIFT,),
    Method.MIXED_MODEL: (Measure.MEAN_DIFFERENCE,),
    Method.CLUSTER_ROBUST: (Measure.MEAN_DIFFERENCE, Measure.DIFFERENCE),
    Method.CROSSOVER: (Measure.PERIOD_DIFFERENCE,),
    Method.PLACEMENTS: (Measure.WIN_ODDS,),
    Method.POISSON: (Measure.RATE_RATIO,),
    Method.NEGATIVE_BINOMIAL: (Measure.RATE_RATIO,),
    Method.COX: (Measure.HAZARD_RATIO,),
    Method.KAPLAN_MEIER: AT_HORIZON,
}
STRATIFIED = (
    Method.STRATIFIED_MIETTINEN_NURMINEN,
    Method.MANTEL_HAENSZEL,
    Method.EXACT_CONDITIONAL,
    Method.ANCOVA,
    Method.MIXED_MODEL,
    Method.CLUSTER_ROBUST,
    Method.NEGATIVE_BINOMIAL,
    Method.COX,
)
"""Methods that can use strata."""
ADJUSTING = (
    Method.ANCOVA,
    Method.MIXED_MODEL,
    Method.CLUSTER_ROBUST,
    Method.NEGATIVE_BINOMIAL,
)
"""Methods that can use covariates."""
NEED_STRATA = (
    Method.STRATIFIED_MIETTINEN_NURMINEN,
    Method.MANTEL_HAENSZEL,
    Method.EXACT_CONDITIONAL,
)
WITHOUT_P = (Method.MIETTINEN_NURMINEN, Method.NEWCOMBE, Method.EXACT)
"""Methods that give an interval and no p-value: a test is named beside them."""
TESTS: dict[HypothesisTest, Sort] = {
    HypothesisTest.FISHER: Sort.YES_NO,
    HypothesisTest.BOSCHLOO: Sort.YES_NO,
    HypothesisTest.BARNARD: Sort.YES_NO,
    HypothesisTest.PERMUTATION: Sort.NUMBER,
}
"""The kind of value that a test reads; a re-randomisation test reads both."""


def sort_of(measure: Measure) -> Sort:
    """The kind of value that a measure compares."""
    return Sort.YES_NO if measure in (*_PROPORTIONS, *TO_EVENT) else Sort.NUMBER
