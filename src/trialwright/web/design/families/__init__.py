"""The questions that the page answers, with the designs for each, in the language of the moment."""

from functools import lru_cache

from django.utils.translation import get_language

from trialwright.report.words import ReportWords
from trialwright.web.design.families.allocation import allocation
from trialwright.web.design.families.dose_finding import dose_finding
from trialwright.web.design.families.monitoring import safety, selection
from trialwright.web.design.families.planning import multi_arm, sample_size, survival
from trialwright.web.design.families.regimens import regimens
from trialwright.web.design.families.testing import adaptive, sequential, two_arms, two_stage
from trialwright.web.design.families.two_agents import two_agents
from trialwright.web.design.fields import Family


def families(words: ReportWords) -> tuple[Family, ...]:
    """All of them, the first being that of `/design` itself."""
    return _families(words.language, get_language())


# Labels that name no single design are in the language of the moment. Made once for each: a page
# asks for all families twice.
@lru_cache(maxsize=16)
def _families(language: str, _of_the_moment: str | None) -> tuple[Family, ...]:
    words = ReportWords(language)
    makers = (dose_finding, two_agents, safety, two_stage, two_arms, sequential, survival,
              multi_arm, sample_size, selection, regimens, adaptive, allocation)  # fmt: skip
    return tuple(make(words) for make in makers)
