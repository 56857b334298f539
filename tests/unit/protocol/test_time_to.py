"""The time to an event in expressions: known, censored or unknown, and where it may stand."""

from decimal import Decimal

import pytest

from tests.unit.report.small_trial import SMALL
from trialwright.protocol.expression import ExpressionError, parse
from trialwright.protocol.expression_words import in_words
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError
from trialwright.protocol.scopes import AnalysisScope
from trialwright.protocol.terms import UNKNOWN
from trialwright.protocol.values import Censored, Missing, PartialDate, Value
from trialwright.simulation.examples import example

SOURCE = example("nct06868277")
PROTOCOL = parse_file(SOURCE)
SCOPE = AnalysisScope(PROTOCOL.forms, PROTOCOL.visits, sealed=True, participant=True)
EVENT = "progression.progression_report.progressed_on"
BEGAN = "screening.eligibility.seen_on"
WATCHED = "end_of_treatment.end_of_treatment.last_dose_on"
TEXT = f"time_to({EVENT}, {BEGAN}, {WATCHED})"
Given = str | Missing | None


def known(event: Given, began: Given, watched: Given) -> dict[str, Value | Missing | None]:
    given = zip((EVENT, BEGAN, WATCHED), (event, began, watched), strict=True)
    return {
        name: PartialDate.parse(value) if isinstance(value, str) else value for name, value in given
    }


@pytest.mark.parametrize(
    ("event", "began", "watched", "wanted"),
    [
        ("2026-03-11", "2026-03-01", None, Decimal(10)),
        ("2026-03-11", "2026-03-01", "2026-04-01", Decimal(10)),
        (None, "2026-03-01", "2026-04-11", Censored(">", Decimal(41))),
        ("2026-05-01", "2026-03-01", "2026-04-11", Censored(">", Decimal(41))),
        ("2026-04-11", "2026-03-01", "2026-04-11", Decimal(41)),
        (Missing("not_done"), "2026-03-01", "2026-04-11", UNKNOWN),
        (None, "2026-03-01", None, UNKNOWN),
        ("2026-03-11", None, "2026-04-11", UNKNOWN),
        ("2026-03", "2026-03-01", None, UNKNOWN),
        ("2026-04", "2026-03-01", "2026-04-11", UNKNOWN),
        (None, "2026-03-01", "2026-04", UNKNOWN),
    ],
)
def test_the_time_is_known_censored_or_unknown(
    event: Given, began: Given, watched: Given, wanted: object
) -> None:
    assert parse(TEXT).typed(SCOPE).evaluate(known(event, began, watched)) == wanted


@pytest.mark.parametrize(("days", "wanted"), [(30, True), (41, True), (60, UNKNOWN)])
def test_a_censored_time_is_compared_as_longer(days: int, wanted: object) -> None:
    values = known(None, "2026-03-01", "2026-04-11")
    assert parse(f"{TEXT} > {days}").typed(SCOPE).holds(values) is wanted


def test_it_is_said_in_words() -> None:
    said = in_words(parse(f"{TEXT} > 30").typed(SCOPE), PROTOCOL).in_language("en")
    assert "the days from" in said and "censored at" in said


@pytest.mark.parametrize(
    "text",
    [f"time_to({EVENT}, {BEGAN})", f"time_to(add_days({EVENT}, 1), {BEGAN}, {WATCHED})"],
)
def test_the_event_is_an_item_beside_two_dates(text: str) -> None:
    with pytest.raises(ExpressionError, match="takes the event's date") as refused:
        parse(text).typed(SCOPE)
    assert refused.value.way_out == "Write time_to(event, from, censored)."


def test_a_computed_item_cannot_hold_a_time_that_may_be_censored() -> None:
    text = SOURCE.decode()
    was = 'items: {progressed_on: {label: "Radiological progression on", type: date}}'
    assert was in text
    item = (
        'days: {label: "Days", type: score, expression: "if known(progressed_on) then %s else 0"}'
    )
    of = f"time_to(progressed_on, {BEGAN}, {WATCHED})"
    for expression, refused in ((of, True), (f"if {of} > 30 then 1 else 2", False)):
        now = was[:-1] + ", " + item % expression + "}"
        try:
            parse_file(text.replace(was, now).encode())
            said = False
        except ProtocolFileError as error:
            said = any("may be censored" in each.message for each in error.problems)
        assert said is refused


def test_a_time_that_may_be_censored_is_not_compared_as_a_number() -> None:
    text = (
        SMALL.read_text(encoding="utf-8").rstrip()
        + """
  days:
    label: "Days"
    kind: secondary
    population: all
    treatments: "Cells against nothing"
    variable: "time_to(week_2.scan.scanned_on, screening.scan.scanned_on, week_1.scan.scanned_on)"
    definition: "As named"
    at: week_2
    intercurrent_events: {death: {label: "Death", strategy: composite}}
    summary: "As planned"
"""
    )
    assert parse_file(text.encode()).endpoints[-1].variable.may_be_censored
    analysis = "    analysis: {measure: mean_difference, method: t_test, reference: control}\n"
    with pytest.raises(ProtocolFileError, match="may be censored by `mean_difference`") as refused:
        parse_file((text + analysis).encode())
    assert "event_on" in refused.value.problems[0].way_out
