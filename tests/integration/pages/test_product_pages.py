"""The pages of products: who finds them, a way from donor to bedside and back by their forms."""

import re
from collections.abc import Iterator
from difflib import unified_diff
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.conduct.product_trial import STUDY, Cells
from trialwright.accounts.models import Person
from trialwright.conduct.models import Container, Donor, Lot, ProductNotice
from trialwright.custody.codes import wristband_of
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus

HERE = f"/studies/{STUDY}"
PLACE = f"{HERE}/products"
PASSWORD = "a long enough one"


@pytest.fixture
def cells(db: None) -> Iterator[Cells]:
    cells = Cells()
    cells.trial.now = timezone.now()
    yield cells


def browser(name: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(username=f"{name}.{STUDY}".lower()))
    return client


def send(client: Client, place: str, expected: int = 302, /, **given: str) -> str:
    """Send a page as it was shown, and return what it led to, as text."""
    page = client.get(place)
    assert page.status_code == 200, place
    text = page.content.decode()
    sent = dict(re.findall(r'name="(once|revision)" value="([^"]*)"', text))
    answer = client.post(urlsplit(place).path, sent | given)
    assert answer.status_code == expected, answer.content.decode()[-3000:]
    return client.get(answer["Location"]).content.decode() if expected == 302 else (
        answer.content.decode()
    )  # fmt: skip


def day(name: str) -> dict[str, str]:
    today = timezone.localdate()
    return {f"{name}.{part}": str(getattr(today, part)) for part in ("day", "month", "year")}


def test_from_the_donor_to_the_bedside_and_back_to_the_call(cells: Cells) -> None:
    laboratory, qualified, pharmacist = map(browser, ("laboratory", "qualified", "pharmacist"))
    assert "The donor has a code" in send(laboratory, f"{PLACE}/donors/new", product="cells")
    donor = Donor.objects.get().code
    send(laboratory, f"{PLACE}/donors/{donor}/result", test="hiv", result_hiv="no", **day("on"))
    ahead = timezone.localdate().year + 4
    page = send(
        laboratory, f"{PLACE}/lots/new", supplier="Maker", donors=donor, bag="BAG-7",
        **day("donated_on"), **day("expires_on") | {"expires_on.year": str(ahead)},
    )  # fmt: skip
    lot = Lot.objects.get().code
    assert "in quarantine" in page and donor in page and "BAG-7" in page
    send(
        laboratory,
        f"{PLACE}/lots/{lot}/result",
        test="viability",
        result_viability="92",
        **day("on"),
    )
    decide = f"{PLACE}/lots/{lot}/decide"
    refused = send(qualified, decide, 409, status="released", password=PASSWORD)
    assert "Sterility is missing or indeterminate" in refused
    send(qualified, decide, 403, status="released", password="not this one at all")
    done = {"status": "conditional", "open_sterility": "yes", "password": PASSWORD}
    assert "Conditionally released" in send(qualified, decide, **done)
    send(laboratory, f"{PLACE}/lots/{lot}/containers", number="2", place="Tank 1")
    first, second = Container.objects.order_by("code").values_list("code", flat=True)
    for code in (first, second):
        there = f"{PLACE}/containers/{code}/move"
        send(laboratory, there, status="sent", site="C", temperature="-150")
        send(pharmacist, there, status="stock", place="Freezer 2", temperature="-149")
    assert "Freezer 2" in send(pharmacist, f"{PLACE}/containers/{first}/move", status="thawed")
    code = cells.of_arm("cells")
    bedside = f"{HERE}/participants/{code}/bedside/infuse/day_1"
    scan = {
        "wristband": wristband_of("C-999"), "hospital_number": f"H-{code}", "container": first,
        "amount": "100", "unit": "10⁶", "minutes": "20", "password": PASSWORD,
        "second": str(cells.by("doctor").person_id),
    }  # fmt: skip
    assert "own password" in send(pharmacist, bedside, 409, **scan | {"password": ""})
    page = send(pharmacist, bedside, **scan)
    assert "The wristband isn&#x27;t this participant" in page and "near miss" in page
    assert "It may be given" not in page
    assert "The wristband isn" in pharmacist.get(PLACE).content.decode()
    page = send(pharmacist, bedside, **scan | {"wristband": wristband_of(code)})
    assert "It may be given" in page
    assert Container.objects.get(code=first).status == ContainerStatus.GIVEN
    send(
        laboratory,
        f"{PLACE}/lots/{lot}/result",
        test="sterility",
        result_sterility="no",
        **day("on"),
    )
    assert Lot.objects.get().status == LotStatus.FAILED
    office, investigator = browser("safety_office"), browser("investigator")
    for asked in (donor, lot, first, code):
        page = office.get(f"{PLACE}/trace?code={asked}").content.decode()
        assert code in page and first in page and "Not yet" in page, asked
    page = office.get(f"{PLACE}/trace?code=T0000").content.decode()
    assert "Nothing has the code T0000" in page
    today = investigator.get("/today").content.decode()
    assert f"Call {code}: product information" in today
    assert lot not in today and donor not in today and "Cells" not in today
    notice = ProductNotice.objects.get(participant__code=code)
    there = f"{HERE}/participants/{code}/product-information/{notice.number}"
    send(investigator, there)
    now = timezone.localtime()
    send(investigator, there, time=f"{now:%H:%M}", **day("on"))
    notice.refresh_from_db()
    assert notice.confirmed_at is not None and notice.called_at is not None


