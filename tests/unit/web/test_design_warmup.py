"""Before anybody comes, a server process has loaded the engine and answered every question."""

import sys

from trialwright.report.words import ReportWords
from trialwright.web.design import compute, demonstration_rules
from trialwright.web.design.families import families
from trialwright.web.design.warmup import warm


def test_after_warming_each_question_is_ready() -> None:
    compute._told.cache_clear()
    demonstration_rules.demonstration_rules.cache_clear()
    warm()
    assert compute._told.cache_info().currsize == len(families(ReportWords("en")))
    assert demonstration_rules.demonstration_rules.cache_info().currsize == 2
    assert "trialwright.numerics.kernels_compiled" in sys.modules
