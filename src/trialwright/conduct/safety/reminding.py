"""Reminders by mail, of reports that are due and of what other modules plan: each once, from
whichever host and whenever it runs.

What is to be sent is judged from the clocks, never from a queue. Each mail is a row that is there
before it is sent, locked while it is, and marked in the same transaction: of several hosts one
sends it, and a process that is killed leaves it to the next. Only one that is killed between the
mail server's acceptance and the commit leaves a repeat, with the same Message-ID.

A mail names no arm, product, participant or study: it has a link, which tells its reader alone.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import Error, connection, transaction
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _

from trialwright.accounts.mail_address import address_of
from trialwright.accounts.models import Membership, Person
from trialwright.accounts.policy import Actor, role_to_end_clock
from trialwright.conduct import appointment_reminders
from trialwright.conduct.diary import reminders as diary_reminders
from trialwright.conduct.models import (
    AppointmentReminder,
    Clock,
    ClockEnding,
    DiaryReminder,
    Reminder,
)
from trialwright.conduct.plain_mail import mail_with_link
from trialwright.conduct.reads.people import enter
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.model import Protocol
from trialwright.safety.clock_rules import clock_rules

_log = logging.getLogger("trialwright.reminders")
OPENED, OVERDUE = "opened", "overdue"
EVERY_SECONDS = 30.0
_AT_ONCE = 500


def remind(now: datetime | None = None) -> int:
    """Send what is due now; returns how many mails went out. Nothing is sent a second time."""
    at = now or datetime.now(UTC)
    plan(at)
    diary_reminders.plan(at)
    appointment_reminders.plan(at)
    return send(at)


def plan(now: datetime) -> None:
    """Have a row for each mail that is due: of the stages that have passed, the latest alone.

    What was missed while no host ran is one late mail; those of a clock that has ended are none.
    """
    running: dict[str, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ending=None).order_by("number"):
        running[str(clock.study_id)].append(clock)
    made = set(Reminder.objects.values_list("clock_id", "stage", "person"))
    for study, clocks in sorted(running.items()):
        people, protocol = _people(study)
        if protocol is None:
            continue
        hours = clock_rules(protocol).remind_before_hours
        rows = [
            Reminder(clock=clock, stage=stage, person=person, made_at=now)
            for clock in clocks
            for stage in [_stage(clock, hours, now)]
            for person in people.of(clock)
            if (clock.pk, stage, person) not in made
        ]
        Reminder.objects.bulk_create(rows, _AT_ONCE, ignore_conflicts=True)


def send(now: datetime) -> int:
    """Send each mail that has not been sent, in the order in which they came up."""
    diary, appointment = diary_reminders, appointment_reminders
    return (
        _send_all(Reminder, _is_due, _mail, now)
        + _send_all(DiaryReminder, diary.is_due, diary.mail_of, now)
        + _send_all(AppointmentReminder, appointment.is_due, appointment.mail_of, now)
    )


def _send_all(
    model: type[Model],
    is_due: Callable[[Any, datetime], bool],
    mail_of: Callable[[Any], EmailMessage | None],
    now: datetime,
) -> int:
    """The same of one table; a row that is no longer due goes."""
    sent, tried = 0, set[UUID]()
    while True:
        try:
            with transaction.atomic():
                row = _next(model, tried)
                if row is None:
                    return sent
                tried.add(row.pk)
                mail = mail_of(row) if is_due(row, now) else None
                if mail is None:
                    row.delete()
                    continue
                mail.send()
                row.sent_at = now
                row.save(update_fields=["sent_at"])
                sent += 1
        except (SMTPException, OSError) as error:
            _log.error("A reminder could not be sent, and is tried again. %s", error)


def _is_due(row: Reminder, _now: datetime) -> bool:
    return not ClockEnding.objects.filter(clock=row.clock_id).exists()


def _next(model: type[Model], tried: set[UUID]) -> Any:
    rows = model._default_manager.select_for_update(skip_locked=True).filter(sent_at=None)
    return rows.exclude(pk__in=tried).order_by("made_at", "pk").first()


def _stage(clock: Clock, hours: Sequence[int], now: datetime) -> str:
    """The latest stage that has passed; one that lies before the opening is none."""
    moments = [(clock.due_at - timedelta(hours=each), str(each)) for each in hours]
    later = [(at, name) for at, name in moments if clock.opened_at < at <= now]
    if clock.due_at <= now:
        return OVERDUE
    return max(later)[1] if later else OPENED


class _People:
    """Who ends which clocks of a study."""

    def __init__(self, actors: Sequence[Actor]) -> None:
        self._actors = actors
        self._by_site: dict[str, tuple[UUID, ...]] = {}

    def of(self, clock: Clock) -> tuple[UUID, ...]:
        """The people who end a clock."""
        if clock.site not in self._by_site:
            self._by_site[clock.site] = tuple(
                each.person_id
                for each in self._actors
                if role_to_end_clock(each, clock.site or None) is not None
            )
        return self._by_site[clock.site]


def _people(study: str) -> tuple[_People, Protocol | None]:
    held = Membership.objects.filter(study=study, person__is_active=True)
    protocol: Protocol | None = None
    actors = []
    for person in Person.objects.filter(pk__in=held.values("person")).order_by("username"):
        try:
            actor, _row, protocol = enter(person, study)
        except NotFound:
            continue
        actors.append(actor)
    return _People(actors), protocol


def _mail(row: Reminder) -> EmailMessage:
    person = Person.objects.get(pk=row.person)
    with translation.override(person.language):
        subject = _("Trialwright: something waits for you, and has a time limit")
        text = _("Sign in to see what it is and by when it is due:")
    return mail_with_link(row.pk, address_of(person), subject, text, f"reminders/{row.pk}")


def watch(seconds: float = EVERY_SECONDS) -> None:
    """Send reminders, for ever; a database that doesn't answer is asked again."""
    while True:
        try:
            remind()
        except Error:
            pass  # told by whoever asks it for more
        finally:
            connection.close()
        time.sleep(seconds)


def begin_watching() -> None:
    """Have a thread of this process send them."""
    threading.Thread(target=watch, name="reminders", daemon=True).start()


def clock_of(person: Person, key: UUID) -> tuple[str, int] | None:
    """The study and the number of the clock that a mail to this person is about."""
    row = Reminder.objects.filter(pk=key, person=person.pk).select_related("clock").first()
    return None if row is None else (str(row.clock.study_id), row.clock.number)