def test_a_count_shows_what_is_missing(cells: Cells) -> None:
    codes = cells.at_site(cells.released(), 2)
    page = send(browser("pharmacist"), f"{PLACE}/count", 200, site="C", seen=codes[0])
    assert codes[1] in page and "Freezer 2" in page and "pharmacist" in page
    page = send(browser("pharmacist"), f"{PLACE}/count", site="C", seen=" ".join(codes))
    assert "The count is recorded" in page


def test_labels_are_alike_and_say_nothing_of_what_is_in_them(cells: Cells) -> None:
    lots = [cells.released() for _ in range(2)]
    files = []
    for lot in lots:
        cells.labelled(lot)
        answer = browser("laboratory").get(f"{PLACE}/lots/{lot}/labels.pdf")
        assert answer["Content-Type"] == "application/pdf"
        files.append((answer["Content-Disposition"], answer.content))
    assert files[0][0] == files[1][0] == f'inline; filename="{STUDY}-labels.pdf"'
    for _name, content in files:
        assert b"Cells" not in content and re.findall(rb"/MediaBox ?\[[^]]*\]", content)
        assert not any(lot.encode() in content for lot in lots)
    sizes = [re.findall(rb"/MediaBox ?\[[^]]*\]", content) for _name, content in files]
    assert sizes[0] == sizes[1]
    code = cells.of_arm("water")
    band = browser("nurse").get(f"{HERE}/participants/{code}/wristband.pdf")
    assert band.status_code == 200 and code not in band["Content-Disposition"]


def test_who_has_nothing_to_do_with_products_finds_none(cells: Cells) -> None:
    donor = cells.donor()
    lot = cells.released(donor)
    (container,) = cells.at_site(lot)
    more = cells.released()
    cells.labelled(more)
    code = cells.of_arm("cells")
    places = {
        "": {"laboratory", "qualified", "pharmacist", "safety_office"},
        ".csv": {"laboratory", "qualified", "pharmacist", "safety_office"},
        "/trace": {"laboratory", "qualified", "pharmacist", "safety_office"},
        "/count": {"laboratory", "pharmacist"},
        "/lots/new": {"laboratory"},
        "/donors/new": {"laboratory"},
        f"/lots/{lot}": {"laboratory", "qualified", "pharmacist", "safety_office"},
        f"/lots/{lot}/result": {"laboratory"},
        f"/lots/{lot}/containers": {"laboratory"},
        f"/lots/{more}/send": {"laboratory"},
        "/receive/C": {"pharmacist"},
        f"/lots/{lot}/decide": {"laboratory", "qualified", "safety_office"},
        f"/lots/{lot}/labels.pdf": {"laboratory", "qualified", "pharmacist", "safety_office"},
        f"/donors/{donor}": {"laboratory", "qualified", "pharmacist", "safety_office"},
        f"/donors/{donor}/result": {"laboratory"},
        f"/donors/{donor}/exclude": {"laboratory", "qualified", "safety_office"},
        f"/containers/{container}": {"laboratory", "qualified", "pharmacist", "safety_office"},
        f"/containers/{container}/move": {"laboratory", "pharmacist"},
    }
    people = ("laboratory", "qualified", "pharmacist", "safety_office", "doctor", "nurse",
              "investigator", "coordinator", "statistician", "administrator")  # fmt: skip
    for name in people:
        client = browser(name)
        for place, sees in places.items():
            expected = 200 if name in sees else 404
            assert client.get(f"{PLACE}{place}").status_code == expected, (name, place)
        bedside = client.get(f"{HERE}/participants/{code}/bedside/infuse/day_1").status_code
        assert bedside == (200 if name == "pharmacist" else 404), name
        links = f'href="{PLACE}"' in client.get(HERE).content.decode()
        assert links is (name in places[""]), name


def test_blinded_pages_of_two_participants_alike_but_for_the_arm_are_equal(cells: Cells) -> None:
    """One is given cells from a container, the other water; the blinded see the same of both."""
    lot = cells.released()
    codes = [cells.of_arm(arm) for arm in ("cells", "water")]
    assert cells.give(cells.thawed(lot), codes[0]) == ()
    pages: dict[str, set[str]] = {}
    for code in codes:
        cells.infuse(code)
    for name in ("nurse", "investigator", "coordinator"):
        for code in codes:
            page = browser(name).get(f"{HERE}/participants/{code}").content.decode()
            page = re.sub(r'(csrfmiddlewaretoken|whose|once)" value="[^"]*"', "", page)
            found = re.sub(r"C-\d\d\d|\d\d:\d\d", "", page)
            pages.setdefault(name, set()).add(found)
    for name, found in pages.items():
        one, *others = sorted(found)
        changed = [line for each in others for line in unified_diff(one.split(), each.split())]
        assert changed == [], name
