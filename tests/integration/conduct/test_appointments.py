"""Appointments: made for a planned visit, moved with the reason, kept or missed as the visit is."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.integration.conduct.refusing import refused as sentence_of
from tests.integration.conduct.world import STUDY, ZONE, World
from trialwright.accounts.models import Membership, Person, Site
from trialwright.conduct import appointment_reminders
from trialwright.conduct.actions import appointments, visiting
from trialwright.conduct.models import Appointment, AppointmentReminder, VisitRecord
from trialwright.conduct.reads.appointments import (
    AppointmentStatus,
    appointment_of,
    appointments_between,
    feed_of,
    own_calendar_link,
    to_arrange,
)
from trialwright.conduct.refusals import NotFound
from trialwright.conduct.safety import reminding
from trialwright.ledger import files, journal
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role

VISIT = "month_3"


@pytest.fixture
def code(world: World) -> str:
    return world.treated()


def row(code: str, visit: str = VISIT) -> VisitRecord:
    return VisitRecord.objects.get(participant__code=code, visit=visit)


def at(code: str, *, days: int = 0, hour: int = 10) -> datetime:
    """An hour of a day counted from the visit's target, by the clock of the site."""
    day = row(code).target + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, 30, tzinfo=ZONE)


def make(world: World, code: str, starts_at: datetime, **more: object) -> None:
    appointments.make_appointment(
        by=world.coordinator, code=code, visit=VISIT, starts_at=starts_at, at=world.now, **more
    )


@pytest.fixture(autouse=True)
def heads(world: World) -> Iterator[None]:
    """What `verify` signs of this test's study ends with the test."""
    yield
    files.heads_path().unlink(missing_ok=True)


def found_wrong() -> list[str]:
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    return [str(each) for each in found.problems]


def refused(act: Callable[[], object], said: str) -> None:
    assert said in sentence_of(act)


def status(world: World, code: str) -> AppointmentStatus:
    line = appointment_of(world.coordinator, code, VISIT)
    assert line is not None
    return line.status


def test_one_is_made_and_moved_with_the_reason(world: World, code: str) -> None:
    make(world, code, at(code))
    refused(lambda: make(world, code, at(code, days=1)), "Say why the appointment is moved")
    make(world, code, at(code, days=1), reason="Holiday")
    found = Appointment.objects.get()
    assert (found.moves, found.reason) == (1, "Holiday")
    assert found.starts_at == at(code, days=1)
    # The same moment again, with another length, is no move.
    make(world, code, at(code, days=1), minutes=30)
    found.refresh_from_db()
    assert (found.moves, found.minutes, found.reason) == (1, 30, "Holiday")


def test_outside_the_window_it_needs_the_reason(world: World, code: str) -> None:
    visit = row(code)
    outside = at(code, days=(visit.closes - visit.target).days + 1)
    refused(lambda: make(world, code, outside), "Say why the appointment lies outside it")
    make(world, code, outside, reason="Abroad until then")
    assert Appointment.objects.get().reason == "Abroad until then"


def test_what_can_not_be_is_refused(world: World, code: str) -> None:
    refused(lambda: make(world, code, world.now), "still ahead")
    refused(lambda: make(world, code, at(code), minutes=4), "from 5 to 720")
    refused(
        lambda: appointments.cancel_appointment(
            by=world.coordinator, code=code, visit=VISIT, reason="x", at=world.now
        ),
        "no appointment that could be cancelled",
    )
    with pytest.raises(NotFound):
        appointments.make_appointment(
            by=world.monitor, code=code, visit=VISIT, starts_at=at(code), at=world.now
        )
    with pytest.raises(NotFound):
        appointments.make_appointment(
            by=world.coordinator, code=code, visit="running", starts_at=at(code), at=world.now
        )
    assert not Appointment.objects.exists()


def test_a_cancelled_one_stays_and_another_can_be_made(world: World, code: str) -> None:
    make(world, code, at(code))
    cancel: Callable[[str], None] = lambda why: appointments.cancel_appointment(  # noqa: E731
        by=world.coordinator, code=code, visit=VISIT, reason=why, at=world.now
    )
    refused(lambda: cancel(" "), "Say why the appointment is cancelled")
    cancel("Ill")
    assert appointment_of(world.coordinator, code, VISIT) is None
    make(world, code, at(code, hour=14))
    assert Appointment.objects.count() == 2


def test_kept_or_missed_follows_from_the_visit(world: World, code: str) -> None:
    make(world, code, at(code))
    # The world's clock stands years back: what lay ahead then has passed by now.
    assert status(world, code) is AppointmentStatus.UNRECORDED
    world.now = at(code, hour=12)
    world.visited(code, VISIT)
    assert status(world, code) is AppointmentStatus.KEPT
    refused(lambda: make(world, code, at(code, days=1), reason="x"), "has taken place")
    visiting.record_visit(
        by=world.coordinator, code=code, visit=VISIT, reason="Wrong day", at=world.now,
        on=world.now.date() - timedelta(days=1),
    )  # fmt: skip
    assert status(world, code) is AppointmentStatus.OTHER_DAY


def test_a_missed_visit_is_a_missed_appointment(world: World, code: str) -> None:
    make(world, code, at(code))
    world.now = at(code, hour=12)
    visiting.record_missed_visit(
        by=world.coordinator, code=code, visit=VISIT, reason="Did not come", at=world.now
    )
    assert status(world, code) is AppointmentStatus.MISSED


