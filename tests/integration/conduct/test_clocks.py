"""Clocks of reports on live data: opened with what must be told, moved, ended by a signed act."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.actions import adverse_events, clocks, holds, participation
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.clocks import Report as Ending
from trialwright.conduct.cut.clocks import sealed_clocks
from trialwright.conduct.models import Clock, ClockDue, ClockEnding, Study
from trialwright.conduct.models.adverse_events import About, Judge, Outcome, Special
from trialwright.conduct.reads.clocks import ClockLine, Missing, clocks_seen, clocks_to_end
from trialwright.conduct.safety.clock_details import How
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role
from trialwright.safety.duties import Stage, Why
from trialwright.safety.seriousness import SeriousCriterion

ADMITTED = Report("Fever", 3, criteria={SeriousCriterion.HOSPITALISATION})
SENT = Ending(How.SENT, reference="R-1")


def record(world: World, code: str, report: Report = ADMITTED) -> int:
    return adverse_events.record_event(by=world.coordinator, code=code, report=report, at=world.now)


def follow(
    world: World, code: str, number: int, *criteria: SeriousCriterion, news: bool = False
) -> None:
    adverse_events.follow_event(
        by=world.coordinator, code=code, number=number, outcome=Outcome.NOT_RECOVERED,
        criteria=criteria or {SeriousCriterion.HOSPITALISATION}, reason="The ward called",
        significant=news, at=world.now,
    )  # fmt: skip


def office(world: World) -> tuple[ClockLine, ...]:
    return clocks_seen(world.person(Role.SAFETY_OFFICE))


def running(world: World) -> list[str]:
    return [each.label.en for each in office(world) if each.running]


def of_rule(world: World, rule: str, stage: Stage = Stage.FIRST) -> ClockLine:
    row = Clock.objects.get(study=STUDY, rule=rule, stage=stage.value)
    return next(each for each in office(world) if each.number == row.number)


def end(world: World, number: int, report: Ending = SENT, role: Role = Role.SAFETY_OFFICE) -> None:
    clocks.end_clock(by=world.person(role), number=number, report=report, at=world.now)


def rules_of() -> list[str]:
    return sorted(Clock.objects.filter(study=STUDY).values_list("rule", flat=True))


@pytest.fixture
def treated(world: World) -> str:
    code = world.treated()
    world.later(days=3)
    return code


def test_a_serious_event_opens_its_clocks_in_its_own_transaction(
    world: World, treated: str
) -> None:
    number = record(world, treated, Report("Fever", 3))
    assert not Clock.objects.exists()
    learned = world.now - timedelta(hours=5)
    serious = replace(ADMITTED, known_at=learned)
    number = record(world, treated, serious)
    assert rules_of() == ["cn_other", "eu_other", "site_serious"]
    site = of_rule(world, "site_serious")
    assert (site.started_at, site.due_at) == (learned, learned + timedelta(hours=24))
    assert (site.site, site.event, site.code, site.region) == ("C", number, treated, "")
    sponsor = of_rule(world, "eu_other")
    assert sponsor.started_at == world.now
    day_0 = world.now.date()
    assert sponsor.dues[0].last_day == day_0 + timedelta(days=15)
    assert sponsor.dues[0].why is Why.SUSPECTED
    assert set(sponsor.missing) == {
        Missing.INVESTIGATOR, Missing.SPONSOR, Missing.ONSET, Missing.DESCRIPTION
    }  # fmt: skip


def test_the_us_clock_waits_for_the_sponsors_judgement(world: World, treated: str) -> None:
    number = record(world, treated)
    world.later(days=2)
    adverse_events.judge_event(
        by=world.person(Role.SAFETY_PHYSICIAN), code=treated, number=number, judge=Judge.SPONSOR,
        about=About.TREATMENT, related=True, at=world.now,
    )  # fmt: skip
    found = of_rule(world, "us_other")
    assert found.started_at == world.now and Missing.SPONSOR not in found.missing


def test_before_the_treatment_or_without_one_no_product_is_suspected(world: World) -> None:
    code = world.consented()
    world.later(days=1)
    record(world, code)
    assert rules_of() == ["site_serious"]


def test_an_event_that_began_before_the_treatment_is_the_sites_alone(
    world: World, treated: str
) -> None:
    record(world, treated, replace(ADMITTED, started="2023-03-01"))
    assert rules_of() == ["site_serious"]
    # What is unknown never excludes an event.
    record(world, treated, replace(ADMITTED, started="2023"))
    assert rules_of().count("eu_other") == 1


def test_related_to_nothing_by_the_investigator_is_not_reported_further(
    world: World, treated: str
) -> None:
    """G19, G21: one opinion "related" suffices, and nobody's opinion counts as related."""
    number = record(world, treated, Report("Fever", 3))
    judge = partial(
        adverse_events.judge_event, code=treated, number=number, about=About.TREATMENT, at=world.now
    )
    judge(by=world.investigator, judge=Judge.INVESTIGATOR, related=False)
    follow(world, treated, number, SeriousCriterion.HOSPITALISATION)
    assert rules_of() == ["site_serious"]
    judge(by=world.person(Role.SAFETY_PHYSICIAN), judge=Judge.SPONSOR, related=True)
    assert rules_of() == ["cn_other", "eu_other", "site_serious", "us_other"]


