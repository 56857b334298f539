"""Adverse events: what is refused, what is computed, who judges, and what a cut says of them."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World
from trialwright.analysis.cut_participants import STOPPING_EVENT
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.actions import adverse_events as actions
from trialwright.conduct.actions import participation
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.cut.making import open_cut
from trialwright.conduct.models import AdverseEvent, Ending, Study
from trialwright.conduct.models.adverse_events import About, Judge, Outcome, Special
from trialwright.conduct.safety.events import is_serious, relation, worst_grade
from trialwright.protocol.basics import Role
from trialwright.safety.seriousness import SeriousCriterion

FEVER = Report("Fever", 1, started="2023")


def record(world: World, code: str, report: Report = FEVER) -> int:
    return actions.record_event(by=world.coordinator, code=code, report=report, at=world.now)


def event(number: int) -> AdverseEvent:
    return AdverseEvent.objects.get(study=STUDY, number=number)


def opinion(world: World, code: str, number: int, judge: Judge, related: bool) -> None:
    by = {
        Judge.INVESTIGATOR: world.investigator,
        Judge.SPONSOR: world.person(Role.SAFETY_PHYSICIAN),
        Judge.ADJUDICATOR: world.person(Role.ADJUDICATOR),
    }[judge]
    actions.judge_event(
        by=by, code=code, number=number, judge=judge, about=About.TREATMENT, related=related,
        at=world.now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("report", "said"),
    [
        # G13: this term begins at grade 2. G14: ALT has no grade 5; G15: no such term.
        (Report("Uterine infection", 1), "has no grade 1. It has 2, 3, 4, 5"),
        (Report("Alanine aminotransferase increased", 5), "has no grade 5"),
        (Report("Pulmonary embolism", 3), "is no term of CTCAE 5.0"),
        (Report("Fever", 6), "has no grade 6"),
        (Report("", 1), "Name what happened"),
        (Report("Fever", 5), "Record the death"),
        (replace(FEVER, outcome=Outcome.FATAL), "Record the death"),
        (replace(FEVER, criteria={SeriousCriterion.DEATH}), "Record the death"),
        (replace(FEVER, started="2023-03-40"), "Enter a day, a month or a year"),
        (replace(FEVER, started="2999"), "lies in the future"),
        (replace(FEVER, started="2023-03-02", ended="2023-02"), "ends before it began"),
        (replace(FEVER, stopping={"moon"}), "doesn't ask one of these"),
        (replace(FEVER, described="x" * 10_001), "at most 10000 characters"),
        (Report("Investigations - Other, specify", 1), "This term needs words"),
    ],
)
def test_what_the_terms_and_dates_forbid_is_refused(
    world: World, report: Report, said: str
) -> None:
    code = world.consented()
    world.later(days=30)
    assert said in refused(partial(record, world, code, report))
    assert not AdverseEvent.objects.exists()


def test_seriousness_is_computed_and_never_read_off_a_grade(world: World) -> None:
    """G11: neutrophils of grade 4 without a criterion are not serious."""
    code = world.consented()
    number = record(world, code, Report("Neutrophil count decreased", 4))
    assert not is_serious(event(number))
    actions.follow_event(
        by=world.coordinator, code=code, number=number, outcome=Outcome.RECOVERING,
        criteria={SeriousCriterion.HOSPITALISATION}, reason="Admitted", at=world.now,
    )  # fmt: skip
    assert is_serious(event(number))


def test_an_event_with_several_grades_is_one_and_its_worst_counts(world: World) -> None:
    """G17."""
    code = world.consented()
    world.later(days=10)
    number = record(world, code, Report("Fever", 2, started="2023-03-06"))
    grade = partial(actions.record_grade, by=world.coordinator, code=code, number=number)
    grade(grade=3, since="2023-03-08", at=world.now)
    grade(grade=2, since="2023-03-11", at=world.now)
    assert "is of this grade already" in refused(partial(grade, grade=2, at=world.now))
    assert "has no grade 6" in refused(partial(grade, grade=6, at=world.now))
    found = event(number)
    assert [each.grade for each in found.grades.order_by("number")] == [2, 3, 2]
    assert worst_grade(found.grades.all()) == 3
    assert AdverseEvent.objects.count() == 1


def test_nobody_lowers_anothers_opinion_and_unassessed_counts_as_related(world: World) -> None:
    """G19, G21."""
    code = world.consented()
    number = record(world, code)

    def counted() -> tuple[bool, bool]:
        said = relation(list(event(number).opinions.all()))
        return said.related, said.assessed

    assert counted() == (True, False)
    opinion(world, code, number, Judge.SPONSOR, False)
    assert counted() == (True, False)
    opinion(world, code, number, Judge.INVESTIGATOR, True)
    assert counted() == (True, True)
    opinion(world, code, number, Judge.INVESTIGATOR, False)
    assert counted() == (False, True)
    opinion(world, code, number, Judge.SPONSOR, True)
    assert counted() == (True, True)
    assert event(number).opinions.count() == 2


def test_each_judges_as_what_they_are(world: World) -> None:
    code = world.consented()
    number = record(world, code)
    judge = partial(
        actions.judge_event, code=code, number=number, about=About.TREATMENT, related=True,
        at=world.now,
    )  # fmt: skip
    absent(partial(judge, by=world.coordinator, judge=Judge.INVESTIGATOR))
    absent(partial(judge, by=world.investigator, judge=Judge.SPONSOR))
    absent(partial(judge, by=world.person(Role.SAFETY_PHYSICIAN), judge=Judge.ADJUDICATOR))
    absent(partial(actions.record_event, by=world.monitor, code=code, report=FEVER, at=world.now))
    absent(partial(actions.record_grade, by=world.coordinator, code=code, number=9, grade=2))


def test_a_death_leads_to_its_serious_event_or_is_refused(world: World) -> None:
    code = world.consented()
    world.later(days=3)
    die = partial(
        participation.record_death, by=world.coordinator, code=code, on=world.now.date(),
        at=world.now,
    )  # fmt: skip
    assert "A death leads to its serious event" in refused(die)
    assert "is no term of CTCAE" in refused(partial(die, died_of="An accident"))
    assert "has no grade 5" in refused(partial(die, died_of="Alanine aminotransferase increased"))
    assert not Ending.objects.exists() and world.row(code).state == "consented"
    die(died_of="Death NOS")
    found = event(1)
    assert (found.outcome, found.death, worst_grade(found.grades.all())) == ("fatal", True, 5)
    assert found.started == world.now.date().isoformat()


def test_a_recorded_event_becomes_the_death_and_a_revoked_death_takes_it_back(
    world: World,
) -> None:
    code = world.consented()
    number = record(world, code, Report("Sepsis", 4))
    world.later(days=3)
    participation.record_death(
        by=world.coordinator, code=code, on=world.now.date(), event=number, at=world.now
    )
    assert (event(number).outcome, AdverseEvent.objects.count()) == ("fatal", 1)
    follow = partial(
        actions.follow_event, by=world.coordinator, code=code, number=number, reason="Mistake",
        outcome=Outcome.RECOVERED, at=world.now,
    )  # fmt: skip
    assert "go together" in refused(follow)
    nullify = partial(
        actions.nullify_event, by=world.investigator, code=code, number=number, reason="No",
        at=world.now,
    )  # fmt: skip
    assert "Revoke the death first" in refused(nullify)
    death = Ending.objects.get()
    participation.revoke(
        by=world.coordinator, code=code, ending=death.pk, reason="Another person", at=world.now
    )
    found = event(number)
    assert (found.outcome, found.death, found.nullified) == ("unknown", False, "")
    assert worst_grade(found.grades.all()) == 4


def test_an_event_that_is_none_stays_and_counts_nowhere(world: World) -> None:
    code = world.consented()
    number = record(world, code)
    nullify = partial(
        actions.nullify_event, by=world.investigator, code=code, number=number, at=world.now
    )
    assert "Write why" in refused(partial(nullify, reason=" "))
    nullify(reason="The sheet of another participant")
    assert event(number).nullified
    absent(partial(nullify, reason="Again"))


def cut_of(world: World) -> object:
    study = Study.objects.get(identifier=STUDY)
    return open_cut(study, protocol_of(study.version), "now", world.now)


def test_a_cut_has_the_events_and_who_had_a_stopping_one(world: World) -> None:
    code = world.treated()
    treated = world.now.date()
    world.later(days=40)
    within = (treated + timedelta(days=28)).isoformat()
    late = (treated + timedelta(days=29)).isoformat()
    said = replace(FEVER, stopping={"infection"}, special=Special.OVERDOSE)
    record(world, code, replace(said, started=late))
    cut = cut_of(world)
    (participant,) = cut.participants  # type: ignore[attr-defined]
    assert participant.at(STOPPING_EVENT) is None
    # What is known of the day doesn't exclude it.
    number = record(world, code, replace(said, started=within[:7]))
    actions.record_grade(
        by=world.coordinator, code=code, number=number, grade=3, since=within, at=world.now
    )
    cut = cut_of(world)
    (participant,) = cut.participants  # type: ignore[attr-defined]
    assert participant.at(STOPPING_EVENT) == world.now.date().isoformat()
    told = cut.events[-1]  # type: ignore[attr-defined]
    assert (told.worst, told.system, told.ctcae) == (
        3, "General disorders and administration site conditions", "5.0",
    )  # fmt: skip
    assert (told.special, told.related, told.assessed) == ("overdose", True, False)


def test_two_participants_alike_but_for_the_arm_have_equal_events(world: World) -> None:
    """Nothing in an event's row or its lines in the ledger comes from the arm."""
    code = world.treated()
    record(world, code)
    from trialwright.ledger.models import LedgerRow

    rows = LedgerRow.objects.filter(study=STUDY, entity="adverse_event")
    assert rows.exists() and set(rows.values_list("chain", flat=True)) == {"open"}
