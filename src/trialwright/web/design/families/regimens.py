"""Regimens compared with a control by response, and what can be moved about the comparison."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.design.regimen_comparison import NONE, POSTERIOR, PREDICTIVE, SIMILARITY
from trialwright.report.designs.case import kind_name
from trialwright.report.words import ReportWords
from trialwright.web.design.build import plain
from trialwright.web.design.fields import Family, Field, Kind


def regimens(words: ReportWords) -> Family:
    reads = ((POSTERIOR, _("posterior")), (PREDICTIVE, _("predictive")))
    borrows = ((NONE, _("nothing")), (SIMILARITY, _("by similarity")))
    shared = (
        Field("arms", _("Arms, with the control"), "3", "count", 2, 5, 1),
        Field("control", _("Number of the control"), "1", "count", 1, 5, 1),
    )
    own = (
        Field("looks", _("Participants in each arm, at each look"), "5, 10", "list", low=1,
              high=50),
        Field("futility", _("Probability read at the looks"), POSTERIOR, "choice", choices=reads),
        Field("drop_below", _("Drop a regimen below a probability of"), "0.20", high=0.6),
        Field("name_early_above", _("Name a regimen early above a probability of"), "1", low=0.6,
              high=1, hint=_("1: never"), extra=True),
        Field("name_at", _("Name a regimen from a probability of"), "0.95", low=0.5, high=0.999,
              step=0.005),
        Field("borrowing", _("Borrowed between regimens"), NONE, "choice", choices=borrows),
        Field("similarity_power", _("Power of the similarity"), "2", high=20, step=0.5,
              extra=True),
        Field("least_similarity", _("Borrow only above a similarity of"), "0", high=0.99,
              extra=True),
        Field("prior", _("Prior of all rates: responses, no responses"), "1, 1", "list",
              high=1000, extra=True),
    )  # fmt: skip
    return Family(
        "regimens",
        _("Regimens"),
        _("Which regimens are dropped, and which are better than the control?"),
        _("Several regimens against one control, read at looks, with or without borrowing between "
          "them: who is named, who is dropped, and how often that is a mistake."),
        (Kind("regimen-comparison", kind_name(words, "regimen-comparison"), plain, shared, own),),
        rates=_("True response rates"),
        rates_hint=_("One for each arm, with commas"),
        rows=3,
        width="arms",
        place="regimens",
    )  # fmt: skip
