"""The pages of appointments and the calendar, without scripts, and the file of one's own link."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.integration.conduct.test_arm_visits import OPEN
from tests.integration.conduct.world import STUDY, ZONE, World
from trialwright.accounts.models import Site
from trialwright.conduct.actions import appointments
from trialwright.conduct.models import Appointment, AppointmentReminder, VisitRecord
from trialwright.conduct.reads.appointments import (
    AppointmentLine,
    AppointmentStatus,
    Feed,
    appointments_waiting,
)
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.loader import parse_file
from trialwright.web.clinical.appointment_words import events_of

HOME = f"/studies/{STUDY}"
VISIT = f"{HOME}/participants/C-001/visits/month_3"
HERE = f"{VISIT}/appointment"
SignedIn = Callable[[str], Client]


@pytest.fixture
def study(world: World) -> World:
    """Two participants treated some two months before today, so that month 3 lies ahead."""
    day = timezone.now().astimezone(ZONE) - timedelta(days=65)
    world.now = day.replace(hour=9, minute=0)
    for _number in range(2):
        world.treated()
        world.later(days=8)
    return world


def target() -> datetime:
    day = VisitRecord.objects.get(participant__code="C-001", visit="month_3").target
    return datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZONE)


def answers(when: datetime, **more: str) -> dict[str, str]:
    told = {
        "on.day": str(when.day), "on.month": str(when.month), "on.year": str(when.year),
        "time": f"{when:%H:%M}", "minutes": "60", "remind": "no", "once": str(uuid4()),
    }  # fmt: skip
    return told | more


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_one_is_made_moved_and_cancelled(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    page = text(browser.get(VISIT))
    assert "None made" in page and f'href="{HERE}"' in page
    assert browser.post(HERE, answers(target()))["Location"] == VISIT
    page = text(browser.get(VISIT))
    assert "10:30 to 11:30 (Asia/Shanghai)" in page and "Move the appointment" in page
    refused = browser.post(HERE, answers(target(), time="11:45"))
    assert refused.status_code == 409
    assert "Say why the appointment is moved" in text(refused) and 'value="11:45"' in text(refused)
    sent = answers(target(), time="11:45", reason="Bus & train")
    assert browser.post(HERE, sent)["Location"] == VISIT
    assert "Bus &amp; train" in text(browser.get(VISIT))
    ended = browser.post(f"{HERE}/cancel", {"reason": "Ill", "once": "c"})
    assert ended["Location"] == VISIT
    assert "None made" in text(browser.get(VISIT))
    assert browser.get(f"{HERE}/cancel").status_code == 404
    trail = text(browser.get(f"{HOME}/ledger"))
    assert "appointment made or moved" in trail and "appointment cancelled" in trail


def test_a_monitor_reads_and_makes_none(study: World, signed_in: SignedIn) -> None:
    signed_in("lin").post(HERE, answers(target()))
    browser = signed_in("feng")
    page = text(browser.get(VISIT))
    assert "10:30 to 11:30" in page and f'href="{HERE}"' not in page
    for place in (HERE, f"{HERE}/cancel"):
        assert browser.get(place).status_code == 404
        assert browser.post(place, answers(target())).status_code == 404


def test_the_month_shows_it_and_what_has_none(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    browser.post(HERE, answers(target()))
    address = f"{HOME}/calendar?month={target():%Y-%m}"
    page = text(browser.get(address))
    assert f'<a href="{VISIT}">10:30 <span class="code">C-001</span>' in page
    assert f'<time datetime="{target():%Y-%m-%d}"' in page
    assert "Times are by the clock of the site: Asia/Shanghai." in page
    arrange = page.partition('id="arrange"')[2]
    assert "C-002" in arrange and f"{HERE}" not in arrange
    for strange in ("2026-13", "x", "0000-01", "99999-01"):
        assert browser.get(f"{HOME}/calendar?month={strange}").status_code == 200
    assert "C-001" not in text(signed_in("he").get(address))


def test_the_list_and_its_twins_name_the_moment_in_utc(study: World, signed_in: SignedIn) -> None:
    browser = signed_in("lin")
    browser.post(HERE, answers(target()))
    rows = json.loads(browser.get(f"{HOME}/appointments.json").content)["rows"]
    utc = target().astimezone(ZoneInfo("UTC"))
    assert [(row["starts_at"], row["zone"], row["status"]) for row in rows] == [
        (utc.isoformat(), "Asia/Shanghai", "ahead")
    ]
    day = target().date()
    for asked, found in (
        ("status=ahead", 1), ("status=kept", 0), ("status=cancelled", 0), ("participant=C-002", 0),
        (f"from={day}&to={day}", 1), (f"from={day + timedelta(days=1)}", 0),
    ):  # fmt: skip
        told = json.loads(browser.get(f"{HOME}/appointments.json?{asked}").content)["rows"]
        assert len(told) == found, asked
    assert "10:30 to 11:30" in text(browser.get(f"{HOME}/appointments"))


@pytest.mark.parametrize("place", ["appointments", "calendar"])
def test_statements_do_not_grow_with_the_rows(
    study: World, signed_in: SignedIn, place: str
) -> None:
    browser = signed_in("lin")

    def statements() -> int:
        with CaptureQueriesContext(connection) as done:
            page = browser.get(f"{HOME}/{place}?month={target():%Y-%m}")
        assert page.status_code == 200
        return len(done)

    browser.post(HERE, answers(target()))
    statements()
    few = statements()
    planned = VisitRecord.objects.filter(participant__code="C-002", status="planned")
    assert planned.count() > 3
    for row in planned.filter(target__isnull=False):
        Appointment.objects.create(
            visit=row, starts_at=target(), minutes=60, remind=False, made_at=study.now,
            made_by=study.coordinator.person_id, role="coordinator",
        )  # fmt: skip
    assert statements() <= few


def test_ones_own_link_gives_a_calendar_program_codes_and_utc(
    study: World, signed_in: SignedIn
) -> None:
    browser = signed_in("lin")
    browser.post(HERE, answers(target()))
    place = f"{HOME}/calendar/link"
    assert ".ics" not in text(browser.get(place))
    browser.post(place, {"make": "yes"})
    page = text(browser.get(place))
    address = "/calendars/" + page.partition("/calendars/")[2].partition(".ics")[0] + ".ics"
    answer = Client().get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    file = answer.content.decode().replace("\r\n ", "")
    utc = target().astimezone(ZoneInfo("UTC"))
    assert f"DTSTART:{utc:%Y%m%dT%H%M%SZ}" in file
    assert f"SUMMARY:C-001\\, {demonstration().visit('month_3').label.en} (demonstration)" in file
    assert "time zone Asia/Shanghai" in file
    assert Client().post(address).status_code == 405
    # Made again, the link before tells nothing; ended, neither does this one.
    browser.post(place, {"make": "yes"})
    assert Client().get(address).status_code == 404
    newest = (
        "/calendars/" + text(browser.get(place)).partition("/calendars/")[2].partition(".ics")[0]
    )
    browser.post(place, {"end": "yes"})
    assert Client().get(newest + ".ics").status_code == 404
    assert browser.post(place, {"end": "yes"}).status_code == 409


def test_the_link_of_a_mail_leads_its_reader_alone_to_the_visit(
    study: World, signed_in: SignedIn
) -> None:
    appointments.make_appointment(
        by=study.coordinator, code="C-001", visit="month_3", starts_at=target(), remind=True
    )
    row = AppointmentReminder.objects.create(
        appointment=Appointment.objects.get(), starts_at=target(),
        person=study.coordinator.person_id, made_at=timezone.now(),
    )  # fmt: skip
    assert signed_in("lin").get(f"/reminders/{row.pk}")["Location"] == VISIT
    assert signed_in("he").get(f"/reminders/{row.pk}").status_code == 404


def test_a_visit_of_some_arms_has_no_name_in_a_file() -> None:
    protocol = parse_file(OPEN.encode(), "open.yaml")
    lines = tuple(
        AppointmentLine(
            id=uuid4(), code="C-001", site="C", visit=visit,
            starts_at=datetime(2026, 3, 1, 10, tzinfo=ZONE), minutes=60, remind=False, moves=0,
            reason="", status=AppointmentStatus.AHEAD, came=None,
            made_at=datetime(2026, 2, 1, tzinfo=ZONE), made_by="", role="", cancel_reason="",
        )
        for visit in ("single", "day_1~2", "month_3", "gone")
    )  # fmt: skip
    for language, names in (("en", ["Visit", "Visit", "Month 3", "Visit"]),
                            ("zh-hans", ["访视", "访视", "Month 3", "访视"])):  # fmt: skip
        with translation.override(language):
            told = events_of(Feed("OPEN-01", False, "en", protocol, lines))
        ends = [each.summary.removeprefix("C-001").lstrip(", ，") for each in told]
        assert ends == names


def test_sites_of_several_zones_are_told_apart(study: World, signed_in: SignedIn) -> None:
    Site.objects.filter(study=STUDY, code="N").update(time_zone="Pacific/Auckland")
    signed_in("lin").post(HERE, answers(target()))
    page = text(signed_in("feng").get(f"{HOME}/calendar?month={target():%Y-%m}"))
    assert "Asia/Shanghai, Pacific/Auckland" in page
    assert '<span class="quiet">Asia/Shanghai</span>' in page


def test_today_is_the_sites_own(study: World, signed_in: SignedIn) -> None:
    now = timezone.now()
    far = (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago"))
    other = next(zone for zone in far if now.astimezone(zone).date() != timezone.localdate())
    Site.objects.filter(study=STUDY, code="C").update(time_zone=other.key)
    page = text(signed_in("lin").get(f"{HOME}/calendar"))
    assert f'datetime="{now.astimezone(other):%Y-%m-%d}" aria-current="date"' in page
    assert page.count('aria-current="date"') == 1


def test_today_tells_each_visit_once_by_its_appointment(world: World, signed_in: SignedIn) -> None:
    """Who has an appointment waits by it, the rest by the window; who plans no visits sees none."""
    now = timezone.now().astimezone(ZONE)
    world.now = (now - timedelta(days=95)).replace(hour=9, minute=0)
    for _number in range(2):
        world.treated()
        world.later(days=8)
    lin = signed_in("lin")
    assert waits_in(lin, "due") == ["C-001", "C-002"]
    for code, when in (("C-001", now - timedelta(days=1)), ("C-002", now + timedelta(days=2))):
        appointments.make_appointment(
            by=world.coordinator, code=code, visit="month_3", starts_at=when,
            at=now - timedelta(days=3),
        )  # fmt: skip
    assert waits_in(lin, "unrecorded") == ["C-001"]
    assert waits_in(lin, "due") == ["C-002"], "the day after tomorrow isn't today"
    page = text(lin.get("/today"))
    assert f'href="{HOME}/participants/C-001/visits/month_3"' in page
    assert "Visit to be recorded" in page.partition('id="unrecorded"')[2].partition("</section>")[0]
    assert waits_in(signed_in("feng"), "unrecorded") == []
    assert waits_in(signed_in("he"), "unrecorded") == []


def test_what_is_today_goes_by_the_day_of_the_site(study: World) -> None:
    """From the first minute of its day until the visit is recorded, and never when cancelled."""
    starts, visit = target().replace(hour=0, minute=5), "month_3"
    appointments.make_appointment(
        by=study.coordinator, code="C-001", visit=visit, starts_at=starts, at=study.now
    )

    def told(**away: int) -> list[AppointmentStatus]:
        lines = appointments_waiting(study.coordinator, starts + timedelta(**away))
        return [line.status for line in lines]

    assert told(minutes=-6) == []
    assert told(minutes=-5) == [AppointmentStatus.AHEAD]
    assert told(minutes=1) == told(days=40) == [AppointmentStatus.UNRECORDED]
    appointments.cancel_appointment(
        by=study.coordinator, code="C-001", visit=visit, reason="Ill", at=study.now
    )
    assert told(days=1) == []


def waits_in(browser: Client, name: str) -> list[str]:
    """The participants whose month 3 waits under one heading of Today, in order."""
    section = text(browser.get("/today")).partition(f'id="{name}"')[2].partition("</section>")[0]
    return re.findall(r"(C-\d{3})/visits/month_3\"", section)
