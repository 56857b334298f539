"""What is typed on the design page becomes a design as a protocol file makes it, or a problem."""

import pytest
from django.http import QueryDict
from django.utils import translation

from trialwright.design import Boin, Crm, Keyboard, SelectionDesign, from_node
from trialwright.design.crm import calibrated_skeleton
from trialwright.protocol.demonstration import demonstration
from trialwright.report.words import Words
from trialwright.web.design.answering import MOST_STATES, TooLarge, answer
from trialwright.web.design.asked import MOST_TEXT, Typed, typed
from trialwright.web.design.demonstration import demonstration_rules
from trialwright.web.design.families import families
from trialwright.web.design.reading import Read, read


def asked(query: str, family: int = 0) -> Typed:
    return typed(QueryDict(query), families(Words("en"))[family])


def made(query: str, family: int = 0, language: str = "en") -> Read:
    return read(asked(query, family), language)


@pytest.mark.parametrize("family", range(6))
def test_an_empty_address_asks_for_something_that_can_be_answered(family: int) -> None:
    found = made("", family)
    assert not found.problems and found.question is not None
    told, _cases = answer(list(found.designs.values()), found.question, "auto", "en")
    assert told.performance


def test_boxes_make_the_design_that_a_protocol_would() -> None:
    found = made("a.kind=boin&a.target=0.25&a.doses=4&a.cohort_size=2&a.max_participants=24")
    assert found.designs == {
        "a": Boin(target=0.25, doses=4, cohort_size=2, max_participants=24, eliminate_at=0.95)
    }


def test_a_second_design_takes_what_it_leaves_empty_from_the_first() -> None:
    found = made("a.kind=boin&a.target=0.25&a.doses=4&b.kind=keyboard&b.max_participants=18")
    assert found.designs["b"] == Keyboard(target=0.25, doses=4, max_participants=18)


def test_a_crm_without_skeleton_is_calibrated_with_the_middle_dose_at_the_target() -> None:
    crm = made("a.kind=crm&a.target=0.25&a.doses=5").designs["a"]
    expected = calibrated_skeleton(0.25, 5, 3, 0.05)
    assert isinstance(crm, Crm) and crm.skeleton == pytest.approx(expected, abs=1e-4)


def test_the_address_asks_for_the_same_again() -> None:
    first = asked(
        "a.kind=crm&a.skeleton=0.1, 0.3&a.doses=2&b.kind=boin&b.target=0.2&method=exact"
        "&rates=0.1,0.2&rates=0.2,0.3"
    )
    again = asked(first.address())
    assert read(again, "en").designs == read(first, "en").designs
    assert (again.rates, again.method) == (first.rates, first.method)
    assert again.address() == first.address()


def test_the_selection_page_begins_with_the_demonstration_s_own_design() -> None:
    section = demonstration().design
    assert section is not None
    own = from_node(section)
    assert isinstance(own, SelectionDesign)
    assert made("", 5).designs == {"a": own}


def test_the_demonstration_s_rules_are_those_of_its_protocol_with_their_exact_figures() -> None:
    section = demonstration().design
    assert section is not None
    own = demonstration_rules("en")
    assert own is not None and own.sha256 == from_node(section).table().sha256
    tables = [part.table for part in own.parts if part.table is not None]
    assert tables[0].rows[-1].cells == ("10", "4")
    held = [row.cells[1:] for row in tables[2].rows if row.cells[0] == "Chance of a hold, %"]
    assert held == [
        ("2.6", "10.1", "34.6", "61.1", "81.3"),
        ("1.6", "12.7", "68.1", "96.5", "99.9"),
    ]


@pytest.mark.parametrize(
    ("query", "box", "words"),
    [
        ("a.target=1.3", "a-target", "Target DLT rate is 1.3. Target DLT rate lies strictly"),
        ("a.target=", "a-target", "Target DLT rate is empty. It has no default."),
        ("a.target=abc", "a-target", "Target DLT rate is 'abc'. It is a number."),
        ("a.doses=9", "a-doses", "On this page it is at most 8."),
        ("a.doses=2.5", "a-doses", "It is a whole number."),
        ("a.cohort_size=0", "a-cohort-size", "Cohort size is a whole number, 1 to 12."),
        ("a.max_participants=500", "a-max-participants", "`trialwright design oc`"),
        ("b.kind=keyboard&b.below=0.4", "b-below", "Margin below the target is 0.4."),
        ("a.kind=crm&a.skeleton=0.3,0.2&a.doses=2", "a-skeleton", "increases from each dose"),
        ("a.kind=crm&a.skeleton=0.3,0.4", "a-skeleton", "one for each of 5 doses"),
        ("rates=0.1,0.2", "rates-1", "A row holds 5, one for each dose or arm."),
        ("rates=0.1,0.2,0.3,0.4,0.5&rates=x", "rates-2", "'x' are not rates."),
        ("rates=0.1,0.2,0.3,0.4,1.5", "rates-1", "not within 0 and 1"),
        ("rates=0.1,0.2,0.3,0.4,nan", "rates-1", "not within 0 and 1"),
    ],
)  # fmt: skip
def test_a_problem_stands_at_its_box_in_the_words_of_the_design(
    query: str, box: str, words: str
) -> None:
    found = made(query)
    assert list(found.problems) == [box]
    assert words in found.problems[box]
    assert found.question is None


def test_a_problem_is_said_in_chinese_with_the_names_of_the_page() -> None:
    with translation.override("zh-hans"):
        zh = families(Words("zh"))[0]
        found = read(typed(QueryDict("a.target=1.3"), zh), "zh")
    expected = "目标 DLT 率为 1.3。目标 DLT 率须严格介于 0 与 1 之间。请填写此范围内的数。"
    assert found.problems == {"a-target": expected}


def test_an_exact_answer_that_is_too_large_is_refused_and_otherwise_simulated() -> None:
    found = made("a.max_participants=60&a.cohort_size=1")
    assert found.question is not None
    designs = list(found.designs.values())
    with pytest.raises(TooLarge):
        answer(designs, found.question, "exact", "en")
    told, _cases = answer(designs, found.question, "auto", "en")
    assert told.tree[0]["method"] == "monte-carlo"
    assert "simulated" in told.method[0] and "standard error" in told.method[0]
    small = made("")
    assert small.question is not None
    exact, _cases = answer(list(small.designs.values()), small.question, "auto", "en")
    assert exact.tree[0]["method"] == "exact" and exact.tree[0]["states"] <= MOST_STATES


def test_what_nobody_can_read_is_cut_and_never_fatal() -> None:
    long = asked(f"a.target={'9' * 5000}&rates={'0.1,' * 3000}&rates=&a.kind=no-such&d.kind=boin")
    assert len(long.texts["a.target"]) == MOST_TEXT
    assert read(long, "en").problems
    assert set(long.kinds) == {"a"}
