"""Expressions in words: each kind of term, the protocol's own labels, both languages."""

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.expression import parse
from trialwright.protocol.expression_words import (
    Words,
    expression_said,
    in_words,
    release_words,
)

PLAIN = Words(lambda _name: None)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a", "a: yes"),
        ("not a", "a: no"),
        ("not (a or b)", "not the case: (a: yes or b: yes)"),
        ("20 <= age <= 40", "age is from 20 to 40"),
        ("20 <= age and age <= 40 and ill", "age is from 20 to 40 and ill: yes"),
        ("20 < age <= 40", "age is more than 20 and age is at most 40"),
        ("20 <= age and weight <= 40", "age is at least 20 and weight is at most 40"),
        ("3 > a", "a is less than 3"),
        ("3 >= a", "a is at most 3"),
        ("a != 'x'", "a is not x"),
        ("a == true", "a is yes"),
        ("a in ('x', 'y')", "a is x or y"),
        ("a and (b or c)", "a: yes and (b: yes or c: yes)"),
        ("a - b >= 10", "a \u2212 b is at least 10"),
        ("2 * (a + b) > -1", "2 × (a + b) is more than \u22121"),
        ("known(a)", "a is known"),
        ("if a then b else unknown", "if a: yes: b, otherwise unknown"),
        ("mean(v.f.a) > 3", "the mean of all records of v.f.a is more than 3"),
    ],
)
def test_each_kind_of_term_has_its_words(written: str, said: str) -> None:
    assert str(PLAIN.of(parse(written).root)) == said


def test_a_comparison_is_never_turned_into_its_opposite() -> None:
    """The words of a condition and of its negation differ, whichever side the number stands on."""
    pairs = [("a > 3", "a <= 3"), ("3 < a", "3 >= a"), ("a == 3", "a != 3"), ("a", "not a")]
    for holds, fails in pairs:
        assert str(PLAIN.of(parse(holds).root)) != str(PLAIN.of(parse(fails).root))
    assert str(PLAIN.of(parse("3 < a").root)) == str(PLAIN.of(parse("a > 3").root))


def test_items_and_choices_of_a_protocol_are_named_by_their_labels_in_each_language() -> None:
    protocol = demonstration()
    by_key = {each.key: each for each in protocol.criteria}
    check = by_key["age"].check
    assert check is not None
    said = in_words(check, protocol)
    assert str(said) == "“Age at consent” (Screening) is from 20 to 40"
    assert said.in_language("zh") == "“签署知情同意时年龄”（筛选访视）在 20 至 40 之间"
    stage = by_key["afs_stage"].check
    assert stage is not None
    assert "Stage II (5 to 8) or Stage III (9 to 12)" in str(in_words(stage, protocol))


def test_no_criterion_and_no_release_test_is_left_as_written() -> None:
    protocol = demonstration()
    checks = [each.check for each in protocol.criteria if each.check]
    tests = [(p, test.requires) for p in protocol.products for test in p.release]
    assert checks and tests
    for language in ("en", "zh"):
        told = [in_words(each, protocol).in_language(language) for each in checks]
        told += [release_words(p, each).in_language(language) for p, each in tests]
        for words in told:
            assert not any(mark in words for mark in ("==", ">=", "<=", "_", "screening.")), words


def test_a_fact_is_said_in_words_only_where_it_is_an_expression_over_items() -> None:
    protocol = demonstration()
    said = expression_said("screening.hysteroscopy.afs_stage == 'II'", protocol)
    assert str(said) == "“AFS stage” (Screening) is Stage II (5 to 8)"
    item = expression_said("running.hormones.last_day", protocol)
    assert str(item) == "“Last tablet” (Running records)"
    for plain in (
        "0.15",
        "After day 30. Then nothing.",
        "beta_binomial",
        "no.such.item",
        "a and b",
    ):
        assert expression_said(plain, protocol) is None
