"""What the first visitor of `/design` would wait for: the engine loaded, or compiled on a machine
that never ran it, and every question answered once."""

from django.http import QueryDict
from django.template.loader import get_template

from trialwright.report.words import Words
from trialwright.web.design.answering import answer
from trialwright.web.design.asked import typed
from trialwright.web.design.demonstration import demonstration_rules
from trialwright.web.design.families import families
from trialwright.web.design.reading import read


def warm() -> None:
    """Answer what an empty address asks, for each question, and read the templates."""
    for family in families(Words("en")):
        asked = typed(QueryDict(""), family)
        found = read(asked, "en")
        if found.question is not None:
            answer(list(found.designs.values()), found.question, asked.method, "en")
    get_template("web/design.html")
    for language in ("en", "zh"):
        demonstration_rules(language)
