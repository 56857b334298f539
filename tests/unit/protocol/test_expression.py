"""The expression language, as its author reads it in docs/protocol-file.md."""

from decimal import Decimal

import pytest

from trialwright.protocol.expression import ExpressionError, parse
from trialwright.protocol.terms import UNKNOWN, Kind, Sort
from trialwright.protocol.typecheck import NameNotFound, suggestion
from trialwright.protocol.values import Censored, Missing, PartialDate

ITEMS = {
    "thickness": Kind(Sort.NUMBER),
    "hcg": Kind(Sort.NUMBER),
    "bled": Kind(Sort.YES_NO),
    "last_bleed": Kind(Sort.DATE),
    "birth": Kind(Sort.DATE),
    "start": Kind(Sort.TIME),
    "note": Kind(Sort.TEXT),
    "extent": Kind(
        Sort.CHOICE,
        "afs_extent",
        ("third", "half", "most"),
        (("third", Decimal(1)), ("half", Decimal(2)), ("most", Decimal(4))),
    ),
}


class Items:
    def resolve(self, name: str) -> tuple[str, Kind]:
        if name not in ITEMS:
            raise NameNotFound(f"`{name}` is not an item", suggestion(name, ITEMS))
        return name, ITEMS[name]


def value(text, **values):
    return parse(text).typed(Items()).evaluate(values)


def test_numbers_are_decimals_not_floats():
    assert value("thickness + 0.2 == 0.3", thickness=Decimal("0.1")) is True
    assert value("round(thickness / 3, 2)", thickness=Decimal(2)) == Decimal("0.67")


def test_what_is_missing_makes_a_sum_unknown():
    assert value("points(extent) + thickness", thickness=Decimal(1)) is UNKNOWN
    assert value("max(thickness, hcg)", thickness=Decimal(1), hcg=Missing("not_done")) is UNKNOWN


def test_a_false_part_settles_an_and_even_if_the_other_is_missing():
    assert value("bled and thickness > 3", bled=False) is False
    assert value("bled and thickness > 3", bled=True) is UNKNOWN
    assert value("bled or thickness > 3", bled=True) is True


def test_division_by_zero_is_unknown():
    assert value("thickness / 0 > 1", thickness=Decimal(1)) is UNKNOWN


def test_a_partial_date_is_compared_as_the_days_it_may_be():
    march = PartialDate(2026, 3)
    assert value("last_bleed < '2026-03-15'", last_bleed=march) is UNKNOWN
    assert value("last_bleed < '2026-04-01'", last_bleed=march) is True
    assert value("last_bleed == '2026-03'", last_bleed=march) is UNKNOWN
    assert value("last_bleed == '2026-04'", last_bleed=march) is False


def test_age_from_a_birth_year_is_known_only_when_every_birthday_agrees():
    age = "years_between(birth, last_bleed)"
    born = PartialDate(1990)
    assert value(age, birth=born, last_bleed=PartialDate(2026, 12, 31)) == Decimal(36)
    assert value(age, birth=born, last_bleed=PartialDate(2026, 6, 1)) is UNKNOWN


def test_a_value_under_the_limit_of_quantification_is_compared_by_its_bound():
    under = Censored("<", Decimal("1.2"))
    assert value("hcg < 5", hcg=under) is True
    assert value("hcg < 1.2", hcg=under) is True
    assert value("hcg >= 1.2", hcg=under) is False
    assert value("hcg < 1", hcg=under) is UNKNOWN
    assert value("hcg + 1 < 5", hcg=under) is UNKNOWN


def test_a_choice_is_compared_by_code_and_scored_by_points():
    assert value("extent in ('half', 'most')", extent="most") is True
    assert value("points(extent) * 2", extent="most") == Decimal(8)
    assert value("extent not in ('half', 'most')") is UNKNOWN


def test_known_is_never_unknown():
    assert value("known(thickness)") is False
    assert value("known(thickness)", thickness=Missing("not_done")) is False
    assert value("known(thickness)", thickness=Decimal(1)) is True


def test_a_condition_that_is_unknown_chooses_nothing():
    assert value("if bled then 1 else 2") is UNKNOWN
    assert value("if bled then 1 else 2", bled=False) == Decimal(2)


def test_a_chain_reads_as_in_mathematics():
    assert value("0.5 <= thickness <= 30", thickness=Decimal(31)) is False


def test_references_are_listed_once_in_the_order_met():
    assert parse("hcg > 1 and (thickness > hcg)").references == ("hcg", "thickness")


@pytest.mark.parametrize(
    ("text", "message", "way_out", "column"),
    [
        ("thicknes > 3", "`thicknes` is not an item", "Did you mean `thickness`?", 1),
        ("thickness > 'a'", "Here is a text, where a number is needed", "Compare or", 13),
        ("bled > true", "A yes/no has no order", "Use `==`", 6),
        ("extent == 'thrid'", "'thrid' is not a code of afs_extent", "Did you mean `third`?", 11),
        ("last_bleed < 'May'", "'May' is not a date", "Write a date as '2026-03-15'", 14),
        ("note + 1", "Here is a text, where a number is needed", "Compare or", 1),
        ("thickness and bled", "Here is a number, where a yes/no is needed", "Compare", 1),
        ("rond(thickness, 1)", "There is no function `rond`", "Did you mean `round`?", 1),
        ("round(thickness)", "`round` is given 1 arguments and takes 2", "Write round(", 1),
        ("points(thickness)", "`points` needs a choice", "Add `points:`", 1),
        ("known(1)", "`known` takes one item", "Write known(item).", 1),
        ("thickness = 3", "'=' is not part of the language", "two equals signs", 11),
        ("thickness >", "The end stands where a value belongs", "Write a value there.", 12),
        ("(thickness > 3", "The end stands where `)` belongs", "Write `)` there.", 15),
        ("thickness > 3 3", "'3' stands where an operator or the end belongs", "Write", 15),
        ("note == 'open", '"\'" is not part of the language', "Close the text", 9),
        ("__import__('os')", "'__import__' is not part of the language", "Use item", 1),
        ("note.__class__", "'note.__class__' is not part of the language", "Use item", 1),
        ("1e9 > 2", "'1e9' is not part of the language", "Use item", 1),
        ("not " * 60 + "bled", "nested deeper than 40", "Split it", 161),
        ("(" * 60 + "1", "nested deeper than 40", "Split it", 41),
        ("+".join(["1"] * 60), "nested deeper than 40", "Split it", 41),
        ("1," * 2000, "longer than 2048 bytes", "Split it", 2048),
    ],
)
def test_an_error_says_what_where_and_the_way_out(text, message, way_out, column):
    with pytest.raises(ExpressionError) as caught:
        parse(text).typed(Items())
    assert message in caught.value.message
    assert way_out in caught.value.way_out
    assert caught.value.column == column
