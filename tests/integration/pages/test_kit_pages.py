"""The pages of kits: who sees what, and a kit's way from the list to its return, by their forms."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from tests.integration.conduct import test_kit_strengths as in_strengths
from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.test_kits import FILE, STUDY, kits
from trialwright.accounts.models import Person
from trialwright.conduct.clock import day_of, installation_zone
from trialwright.conduct.kits.stock import product_of
from trialwright.conduct.models import Kit, KitStatus

PLACE = f"/studies/{STUDY}/kits"


@pytest.fixture
def trial(db: None) -> Iterator[Trial]:
    trial = begin(FILE)
    trial.now = timezone.now()
    yield trial


def browser(name: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(username=f"{name}.{STUDY}".lower()))
    return client


def send(client: Client, place: str, **given: str) -> str:
    """Send a page as it was shown, and return what it led to, as text."""
    page = client.get(place)
    assert page.status_code == 200, place
    once = re.findall(r'name="once" value="([^"]*)"', page.content.decode())[0]
    sent = client.post(place, given | {"once": once})
    if sent.status_code == 302:
        return client.get(sent["Location"]).content.decode()
    assert sent.status_code == 409
    return sent.content.decode()


def test_a_kit_goes_from_the_list_to_its_return(trial: Trial) -> None:
    supplies, coordinator, nurse = map(browser, ("supplies", "coordinator", "nurse"))
    text = "\n".join(f"{kit.number},{kit.product}" for kit in kits())
    assert "2 is none of a list" in send(supplies, f"{PLACE}/new", kits=f"K1,cream\n?{text[:3]}")
    assert "The kits are listed" in send(supplies, f"{PLACE}/new", kits=text)
    page = supplies.get(PLACE).content.decode()
    assert "Cream" in page and "Restricted: only unblinded people see this" in page
    assert coordinator.get(f"{PLACE}/receive").status_code == 404, "nothing is under way"
    page = send(supplies, f"{PLACE}/send", site="C", cream="3", base="0")
    assert "kits of each product" in page
    assert "under way" in send(supplies, f"{PLACE}/send", site="C", cream="3", base="3")
    today = coordinator.get("/today").content.decode()
    assert "Shipments to confirm" in today and "Site C · 6 kits" in today
    assert "Shipments to confirm" not in nurse.get("/today").content.decode()
    coming = coordinator.get(f"{PLACE}/receive").content.decode()
    numbers = sorted(Kit.objects.filter(status="sent").values_list("number", flat=True))
    assert all(number in coming for number in numbers) and "Cream" not in coming
    page = send(coordinator, f"{PLACE}/receive", site="C", numbers=numbers[0], reason="Broken")
    assert "The kits are in stock" in page and "Broken" in page
    assert "Shipments to confirm" not in coordinator.get("/today").content.decode()
    for key in ("cream", "base"):
        assert any(product_of(k) == key for k in Kit.objects.filter(status="stock"))
    code = trial.randomised()
    here = f"/studies/{STUDY}/participants/{code}"
    page = send(nurse, f"{here}/steps/dispense/day_1", status="done")
    kit = Kit.objects.exclude(step=None).get()
    assert f"Kit {kit.number}" in page and "number of the kit" in page
    assert f"{here}/kits/{kit.number}/replace" in page
    assert f"{here}/kits/{kit.number}/return" not in page, "a nurse takes none back"
    assert nurse.get(f"{here}/kits/{kit.number}/return").status_code == 404
    page = send(nurse, f"{here}/kits/{kit.number}/replace", reason="Dropped")
    other = Kit.objects.get(status=KitStatus.DISPENSED.value)
    assert f"Kit {other.number}" in page and "Dropped" in page
    assert nurse.get(f"{here}/kits/{kit.number}/replace").status_code == 404, "replaced already"
    today = day_of(timezone.now(), installation_zone())
    day = {f"on.{part}": str(getattr(today, part)) for part in ("day", "month", "year")}
    place = f"{here}/kits/{other.number}/return"
    assert "90" in send(coordinator, place, **day, unused="91")
    page = send(coordinator, place, **day, unused="12")
    assert "The return is recorded" in page and "12 g unused" in page
    page = send(supplies, f"{PLACE}/set-aside", numbers=f"{numbers[1]}, nope", reason="Recalled")
    assert "NOPE" in page
    assert "Restricted" not in coordinator.get(PLACE).content.decode()
    listed = coordinator.get(f"{PLACE}.csv").content.decode()
    row = next(line for line in listed.splitlines() if f",{other.number}," in line)
    assert code in row and "returned" in row and "cream" not in listed and "base" not in listed
    told = supplies.get(f"{PLACE}.json").json()["rows"]
    assert {each["product"] for each in told} == {"cream", "base"}
    assert not any(each["participant"] for each in told)


def test_who_has_nothing_to_do_with_kits_finds_none(trial: Trial) -> None:
    places = ("", ".csv", ".json", "/new", "/send", "/receive", "/set-aside")
    sees = {
        "supplies": {"", ".csv", ".json", "/new", "/send", "/set-aside"},
        "coordinator": {"", ".csv", ".json", "/set-aside"},
        "nurse": {"", ".csv", ".json"},
        "investigator": {"", ".csv", ".json"},
        "statistician": {"", ".csv", ".json"},
        "pharmacist": {"", ".csv", ".json"},
        "administrator": set(),
    }
    for name, found in sees.items():
        client = browser(name)
        for place in places:
            status = 200 if place in found else 404
            assert client.get(f"{PLACE}{place}").status_code == status, (name, place)
            assert place in found or client.post(f"{PLACE}{place}").status_code == 404
    links = {name: f'href="{PLACE}"' in browser(name).get(f"/studies/{STUDY}").content.decode()
             for name in sees}  # fmt: skip
    assert links == {name: bool(found) for name, found in sees.items()}


def test_blinded_people_see_the_same_whichever_arm_it_is(trial: Trial) -> None:
    """Participants alike but for their arm: equal pages but for code, number and what is random."""
    supplies, coordinator = browser("supplies"), browser("coordinator")
    send(supplies, f"{PLACE}/new", kits="\n".join(f"{k.number},{k.product}" for k in kits()))
    send(supplies, f"{PLACE}/send", site="C", cream="4", base="4")
    send(coordinator, f"{PLACE}/receive", site="C")
    nurse, pages, arms = browser("nurse"), set(), set()
    for _ in range(4):
        code = trial.randomised()
        place = f"/studies/{STUDY}/participants/{code}"
        page = send(nurse, f"{place}/steps/dispense/day_1", status="done")
        kit = Kit.objects.get(step__participant__code=code)
        arms.add(product_of(kit))
        page = page.replace(code, "CODE").replace(kit.number, "NUMBER")
        page = re.sub(r'(csrfmiddlewaretoken|whose|once)" value="[^"]*"', "", page)
        pages.add(re.sub(r"\d\d:\d\d", "TIME", page))
    assert arms == {"cream", "base"}
    assert len(pages) == 1


def test_a_strength_is_chosen_on_the_page_and_seen_by_everybody(db: None) -> None:
    trial = begin(in_strengths.FILE)
    trial.now = timezone.now()
    supplies, coordinator, nurse = map(browser, ("supplies", "coordinator", "nurse"))
    place = f"{PLACE}/new"
    lines = [f"{k.number},{k.product},{k.strength}" for k in in_strengths.kits()]
    assert "strengths: mild, strong" in supplies.get(place).content.decode()
    assert "strength&#x27;s key" in send(supplies, place, kits="K1")
    assert "The kits are listed" in send(supplies, place, kits="\n".join(lines))
    for strength in ("mild", "strong"):
        given = {"site": "C", "cream": "3", "base": "3"}
        page = send(supplies, f"{PLACE}/send", **given, strength=strength)
        assert "under way" in page and "5 percent" in page
    send(coordinator, f"{PLACE}/receive", site="C")
    seen = coordinator.get(PLACE).content.decode()
    assert "1 percent" in seen and "5 percent" in seen and "Cream" not in seen
    here = f"/studies/{STUDY}/participants/{trial.randomised()}"
    step = f"{here}/steps/dispense/day_1"
    page = send(nurse, step, status="done", strength="strong")
    kit = Kit.objects.exclude(step=None).get()
    assert kit.strength == "strong" and f"Kit {kit.number}" in page and "5 percent" in page
    told = nurse.get(f"{PLACE}.json").json()["rows"]
    assert {each["strength"] for each in told} == {"mild", "strong"}
    assert not any(each["product"] for each in told)
