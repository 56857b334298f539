"""The lists of a study by participant, site, visit, form, person, days and state."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import entering, querying, screening
from trialwright.conduct.models import Query, VisitRecord
from trialwright.conduct.reads.ledger import TrailFilter, ledger_action, ledger_actions
from trialwright.protocol.basics import Role

Browsers = Callable[[str], Client]


def rows(browser: Client, address: str) -> list[dict[str, object]]:
    name, _mark, query = address.partition("?")
    text = browser.get(f"/studies/{STUDY}/{name}.json?{query}").content
    return list(json.loads(text)["rows"])


def codes(browser: Client, address: str) -> list[object]:
    return [row["participant"] for row in rows(browser, address)]


@pytest.fixture
def asked(world: World) -> World:
    """Two participants, one at each site, and a query of the monitor about the first."""
    first = world.entered()
    screening.screen(by=world.person(Role.COORDINATOR, "N"), site="N", at=world.now)
    querying.raise_query(
        by=world.monitor, code=first, visit="screening", form="demographics", item="age",
        text="Is this the age at consent?", at=world.now,
    )  # fmt: skip
    return world


def test_queries_are_found_by_each_of_their_places(asked: World, signed_in: Browsers) -> None:
    feng, day = signed_in("feng"), asked.now.date()
    everything = codes(feng, "queries")
    assert "C-001" in everything
    for wanted in (
        "participant=c-00", "site=C", "visit=screening", "form=demographics",
        f"by={asked.monitor.person_id}", f"from={day}&to={day}", f"to={day:%d.%m.%Y}",
    ):  # fmt: skip
        assert "C-001" in codes(feng, f"queries?{wanted}"), wanted
    for other in (
        "participant=N-", "site=N", "visit=month_1", "form=virology", "by=check",
        f"from={day + timedelta(days=1)}", f"to={day - timedelta(days=1)}", "status=closed",
    ):  # fmt: skip
        assert codes(feng, f"queries?{other}") == [], other
    assert codes(feng, "queries?site=nowhere") == everything
    one = rows(feng, "queries")[0]
    assert one["asked_by"] == asked.monitor.name


def test_a_day_that_is_none_is_said_at_its_box_and_narrows_nothing(
    asked: World, signed_in: Browsers
) -> None:
    page = signed_in("feng").get(f"/studies/{STUDY}/queries?from=31.11.2026").content.decode()
    assert "“31.11.2026” is no whole day. Write it as 2026-03-15." in page
    assert 'value="31.11.2026"' in page and ">C-001<" in page


def test_the_latest_query_comes_first_and_says_whose_turn_it_is(
    asked: World, signed_in: Browsers
) -> None:
    querying.raise_query(
        by=asked.monitor, code="C-001", visit="screening", form="demographics", item="age",
        text="And the source?", at=asked.now,
    )  # fmt: skip
    feng = signed_in("feng")
    assert next(row["question"] for row in rows(feng, "queries")) == "And the source?"
    number = Query.objects.order_by("number").last().number  # type: ignore[union-attr]
    page = feng.get(f"/studies/{STUDY}/queries/{number}").content.decode()
    assert "Waits for" in page and asked.roles.label(Role.COORDINATOR, "en") in page
    querying.answer_query(
        by=asked.coordinator, code="C-001", number=number, answer="The chart", at=asked.now
    )
    page = feng.get(f"/studies/{STUDY}/queries/{number}").content.decode()
    assert page.count(asked.monitor.name) >= 2


def test_visits_of_a_week_are_those_that_took_place_or_may(
    world: World, signed_in: Browsers
) -> None:
    code = world.treated()
    browser, first = signed_in("lin"), VisitRecord.objects.filter(actual__isnull=False)
    came = first.order_by("actual")[0]
    assert came.actual is not None
    day = came.actual
    found = rows(browser, f"visits?from={day}&to={day}")
    assert (code, came.visit) in {(row["participant"], row["visit"]) for row in found}
    assert all(
        row["took_place"] == str(day)
        or (row["took_place"] is None and str(row["opens"]) <= str(day) <= str(row["closes"]))
        for row in found
    )
    assert rows(browser, f"visits?to={day - timedelta(days=400)}") == []
    planned = VisitRecord.objects.filter(status="planned", target__isnull=False)
    ahead = planned.order_by("-opens")[0]
    inside = rows(browser, f"visits?from={ahead.closes}&to={ahead.closes}&visit={ahead.visit}")
    assert [row["visit"] for row in inside] == [ahead.visit]


def test_visits_begin_with_the_latest_whose_window_has_opened(
    world: World, signed_in: Browsers
) -> None:
    world.treated()
    found = rows(signed_in("lin"), "visits")
    today = timezone.localdate().isoformat()
    opened = [str(row["took_place"] or row["opens"]) for row in found if str(row["opens"]) <= today]
    ahead = [str(row["opens"]) for row in found if str(row["opens"]) > today]
    assert opened == sorted(opened, reverse=True) and len(opened) > 1
    assert ahead == sorted(ahead)
    assert [str(row["opens"]) for row in found[len(opened) :]] == ahead


def test_the_audit_trail_is_read_by_participant_form_person_and_day(asked: World) -> None:
    by = asked.monitor
    actions = ledger_actions(by, asked=TrailFilter(code="C-001"))
    assert {each.code for each in actions} == {"C-001"}
    assert {"screen", "consent", "save_entry", "raise_query"} <= {e.last.action for e in actions}
    assert {each.code for each in ledger_actions(by)} >= {"C-001", "N-001"}
    on_form = ledger_actions(by, asked=TrailFilter("C-001", "screening", "demographics"))
    assert {each.last.action for each in on_form} == {"save_entry", "raise_query"}
    assert ledger_actions(by, asked=TrailFilter("C-001", "month_1")) == []
    mine = ledger_actions(by, asked=TrailFilter(by=str(by.person_id)))
    assert [each.last.action for each in mine] == ["raise_query"]
    raised = ledger_actions(by, asked=TrailFilter(action="raise_query"))
    assert [each.last.seq for each in raised] == [each.last.seq for each in mine]
    moment = mine[0].last.recorded_at
    after = ledger_actions(by, asked=TrailFilter(begins=moment + timedelta(microseconds=1)))
    assert after == []
    latest = ledger_actions(by, asked=TrailFilter(begins=moment, ends=moment + timedelta(days=1)))
    assert [each.last.action for each in latest] == ["raise_query"]
    first_line = mine[0].lines[0].seq
    assert ledger_action(by, first_line).lines == mine[0].lines


def test_nobody_finds_the_trail_of_a_participant_they_don_t_see(asked: World) -> None:
    there = ledger_actions(asked.monitor, asked=TrailFilter(code="N-001"))
    assert there and {each.code for each in there} == {"N-001"}
    assert ledger_actions(asked.monitor, asked=TrailFilter(code="C-999")) == []


def test_filters_of_the_trail_stay_in_the_address_of_older_actions(
    asked: World, signed_in: Browsers
) -> None:
    page = signed_in("feng").get(f"/studies/{STUDY}/ledger?participant=C-001").content.decode()
    assert 'name="visit"' in page and "raised" in page and ">N-001<" not in page
    for typed in ("C-00", "N-001"):  # not a whole code, and one of a site that Lin doesn't see
        page = signed_in("lin").get(f"/studies/{STUDY}/ledger?participant={typed}").content
        assert f"You see no participant {typed}." in page.decode()
    administrator = signed_in("admin").get(f"/studies/{STUDY}/ledger?participant=C-001")
    assert 'name="participant"' not in administrator.content.decode()
    plain = signed_in("feng").get(f"/studies/{STUDY}/ledger").content.decode()
    assert 'name="visit"' not in plain and ">N-001<" in plain


def test_filters_cost_the_same_whatever_the_rows(world: World, signed_in: Browsers) -> None:
    browser = signed_in("feng")

    def statements(place: str) -> int:
        address = f"/studies/{STUDY}/{place}?participant=C-0&days=30-days&from=2020-01-01"
        browser.get(address)  # what waits today is counted once for each new state of the study
        with CaptureQueriesContext(connection) as told:
            browser.get(address)
        return len(told)

    places = ("queries", "visits", "ledger", "deviations", "adverse-events", "participants")
    for _number in range(4):  # more than a page of the trail, which asks whether there is another
        world.entered()
    before = [statements(place) for place in places]
    for _number in range(3):
        world.entered()
    assert [statements(place) for place in places] == before


def test_a_form_of_which_there_are_several_is_named_with_its_number(
    world: World, signed_in: Browsers
) -> None:
    code = world.treated()
    world.visited(code, "day_0")
    for repeat, hour in ((1, "10:00"), (2, "11:00")):
        entering.save_entry(
            by=world.coordinator, code=code, visit="day_0", form="oximetry", repeat=repeat,
            raw={"read_at": hour, "saturation": "98"}, based_on=0, at=world.now,
        )  # fmt: skip
    here = f"/studies/{STUDY}/forms?status=unsigned&form=oximetry"
    page = signed_in("zhao").get(here).content.decode()
    assert "Oximetry to 4 hours 1<" in page and "Oximetry to 4 hours 2<" in page
