"""Questions of planning: how many participants, when events have come, several arms at once."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.report.designs.case import kind_name
from trialwright.report.words import ReportWords
from trialwright.web.design.build import plain, planned
from trialwright.web.design.families.testing import futility_choices, spending_choices
from trialwright.web.design.fields import Family, Field, Kind

MOST_PER_ARM = 500


def survival(words: ReportWords) -> Family:
    fields = (
        Field("trial.hazard", _("Hazard of the control, per unit of time"), "0.058", low=0.001,
              high=2, step=0.001, hint=_("0.693 divided by the median")),
        Field("trial.hazard_ratio", _("Hazard ratio"), "0.65", low=0.1, high=0.99),
        Field("trial.participants", _("Participants"), "300", "count", 10, 5000, 10),
        Field("trial.accrual", _("Accrual lasts"), "24", low=1, high=120, step=1),
        Field("trial.loss", _("Share lost to follow-up …"), "0.05", high=0.6).folded("0.05"),
        Field("trial.loss_by", _("… by this time"), "12", low=1, high=120, step=1).folded("12"),
        Field("trial.ratio", _("Treated to control"), "1", low=0.25, high=4, step=0.25).folded("1"),
        Field("test.timing", _("Events at each look, as a fraction"), "0.5, 0.75, 1", "list"),
        Field("test.alpha", _("Level, of all sides together"), "0.025", low=0.005, high=0.2,
              step=0.005),
        Field("test.beta", _("Type II error"), "0.20", low=0.05, high=0.5),
        Field("test.spending", _("Spending of the level"), "obrien-fleming", "choice",
              choices=spending_choices()),
        Field("test.futility", _("Futility bound"), "none", "choice", choices=futility_choices()),
    )  # fmt: skip
    return Family(
        "survival",
        _("Times to an event"),
        _("When will the events have come?"),
        _("A log-rank test with looks: the events it needs, when accrual brings them, and the "
          "hazard ratio that stops it."),
        (Kind("survival", kind_name(words, "survival"), plain, fields),),
        rates="",
        rates_hint="",
        rows=0,
        place="survival",
    )  # fmt: skip


def multi_arm(words: ReportWords) -> Family:
    shapes = (("pocock", _("the same at every look")), ("obrien-fleming", _("strict early")),
              ("triangular", _("triangular")))  # fmt: skip
    stops = (("none", _("none")), ("zero", _("below zero")), ("triangular", _("triangular")))
    fields = (
        Field("arms", _("Arms beside the control"), "3", "count", 1, 6, 1),
        Field("per_arm", _("Participants in each arm by the last look"), "64", "count", 2, 1000, 1),
        Field("timing", _("Participants at each look, as a fraction"), "0.5, 1", "list"),
        Field("alpha", _("Family-wise error, one-sided"), "0.025", low=0.005, high=0.2, step=0.005),
    )  # fmt: skip
    own = (
        Field("upper", _("Shape of the upper bounds"), "obrien-fleming", "choice", choices=shapes),
        Field("futility", _("An arm is dropped"), "zero", "choice", choices=stops),
    )
    return Family(
        "multi-arm",
        _("Several arms"),
        _("Which of several arms beats the control?"),
        _("Arms that fall behind are dropped at looks; the bounds keep the family-wise error."),
        (Kind("multi-arm-multi-stage", kind_name(words, "multi-arm-multi-stage"), plain, fields,
              own),),
        rates=_("True effects, in standard deviations"),
        rates_hint=_("One for each arm, with commas; the control has none"),
        rows=3,
        width="arms",
        place="multi-arm",
        lowest=-2.0,
        highest=2.0,
    )  # fmt: skip


def sample_size(words: ReportWords) -> Family:
    shared = (
        Field("power", _("Power wanted"), "0.80", low=0.5, high=0.99),
        Field("alpha", _("Level, two-sided"), "0.05", low=0.01, high=0.2, step=0.005),
        Field("per_arm", _("Participants planned in each arm"), "", "count", 2, MOST_PER_ARM, 1,
              hint=_("Empty: the fewest with that power"), extra=True),
    )  # fmt: skip
    return Family(
        "sample-size",
        _("Sample size"),
        _("How many participants does the comparison need?"),
        _("The power of the analysis that will be done: exact, averaged over a belief, or "
          "simulated with the report’s own code."),
        tuple(
            Kind(key, words(f"oc_outcomes_{key.replace('-', '_')}"), planned, shared, own)
            for key, own in _outcomes().items()
        ),
        rates="",
        rates_hint="",
        rows=0,
        place="sample-size",
    )  # fmt: skip


def _outcomes() -> dict[str, tuple[Field, ...]]:
    """The fields of each kind of outcomes. Analyses that take a page too long are left to the
    command: exact Wilcoxon, negative binomial, the mixed model."""
    difference = Field("difference", _("Difference of the means"), "0.5", low=0.05, high=3)
    sd = Field("sd", _("Standard deviation"), "1", low=0.1, high=10, step=0.1)
    prior = _("Beta(a, b); of x in n earlier ones x + 1, n − x + 1")
    tests = (("Boschloo", "Boschloo"), ("Barnard", "Barnard"), ("Fisher", "Fisher"))
    exact = Field("test", _("Exact test"), "Boschloo", "choice", choices=tests)
    first, second = _("Response rate, arm 1"), _("Response rate, arm 2")
    strata = _("One for each stratum, with commas")
    trials = Field("trials", _("Simulated trials"), "400", "count", 100, 2000, 100).folded("400")
    analyses = (("t", _("t test")), ("ancova", _("analysis of covariance")))
    times = (("log-rank", _("log-rank")), ("restricted mean", _("restricted mean")))
    few = Field("trials", _("Simulated trials"), "200", "count", 100, 500, 100).folded("200")
    return {
        "proportions": (
            Field("first", first, "0.60", low=0.02, high=0.98),
            Field("second", second, "0.30", low=0.01, high=0.97), exact,
        ),
        "believed-proportions": (
            Field("first", _("Belief on arm 1"), "12, 8", "list", high=1000, hint=prior),
            Field("second", _("Belief on arm 2"), "6, 14", "list", high=1000, hint=prior), exact,
        ),
        "means": (difference, sd),
        "believed-means": (
            difference,
            Field("difference_sd", _("Standard deviation of that belief"), "0.2", low=0.01, high=2),
            sd,
            Field("timing", _("Information at each look"), "1", "list",
                  hint=_("0.5, 1: one interim look half way")),
            Field("spending", _("Spending of alpha"), "obrien-fleming", "choice",
                  choices=spending_choices()[:2]),
        ),
        "normal": (
            difference, sd, Field("analysis", _("Analysis"), "t", "choice", choices=analyses),
            Field("correlation", _("Correlation with the baseline"), "0.5", high=0.95, extra=True),
            trials,
        ),
        "ordered": (
            Field("first", _("Probability of each category, arm 1"), "0.2, 0.3, 0.5", "list",
                  hint=_("From the worst to the best")),
            Field("second", _("Probability of each category, arm 2"), "0.4, 0.3, 0.3", "list"),
            trials,
        ),
        "counts": (
            Field("rate", _("Rate of events, arm 2"), "1", low=0.05, high=10, step=0.05),
            Field("ratio", _("Ratio of the rates"), "0.7", low=0.1, high=3, step=0.05),
            Field("exposure", _("Time watched"), "1", low=0.1, high=10, step=0.1), trials,
        ),
        "times": (
            Field("hazard", _("Hazard of arm 2"), "0.1", low=0.01, high=2),
            Field("ratio", _("Hazard ratio"), "0.5", low=0.1, high=0.95, step=0.05),
            Field("accrual", _("Accrual lasts"), "12", low=1, high=60, step=1),
            Field("follow_up", _("Follow-up after it"), "12", low=1, high=60, step=1),
            Field("analysis", _("Analysis"), "log-rank", "choice", choices=times),
            Field("until", _("Mean up to"), "", low=1, high=60, step=1, extra=True), few,
        ),
        "stratified-proportions": (
            Field("first", first, "0.6, 0.8", "list", hint=strata),
            Field("second", second, "0.3, 0.5", "list", hint=strata),
            Field("shares", _("Share of participants in each stratum"), "0.5, 0.5", "list"), trials,
        ),
        "clustered": (
            difference, Field("icc", _("Intracluster correlation"), "0.05", high=0.9),
            Field("cluster_size", _("Participants in a cluster"), "10", "count", 1, 50, 1),
            sd, few,
        ),
        "crossover": (
            difference,
            Field("sd_within", _("Standard deviation within a participant"), "1", low=0.1, high=10,
                  step=0.1),
            trials,
        ),
    }  # fmt: skip
