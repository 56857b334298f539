"""Designs that look for a dose, and what can be moved about them."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from trialwright.design.time_to_event import Accrual
from trialwright.report.designs.case import kind_name
from trialwright.report.words import ReportWords
from trialwright.web.design.build import calibrated, doubling, plain
from trialwright.web.design.fields import MOST_SCENARIOS, Family, Field, Kind, QuestionFields


def dose_finding(words: ReportWords) -> Family:
    target = Field("target", _("Target DLT rate"), "0.30", low=0.05, high=0.6)
    doses = Field("doses", _("Doses"), "5", "count", 2, 8, 1)
    cohort = Field("cohort_size", _("Cohort size"), "3", "count", 1, 6, 1)
    most = Field("max_participants", _("Maximum sample size"), "30", "count", 3, 60, 3)
    sizes = (target, doses, cohort, most)
    out = Field("eliminate_at", _("Overdose elimination cut-off"), "0.95", low=0.5, high=0.999,
              step=0.005,
              hint=_("Posterior probability that the dose exceeds the target"))  # fmt: skip
    enough = Field("stop_at_dose", _("Stop when n at current dose"), "", "count", 3, 60, 3)
    below = Field("below", _("Margin below the target (ε1)"), "0.05", high=0.3)
    above = Field("above", _("Margin above the target (ε2)"), "0.05", high=0.3)
    margins = (below.folded("0.05"), above.folded("0.05"))
    ends = (out.folded("0.95"), enough.folded(), _stop_when())
    bound = Field("bound_mtd", _("Only if the estimate is at most λd"), "no", "choice",
                  choices=(("no", _("no")), ("yes", _("yes")))).folded("no")  # fmt: skip
    boin = (*ends, bound)
    kinds = [Kind("boin", kind_name(words, "boin"), plain, sizes, boin)]
    kinds += [
        Kind(key, kind_name(words, key), plain, sizes, (*margins, *ends))
        for key in ("keyboard", "mtpi2", "mtpi")
    ]
    ladder = Field("de_escalate", _("Six at the dose below"), "yes", "choice",
                 choices=(("yes", _("yes")), ("no", _("no"))))  # fmt: skip
    kinds.append(
        Kind("three-plus-three", kind_name(words, "three-plus-three"), plain, (doses,), (ladder,))
    )
    kinds.append(Kind("crm", kind_name(words, "crm"), calibrated, sizes, _crm()))
    kinds.append(Kind("blrm", kind_name(words, "blrm"), doubling, sizes[1:], _blrm()))
    kinds.append(Kind("boin12", kind_name(words, "boin12"), plain, sizes, _boin12()))
    pause = Field("suspend_above", _("Pause while more than this share is pending"), "0.5", low=0.1)
    coming = _accrual()
    kinds.append(
        Kind(
            "tite-boin",
            kind_name(words, "tite-boin"),
            plain,
            sizes,
            boin,
            (pause,),
            within="boin",
            asks=coming,
        )
    )
    kinds.append(
        Kind(
            "tite-crm",
            kind_name(words, "tite-crm"),
            calibrated,
            sizes,
            _crm(),
            (pause,),
            within="crm",
            asks=coming,
        )
    )
    later = Field(
        "response_window_days", _("Response assessment window, days"), "56", low=7, high=360, step=7
    )
    kinds.append(
        Kind(
            "tite-boin12",
            kind_name(words, "tite-boin12"),
            plain,
            sizes,
            _boin12(),
            (pause,),
            within="boin12",
            asks=replace(coming, fields=(*coming.fields, later)),
        )
    )
    alone = Field("stay_at_one_of_three", _("One DLT in three is a stay"), "no", "choice",
                  choices=(("no", _("no")), ("yes", _("yes"))))  # fmt: skip
    cap = Field("cap", _("Backfill below so many at a dose"), "12", "count", 1, 60, 1)
    kinds.append(
        Kind(
            "backfill-boin",
            kind_name(words, "backfill-boin"),
            plain,
            sizes,
            boin,
            (cap, alone.folded("no")),
            within="boin",
            asks=replace(coming, fields=(*coming.fields, later)),
        )
    )
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


def _stop_when() -> Field:
    ways = (("staying", _("when the rule stays there")), ("reached", _("at once")))
    return Field("stop_when", _("Stop then"), "staying", "choice", choices=ways).folded("staying")


def _accrual() -> QuestionFields:
    return QuestionFields(
        "accrual",
        Accrual,
        _("Accrual"),
        (
            Field("arrivals_per_week", _("Participants a week"), "1", low=0.1, high=10, step=0.1),
            Field("window_days", _("DLT assessment window, days"), "28", low=7, high=180, step=7),
            Field("late_share", _("Share of DLTs in the second half"), "0.5", low=0.05, high=0.95,
                step=0.05),
        ),
    )  # fmt: skip


def _crm() -> tuple[Field, ...]:
    return (
        Field("skeleton", _("Skeleton"), "", "list", hint=_("Empty: calibrated, margin 0.05"),
            extra=True),
        Field("prior_sd", _("Prior standard deviation"), "", low=0.1, high=3, step=0.05,
            extra=True),
        Field("stop_above", _("Stop when P(dose 1 too toxic) exceeds"), "", low=0.5, high=0.999,
            step=0.005, extra=True),
    )  # fmt: skip


def _blrm() -> tuple[Field, ...]:
    return (
        Field("overdose", _("Most probability of an overdose"), "0.25", low=0.05, high=0.6),
        Field("model.cuts", _("Target interval of the DLT rate"), "0.16, 0.33", "list"),
        Field("model.prior_mean", _("Prior means: log odds at the reference, log slope"), "-1, 0",
              "list"),
        Field("model.prior_sd", _("Prior standard deviations"), "1.5, 0.7", "list", high=10),
        Field("model.correlation", _("Prior correlation"), "0", low=-0.95, high=0.95).folded("0"),
        Field("model.doses", _("Amounts"), "", "list", high=1e6,
              hint=_("Empty: each twice the one below"), extra=True),
        Field("model.reference", _("Reference amount"), "", low=0.001, high=1e6,
              hint=_("Empty: the highest dose"), extra=True),
    )  # fmt: skip


def _boin12() -> tuple[Field, ...]:
    return (
        Field("min_response", _("Minimum acceptable efficacy rate"), "0.25", low=0.05, high=0.9),
        Field("neither", _("Utility of neither"), "", "count", 0, 100, 5, extra=True),
        Field("both", _("Utility of both"), "", "count", 0, 100, 5, extra=True),
        Field("stop_at_dose", _("Stop when n at current dose"), "", "count", 3, 43, 3, extra=True),
        _stop_when(),
    )