def test_a_listed_admission_has_no_clock_and_a_special_situation_has(
    world: World, treated: str
) -> None:
    """G9, G24, G22."""
    record(world, treated, replace(ADMITTED, exempt="second_look", started="2023-03-01"))
    assert not Clock.objects.exists()
    said = refused(partial(record, world, treated, replace(ADMITTED, exempt="moon")))
    assert "lists no such kind" in said
    record(world, treated, Report("Fever", 1, special=Special.WRONG_CONTAINER))
    assert rules_of() == ["site_serious"]
    assert of_rule(world, "site_serious").dues[0].why is Why.SPECIAL


def test_an_upgrade_before_the_report_moves_its_clock_and_keeps_the_older_due_time(
    world: World, treated: str
) -> None:
    """G6, C08."""
    number = record(world, treated)
    before = of_rule(world, "eu_other")
    world.later(days=9)
    follow(world, treated, number, SeriousCriterion.LIFE_THREATENING)
    after = of_rule(world, "eu_grave")
    assert after.number == before.number
    # Day 15 of the first is earlier than day 7 of the upgrade, nine days later.
    assert [each.due_at for each in after.dues] == [before.due_at, before.due_at]
    assert [each.why for each in after.dues] == [Why.SUSPECTED, Why.UPGRADE]
    complete = of_rule(world, "eu_grave", Stage.COMPLETE)
    assert complete.dues[0].last_day == world.now.date() + timedelta(days=15)
    assert Clock.objects.filter(rule="eu_other").count() == 0


def test_an_upgrade_after_the_report_opens_another(world: World, treated: str) -> None:
    """G7, C09."""
    number = record(world, treated)
    sent = of_rule(world, "eu_other").number
    world.later(days=3)
    end(world, sent)
    world.later(days=6)
    follow(world, treated, number, SeriousCriterion.LIFE_THREATENING, news=True)
    new = of_rule(world, "eu_grave")
    assert new.number != sent
    assert new.dues[0].last_day == world.now.date() + timedelta(days=7)
    assert "eu_news" not in rules_of()


def test_news_is_day_0_again_and_a_spelling_is_not(world: World, treated: str) -> None:
    """G8."""
    number = record(world, treated)
    end(world, of_rule(world, "eu_other").number)
    follow(world, treated, number)
    assert "eu_news" not in rules_of()
    world.later(days=4)
    follow(world, treated, number, news=True)
    news = of_rule(world, "eu_news", Stage.NEWS)
    assert news.dues[0].last_day == world.now.date() + timedelta(days=15)
    # In China the first report is still due: it tells the news too.
    assert "cn_news" not in rules_of()


def test_a_death_that_is_recorded_later_is_an_upgrade(world: World, treated: str) -> None:
    number = record(
        world, treated, Report("Sepsis", 4, criteria={SeriousCriterion.HOSPITALISATION})
    )
    world.later(days=2)
    participation.record_death(
        by=world.coordinator, code=treated, on=world.now.date(), event=number, at=world.now
    )
    due = of_rule(world, "eu_grave").dues
    assert due[-1].last_day == world.now.date() + timedelta(days=7)


def test_a_hold_starts_its_clocks_with_it(world: World, treated: str) -> None:
    """C10."""
    number = holds.set_hold(
        by=world.person(Role.SAFETY_PHYSICIAN), reason="A report elsewhere", at=world.now
    )
    assert rules_of() == ["eu_halt", "eu_urgent_measure"]
    halt = of_rule(world, "eu_halt")
    assert (halt.hold, halt.started_at) == (number, world.now)
    assert halt.dues[0].last_day == world.now.date() + timedelta(days=15)


def test_a_crossing_event_starts_those_of_its_hold_too(world: World, treated: str) -> None:
    record(world, treated, replace(ADMITTED, criteria={SeriousCriterion.LIFE_THREATENING}))
    assert {"eu_grave", "eu_halt", "eu_urgent_measure", "site_serious"} <= set(rules_of())