def test_the_month_has_it_on_the_day_of_the_site(world: World, code: str) -> None:
    Site.objects.filter(study=STUDY, code="C").update(time_zone="Pacific/Auckland")
    early = datetime(2023, 6, 1, 8, 0, tzinfo=ZONE).astimezone(UTC)
    late = datetime(2023, 6, 1, 21, 0, tzinfo=ZONE).astimezone(UTC)
    for moment, day in ((early, 1), (late, 2)):
        Appointment.objects.all().delete()
        make(world, code, moment, reason="As agreed")
        found = appointments_between(world.coordinator, date(2023, 6, day), date(2023, 6, day))
        assert [line.code for line in found] == [code], day


def test_what_has_no_appointment_is_to_be_arranged(world: World, code: str) -> None:
    visit = row(code)
    asked = lambda by: {  # noqa: E731
        each.visit for each in to_arrange(by, visit.target, visit.target) if each.code == code
    }
    assert VISIT in asked(world.coordinator)
    assert asked(world.monitor) == set()
    make(world, code, at(code))
    assert VISIT not in asked(world.coordinator)
    appointments.cancel_appointment(
        by=world.coordinator, code=code, visit=VISIT, reason="Ill", at=world.now
    )
    assert VISIT in asked(world.coordinator)


def test_another_site_sees_none(world: World, code: str) -> None:
    make(world, code, at(code))
    day = row(code).target
    other = world.person(Role.COORDINATOR, "N")
    assert appointments_between(other, day, day) == ()
    with pytest.raises(NotFound):
        appointment_of(other, code, VISIT)


@pytest.mark.django_db(transaction=True)
def test_the_ledger_has_all_of_it(world: World, code: str) -> None:
    make(world, code, at(code))
    make(world, code, at(code, days=1), reason="Holiday")
    appointments.make_calendar_link(by=world.coordinator, language="en", at=world.now)
    appointments.end_calendar_link(by=world.coordinator, at=world.now)
    assert found_wrong() == []
    Appointment.objects.update(moves=5)
    assert len(found_wrong()) == 1


def test_a_calendar_link_tells_what_its_person_may_see_now(world: World, code: str) -> None:
    make(world, code, at(code))
    by = world.coordinator
    now = at(code) - timedelta(days=3)
    assert own_calendar_link(by) is None
    appointments.make_calendar_link(by=by, language="en", at=world.now)
    first = own_calendar_link(by)
    assert first is not None
    assert [line.code for line in feed_of(first.token, now).lines] == [code]
    appointments.make_calendar_link(by=by, language="en", at=world.now)
    second = own_calendar_link(by)
    assert second is not None
    told = lambda token: lambda: feed_of(token, now)  # noqa: E731
    with pytest.raises(NotFound):
        told(first.token)()
    for wrong in (second.token[:-1] + "x", "x", ""):
        with pytest.raises(NotFound):
            told(wrong)()
    rows = Membership.objects.filter(study=STUDY, person=by.person_id)
    held = list(rows)
    rows.delete()
    with pytest.raises(NotFound):
        told(second.token)()
    Membership.objects.bulk_create(held)
    assert told(second.token)().lines
    Person.objects.filter(pk=by.person_id).update(is_active=False)
    with pytest.raises(NotFound):
        told(second.token)()


def test_a_mail_goes_once_a_day_before_to_who_asked_for_it(
    world: World, code: str, mailoutbox: list
) -> None:
    make(world, code, at(code), remind=True)
    assert reminding.remind(at(code) - timedelta(hours=25)) == 0
    assert reminding.remind(at(code) - timedelta(hours=23)) == 1
    assert reminding.remind(at(code) - timedelta(hours=22)) == 0
    (mail,) = mailoutbox
    key = AppointmentReminder.objects.get().pk
    assert mail.to == ["lin@localhost"] and f"/reminders/{key}" in mail.body
    for told in (code, VISIT, STUDY, "Month", "10:30", str(at(code).date())):
        assert told not in mail.subject + mail.body


def test_no_mail_comes_of_what_is_not_ahead_any_more(
    world: World, code: str, mailoutbox: list
) -> None:
    make(world, code, at(code), remind=True)
    before = at(code) - timedelta(hours=23)
    reminding.plan(before)
    assert reminding.remind(before) == 1
    # Moved, it is another; cancelled, none.
    make(world, code, at(code, days=1), reason="Holiday", remind=True)
    later = at(code, days=1) - timedelta(hours=1)
    appointment_reminders.plan(later)
    assert AppointmentReminder.objects.filter(sent_at=None).count() == 1
    appointments.cancel_appointment(
        by=world.coordinator, code=code, visit=VISIT, reason="Ill", at=world.now
    )
    assert reminding.send(later) == 0
    assert AppointmentReminder.objects.filter(sent_at=None).count() == 0
    assert len(mailoutbox) == 1


def test_without_asking_no_mail_comes(world: World, code: str, mailoutbox: list) -> None:
    make(world, code, at(code))
    assert reminding.remind(at(code) - timedelta(hours=2)) == 0
    assert not mailoutbox and journal.head(STUDY).seq
