"""Dashboards: what they count, who sees which part, their files, and what they cost."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.integration.conduct.world import STUDY, World
from trialwright.conduct.actions import querying, screening
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import Entry, Query, Study, Value, VisitRecord
from trialwright.conduct.reads import dashboards
from trialwright.conduct.refusals import NotFound
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role

Browsers = Callable[[str], Client]


def rows(browser: Client, name: str, query: str = "") -> list[dict[str, Any]]:
    text = browser.get(f"/studies/{STUDY}/dashboard/{name}.json{query}").content
    return list(json.loads(text)["rows"])


@pytest.fixture
def two_sites(world: World) -> World:
    """One participant entered at C, one only screened at N, and a query of long ago."""
    code = world.entered()
    screening.screen(by=world.person(Role.COORDINATOR, "N"), site="N", at=world.now)
    querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="Is this the age at consent?", at=world.now,
    )  # fmt: skip
    return world


def test_a_form_counts_where_the_visit_took_place_and_not_before(two_sites: World) -> None:
    found = dashboards.completeness(two_sites.monitor)
    assert found.cells["demographics", "screening"] == (1, 1)
    # The visit is done and this form of it is not; that of a visit not yet done isn't asked.
    assert found.cells["blood_count", "screening"] == (0, 1)
    assert not any(visit == "month_1" for _form, visit in found.cells)
    restricted = {form.key for form in demonstration().forms if form.unmasking}
    assert restricted and restricted.isdisjoint(form for form, _visit in found.cells)


def test_an_incomplete_form_does_not_count_as_complete(two_sites: World) -> None:
    entry = Entry.objects.get(form="demographics")
    Entry.objects.filter(pk=entry.pk).update(status="incomplete")
    assert dashboards.completeness(two_sites.monitor).cells["demographics", "screening"] == (0, 1)


@pytest.mark.parametrize(
    ("days", "place"),
    [(0, 0), (7, 0), (8, 1), (14, 1), (15, 2), (30, 2), (31, 3), (60, 3), (61, 4), (900, 4)],
)
def test_each_age_of_a_query_is_in_one_class(two_sites: World, days: int, place: int) -> None:
    opened = timezone.now() - timedelta(days=days, minutes=1)
    Query.objects.update(opened_at=opened)
    here, there = dashboards.query_ages(two_sites.monitor)
    assert (here.site, there.site) == ("C", "N")
    assert [at for at, count in enumerate(here.open) if count] == [place]
    assert not any(there.open)


def test_sites_are_counted_apart_and_one_site_sees_only_itself(
    two_sites: World, signed_in: Browsers
) -> None:
    lines = {each.site: each for each in dashboards.site_comparison(two_sites.monitor)}
    assert (lines["C"].screened, lines["N"].screened) == (1, 1)
    assert (lines["C"].queries, lines["N"].queries) == (1, 0)
    assert lines["C"].expected > lines["C"].complete > 0 and lines["N"].expected == 0
    for name in ("enrolment", "queries", "sites"):
        assert {row["site"] for row in rows(signed_in("feng"), name)} == {"C", "N"}
        assert {row["site"] for row in rows(signed_in("he"), name)} == {"N"}
    assert rows(signed_in("he"), "completeness") == []


def test_the_plan_is_shared_among_the_sites_that_were_opened(
    two_sites: World, signed_in: Browsers
) -> None:
    target = demonstration().participants
    shares = [row["equal_part_of_plan"] for row in rows(signed_in("feng"), "enrolment")]
    # The plan of the tests' study has long ended, so all should be there.
    assert shares == [target / 2, target / 2]


def test_values_are_pooled_for_blinded_people_and_by_arm_for_others(
    world: World, signed_in: Browsers
) -> None:
    code = world.treated()
    statistician = world.person(Role.BOARD_STATISTICIAN)
    pooled = dashboards.course(world.monitor, "chemistry", "alt")
    assert [key for key, _rows in pooled.groups] == [""]
    assert pooled.groups[0][1][0][0] == 18.0
    by_arm = dashboards.course(statistician, "chemistry", "alt", by_arm=True)
    (row,) = (r for r, _n in allocation_list.arms_of_all(Study.objects.get(identifier=STUDY)))
    number = allocation_list.arm_of(row)
    assert row.code == code
    assert [key for key, _r in by_arm.groups] == [
        arm.key for arm in demonstration().arms if arm.number == number
    ]
    with pytest.raises(NotFound):
        dashboards.course(world.monitor, "chemistry", "alt", by_arm=True)
    asked = "?item=chemistry.alt&groups=arm"
    blinded, unblinded = signed_in("feng"), signed_in("wei")
    assert {row["group"] for row in rows(blinded, "item", asked)} == {"All participants"}
    arm = next(a for a in demonstration().arms if a.number == number).label.in_language("en")
    assert {row["group"] for row in rows(unblinded, "item", asked)} == {arm}
    page = unblinded.get(f"/studies/{STUDY}/dashboard{asked}").content.decode()
    assert "Restricted: only unblinded people see this" in page
    page = blinded.get(f"/studies/{STUDY}/dashboard{asked}").content.decode()
    assert "Restricted" not in page and "By arm" not in page and arm not in page


def test_no_restricted_or_repeating_item_can_be_asked_for(world: World) -> None:
    protocol = demonstration()
    offered = {(form.key, item.key) for form, item in dashboards.measured(protocol)}
    hidden = [
        (form, item) for form in protocol.forms if form.unmasking or form.repeating
        for item in form.items
    ]  # fmt: skip
    assert offered and hidden
    assert offered.isdisjoint((form.key, item.key) for form, item in hidden)
    board = world.person(Role.BOARD_STATISTICIAN)
    with pytest.raises(NotFound):
        dashboards.course(board, hidden[0][0].key, hidden[0][1].key, by_arm=True)


def test_a_value_beyond_a_limit_is_told_and_not_drawn(two_sites: World) -> None:
    before = dashboards.course(two_sites.monitor, "chemistry", "alt")
    Value.objects.filter(entry__form="chemistry", item="alt").update(text="<5")
    found = dashboards.course(two_sites.monitor, "chemistry", "alt")
    assert (before.beyond, found.beyond) == (0, 1)
    assert before.groups and not found.groups


def test_the_files_hold_the_table_and_carry_the_mark_of_a_demonstration(
    two_sites: World, signed_in: Browsers
) -> None:
    browser = signed_in("feng")
    for name in ("enrolment", "completeness", "queries", "item", "sites"):
        query = "?item=chemistry.alt"
        address = f"/studies/{STUDY}/dashboard/{name}.csv{query}"
        text = browser.get(address).content.decode("utf-8-sig")
        first, *others = csv.reader(io.StringIO(text))
        assert first[:2] == ["study", "demonstration"]
        assert len(others) == len(rows(browser, name, query)) > 0


def test_a_study_without_participants_says_so(world: World, signed_in: Browsers) -> None:
    page = signed_in("feng").get(f"/studies/{STUDY}/dashboard").content.decode()
    assert "No visit has taken place yet." in page and "No query is open." in page
    assert "No value has been entered yet." in page


def test_more_participants_cost_no_more_statements(two_sites: World, signed_in: Browsers) -> None:
    browser = signed_in("wei")
    address = f"/studies/{STUDY}/dashboard?item=chemistry.alt&groups=arm"
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert browser.get(address).status_code == 200
    for _each in range(4):
        two_sites.randomised()
        two_sites.later(days=7)
    assert VisitRecord.objects.filter(visit="screening", status="done").count() == 5
    browser.get(address)
    with CaptureQueriesContext(connection) as many:
        browser.get(address)
    assert len(many) <= len(few), (len(few), len(many))
