"""Designs that test: two stages, two arms with looks, and error spending."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.report.designs.case import kind_name
from trialwright.report.words import ReportWords
from trialwright.web.design.build import plain, searched
from trialwright.web.design.fields import MOST_SCENARIOS, Family, Field, Kind


def two_stage(words: ReportWords) -> Family:
    fields = (
        Field("n1", _("Participants of stage 1"), "10", "count", 1, 100, 1),
        Field("r1", _("Futility boundary r1"), "1", "count", 0, 100, 1),
        Field("n", _("Participants in all"), "29", "count", 2, 200, 1),
        Field("r", _("Futility boundary r"), "5", "count", 0, 200, 1),
    )
    bound = _("One for each look; none: no such bound")
    looks = (
        Field("looks", _("Participants at each look"), "10, 20, 29", "list", high=200),
        Field("futile_at", _("Not active with so many responses or fewer"), "1, 3, 5", "list",
              high=200, hint=bound),
        Field("active_at", _("Active with so many or more"), "none, 8, 6", "list", high=200,
              hint=bound),
    )  # fmt: skip
    sought = (
        Field("p0", _("Response rate that is not enough"), "0.10", low=0.01, high=0.9),
        Field("p1", _("Response rate to be found"), "0.30", low=0.05, high=0.95),
        Field("alpha", _("Type I error"), "0.05", low=0.01, high=0.2, step=0.005),
        Field("beta", _("Type II error"), "0.20", low=0.05, high=0.3),
        Field("max_participants", _("Maximum sample size"), "100", "count", 2, 100, 1).folded(
            "100"
        ),
    )
    criterion = Field("criterion", _("Criterion"), "optimal", "choice",
                    hint=_("Optimal: fewest expected if not active. Minimax: fewest in all."),
                    choices=(("optimal", _("optimal")), ("minimax", _("minimax"))))  # fmt: skip
    return Family(
        "two-stage",
        _("One arm"),
        _("Is the response rate high enough to go on?"),
        _("Simon’s two stages, or any number of looks at one response rate: exact at every true "
          "rate."),
        (
            Kind("simon-search", _("two stages, searched"), searched, sought, (criterion,)),
            Kind("simon-two-stage", _("two stages, given"), plain, (), fields),
            Kind("exact-single-arm", kind_name(words, "exact-single-arm"), plain, (), looks),
        ),
        rates=_("True response rates"),
        rates_hint=_("Rates to read the table at, with commas"),
        place="two-stage",
    )  # fmt: skip


def two_arms(words: ReportWords) -> Family:
    variances = (("pooled", _("pooled")), ("unpooled", _("unpooled")))
    fields = (
        Field("per_arm", _("Participants in each arm, at each look"), "8, 17, 25", "list", high=60),
        Field("upper", _("Reject at Z, at each look"), "3.471, 2.454, 2.004", "list", high=100),
        Field("lower", _("Stop at Z, at each look"), "", "list", high=100, extra=True),
        Field("statistic", _("Variance"), "pooled", "choice", choices=variances),
    )
    return Family(
        "two-arms",
        _("Two arms"),
        _("What is the true size of a small two-arm test?"),
        _("Bounds from normal theory read with the counts that can really occur: size and power "
          "are exact."),
        (Kind("exact-two-arm", kind_name(words, "exact-two-arm"), plain, (), fields),),
        rates=_("True rates, arm 1 and arm 2"),
        rates_hint=_("Two rates with a comma"),
        rows=MOST_SCENARIOS,
        width="pair",
        place="two-arms",
    )  # fmt: skip


def sequential(words: ReportWords) -> Family:
    spending, futility = spending_choices(), futility_choices()
    timing = Field("timing", _("Information at each look"), "0.33, 0.67, 1", "list")
    alpha = Field(
        "alpha", _("Level, of all sides together"), "0.025", low=0.005, high=0.2, step=0.005
    )
    beta = Field("beta", _("Type II error"), "0.20", low=0.05, high=0.5)
    shared = (timing, alpha, beta)
    spends = (
        Field("spending", _("Spending of the level"), "obrien-fleming", "choice", choices=spending),
        Field(
            "parameter", _("Parameter of the spending"), "", low=-8, high=8, step=0.5, extra=True
        ),
    )
    may_stop = Field("futility", _("Futility bound"), "none", "choice", choices=futility)
    stops = Field("futility", _("Futility bound"), "binding", "choice", choices=futility[1:2])
    delta = Field("delta", _("Shape: 0.5 is Pocock’s, 0 that of O’Brien and Fleming"), "0.25",
                  low=-0.5, high=0.7, step=0.05)  # fmt: skip
    sides = Field("sides", _("Sides"), "1", "choice",
                  choices=(("1", _("one-sided")), ("2", _("two-sided"))))  # fmt: skip
    pipeline = Field("pipeline", _("Information still to come at each look but the last"),
                     "0.15, 0.15", "list")  # fmt: skip
    return Family(
        "sequential",
        _("Interim analyses"),
        _("When may the trial stop early for effect?"),
        _("Error spending: the bounds at each look, and the power they leave."),
        (
            Kind("group-sequential", kind_name(words, "group-sequential"), plain, shared,
                 (*spends, may_stop, sides)),
            Kind("wang-tsiatis", kind_name(words, "wang-tsiatis"), plain, shared,
                 (delta, sides)),
            Kind("inverse-normal", kind_name(words, "inverse-normal"), plain, shared,
                 (*spends, may_stop), within="test"),
            Kind("delayed-response", kind_name(words, "delayed-response"), plain, shared,
                 (*spends, stops), (pipeline,), within="test"),
        ),
        rates="",
        rates_hint="",
        rows=0,
        place="sequential",
    )  # fmt: skip


def spending_choices() -> tuple[tuple[str, str], ...]:
    """How the level can be spent, with words."""
    return (
        ("obrien-fleming", _("O’Brien-Fleming type")), ("pocock", _("Pocock type")),
        ("hwang-shih-decani", "Hwang-Shih-DeCani"), ("power", _("power of the information")),
    )  # fmt: skip


def futility_choices() -> tuple[tuple[str, str], ...]:
    """Which futility bounds there are, with words."""
    return ("none", _("none")), ("binding", _("binding")), ("non-binding", _("non-binding"))


def adaptive(words: ReportWords) -> Family:
    fields = (
        Field("participants", _("Participants"), "40", "count", 2, 60, 1),
        Field("burn_in", _("First participants of each arm, in turn"), "5", "count", 0, 30, 1),
        Field("strength", _("Strength: a number, or rising"), "rising", "word",
              hint=_("0: equal allocation. 1: as the probability says. rising: n/(2N).")),
        Field("least", _("Least probability of an arm"), "0.1", high=0.49),
        Field("name_at", _("Name an arm from a probability of"), "0.95", low=0.51, high=0.999,
              step=0.005),
        Field("prior", _("Prior of both rates: responses, no responses"), "1, 1", "list",
              high=1000, extra=True),
    )  # fmt: skip
    return Family(
        "adaptive",
        _("Adaptive allocation"),
        _("Does it help to favour the arm that looks better?"),
        _("Two arms, allocation by the responses so far: who is named, who gets how many, and how "
          "far the observed rates are off, exactly."),
        (Kind("response-adaptive", kind_name(words, "response-adaptive"), plain, (), fields),),
        rates=_("True response rates, arm 1 and arm 2"),
        rates_hint=_("Two rates with a comma"),
        rows=3,
        width="pair",
        place="adaptive",
    )  # fmt: skip
