"""The questions that the page answers, with the designs for each, in the language of the moment."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.report.words import Words
from trialwright.web.design.boxes import Box, Family, Kind

MOST_SCENARIOS = 5


def families(words: Words) -> tuple[Family, ...]:
    """All of them, the first being that of `/design` itself."""
    return (
        _dose_finding(words),
        _safety(words),
        _two_stage(words),
        _two_arms(words),
        _sequential(words),
        _selection(words),
    )


def _name(words: Words, kind: str) -> str:
    return words(f"oc_kind_{kind.replace('-', '_')}")


def _dose_finding(words: Words) -> Family:
    target = Box("target", _("Target DLT rate"), "0.30", low=0.05, high=0.6)
    doses = Box("doses", _("Doses"), "5", "count", 2, 8, 1)
    cohort = Box("cohort_size", _("Cohort size"), "3", "count", 1, 6, 1)
    most = Box("max_participants", _("Participants at most"), "30", "count", 3, 60, 3)
    sizes = (target, doses, cohort, most)
    out = Box("eliminate_at", _("Eliminate above"), "0.95", low=0.5, high=0.999, step=0.005,
              hint=_("Posterior probability that the dose exceeds the target"))  # fmt: skip
    enough = Box("stop_at_dose", _("Stop with so many at a dose"), "", "count", 3, 60, 3)
    below = Box("below", _("Margin below the target"), "0.05", high=0.3)
    above = Box("above", _("Margin above the target"), "0.05", high=0.3)
    margins = (below.folded("0.05"), above.folded("0.05"))
    ends = (out.folded("0.95"), enough.folded())
    kinds = [Kind("boin", _name(words, "boin"), sizes, ends)]
    kinds += [
        Kind(key, _name(words, key), sizes, (*margins, *ends))
        for key in ("keyboard", "mtpi2", "mtpi")
    ]
    ladder = Box("de_escalate", _("Six at the dose below"), "yes", "choice",
                 choices=(("yes", _("yes")), ("no", _("no"))))  # fmt: skip
    kinds.append(Kind("three-plus-three", _name(words, "three-plus-three"), (doses,), (ladder,)))
    kinds.append(Kind("crm", _name(words, "crm"), sizes, _crm()))
    kinds.append(Kind("boin12", _name(words, "boin12"), sizes, _boin12()))
    return Family(
        "dose-finding",
        _("Dose finding"),
        _("Which dose will the trial select?"),
        _("Move the target, the sizes and the true rates: the answer follows, and it is exact "
          "where it can be."),
        tuple(kinds),
        rates=_("True DLT rates"),
        rates_hint=_("One for each dose, with commas"),
        rows=MOST_SCENARIOS,
        width="doses",
        responses=_("True response rates"),
    )  # fmt: skip


def _crm() -> tuple[Box, ...]:
    return (
        Box("skeleton", _("Skeleton"), "", "list", hint=_("Empty: calibrated, margin 0.05"),
            extra=True),
        Box("prior_sd", _("Prior standard deviation"), "", low=0.1, high=3, step=0.05, extra=True),
        Box("stop_above", _("Stop when P(dose 1 too toxic) exceeds"), "", low=0.5, high=0.999,
            step=0.005, extra=True),
    )  # fmt: skip


def _boin12() -> tuple[Box, ...]:
    return (
        Box("min_response", _("Least response rate"), "0.25", low=0.05, high=0.9),
        Box("neither", _("Utility of neither"), "", "count", 0, 100, 5, extra=True),
        Box("both", _("Utility of both"), "", "count", 0, 100, 5, extra=True),
        Box("stop_at_dose", _("Stop with so many at a dose"), "", "count", 3, 43, 3, extra=True),
    )


def _monitoring(
    prefix: str = "",
    limit: str = "0.15",
    prior: str = "0.3, 1.7",
    threshold: str = "0.85",
    most: str = "10",
    head: str = "",
) -> tuple[Box, ...]:
    return (
        Box(f"{prefix}limit", _("Limit of the event rate"), limit, low=0.01, high=0.6, head=head),
        Box(f"{prefix}prior", _("Prior: events, no events"), prior, "list", high=1000),
        Box(f"{prefix}threshold", _("Hold from a probability of"), threshold, low=0.5, high=0.999,
            step=0.005),
        Box(f"{prefix}participants", _("Participants"), most, "count", 1, 100, 1),
    )  # fmt: skip


def _safety(words: Words) -> Family:
    limit = Box("limit", _("Limit of the event rate"), "0.15", low=0.01, high=0.6)
    most = Box("participants", _("Participants"), "10", "count", 1, 100, 1)
    shapes = (("pocock", _("the same at every look")), ("obrien-fleming", _("strict early")))
    boundary = (
        Box("size", _("Chance of a hold at the limit"), "0.10", low=0.01, high=0.5),
        Box("shape", _("Shape"), "pocock", "choice", choices=shapes),
    )
    bayes = _monitoring()
    return Family(
        "safety",
        _("Safety stopping"),
        _("When does the trial hold for safety?"),
        _("A rule, the number of events at which it holds, and how often it will: exact at every "
          "true rate."),
        (
            Kind("beta-binomial-stopping", _name(words, "beta-binomial-stopping"),
                 (bayes[0], bayes[3]), bayes[1:3]),
            Kind("toxicity-boundary", _name(words, "toxicity-boundary"), (limit, most), boundary),
        ),
        rates=_("True event rates"),
        rates_hint=_("Rates to read the table at, with commas"),
        place="safety",
    )  # fmt: skip


def _two_stage(words: Words) -> Family:
    boxes = (
        Box("n1", _("Participants of stage 1"), "10", "count", 1, 100, 1),
        Box("r1", _("Stop with so many responses or fewer"), "1", "count", 0, 100, 1),
        Box("n", _("Participants in all"), "29", "count", 2, 200, 1),
        Box("r", _("Not active with so many or fewer"), "5", "count", 0, 200, 1),
    )
    return Family(
        "two-stage",
        _("Two stages"),
        _("Is the response rate high enough to go on?"),
        _("Simon’s two-stage design for one response rate, exact at every true rate."),
        (Kind("simon-two-stage", _name(words, "simon-two-stage"), (), boxes),),
        rates=_("True response rates"),
        rates_hint=_("Rates to read the table at, with commas"),
        place="two-stage",
    )


def _two_arms(words: Words) -> Family:
    variances = (("pooled", _("pooled")), ("unpooled", _("unpooled")))
    boxes = (
        Box("per_arm", _("Participants in each arm, at each look"), "8, 17, 25", "list", high=60),
        Box("upper", _("Reject at Z, at each look"), "3.471, 2.454, 2.004", "list", high=100),
        Box("lower", _("Stop at Z, at each look"), "", "list", high=100, extra=True),
        Box("statistic", _("Variance"), "pooled", "choice", choices=variances),
    )
    return Family(
        "two-arms",
        _("Two arms"),
        _("What is the true size of a small two-arm test?"),
        _("Bounds from normal theory read with the counts that can really occur: size and power "
          "are exact."),
        (Kind("exact-two-arm", _name(words, "exact-two-arm"), (), boxes),),
        rates=_("True rates, arm 1 and arm 2"),
        rates_hint=_("Two rates with a comma"),
        rows=MOST_SCENARIOS,
        width="pair",
        place="two-arms",
    )  # fmt: skip


def _sequential(words: Words) -> Family:
    spending = (
        ("obrien-fleming", _("O’Brien-Fleming type")), ("pocock", _("Pocock type")),
        ("hwang-shih-decani", "Hwang-Shih-DeCani"), ("power", _("power of the information")),
    )  # fmt: skip
    futility = (("none", _("none")), ("binding", _("binding")), ("non-binding", _("non-binding")))
    boxes = (
        Box("timing", _("Information at each look"), "0.33, 0.67, 1", "list"),
        Box("alpha", _("One-sided level"), "0.025", low=0.005, high=0.2, step=0.005),
        Box("beta", _("Type II error"), "0.20", low=0.05, high=0.5),
        Box("spending", _("Spending of the level"), "obrien-fleming", "choice", choices=spending),
        Box("parameter", _("Parameter of the spending"), "", low=-8, high=8, step=0.5, extra=True),
        Box("futility", _("Futility bound"), "none", "choice", choices=futility),
    )
    return Family(
        "sequential",
        _("Looks"),
        _("When may the trial stop early for effect?"),
        _("Error spending: the bounds at each look, and the power they leave."),
        (Kind("group-sequential", _name(words, "group-sequential"), (), boxes),),
        rates="",
        rates_hint="",
        rows=0,
        place="sequential",
    )


def _selection(words: Words) -> Family:
    boxes = (
        Box("arms", _("Arms, with the control"), "5", "count", 2, 5, 1),
        Box("control", _("Number of the control"), "2", "count", 1, 5, 1),
        Box("blocks", _("Participants in each arm"), "10", "count", 2, 12, 1),
        Box("name_at", _("Name a regimen from a probability of"), "0.80", low=0.5, high=0.99),
        *_monitoring("arm_rule.", most="12", head=words("oc_arm_rule")),
        *_monitoring("pooled_rule.", "0.10", "0.2, 1.8", "0.95", "48", words("oc_pooled_rule")),
    )
    return Family(
        "selection",
        _("Selection"),
        _("Which regimen will be named?"),
        _("Several regimens and a control, with safety stopping: the design of the demonstration "
          "trial."),
        (Kind("selection", _name(words, "selection"), (), boxes),),
        rates=_("True event rates"),
        rates_hint=_("One for each arm, with commas"),
        rows=3,
        width="arms",
        place="selection",
        responses=_("True response rates"),
        beside=False,
    )  # fmt: skip
