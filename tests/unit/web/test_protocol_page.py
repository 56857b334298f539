"""The protocol is read on a page with every fact's origin: what is only assumed says so."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Fact, Origin
from trialwright.protocol.expression_words import expression_said
from trialwright.web.protocol_page import Reader

PROTOCOL = demonstration()


def written(fact: Fact, language: str) -> str:
    """What the page says of a fact: an expression in words."""
    text = fact.value.in_language(language)
    said = expression_said(text, PROTOCOL)
    return said.in_language(language) if said else text


def html(language: str) -> str:
    with translation.override(language):
        reader = Reader(PROTOCOL, language)
        context = {"heading": "x", "sections": reader.sections(), "origins": reader.counts()}
        return render_to_string("web/protocol.html", context)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_noun_of_the_protocol_is_named_on_its_page(language: str) -> None:
    page = html(language).replace("&#x27;", "'").replace("&amp;", "&")
    nouns = [*PROTOCOL.arms, *PROTOCOL.products, *PROTOCOL.visits, *PROTOCOL.forms]
    nouns += [*PROTOCOL.endpoints, *PROTOCOL.populations]
    missing = [n.key for n in nouns if n.label.in_language(language) not in page]
    assert missing == []
    assert [c.key for c in PROTOCOL.criteria if c.text.in_language(language) not in page] == []


def test_the_origins_counted_are_those_of_the_file() -> None:
    counted = {mark.kind: count for mark, count in Reader(PROTOCOL, "en").counts()}
    for origin in Origin:
        assert counted.get(origin.value, 0) == sum(f.origin is origin for f in PROTOCOL.facts)


def test_a_stated_and_an_assumed_fact_carry_their_marks() -> None:
    rows = {row.key: row for row in Reader(PROTOCOL, "en").sections()[0].parts[0].rows}
    participants, sites = rows["Participants"].mark, rows["Number of sites"].mark
    assert participants is not None and participants.word == "stated"
    assert "NCT03223454" in participants.source
    assert sites is not None and sites.word == "assumed"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_safety_fact_stands_on_the_page_with_its_origin(language: str) -> None:
    facts = [f for f in PROTOCOL.facts if f.path.startswith(("safety.", "design."))]
    open_facts = [fact for fact in facts if fact.path != "design.blocks"]
    assert len(open_facts) == len(facts) - 1
    # Who is blinded is not told how long a block is.
    for blinded, told in ((True, open_facts), (False, facts)):
        reader = Reader(PROTOCOL, language, masked=blinded)
        sections = {section.name: section for section in reader.sections()}
        shown = [row for name in ("safety", "design") for row in sections[name].parts[0].rows]
        assert [row.value for row in shown] == [written(fact, language) for fact in told]
        assert all(row.mark for row in shown)


def test_a_visit_is_said_with_its_anchor_its_window_and_its_fallback() -> None:
    page = html("en")
    assert "90 days after: Treatment (from 7 days before to 7 days after)" in page
    assert "where that can&#x27;t come, 180 days after: Treatment" in page
