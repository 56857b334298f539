"""What the first visitor of `/design` would wait for: the engine loaded, or compiled on a machine
that never ran it, and every question answered once."""

from django.http import QueryDict
from django.template.loader import get_template

from trialwright.report.words import ReportWords
from trialwright.web.design.build import build
from trialwright.web.design.compute import answer
from trialwright.web.design.demonstration_rules import demonstration_rules
from trialwright.web.design.families import families
from trialwright.web.design.request import parse_request


def warm() -> None:
    """Answer what an empty address asks, for each question, and read the templates."""
    for family in families(ReportWords("en")):
        asked = parse_request(QueryDict(""), family)
        found = build(asked, "en")
        if found.question is not None:
            answer(list(found.designs.values()), found.question, asked.method, "en")
    get_template("web/design.html")
    for language in ("en", "zh"):
        demonstration_rules(language)
