"""What the demonstration shows: every stage, every ordinary trouble, a ledger that proves it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from trialwright.accounts.models import Person
from trialwright.conduct.actions.entering import MEANING
from trialwright.conduct.attached_files import hash_of_file
from trialwright.conduct.models import (
    Appointment,
    Attachment,
    CriterionAnswer,
    Deviation,
    Ending,
    Entry,
    Participant,
    Query,
    StepRecord,
    Value,
    VisitRecord,
)
from trialwright.conduct.models.entries import EntryStatus
from trialwright.conduct.participants.step_details import details_of
from trialwright.conduct.reads.people import actor_of
from trialwright.conduct.reads.study import overview
from trialwright.demonstration.building import build
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.forms import ItemType
from trialwright.report.figures.enrolment import enrolment_chart

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
STUDY = "DEMO-HAEC-01"
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[str]]:
    """The whole demonstration, built once and committed; what its building told."""
    lines: list[str] = []
    with django_db_blocker.unblock():
        files.heads_path().unlink(missing_ok=True)
        ensure_people(STUDY, "a secret of the tests")
        build(34, now=NOW, tell=lines.append, every_seconds=0)
        try:
            yield lines
        finally:
            call_command("flush", interactive=False, verbosity=0)
            files.heads_path().unlink(missing_ok=True)


@pytest.fixture
def rows(told: list[str]) -> Any:
    return Participant.objects.filter(study=STUDY)


def states(rows: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in rows.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_34_are_randomised_at_two_sites_through_a_run_in_of_one_a_week(rows: Any) -> None:
    randomised = rows.filter(randomised_at__isnull=False).order_by("randomised_at")
    assert randomised.count() == 34
    assert set(randomised.values_list("site", flat=True)) == {"C", "N"}
    days = [row.randomised_at.date() for row in randomised[:10]]
    assert all((later - day).days >= 7 for day, later in pairwise(days))


def test_enrolment_is_held_against_its_plan_for_all_sites_and_by_everyone(rows: Any) -> None:
    for username in ("lin", "he", "feng"):
        actor = actor_of(Person.objects.get(username=username), STUDY)
        assert actor is not None
        told = overview(actor)
        assert len(told.randomised_on) == 34
        today = NOW.date()
        chart = enrolment_chart(demonstration(), told.randomised_on, began=told.began, until=today)
        assert chart.planned == 41
    administrator = actor_of(Person.objects.get(username="admin"), STUDY)
    assert administrator is not None and overview(administrator).randomised_on == ()


def test_women_stand_at_every_stage_today(rows: Any) -> None:
    found = states(rows)
    assert found["screened"] >= 1 and found["consented"] >= 3
    assert found["eligible"] == 2 and found["treated"] >= 25
    waiting = rows.filter(state="randomised")
    assert {row.site for row in waiting} == {"C", "N"}
    assert {row.randomised_at.date() for row in waiting} == {NOW.date()}
    assert CriterionAnswer.objects.filter(participant__state="consented", answer="pass").exists()


def test_not_treated_in_part_withdrawn_and_lost_each_with_the_reason(rows: Any) -> None:
    untreated = StepRecord.objects.get(participant__state="not_treated", step="place")
    in_part = StepRecord.objects.get(step="place", status="part")
    assert details_of(STUDY, untreated).reason and details_of(STUDY, in_part).reason
    assert {(each.kind, bool(each.reason)) for each in Ending.objects.all()} == {
        ("withdrawn", True),
        ("lost", True),
    }


def test_screening_failures_have_reasons_and_the_criterion_not_met(rows: Any) -> None:
    failures = rows.filter(state="screen_failed")
    assert failures.count() == 6
    assert len({row.screen_failure_reason for row in failures}) == 6
    failed = CriterionAnswer.objects.filter(answer="fail", participant__in=failures)
    assert failed.count() == 5 and all(row.why for row in failed)


def test_visits_are_missed_late_and_overdue(rows: Any) -> None:
    visits = VisitRecord.objects.filter(participant__in=rows)
    assert all(visit.reason for visit in visits.filter(status="missed"))
    assert visits.filter(status="missed").count() >= 2
    late = [v for v in visits.filter(status="done") if v.closes and v.actual > v.closes]
    assert len(late) >= 2 and all(visit.reason for visit in late)
    planned = visits.filter(status="planned")
    assert planned.filter(closes__lt=NOW.date()).exists(), "overdue"
    assert planned.filter(opens__lte=NOW.date(), closes__gte=NOW.date()).exists(), "due"


def test_pregnancies_are_followed(rows: Any) -> None:
    entries = Entry.objects.filter(participant__in=rows)
    assert entries.filter(form="pregnancy_report").count() == 3
    assert Value.objects.get(entry__form="pregnancy_outcome", item="outcome").text == "miscarriage"
    assert entries.filter(visit="pregnancy_12_weeks").count() >= 1
    assert VisitRecord.objects.filter(visit="pregnancy_12_weeks", status="planned").exists()


def test_queries_are_open_answered_and_closed(told: list[str]) -> None:
    assert set(Query.objects.values_list("status", flat=True)) == {"open", "answered", "closed"}
    assert set(Query.objects.values_list("check_key", flat=True)) > {""}, "of checks and of people"


def test_corrections_have_reasons_and_made_signatures_void(told: list[str]) -> None:
    corrected = Entry.objects.filter(revision__gt=1)
    assert corrected.count() >= 5
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT v.text FROM ledger_row r JOIN ledger_value v USING (study, chain, seq)"
            " WHERE r.action = 'save_entry' AND r.entity = 'value' AND v.part = 'reason'"
        )
        reasons = [text for (text,) in cursor.fetchall()]
    assert reasons and all("Digits exchanged" in reason for reason in reasons)
    signatures = [each for entry in corrected for each in entry.signatures.all()]
    assert any(each.void_at for each in signatures)
    assert any(not each.void_at for each in signatures), "and signed again"


def test_forms_are_signed_unsigned_and_incomplete(told: list[str]) -> None:
    complete = Entry.objects.filter(status=EntryStatus.COMPLETE.value)
    signed = complete.filter(signatures__meaning=MEANING, signatures__void_at=None)
    assert signed.distinct().count() > 0.85 * complete.count()
    left = complete.exclude(pk__in=signed)
    assert left.filter(visit="month_2", participant__steps__step="place").exists()
    assert Entry.objects.filter(status=EntryStatus.INCOMPLETE.value).exists()


def test_missing_values_have_their_reasons(told: list[str]) -> None:
    assert Value.objects.filter(missing__isnull=False).exists()


def test_no_name_of_anyone_stands_among_the_data(rows: Any) -> None:
    texts = {*Value.objects.filter(text__isnull=False).values_list("text", flat=True)}
    texts |= {*Query.objects.values_list("answer", flat=True)}
    texts |= {*Query.objects.values_list("text", flat=True)}
    texts |= {*VisitRecord.objects.values_list("reason", flat=True)}
    texts |= {*Ending.objects.values_list("reason", flat=True)}
    texts |= {details_of(STUDY, each).reason for each in StepRecord.objects.all()}
    names = set(Person.objects.values_list("name", flat=True))
    assert not {text for text in texts for name in names if name in text}
    items = [item for form in demonstration().forms for item in form.items]
    typed = [item.key for item in items if item.type is ItemType.TEXT]
    used = Value.objects.filter(item__in=typed).values_list("item", flat=True)
    assert set(used) <= {"name", "reason", "dose", "change"}, "of free texts, only of medicines"


def test_the_ledger_proves_every_row(told: list[str]) -> None:
    keys = files.keys()

    def found() -> list[str]:
        try:
            told = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
        finally:
            connection.close()
        return [str(each) for each in told.problems]

    # Verifying opens a transaction of its own: here on a connection outside that of the test.
    with ThreadPoolExecutor(1) as apart:
        assert apart.submit(found).result() == []


def test_its_building_tells_how_far_it_is_and_is_done_once(told: list[str]) -> None:
    assert "of 34 randomised" in told[0] and "steps in" in told[-1]
    again: list[str] = []
    assert build(34, now=NOW, tell=again.append).finished and again == []


def test_visits_have_appointments_kept_moved_called_off_and_ahead(rows: Any) -> None:
    made = Appointment.objects.filter(visit__participant__in=rows).select_related("visit")
    assert made.filter(visit__status="done", cancelled_at=None).count() > 20
    assert made.filter(visit__status="missed").exists()
    moved = made.filter(moves=1)
    assert moved.exists() and all(each.reason for each in moved)
    assert made.exclude(cancelled_at=None).get().cancel_reason
    ahead = made.filter(starts_at__gt=NOW, cancelled_at=None)
    assert ahead.exists() and all(each.visit.status == "planned" for each in ahead)
    for each in made.filter(visit__status="done", cancelled_at=None):
        assert each.starts_at.date() == each.visit.actual


def test_scans_reports_and_a_letter_are_attached_and_signed_with_their_forms(rows: Any) -> None:
    files_of = Attachment.objects.filter(participant__in=rows)
    assert {each.kind for each in files_of} == {"png", "pdf"}
    scans = files_of.filter(entry__form="ultrasound")
    assert scans.exists() and files_of.filter(entry__form="chemistry").exists()
    (letter,) = files_of.filter(entry=None)
    assert letter.participant.state == "lost"
    for each in files_of:
        assert hash_of_file(STUDY, each.pk) == each.sha256
    signed = Entry.objects.filter(attachments__in=scans, signatures__void_at=None)
    assert signed.filter(signatures__isnull=False).exists()


def test_one_is_treated_later_than_the_protocol_allows(rows: Any) -> None:
    late = Deviation.objects.get(participant__in=rows, kind="time_limit")
    assert (late.subject, late.description) == ("place", "")
