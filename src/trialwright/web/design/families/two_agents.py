"""Designs that look for a combination of the doses of two agents, and what can be moved."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.report.designs.case import kind_name
from trialwright.report.words import ReportWords
from trialwright.web.design.build import plain
from trialwright.web.design.fields import Family, Field, Kind


def two_agents(words: ReportWords) -> Family:
    fields = (
        Field("target", _("Target DLT rate"), "0.30", low=0.05, high=0.6),
        Field("doses_a", _("Doses of agent A"), "3", "count", 2, 3, 1),
        Field("doses_b", _("Doses of agent B"), "4", "count", 2, 4, 1),
        Field("cohort_size", _("Cohort size"), "3", "count", 1, 6, 1),
        Field("max_participants", _("Maximum sample size"), "48", "count", 3, 72, 3),
        Field("eliminate_at", _("Overdose elimination cut-off"), low=0.5, high=0.999, step=0.005,
              hint=_("Posterior probability that the dose exceeds the target")).folded("0.95"),
        Field("stop_at_dose", _("Stop when n at current dose"), "", "count", 3, 60, 3).folded(),
        Field("bound_mtd", _("Only if the estimate is at most λd"), "no", "choice",
              choices=(("no", _("no")), ("yes", _("yes")))).folded("no"),
    )  # fmt: skip
    return Family(
        "two-agents",
        _("Two agents"),
        _("Which combination of doses will the trial select?"),
        _("BOIN for two agents, simulated: one of them moves by a dose at a time."),
        (Kind("combination-boin", kind_name(words, "combination-boin"), plain, (), fields),),
        rates=_("True DLT rates"),
        rates_hint=_("Row after row: agent A’s lowest dose with each of agent B’s, then the next"),
        rows=3,
        width="doses",
        place="two-agents",
        beside=False,
    )
