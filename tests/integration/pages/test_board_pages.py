"""The board's pages: a meeting recorded, corrected, read by the blinded, and signed."""

from collections.abc import Callable

from django.test import Client

from tests.integration.conduct.world import STUDY, World
from trialwright.accounts.models import Person
from trialwright.conduct.models import BoardMeeting

HERE = f"/studies/{STUDY}/board"
WHY = "Five reactions, all of them mild"
CLOSED = "Four of the five were given cells into a vein"
SAID = {
    "cut": "first", "present_0": "yes", "present_1": "yes", "conflict_0": "", "conflict_1": "",
    "chair": "0", "recommendation": "stop_arm", "stop_intravenous_haec": "yes", "reason": WHY,
    "minutes": "The open report was read.", "closed_minutes": CLOSED,
}  # fmt: skip
SignedIn = Callable[[str], Client]


def once(page: str) -> str:
    return page.split('name="once" value="')[1].split('"')[0]


def record(browser: Client, world: World, where: str, **other: str) -> str:
    page = browser.get(f"{HERE}/{where}").content.decode()
    day = world.now.date()
    boxes = {"held_on.day": day.day, "held_on.month": day.month, "held_on.year": day.year}
    sent = SAID | boxes | {"once": once(page)} | other
    return browser.post(f"{HERE}/{where}", sent, follow=True).content.decode()


def sign(browser: Client, number: int, password: str) -> tuple[int, str]:
    page = browser.get(f"{HERE}/{number}").content.decode()
    revision = page.split('name="revision" value="')[1].split('"')[0]
    sent = {"revision": revision, "once": once(page), "password": password}
    answer = browser.post(f"{HERE}/{number}", sent, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_meeting_is_recorded_read_and_signed(study: World, signed_in: SignedIn) -> None:
    page = record(signed_in("wei"), study, "new")
    assert WHY in page and CLOSED in page and "Recorded. The chair" in page
    blinded = signed_in("lin").get(f"{HERE}/2").content.decode()
    assert "The trial should go on" in blinded and "The open report was read." in blinded
    for secret in (WHY, CLOSED, "Stop one or more arms", "Restricted", "None declared"):
        assert secret not in blinded
    for name in ("chen", "gao"):
        person = Person.objects.get(username=name)
        person.set_password("a password of the board")
        person.save()
        browser = Client()
        browser.force_login(person)
        assert sign(browser, 2, "wrong")[0] == 403
        status, page = sign(browser, 2, "a password of the board")
        assert status == 200 and "Signed." in page
    meeting = BoardMeeting.objects.get(number=2)
    assert meeting.signed_at is not None
    assert "Signed" in signed_in("lin").get(HERE).content.decode()


def test_what_was_typed_is_kept_when_the_meeting_lacks_its_quorum(
    study: World, signed_in: SignedIn
) -> None:
    page = record(signed_in("wei"), study, "new", present_1="no")
    assert "The protocol asks for 2 members and 1 are named" in page
    assert WHY in page and CLOSED in page
    assert BoardMeeting.objects.count() == 1


def test_a_correction_begins_with_what_was_recorded(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("wei")
    page = browser.get(f"{HERE}/1/correct").content.decode()
    assert "As it is" in page
    record(browser, study, "1/correct", reason="Corrected")
    assert [each.version for each in BoardMeeting.objects.order_by("version")] == [1, 2]
    assert "Corrected" in browser.get(f"{HERE}/1").content.decode()


def test_it_is_due_under_today(study: World, signed_in: SignedIn) -> None:
    assert "Board meetings to sign" in signed_in("gao").get("/today").content.decode()
    assert "Board meetings to sign" not in signed_in("wei").get("/today").content.decode()
