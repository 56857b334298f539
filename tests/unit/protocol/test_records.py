"""Functions of all records of an item: what they give, what is unknown, where they may stand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from trialwright.protocol.expression import ExpressionError, parse
from trialwright.protocol.loader import parse_file
from trialwright.protocol.records import Record, value_of_records
from trialwright.protocol.scopes import AnalysisScope, FormScope, RecordScope, TrialScope
from trialwright.protocol.terms import UNKNOWN, Kind, Sort
from trialwright.protocol.values import Missing, Value
from trialwright.simulation.examples import example

CYCLES = parse_file(example("nct06868277"))
ANALYSIS = AnalysisScope(CYCLES.forms, CYCLES.visits, sealed=True, participant=True)
FORMS = TrialScope(CYCLES.forms, CYCLES.visits)
FIRST = date(2026, 1, 1)


def records(*given: int | None) -> tuple[Record, ...]:
    """One a week; None is missing with its reason."""
    return tuple(
        Record(FIRST + timedelta(days=7 * week), Missing("not_done") if n is None else Decimal(n))
        for week, n in enumerate(given)
    )


def value(text: str, *given: int | None) -> object:
    expression = parse(text).typed(ANALYSIS)
    known: dict[str, Value | Missing | None] = {
        term.name: value_of_records(term, records(*given)) for term in expression.series
    }
    return expression.evaluate(known)


@pytest.mark.parametrize(
    ("function", "given", "wanted"),
    [
        ("first", (3, 5, 4), 3), ("last", (3, 5, 4), 4), ("count", (3, 5, 4), 3),
        ("sum", (3, 5, 4), 12), ("mean", (3, 5, 4), 4),
        ("min", (3, 5, 4), 3), ("max", (3, 5, 4), 5),
        ("first", (None, 5), 5), ("last", (5, None), 5), ("count", (5, None), 1),
        ("sum", (5, None), None), ("mean", (None, 5), None), ("min", (5, None), None),
        ("count", (), 0), ("sum", (), None), ("last", (), None),
    ],
)  # fmt: skip
def test_each_function_of_all_records(
    function: str, given: tuple[int | None, ...], wanted: int | None
) -> None:
    found = value(f"{function}(scan.lesions.diameters)", *given)
    assert found == (UNKNOWN if wanted is None else Decimal(wanted))


def test_within_the_last_days_up_to_the_latest_record() -> None:
    assert value("sum(scan.lesions.diameters, 14)", 1, 2, 4) == 6
    assert value("sum(scan.lesions.diameters, 15)", 1, 2, 4) == 7
    assert value("count(scan.lesions.diameters, 1)", 1, 2, 4) == 1
    # A record that is missing long before the last days doesn't make them unknown.
    assert value("mean(scan.lesions.diameters, 8)", None, 2, 4) == 3


def test_a_choice_has_a_first_and_a_last_record_and_a_count() -> None:
    assert parse("last(scan.lesions.overall) == 'pd'").typed(ANALYSIS).kind == Kind(Sort.YES_NO)
    with pytest.raises(ExpressionError, match="a number is needed"):
        parse("sum(scan.lesions.overall)").typed(ANALYSIS)


def test_min_and_max_of_single_values_stay_what_they_were() -> None:
    text = "max(screening.lesions.diameters, 3)"
    assert parse(text).typed(ANALYSIS).series == ()
    assert parse(text).typed(FORMS).evaluate({"screening.lesions.diameters": Decimal(2)}) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sum(screening.eligibility.age)", "has one record"),
        ("sum(scan.lesions.nothing)", "not an item"),
        ("sum(call.lesions.diameters)", "has no form"),
        ("sum(scan.lesions.diameters, 0)", "one item and a number of days"),
        ("sum(scan.lesions.diameters, 7, 8)", "one item and a number of days"),
    ],
)
def test_what_is_no_series_is_refused(text: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says):
        parse(text).typed(ANALYSIS)


def test_an_anchor_cannot_ask_for_all_records_and_a_criterion_can() -> None:
    text = "last(scan.lesions.diameters) > 3"
    with pytest.raises(ExpressionError, match="which can't be had here"):
        parse(text).typed(FORMS)
    typed = parse(text).typed(RecordScope(CYCLES.forms, CYCLES.visits))
    assert (typed.references, typed.names) == ((), ("scan.lesions.diameters",))


def test_a_form_asks_for_all_records_up_to_its_own_visit() -> None:
    lesions = FormScope(CYCLES.forms, CYCLES.visits, here=CYCLES.form("lesions"))
    nadir = parse("min(scan.lesions.diameters)").typed(lesions)
    assert [term.path for term in nadir.series] == ["scan.lesions.diameters"]
    recent = parse("mean(scan.lesions.diameters, 28)").typed(lesions)
    assert [(term.path, term.days) for term in recent.series] == [("scan.lesions.diameters", 28)]
    with pytest.raises(ExpressionError, match="doesn't say at which visit"):
        parse("last(lesions.diameters)").typed(lesions)
