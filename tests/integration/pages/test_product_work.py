"""What waits of products and events on Today, and the forms on which people do it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.integration.conduct.product_trial import Cells
from tests.integration.pages.test_product_pages import (
    HERE,
    PASSWORD,
    PLACE,
    browser,
    day,
    send,
)
from trialwright.conduct.actions.adverse_events import (
    Report,
    judge_event,
    nullify_event,
    record_event,
)
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.models import (
    BedsideCheck,
    Container,
    Lot,
    ProductResult,
    StepRecord,
)
from trialwright.conduct.models.adverse_events import About, Judge
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.products.moves import moves_of
from trialwright.custody.codes import wristband_of
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus
from trialwright.safety.seriousness import SeriousCriterion


@pytest.fixture
def cells(db: None) -> Iterator[Cells]:
    cells = Cells()
    cells.trial.now = timezone.now()
    yield cells


def matter(name: str, heading: str) -> str:
    """What stands on somebody's Today under a heading, "" where it isn't there."""
    page = browser(name).get("/today").content.decode()
    found = re.search(rf"{heading}</h2>.*?(?=<h2|</main>)", page, re.S)
    return found[0] if found else ""


def test_a_lot_that_can_be_decided_stands_under_today_of_who_decides(cells: Cells) -> None:
    lot = cells.lot(viability="-")
    assert not matter("qualified", "Lots to decide"), "the laboratory hasn't done its tests"
    cells.result("viability", "92", lot=lot)
    told = matter("qualified", "Lots to decide")
    assert f"{lot} · Cells" in told and f"{PLACE}/lots/{lot}/decide" in told
    assert "Nothing stands against its release" in told
    assert not matter("laboratory", "Lots to decide")
    assert not matter("investigator", "Lots to decide")
    cells.decide(lot, LotStatus.RELEASED)
    assert not matter("qualified", "Lots to decide")

    early = cells.lot(sterility="-")
    assert "Sterility is missing" in matter("qualified", "Lots to decide")
    cells.decide(early, LotStatus.CONDITIONAL, leaves_open=["sterility"])
    assert not matter("qualified", "Lots to decide"), "the test that is open isn't there yet"
    cells.result("sterility", "yes", lot=early)
    assert early in matter("qualified", "Lots to decide")
    cells.decide(early, LotStatus.RELEASED)

    bad = cells.lot(viability="40")
    assert "Viability is not passed" in matter("qualified", "Lots to decide")
    cells.decide(bad, LotStatus.FAILED, reason="Too few cells live")
    over = cells.lot()
    Lot.objects.filter(code=over).update(expires_at=timezone.now() - timedelta(days=1))
    assert not matter("qualified", "Lots to decide")


def test_today_asks_the_same_statements_of_one_lot_and_of_many(cells: Cells) -> None:
    def statements() -> int:
        client = browser("qualified")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/today").status_code == 200
        return len(asked)

    cells.lot()
    few = statements()
    for _each in range(4):
        cells.lot()
    assert statements() == few


def test_containers_under_way_are_received_together(cells: Cells) -> None:
    lot = cells.released()
    codes = cells.labelled(lot, 4)
    assert not matter("pharmacist", "Containers to receive")
    page = browser("laboratory").get(f"{PLACE}/lots/{lot}").content.decode()
    assert f"{PLACE}/lots/{lot}/send" in page
    sending = f"{PLACE}/lots/{lot}/send"
    three = {f"ticks.{code}": "yes" for code in codes[:3]}
    assert "Tick at least one." in send(browser("laboratory"), sending, 409, site="C")
    page = send(browser("laboratory"), sending, 409, site="C", temperature="cold", **three)
    assert "Enter the temperature" in page and page.count(" checked") == 4, "three and the site"
    send(browser("laboratory"), sending, site="C", temperature="-152", **three)
    assert [cells.status(code) for code in codes] == ["sent"] * 3 + ["stock"]

    told = matter("pharmacist", "Containers to receive")
    assert "Site C · 3 containers" in told and "Under way" in told
    receiving = f"{PLACE}/receive/C"
    assert receiving in told
    assert not matter("laboratory", "Containers to receive")
    one = {f"ticks.{codes[0]}": "yes"}
    send(browser("pharmacist"), receiving, place="Freezer 2", temperature="-149", **one)
    both = {"ticks.all": "yes", "ticks.shown": " ".join(codes[1:3])}
    send(browser("pharmacist"), receiving, place="Freezer 3", **both)
    rows = {row.code: row for row in Container.objects.all()}
    assert [rows[code].place for code in codes] == ["Freezer 2", "Freezer 3", "Freezer 3", "Tank 1"]
    for code in codes[:3]:
        labelled, sent, came = moves_of(rows[code])
        assert sent.status is ContainerStatus.SENT and sent.temperature == "-152"
        assert came.status is ContainerStatus.STOCK and sent.person != came.person
        assert came.site == "C" and labelled.site == ""
    assert not matter("pharmacist", "Containers to receive")
    page = browser("pharmacist").get(receiving).content.decode()
    assert "No container is under way to this site" in page
    assert browser("pharmacist").get(f"{PLACE}/receive/X").status_code == 404
    assert browser("laboratory").get(receiving).status_code == 404


def test_of_several_containers_all_move_or_none(cells: Cells) -> None:
    codes = cells.at_site(cells.released(), 2) + cells.labelled(cells.released(), 1)
    shown = {"ticks.all": "yes", "ticks.shown": " ".join(codes)}
    lot = Container.objects.get(code=codes[2]).lot.code
    cells.move(codes[0], ContainerStatus.THAWED)
    page = send(browser("laboratory"), f"{PLACE}/lots/{lot}/send", 409, site="C", **shown)
    assert f"{codes[0]}: This can&#x27;t follow" in page
    assert codes[1] not in re.findall(r"(\S+): This can", page)
    assert [cells.status(code) for code in codes] == ["thawed", "stock", "stock"]


def test_a_cause_waits_for_each_judge_until_they_have_said_something(cells: Cells) -> None:
    code = cells.of_arm("cells")
    by = cells.by("coordinator")
    number = record_event(by=by, code=code, report=Report("Fever", 2), at=cells.trial.now)
    grave = Report("Chills", 3, criteria={SeriousCriterion.HOSPITALISATION})
    serious = record_event(by=by, code=code, report=grave, at=cells.trial.now)
    none = record_event(by=by, code=code, report=Report("Cough", 1), at=cells.trial.now)
    nullify_event(
        by=cells.by("investigator"), code=code, number=none, reason="Another's", at=cells.trial.now
    )
    told = matter("investigator", "Causes to judge")
    for each in (number, serious):
        assert f"{HERE}/adverse-events/{each}/cause" in told
    assert f"adverse-events/{none}/cause" not in told
    assert not matter("coordinator", "Causes to judge")
    listed = browser("investigator").get(f"{HERE}/adverse-events?cause=open").content.decode()
    assert "2 events" in listed
    for each in (number, serious):
        judge_event(
            by=cells.by("investigator"), code=code, number=each, judge=Judge.INVESTIGATOR,
            about=About.TREATMENT, related=False, at=cells.trial.now,
        )  # fmt: skip
    assert not matter("investigator", "Causes to judge")


def typed(cells: Cells, code: str, container: str) -> dict[str, str]:
    return {
        "wristband": wristband_of("C-999"), "hospital_number": f"H-{code}", "container": container,
        "amount": "99.5", "unit": "10⁶", "minutes": "17", "password": PASSWORD,
        "second": str(cells.by("doctor").person_id),
    }  # fmt: skip


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_a_refused_check_keeps_what_was_typed_but_for_the_scans(cells: Cells) -> None:
    container, code = cells.thawed(cells.released()), cells.of_arm("cells")
    bedside = f"{HERE}/participants/{code}/bedside/infuse/day_1"
    client = browser("pharmacist")
    now = timezone.localtime()
    when = day("happened_on") | {"happened_at": f"{now:%H:%M}"}
    page = send(client, bedside, **typed(cells, code, container) | when)
    assert "near miss" in page and "Scan wristband, hospital number and container anew" in page
    assert [value(page, each) for each in ("amount", "unit", "minutes")] == ["99.5", "10⁶", "17"]
    assert value(page, "happened_at") == f"{now:%H:%M}"
    assert value(page, "happened_on.day") == str(now.day)
    second = cells.by("doctor").person_id
    assert re.search(rf'name="second" value="{second}" checked', page)
    for scanned in ("wristband", "hospital_number", "container", "password"):
        assert not re.search(rf'name="{scanned}"[^>]* value="[^"]+"', page), scanned
    # It was kept for this once and for whoever typed it.
    page = client.get(f"{bedside}?refused=yes").content.decode()
    assert value(page, "minutes") == ""
    assert BedsideCheck.objects.count() == 1


def test_the_dose_of_a_handler_begins_at_the_bedside(cells: Cells) -> None:
    container = cells.thawed(cells.released())
    code, other = cells.of_arm("cells"), cells.of_arm("water")
    step = f"/participants/{code}/steps/infuse/day_1"
    bedside = f"{HERE}/participants/{code}/bedside/infuse/day_1"
    assert f"{HERE}{step}" in matter("pharmacist", "Actions due")
    answer = browser("pharmacist").get(f"{HERE}{step}")
    assert (answer.status_code, answer["Location"]) == (302, bedside)
    page = browser("pharmacist").get(bedside).content.decode()
    assert f"{HERE}{step}?record=yes" in page and "Record that it was not given" in page
    assert browser("pharmacist").get(f"{HERE}{step}?record=yes").status_code == 200
    # Who only infuses records; who is given no container has none to check.
    assert browser("doctor").get(f"{HERE}{step}").status_code == 200
    elsewhere = f"{HERE}/participants/{other}/steps/infuse/day_1"
    assert browser("pharmacist").get(elsewhere).status_code == 200
    assert cells.give(container, code) == ()
    assert browser("pharmacist").get(f"{HERE}{step}").status_code == 200
    cells.trial.taking("pharmacist", code, "infuse", "day_1", StepReport(StepStatus.DONE))()
    assert StepRecord.objects.count() == 1


def test_results_are_chosen_in_words(cells: Cells) -> None:
    lot = cells.lot(viability="-", sterility="-")
    there = f"{PLACE}/lots/{lot}/result"
    client = browser("laboratory")
    page = client.get(f"{there}?test=sterility").content.decode()
    assert 'name="result_sterility" value="yes"' in page and "Indeterminate" in page
    assert "yes / no" not in page

    def latest() -> tuple[str, str]:
        row = ProductResult.objects.order_by("-number").first()
        assert row is not None
        return row.test, row.result

    page = send(client, there, test="sterility", result_sterility="-", **day("on"))
    assert latest() == ("sterility", "") and "Indeterminate" in page
    page = send(client, there, test="sterility", result_sterility="yes", **day("on"))
    assert latest() == ("sterility", "yes") and ">Yes<" in page
    page = send(client, there, 409, test="viability", **day("on"))
    assert "Enter the result, or say that it was indeterminate." in page
    both = {"result_viability": "92", "indeterminate": "yes"}
    assert "has no value" in send(client, there, 409, test="viability", **both, **day("on"))
    send(client, there, test="viability", indeterminate="yes", **day("on"))
    assert latest() == ("viability", "")
    page = send(client, there, test="viability", result_viability="92,5", **day("on"))
    assert latest() == ("viability", "92.5") and "92.5 %" in page
    assert "Sterility" in send(client, there, 409, test="sterility", **day("on"))
    donor = cells.donor()
    send(client, f"{PLACE}/donors/{donor}/result", result_hiv="no", test="hiv", **day("on"))
    assert latest() == ("hiv", "no")


def test_the_last_day_of_use_is_a_date(cells: Cells) -> None:
    donor = cells.donor()
    client, there = browser("laboratory"), f"{PLACE}/lots/new"
    given = {"supplier": "Maker", "donors": donor, "bag": "BAG-7", **day("donated_on")}
    year = timezone.localdate().year + 2
    bad = {"expires_on.day": "31", "expires_on.month": "2", "expires_on.year": str(year)}
    page = send(client, there, 409, **given, **bad)
    assert value(page, "expires_on.month") == "2"
    past = {"expires_on.day": "1", "expires_on.month": "1", "expires_on.year": "2020"}
    assert "The lot has expired" in send(client, there, 409, **given, **past)
    good = bad | {"expires_on.day": "28", "expires_on.month": "Feb"}
    send(client, there, **given, **good)
    expires = timezone.localtime(Lot.objects.latest("registered_at").expires_at)
    assert expires.date().isoformat() == f"{year}-02-28"


def test_a_table_without_rows_keeps_its_caption(cells: Cells) -> None:
    donor = cells.donor()
    page = browser("laboratory").get(f"{PLACE}/donors/{donor}").content.decode()
    assert "Lots that the donor gave for" in page and "None yet." in page
