"""The building: the same from one seed, whether it was broken off or not; larger ones; none."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from trialwright.conduct.demonstration import cohort
from trialwright.conduct.demonstration.building import build, protocol_for
from trialwright.conduct.demonstration.people import ensure_people
from trialwright.conduct.models import Building, Participant, Query, Study, Value, VisitRecord
from trialwright.ledger import files
from trialwright.protocol.loader import parse_file

STUDY = "DEMO-HAEC-01"
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 11, 22)


class Killed(Exception):
    """Stands for a process that ended in the middle."""


def content() -> list[object]:
    """All that was entered, without the ids drawn for its rows."""
    return [
        *Participant.objects.order_by("code").values_list("code", "state", "treated_at"),
        *VisitRecord.objects.order_by("participant__code", "visit").values_list(
            "participant__code", "visit", "status", "actual", "target"
        ),
        *Value.objects.order_by(
            "entry__participant__code", "entry__visit", "entry__form", "entry__repeat", "item"
        ).values_list("entry__participant__code", "entry__visit", "item", "text", "missing"),
        *Query.objects.order_by("number").values_list("number", "item", "status", "opened_at"),
    ]


def begin() -> None:
    files.heads_path().unlink(missing_ok=True)
    ensure_people(STUDY, "a secret of the tests")


@pytest.mark.slow
def test_a_building_broken_off_goes_on_to_the_same_end(transactional_db: None) -> None:
    begin()
    build(2, now=NOW, tell=str)
    whole = content()
    call_command("flush", interactive=False, verbosity=0)
    begin()
    lines: list[str] = []

    def ends_after_three(line: str) -> None:
        lines.append(line)
        if len(lines) == 3:
            raise Killed

    with pytest.raises(Killed):
        build(2, now=NOW, tell=ends_after_three, every_seconds=0)
    assert 0 < Building.objects.get().done < len(whole)
    later = NOW + timedelta(days=3)
    assert build(2, now=later, tell=str).finished
    assert content() == whole


def test_with_0_participants_there_is_the_signed_study_alone(transactional_db: None) -> None:
    begin()
    assert build(0, now=NOW, tell=str).finished
    assert Study.objects.get().version is not None
    assert not Participant.objects.exists()


def test_a_larger_one_says_so_in_the_version_of_its_protocol() -> None:
    larger = parse_file(protocol_for(5000), "larger")
    assert (larger.participants, larger.version) == (5000, "1.0+5000")
    assert parse_file(protocol_for(50), "ordinary").version == "1.0"


@pytest.mark.parametrize("participants", [1, 2, 3, 10, 11, 12, 34, 50, 5000])
def test_of_any_number_the_days_rise_and_end_today(participants: int) -> None:
    days = cohort.theatre_days(participants, TODAY)
    assert len(days) == participants and days == sorted(days) and days[-1] == TODAY
    run_in = days[: cohort.RUN_IN]
    assert all((later - day).days >= 7 for day, later in pairwise(run_in))
    assert all(day.weekday() < 5 for day in days[cohort.RUN_IN : -2])


def test_the_cohort_follows_from_the_seed_alone() -> None:
    assert cohort.cohort(34, TODAY) == cohort.cohort(34, TODAY)
    assert len({woman.weight for woman in cohort.cohort(34, TODAY)}) > 20
