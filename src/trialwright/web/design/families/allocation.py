"""Ways to allocate, and what can be moved about them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from trialwright.design.minimisation import Mix
from trialwright.report.designs.case import kind_name
from trialwright.report.words import ReportWords
from trialwright.web.design.build import plain
from trialwright.web.design.fields import Family, Field, Kind, QuestionFields


def allocation(words: ReportWords) -> Family:
    arms = Field("arms", _("Number of arms"), "2", "count", 2, 6, 1)
    ratio = Field("ratio", _("Ratio"), "", "list", high=12, hint=_("Empty: equal"), extra=True)
    blocks = (
        Field("block_sizes", _("Block sizes"), "4, 6", "list", high=24,
            hint=_("Several: each block draws one")),
        Field("strata", _("Strata, by name"), "", "list", hint=_("Empty: one list"), extra=True),
        Field("run_in", _("Blocks of the run-in"), "", "list", high=24, extra=True),
    )  # fmt: skip
    measures = (("range", _("range")), ("variance", _("variance")))
    minimising = (
        Field("factors", _("Factors, by name"), "site, stage", "list"),
        Field("probability", _("Probability of the least imbalance"), "4/5", "word",
            hint=_("A fraction, such as 4/5")),
        Field("measure", _("Measure of imbalance"), "range", "choice", choices=measures),
        Field("weights", _("Weights of the factors"), "", "list", high=100, hint=_("Empty: equal"),
            extra=True),
    )  # fmt: skip
    coming = QuestionFields(
        "mix",
        Mix,
        _("Who comes"),
        (
            Field("levels", _("Levels of each factor"), "2, 3", "list", high=12),
            Field("participants", _("Participants"), "60", "count", 2, 100, 1),
        ),
    )
    return Family(
        "allocation",
        _("Allocation"),
        _("How even, and how easily guessed, is the allocation?"),
        _("Who can guess the next arm can choose whom to enrol. Blocks are computed exactly, a "
          "minimisation is simulated."),
        (
            Kind("permuted-blocks", kind_name(words, "permuted-blocks"), plain, (arms, ratio),
                 blocks),
            Kind("minimisation", kind_name(words, "minimisation"), plain, (arms, ratio), minimising,
                 asks=coming),
        ),
        rates="",
        rates_hint="",
        rows=0,
        place="allocation",
    )  # fmt: skip
