"""Pregnancies followed to the children, and situations without harm: reported, and no events."""

from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.analysis.cut import Cut
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.actions import adverse_events
from trialwright.conduct.actions import special_situations as actions
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.special_situations import Birth, PregnancyReport, Situation
from trialwright.conduct.cut.making import open_cut
from trialwright.conduct.models import AdverseEvent, Clock, PregnancyChild, PregnancyOutcome, Study
from trialwright.conduct.models.adverse_events import About, Judge, Special
from trialwright.conduct.reads.cases import case_of_event
from trialwright.conduct.reads.clocks import clocks_seen
from trialwright.conduct.reads.pregnancies import (
    pregnancies_of,
    pregnancies_to_follow,
    pregnancy_of_child,
)
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role
from trialwright.safety.seriousness import SeriousCriterion


@pytest.fixture
def treated(world: World) -> str:
    code = world.treated()
    world.later(days=30)
    return code


def pregnancy(world: World, code: str, **more: str) -> int:
    report = PregnancyReport(described="A positive test at the visit", **more)
    return actions.record_pregnancy(by=world.coordinator, code=code, report=report, at=world.now)


def ends(world: World, code: str, number: int, outcome: PregnancyOutcome, **more: object) -> None:
    actions.record_pregnancy_outcome(
        by=world.coordinator, code=code, number=number, outcome=outcome, at=world.now,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def born(world: World, code: str, number: int, **told: object) -> str:
    birth = Birth(born=world.now.date().isoformat(), **told)  # type: ignore[arg-type]
    return actions.record_child(
        by=world.coordinator, code=code, number=number, birth=birth, at=world.now
    )


def cut_of(world: World) -> Cut:
    study = Study.objects.get(identifier=STUDY)
    return open_cut(study, protocol_of(study.version), "now", world.now)


def rules_of(number: int) -> set[str]:
    return set(Clock.objects.filter(event__number=number).values_list("rule", flat=True))


def test_a_pregnancy_is_reported_and_is_no_event(world: World, treated: str) -> None:
    """G22."""
    number = pregnancy(world, treated)
    row = AdverseEvent.objects.get(number=number)
    assert (row.term, row.grades.count(), row.special) == ("", 0, "pregnancy")
    assert rules_of(number) == {"site_serious"}
    (clock,) = (each for each in clocks_seen(world.coordinator) if each.event == number)
    assert clock.missing == ()
    cut = cut_of(world)
    assert cut.events == () and [each.kind for each in cut.situations] == ["pregnancy"]
    judge = partial(
        adverse_events.judge_event, by=world.investigator, code=treated, number=number,
        judge=Judge.INVESTIGATOR, about=About.TREATMENT, related=True, at=world.now,
    )  # fmt: skip
    absent(judge)
    grade = partial(adverse_events.record_grade, by=world.coordinator, code=treated, grade=2)
    absent(partial(grade, number=number, at=world.now))
    assert "has no outcome yet" in refused(partial(pregnancy, world, treated))
    marked = partial(
        adverse_events.record_event, by=world.coordinator, code=treated,
        report=Report("Fever", 1, special=Special.PREGNANCY), at=world.now,
    )  # fmt: skip
    assert "a form of its own" in refused(marked)


def test_a_pregnancy_that_is_lost_names_the_serious_event(world: World, treated: str) -> None:
    """G23, of the participant."""
    number = pregnancy(world, treated)
    lost = partial(ends, world, treated, number, PregnancyOutcome.MISCARRIAGE)
    assert "Record it first" in refused(lost)
    mild = adverse_events.record_event(
        by=world.coordinator, code=treated, report=Report("Fever", 1), at=world.now
    )
    assert "Record it first" in refused(partial(lost, loss=mild))
    assert "Record it first" in refused(partial(lost, loss=number))
    event = adverse_events.record_event(
        by=world.coordinator, code=treated, at=world.now,
        report=Report("Pregnancy loss", 4, criteria={SeriousCriterion.IMPORTANT}),
    )  # fmt: skip
    lost(loss=event, ended=world.now.date().isoformat(), weeks=9)
    (line,) = pregnancies_of(world.coordinator, [treated])
    assert (line.outcome, line.loss, line.weeks) == (PregnancyOutcome.MISCARRIAGE, event, 9)
    office = world.person(Role.SAFETY_OFFICE)
    assert case_of_event(office, event).linked == (f"{STUDY}-AE-{number:04d}",)
    assert case_of_event(office, number).linked == (f"{STUDY}-AE-{event:04d}",)
    child = partial(born, world, treated, number)
    assert "ended in a birth" in refused(child)
    pregnancy(world, treated)


def test_a_malformation_is_a_case_of_the_child(world: World, treated: str) -> None:
    """G23, of the child."""
    number = pregnancy(world, treated)
    ends(
        world, treated, number, PregnancyOutcome.BIRTH, ended=world.now.date().isoformat(), weeks=39
    )
    assert "Choose a grade" in refused(
        partial(born, world, treated, number, malformation="Cleft palate")
    )
    child = born(world, treated, number, sex="female", malformation="Cleft palate", grade=2)
    assert child == f"{treated}-CH1"
    case = AdverseEvent.objects.get(child__code=child)
    assert case.congenital and case.participant.code == treated
    # It may have come of the mother's treatment: the clocks of a suspected reaction run.
    assert {"site_serious", "eu_other"} <= rules_of(case.number)
    assert pregnancy_of_child(world.coordinator, case.number) == (child, number)
    told = case_of_event(world.person(Role.SAFETY_OFFICE), case.number)
    assert (told.child, told.sex, told.age) == (child, "female", None)
    assert told.linked == (f"{STUDY}-AE-{number:04d}",)
    cut = cut_of(world)
    (event,) = cut.events
    assert (event.child, event.participant, event.criteria) == (child, treated, ("congenital",))
    assert cut.situations[0].children == 1
    assert born(world, treated, number) == f"{treated}-CH2"


def test_the_death_of_a_child_is_not_the_participants(world: World, treated: str) -> None:
    number = pregnancy(world, treated)
    ends(world, treated, number, PregnancyOutcome.BIRTH)
    child = born(world, treated, number)
    today = world.now.date().isoformat()
    follow = partial(
        actions.follow_child, by=world.coordinator, code=treated, child=child, at=world.now,
        birth=Birth(born=today, died_on=today, died_of="Sepsis"),
    )  # fmt: skip
    assert "Write what is new" in refused(partial(follow, reason=" "))
    follow(reason="The ward called")
    case = AdverseEvent.objects.get(child__code=child)
    assert (case.term, case.outcome, case.death) == ("Death neonatal", "fatal", True)
    assert not world.row(treated).endings.exists()
    follow(reason="The name of the ward")
    assert AdverseEvent.objects.filter(child__code=child).count() == 1
    alive = partial(follow, birth=Birth(born=today), reason="Another child")
    assert "Nullify its case" in refused(alive)
    adverse_events.nullify_event(
        by=world.investigator, code=treated, number=case.number, reason="Another", at=world.now
    )
    alive()
    assert pregnancies_of(world.coordinator, [treated])[0].children[0].cases == ()


def test_anothers_container_without_harm_is_reported_and_no_event(
    world: World, treated: str
) -> None:
    """G24."""
    told = Situation(Special.WRONG_CONTAINER, "The bag of another participant was hung up")
    number = actions.record_situation(
        by=world.coordinator, code=treated, situation=told, at=world.now
    )
    assert rules_of(number) == {"site_serious"}
    assert cut_of(world).events == ()
    own_form = partial(
        actions.record_situation, by=world.coordinator, code=treated, at=world.now,
        situation=Situation(Special.PREGNANCY, "Test"),
    )  # fmt: skip
    assert "a form of its own" in refused(own_form)
    absent(partial(
        actions.record_situation, by=world.monitor, code=treated, situation=told, at=world.now
    ))  # fmt: skip


def test_an_expected_birth_that_has_passed_is_asked_for(world: World, treated: str) -> None:
    number = pregnancy(world, treated, expected_on="2100-01")
    assert pregnancies_to_follow(world.coordinator) == ()
    ends(world, treated, number, PregnancyOutcome.UNKNOWN)
    late = pregnancy(world, treated, expected_on=world.now.date().isoformat())
    assert [each.case for each in pregnancies_to_follow(world.coordinator)] == [late]
    assert pregnancies_to_follow(world.monitor) == ()


@pytest.mark.django_db(transaction=True)
def test_the_ledger_and_the_tables_agree() -> None:
    files.heads_path().unlink(missing_ok=True)
    world = begin()
    code = world.treated()
    world.later(days=30)
    number = pregnancy(world, code)
    ends(world, code, number, PregnancyOutcome.BIRTH)
    born(world, code, number, malformation="Cleft palate", grade=2)
    keys = files.keys()
    check = partial(verify, STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in check().problems] == []
    PregnancyChild.objects.update(condition="Well")
    assert check().problems
    files.heads_path().unlink(missing_ok=True)