def test_a_report_ends_a_clock_and_says_whether_in_time(world: World, treated: str) -> None:
    record(world, treated, replace(ADMITTED, criteria={SeriousCriterion.LIFE_THREATENING}))
    first = of_rule(world, "eu_grave").number
    world.later(days=6)
    ahead = Ending(How.SENT, sent_at=world.now + timedelta(hours=1))
    assert "lies in the future" in refused(partial(end, world, first, ahead))
    early = Ending(How.SENT, sent_at=world.now - timedelta(days=7))
    assert "The clock started later" in refused(partial(end, world, first, early))
    assert "Write why no report" in refused(partial(end, world, first, Ending(How.NOT_DUE)))
    halt = of_rule(world, "eu_halt").number
    assert "send it whole" in refused(partial(end, world, halt, Ending(How.INCOMPLETE)))
    end(world, first, Ending(How.INCOMPLETE))
    assert not of_rule(world, "eu_grave").late(world.now)
    assert of_rule(world, "eu_grave", Stage.COMPLETE).running
    absent(partial(end, world, first))
    # A whole first report leaves nothing to complete.
    end(world, of_rule(world, "cn_grave").number)
    assert not of_rule(world, "cn_grave", Stage.COMPLETE).running
    world.later(days=20)
    site = of_rule(world, "site_serious")
    end(world, site.number, role=Role.COORDINATOR)
    assert of_rule(world, "site_serious").late(world.now)


def test_each_ends_the_clocks_that_are_theirs(world: World, treated: str) -> None:
    record(world, treated)
    site, sponsor = of_rule(world, "site_serious").number, of_rule(world, "eu_other").number
    absent(partial(end, world, sponsor, SENT, Role.COORDINATOR))
    absent(partial(end, world, sponsor, SENT, Role.SAFETY_PHYSICIAN))
    absent(partial(end, world, site, SENT, Role.SAFETY_OFFICE))
    absent(partial(end, world, site, SENT, Role.MONITOR))
    absent(partial(end, world, 99))
    other_site = world.person(Role.COORDINATOR, "N")
    absent(partial(clocks.end_clock, by=other_site, number=site, report=SENT, at=world.now))
    assert [each.number for each in clocks_to_end(world.coordinator)] == [site]
    assert {each.number for each in clocks_to_end(world.person(Role.SAFETY_OFFICE))} == {
        each.number for each in office(world) if each.number != site
    }
    assert clocks_to_end(world.monitor) == ()


def test_a_nullified_event_keeps_its_clocks_until_somebody_closes_them(
    world: World, treated: str
) -> None:
    number = record(world, treated)
    adverse_events.nullify_event(
        by=world.investigator, code=treated, number=number, reason="Another person", at=world.now
    )
    open_ones = [each for each in office(world) if each.running]
    assert len(open_ones) == 3
    end(world, of_rule(world, "eu_other").number, Ending(How.NOT_DUE, reason="Nullified"))
    assert of_rule(world, "eu_other").ending is not None
    assert ClockDue.objects.count() == 3


def test_blinded_people_see_the_same_whether_a_report_was_due_or_not(world: World) -> None:
    """G37: for the one the office reports, for the other it closes with a reason."""
    first = world.treated()
    world.later(days=8)
    second = world.treated()
    world.later(days=3)
    for code in (first, second):
        record(world, code)
    at = {each.code: each.number for each in office(world) if each.region == "EU"}
    end(world, at[first], SENT)
    end(world, at[second], Ending(How.NOT_DUE, reason="The comparator was given"))
    for code, number in ((first, 1), (second, 2)):
        follow(world, code, number, news=True)
    seen: dict[str, list[object]] = {first: [], second: []}
    for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.SAFETY_PHYSICIAN, Role.MONITOR):
        for each in clocks_seen(world.person(role)):
            assert each.code is not None
            seen[each.code].append((role, replace(each, number=0, event=0, code="")))
            if not each.site:
                assert (each.open_told, each.ending) == (False, None)
    assert seen[first] == seen[second] and len(seen[first]) == 16
    # The office sees how each ended.
    told = {each.code: each.ending.how for each in office(world) if each.ending}
    assert told == {first: How.SENT, second: How.NOT_DUE}


@pytest.mark.django_db(transaction=True)
def test_the_ledger_speaks_for_the_clocks() -> None:
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    code = world.treated()
    world.later(days=3)
    number = record(world, code)
    end(world, of_rule(world, "eu_other").number, Ending(How.NOT_DUE, reason="The comparator"))
    follow(world, code, number, SeriousCriterion.LIFE_THREATENING)
    assert ClockEnding.objects.count() == 1
    keys = files.keys()
    check = partial(verify, STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in check().problems] == []
    Clock.objects.filter(rule="cn_grave").update(due_at=world.now)
    assert check().problems


def test_a_cut_seals_what_went_out_in_time_late_or_not_at_all(world: World, treated: str) -> None:
    record(world, treated)
    end(world, of_rule(world, "eu_other").number)
    holds.set_hold(by=world.investigator, reason="A cluster", at=world.now)
    world.later(days=20)
    end(world, of_rule(world, "cn_other").number)
    study = Study.objects.get(identifier=STUDY)
    found = {each.rule: each for each in sealed_clocks(study, world.now)}
    assert (found["eu_other"].how, found["eu_other"].late) == ("sent", False)
    assert (found["cn_other"].how, found["cn_other"].late) == ("sent", True)
    assert (found["site_serious"].how, found["site_serious"].late) == ("", True)
    assert (found["eu_halt"].hold, found["eu_halt"].late) == (1, True)
    assert found["eu_other"].participant == treated
