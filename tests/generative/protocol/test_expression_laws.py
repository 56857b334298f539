"""Laws of the expression language over generated texts, truths and dates."""

from datetime import date, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.protocol.evaluate import (
    UNKNOWN,
    compare,
    conjunction,
    disjunction,
    negation,
    truth_of,
)
from trialwright.protocol.expression import ExpressionError, parse
from trialwright.protocol.terms import Kind, Sort
from trialwright.protocol.values import PartialDate

truths = st.sampled_from([True, False, UNKNOWN])
OPERATORS = ("<", "<=", ">", ">=", "==", "!=")


class Everything:
    """Every name is in scope, with a type that follows from its first letter."""

    def resolve(self, name: str) -> tuple[str, Kind]:
        sorts = (Sort.NUMBER, Sort.YES_NO, Sort.DATE, Sort.TEXT)
        return name, Kind(sorts[ord(name[0]) % 4])


words = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "d",
        "e.f",
        "1",
        "2.50",
        "0",
        "'x'",
        "'2026-03'",
        '"y"',
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "<",
        "<=",
        "==",
        "!=",
        "and",
        "or",
        "not",
        "in",
        "if",
        "then",
        "else",
        "true",
        "false",
        ",",
        "known(",
        "round(",
        "min(",
        "days_between(",
        "add_days(",
        "count_true(",
        ".",
        "=",
        "'",
        "测",
        "\n",
    ]
)


@settings(max_examples=600, deadline=2000)
@given(st.one_of(st.text(), st.lists(words, max_size=60).map(" ".join)))
def test_any_text_gives_a_value_or_an_explained_error(text):
    try:
        expression = parse(text).typed(Everything())
    except ExpressionError as error:
        assert error.message and error.way_out and error.column >= 1
        return
    assert expression.evaluate({}) is not None


def completions(partial: PartialDate) -> list[date]:
    days = (partial.last - partial.first).days
    return [partial.first + timedelta(days=each) for each in range(days + 1)]


@st.composite
def partial_dates(draw):
    day = draw(st.dates(date(2024, 1, 1), date(2025, 12, 31)))
    precision = draw(st.sampled_from([1, 2, 3]))
    return PartialDate(*(day.year, day.month, day.day)[:precision])


@settings(max_examples=300, deadline=None)
@given(partial_dates(), partial_dates(), st.sampled_from(OPERATORS))
def test_partial_dates_compare_as_all_their_completions_do(left, right, operator):
    pairs = product(completions(left), completions(right))
    plain = {
        compare(operator, PartialDate.of(one), PartialDate.of(two))
        for one, two in _extremes(pairs, operator)
    }
    expected = plain.pop() if len(plain) == 1 else UNKNOWN
    assert compare(operator, left, right) is expected


def _extremes(pairs, operator):
    """Every pair, kept once per ordering, so that a year against a year stays quick."""
    kept = {}
    for one, two in pairs:
        kept.setdefault((one > two) - (one < two), (one, two))
    return kept.values()


@given(truths, truths, truths)
def test_kleene_logic_is_a_de_morgan_lattice(a, b, c):
    assert negation(negation(a)) is a
    assert conjunction([a, b]) is conjunction([b, a])
    assert conjunction([a, conjunction([b, c])]) is conjunction([conjunction([a, b]), c])
    assert negation(conjunction([a, b])) is disjunction([negation(a), negation(b)])
    assert conjunction([a, disjunction([a, b])]) is a
    assert conjunction([a, disjunction([b, c])]) is disjunction(
        [conjunction([a, b]), conjunction([a, c])]
    )


@given(st.lists(truths, min_size=3, max_size=3))
def test_an_unknown_answer_means_that_completing_it_could_go_either_way_or_not_matter(given_truths):
    """What is answered true or false stays so however the missing values turn out."""
    root = parse("a and b or not c").typed(_Flags()).root
    names = ("a", "b", "c")
    answer = truth_of(root, _values(names, given_truths))
    for completed in product(*[[t] if t is not UNKNOWN else [True, False] for t in given_truths]):
        if answer is not UNKNOWN:
            assert truth_of(root, _values(names, completed)) is answer


class _Flags:
    def resolve(self, name: str) -> tuple[str, Kind]:
        return name, Kind(Sort.YES_NO)


def _values(names, truths_given):
    return {n: t for n, t in zip(names, truths_given, strict=True) if t is not UNKNOWN}
