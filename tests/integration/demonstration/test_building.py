"""The building: the same from one seed, whether it was broken off or not; larger ones; none."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from trialwright.conduct.models import (
    Entry,
    Participant,
    Query,
    Signature,
    StepRecord,
    Study,
    Value,
    VisitRecord,
)
from trialwright.conduct.participants.step_details import details_of
from trialwright.demonstration import bookmark, cohort
from trialwright.demonstration.building import build, protocol_for
from trialwright.demonstration.narration import Narration
from trialwright.demonstration.people import ensure_people
from trialwright.demonstration.protocol import demonstration
from trialwright.demonstration.rules import read_by_rules
from trialwright.demonstration.story_before import story
from trialwright.demonstration.team import Team
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
        *Participant.objects.order_by("code").values_list("code", "state"),
        *(
            (each.participant.code, each.step, each.status, details_of(STUDY, each))
            for each in StepRecord.objects.select_related("participant").order_by(
                "participant__code", "step"
            )
        ),
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
    found = bookmark.find(STUDY)
    assert found is not None and 0 < found.done < len(whole)
    later = NOW + timedelta(days=3)
    assert build(2, now=later, tell=str).finished
    assert content() == whole


def test_the_bookmark_of_a_study_that_is_gone_says_nothing_of_the_next(
    transactional_db: None,
) -> None:
    begin()
    build(0, now=NOW - timedelta(days=30), tell=str)
    call_command("flush", interactive=False, verbosity=0)
    begin()
    build(1, now=NOW, tell=str)
    found = bookmark.find(STUDY)
    assert found is not None and (found.participants, found.until) == (1, NOW)


def test_with_0_participants_there_is_the_signed_study_alone(transactional_db: None) -> None:
    begin()
    assert build(0, now=NOW, tell=str).finished
    assert Study.objects.get().version is not None
    assert not Participant.objects.exists()


def test_a_larger_one_says_so_in_the_version_of_its_protocol() -> None:
    larger = parse_file(protocol_for(5000), "larger")
    assert (larger.participants, larger.version) == (5000, "1.0+5000")
    assert parse_file(protocol_for(50), "ordinary").version == "1.0"


def test_beyond_the_first_50_stories_are_brief() -> None:
    women = cohort.cohort(200, TODAY)
    randomised, others = women[:200], women[200:]
    assert [woman.brief for woman in randomised] == [False] * 50 + [True] * 150
    assert sum(woman.brief for woman in others) == 200 // 5 - 50 // 5
    assert not any(woman.brief for woman in cohort.cohort(50, TODAY))


@pytest.mark.slow
def test_a_brief_story_fills_in_what_the_rules_read_and_no_more(transactional_db: None) -> None:
    begin()
    build(0, now=NOW, tell=str)
    team = Team(STUDY)
    tale = Narration(team, NOW)
    woman = replace(cohort.cohort(1, TODAY)[0], brief=True)
    operated = woman.operated - timedelta(days=cohort.STORY_DAYS)
    woman = replace(
        woman, fate=cohort.Fate.ORDINARY, operated=operated,
        consented=woman.consented - timedelta(days=cohort.STORY_DAYS),
    )  # fmt: skip
    tale.begin(story(tale, woman))
    while tale.go_on():
        pass
    told = set(Entry.objects.values_list("visit", "form"))
    assert ("first_bleed", "menses") in told and ("screening", "hysteroscopy") in told
    assert told < team.read_by_rules
    signed = Signature.objects.exclude(entry=None).values_list("entry__visit", "entry__form")
    # What the protocol wants signed before the randomisation.
    assert set(signed) == {("screening", "hysteroscopy")}
    assert not Query.objects.filter(check_key="").exists()
    done = VisitRecord.objects.filter(status="done")
    assert {"day_1", "month_1", "month_3"} <= set(done.values_list("visit", flat=True))
    assert Participant.objects.get().state == "treated"


def test_the_rules_read_items_of_visits_alone() -> None:
    protocol = demonstration()
    read = read_by_rules(protocol)
    assert ("running", "hormones") in read and ("month_1", "chemistry") not in read
    assert all(form in protocol.visit(visit).forms for visit, form in read)


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
