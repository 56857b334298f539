"""Rules that hold a trial for safety, and the selection among regimens that follows two of them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.design.counting import EVALUABLE, TIME_WEIGHTED, TREATED
from trialwright.design.excess import ControlRate
from trialwright.design.places import LOST, REFILLED
from trialwright.design.treatment_schedule import TreatmentSchedule
from trialwright.report.designs.case import kind_name
from trialwright.report.words import ReportWords
from trialwright.web.design.build import calibrated_stopping, plain
from trialwright.web.design.fields import Family, Field, Kind, QuestionFields


def safety(words: ReportWords) -> Family:
    limit = Field("limit", _("Limit of the event rate"), "0.15", low=0.01, high=0.6)
    most = Field("participants", _("Participants"), "10", "count", 1, 100, 1)
    shapes = (("pocock", _("the same at every look")), ("obrien-fleming", _("strict early")))
    boundary = (
        Field("size", _("Probability of a hold at the limit"), "0.10", low=0.01, high=0.5),
        Field("shape", _("Shape"), "pocock", "choice", choices=shapes),
    )
    bayes = _monitoring()
    counts = ((TREATED, _("all treated")), (EVALUABLE, _("evaluable alone")),
              (TIME_WEIGHTED, _("weighted by the time watched")))  # fmt: skip
    counted = Field("counted", _("Counted for safety"), TREATED, "choice", choices=counts)
    past = (
        Field("control_participants", _("Earlier controls"), "100", "count", 1, 2000, 1),
        Field("control_events", _("… of them with an event"), "10", "count", 0, 2000, 1),
        Field("weight", _("Each counts as so much of a participant"), "0.5", low=0.01, high=1),
        Field("margin", _("Margin over the control"), "0.05", high=0.5),
        Field("threshold", _("Hold from a probability of"), "0.90", low=0.5, high=0.999,
              step=0.005),
    )  # fmt: skip
    alternative = Field("alternative", _("Rate that is too high (any, if left empty)"), "",
                        low=0.02, high=0.9, extra=True)  # fmt: skip
    schedule = QuestionFields(
        "schedule",
        TreatmentSchedule,
        _("When participants are treated"),
        (
            Field("window_days", _("Days watched for an event"), "28", "count", 1, 730, 1),
            Field("days_between", _("Days from one treatment to the next"), "28", "count", 1, 730,
                  1),
            Field("pause_after", _("Pause for the outcomes after so many (0: none)"), "0", "count",
                  0, 100, 1),
            Field("late_share", _("Share of events in the second half"), "0.5", low=0.05,
                  high=0.95),
        ),
    )  # fmt: skip
    control = QuestionFields(
        "control",
        ControlRate,
        _("The control arm"),
        (Field("rate", _("True event rate in the control"), "0.10", high=0.6),),
    )
    return Family(
        "safety",
        _("Safety stopping"),
        _("When does the trial hold for safety?"),
        _("A rule, the number of events at which it holds, and how often it will: exact at every "
          "true rate."),
        (
            Kind("beta-binomial-stopping", kind_name(words, "beta-binomial-stopping"), plain,
                 (bayes[0], bayes[3]), (*bayes[1:3], counted), asks=schedule),
            Kind("beta-binomial-calibrated", kind_name(words, "beta-binomial-calibrated"),
                 calibrated_stopping, (bayes[0], bayes[3]), (bayes[1], boundary[0]),
                 asks=schedule),
            Kind("toxicity-boundary", kind_name(words, "toxicity-boundary"), plain, (limit, most),
                 (*boundary, counted), asks=schedule),
            Kind("likelihood-ratio-boundary", kind_name(words, "likelihood-ratio-boundary"), plain,
                 (limit, most), (boundary[0], counted, alternative), asks=schedule),
            Kind("historical-control", kind_name(words, "historical-control"), plain,
                 (bayes[3],), (*past, counted), asks=schedule),
            Kind("excess-over-control", kind_name(words, "excess-over-control"), plain, (),
                 _excess(), asks=control),
        ),
        rates=_("True event rates"),
        rates_hint=_("Rates to read the table at, with commas"),
        place="safety",
    )  # fmt: skip


def _monitoring(
    prefix: str = "",
    limit: str = "0.15",
    prior: str = "0.3, 1.7",
    threshold: str = "0.85",
    most: str = "10",
    head: str = "",
) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}limit", _("Limit of the event rate"), limit, low=0.01, high=0.6, head=head),
        Field(f"{prefix}prior", _("Prior: events, no events"), prior, "list", high=1000),
        Field(f"{prefix}threshold", _("Hold from a probability of"), threshold, low=0.5, high=0.999,
            step=0.005),
        Field(f"{prefix}participants", _("Participants"), most, "count", 1, 100, 1),
    )  # fmt: skip


def _excess() -> tuple[Field, ...]:
    return (
        Field("looks", _("Participants in each arm, at each look"), "5, 10, 15, 20", "list",
            high=40),
        Field("margin", _("Margin over the control"), "0.10", high=0.5),
        Field("threshold", _("Hold from a probability of"), "0.90", low=0.5, high=0.999,
            step=0.005),
        Field("prior", _("Prior of both rates: events, no events"), "1, 1", "list", high=1000,
            extra=True),
    )  # fmt: skip


def selection(words: ReportWords) -> Family:
    places = ((LOST, _("lost")), (REFILLED, _("refilled by others")))
    counted = ((TREATED, _("all treated")), (EVALUABLE, _("evaluable alone")))
    fields = (
        Field("arms", _("Arms, with the control"), "5", "count", 2, 5, 1),
        Field("control", _("Number of the control"), "2", "count", 1, 5, 1),
        Field("blocks", _("Participants in each arm"), "10", "count", 2, 12, 1),
        Field("name_at", _("Name a regimen from a probability of"), "0.80", low=0.5, high=0.99),
        Field(
            "above_control_at",
            _("… and of a higher response than the control from"),
            "0.80",
            low=0,
            high=0.99,
        ),
        Field("held_places", _("Places of a held regimen"), "refilled", "choice", choices=places),
        Field("counted", _("Counted for safety"), "evaluable", "choice", choices=counted),
        *_monitoring("arm_rule.", most="30", head=words("oc_arm_rule")),
        *_monitoring("pooled_rule.", "0.10", "0.2, 1.8", "0.95", "48", words("oc_pooled_rule")),
    )
    return Family(
        "selection",
        _("Selection"),
        _("Which regimen will be named?"),
        _("Several regimens and a control, with safety stopping: the design of the demonstration "
          "trial."),
        (Kind("selection", kind_name(words, "selection"), plain, (), fields),),
        rates=_("True event rates"),
        rates_hint=_("One for each arm, with commas"),
        rows=3,
        width="arms",
        place="selection",
        responses=_("True response rates"),
        beside=False,
    )  # fmt: skip
