"""Steps of a trial's own file: in order, once, by whom it names; what is restricted is sealed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from tests.integration.conduct.other_trials import COHORT, IMPLANT, INFUSIONS, Trial, begin
from tests.integration.conduct.refusing import absent, refused
from trialwright.conduct.actions import eligibility, participation, randomising, visiting
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.clock import Happened
from trialwright.conduct.cut import making as cut_of_study
from trialwright.conduct.models import StepRecord, Study, Unblinding
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.arms import arm_for
from trialwright.conduct.reads.ledger import ledger_lines
from trialwright.conduct.reads.participants import story
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.ledger import files
from trialwright.ledger.verify import verify

PART = StepReport(status=StepStatus.PART, amount=Decimal(120), reason="the line was blocked")
NOT_GIVEN = StepReport(status=StepStatus.NOT_DONE, reason="declined")


@pytest.fixture
def infusions(db: None) -> Trial:
    return begin(INFUSIONS)


def record_of(trial: Trial, code: str, step: str, visit: str) -> StepRecord:
    return StepRecord.objects.get(participant=trial.row(code), step=step, visit=visit)


def test_two_infusions_from_the_randomisation_to_the_follow_up(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    arm = trial.taking("pharmacist", code, "prepare", "day_1")()
    assert arm in (1, 2)
    assert trial.taking("nurse", code, "infuse", "day_1")() is None
    assert trial.row(code).state == "treated"
    first = trial.visit(code, "day_1")
    assert (first.status, first.actual) == ("done", trial.now.date())
    assert trial.visit(code, "day_15").target == trial.now.date() + timedelta(days=14)
    trial.later(days=15)
    trial.taking("pharmacist", code, "prepare", "day_15")()
    trial.taking("nurse", code, "infuse", "day_15", PART)()
    second = record_of(trial, code, "infuse", "day_15")
    assert (second.status, second.amount, second.unit) == ("part", "120", "mg")
    assert record_of(trial, code, "infuse", "day_1").amount == "200"
    # Visits count from the first of the infusions.
    assert trial.visit(code, "week_4").target == date(2023, 3, 6) + timedelta(days=28)


def test_a_step_comes_after_what_the_file_puts_before_it_at_the_same_visit(
    infusions: Trial,
) -> None:
    trial, code = infusions, infusions.eligible()
    said = refused(trial.taking("pharmacist", code, "prepare", "day_1"))
    assert said == "“Prepare” comes after: the randomisation. Record that first."
    randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)
    said = refused(trial.taking("nurse", code, "infuse", "day_1"))
    assert said == "“Infuse” comes after: Prepare. Record that first."
    trial.taking("pharmacist", code, "prepare", "day_1")()
    trial.taking("nurse", code, "infuse", "day_1")()
    trial.later(days=14)
    assert "comes after: Prepare" in refused(trial.taking("nurse", code, "infuse", "day_15"))
    assert refused(trial.taking("nurse", code, "infuse", "day_1")) == (
        "The step “Infuse” was already recorded."
    )


def test_a_step_is_there_for_the_roles_that_the_file_names_alone(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    absent(trial.taking("nurse", code, "prepare", "day_1"))
    absent(trial.taking("investigator", code, "infuse", "day_1"))
    absent(trial.taking("pharmacist", code, "prepare"))
    absent(trial.taking("pharmacist", code, "prepare", "week_4"))
    absent(trial.taking("pharmacist", code, "cook", "day_1"))


def test_a_dose_not_whole_has_its_reason_and_ends_what_prepares_it(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    wordless = replace(NOT_GIVEN, reason=" ")
    assert refused(trial.taking("nurse", code, "infuse", "day_1", wordless)) == (
        "Say why the dose was not given in full."
    )
    part = replace(PART, amount=None)
    trial.taking("pharmacist", code, "prepare", "day_1")()
    assert refused(trial.taking("nurse", code, "infuse", "day_1", part)) == (
        "Enter how much was given."
    )
    other = trial.randomised()
    trial.taking("nurse", other, "infuse", "day_1", NOT_GIVEN)()
    assert refused(trial.taking("pharmacist", other, "prepare", "day_1")) == (
        "“Infuse”, which comes after this step, is already recorded."
    )
    assert trial.row(other).state == "randomised", "the second may still be given"
    trial.taking("nurse", other, "infuse", "day_15", NOT_GIVEN)()
    assert trial.row(other).state == "not_treated"


def test_nothing_is_given_after_a_withdrawal_from_treatment(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    trial.taking("pharmacist", code, "prepare", "day_1")()
    participation.withdraw(
        by=trial.person("investigator"), code=code, on=trial.now.date(), stops=["treatment"],
        at=trial.now,
    )  # fmt: skip
    assert "withdrawn from treatment" in refused(trial.taking("nurse", code, "infuse", "day_1"))
    trial.taking("nurse", code, "infuse", "day_1", NOT_GIVEN)()
    participation.record_death(
        died_of="Death NOS",
        by=trial.person("investigator"),
        code=code,
        on=trial.now.date(),
        at=trial.now,
    )
    over = refused(trial.taking("nurse", code, "infuse", "day_15", NOT_GIVEN))
    assert "is over" in over


@pytest.mark.parametrize(
    ("hours", "why", "says"),
    [
        (1, "", "in the future"),
        (-30, "late", "before the step that it follows"),
        (-2, "", "Say why this is recorded so long after"),
    ],
)
def test_a_wrong_time_is_refused(infusions: Trial, hours: int, why: str, says: str) -> None:
    code = infusions.randomised()
    infusions.later(hours=6)
    happened = Happened(infusions.now + timedelta(hours=hours), why)
    report = StepReport(happened=happened)
    assert says in refused(infusions.taking("pharmacist", code, "prepare", "day_1", report))


def test_a_step_at_a_visit_is_taken_on_its_day_and_in_its_window(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    trial.later(days=5)
    said = refused(trial.taking("pharmacist", code, "prepare", "day_1"))
    assert "The window of the visit is 2023-03-06 to 2023-03-09" in said
    visiting.record_visit(
        by=trial.person("coordinator"), code=code, visit="day_1", on=trial.now.date(),
        reason="snow", at=trial.now,
    )  # fmt: skip
    trial.taking("pharmacist", code, "prepare", "day_1")()
    trial.later(days=1)
    said = refused(trial.taking("nurse", code, "infuse", "day_1"))
    assert "The visit took place on 2023-03-11" in said


def test_what_is_restricted_is_sealed_and_blinded_people_see_none_of_it(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    trial.later(minutes=17)
    trial.taking("pharmacist", code, "prepare", "day_1")()
    row = record_of(trial, code, "prepare", "day_1")
    assert row.sealed is not None and row.at is None
    told = story(trial.person("coordinator"), code)
    assert told.taken == ()
    (known,) = story(trial.person("pharmacist"), code).taken
    assert known.details is not None and known.details.at == trial.now
    lines = ledger_lines(trial.person("nurse"), limit=50)
    assert "09:17" not in repr([line for line in lines if line.action == "record_step"])
    assert {seen.person for seen in Unblinding.objects.all()} == {
        trial.person("pharmacist").person_id
    }
    pharmacist, coordinator = trial.person("pharmacist"), trial.person("coordinator")
    assert arm_for(pharmacist, story(pharmacist, code)) is not None
    assert arm_for(coordinator, told) is None


def test_today_asks_each_role_for_its_step(infusions: Trial) -> None:
    trial = infusions
    trial.now = trial.now.replace(year=2026, month=11, day=30)
    code = trial.randomised()

    def waits(name: str) -> list[object]:
        return [each.step for each in waiting_for(trial.person(name)).steps if each.code == code]

    assert waits("pharmacist") == [("prepare", "day_1", 1)] and waits("nurse") == []
    assert story(trial.person("nurse"), code).open.refusable == (("infuse", "day_1", 1),)
    trial.taking("pharmacist", code, "prepare", "day_1")()
    assert waits("pharmacist") == [] and waits("nurse") == [("infuse", "day_1", 1)]
    trial.taking("nurse", code, "infuse", "day_1")()
    assert waits("nurse") == []


def test_the_cut_has_the_steps_and_what_is_restricted_in_its_sealed_part(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    trial.taking("pharmacist", code, "prepare", "day_1")()
    trial.taking("nurse", code, "infuse", "day_1", PART)()
    study = Study.objects.get(pk="INFUSION-01")
    cut = cut_of_study.open_cut(study, trial.protocol, "look", trial.now)
    (person,) = cut.participants
    assert person.treatment is not None
    assert (person.treatment.status, person.treatment.on) == ("part", "2023-03-06")
    assert person.at("treated") == "2023-03-06"
    assert person.at("infuse/day_1") == "2023-03-06T09:00+08:00"
    assert person.at("prepare/day_1") is None
    (told,) = cut_of_study.sealed_part(study, trial.protocol, cut, "a" * 64).assignments
    assert told.received == told.arm
    assert told.at("prepare/day_1") == "2023-03-06T09:00+08:00"


def test_a_single_arm_trial_runs_from_signing_to_a_cut(db: None) -> None:
    trial = begin(IMPLANT)
    code = trial.eligible()
    absent(lambda: randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now))
    trial.later(days=7)
    assert "Choose a second person" in refused(
        trial.taking("investigator", code, "implant", "operation")
    )
    second = StepReport(second_person=trial.person("investigator2").person_id)
    trial.taking("investigator", code, "implant", "operation", second)()
    record = record_of(trial, code, "implant", "operation")
    assert (record.amount, record.unit, record.sealed) == ("1", "device", None)
    assert record.second_person == trial.person("investigator2").person_id
    assert trial.row(code).state == "treated"
    assert trial.visit(code, "month_3").target == date(2023, 6, 13)
    declined = trial.eligible()
    trial.taking("investigator", declined, "implant", "operation", NOT_GIVEN)()
    assert trial.row(declined).state == "not_treated"
    study = Study.objects.get(pk="IMPLANT-01")
    cut = cut_of_study.open_cut(study, trial.protocol, "look", trial.now)
    statuses = [each.treatment and each.treatment.status for each in cut.participants]
    assert statuses == ["full", "none"]
    assert cut_of_study.sealed_part(study, trial.protocol, cut, "a" * 64).assignments == ()


def test_no_more_are_enrolled_than_the_protocol_has_places(db: None) -> None:
    trial = begin(IMPLANT)
    trial.eligible()
    trial.eligible()
    third = trial.assessed()
    confirm = partial(
        eligibility.confirm_eligibility, by=trial.person("investigator"), code=third, at=trial.now
    )
    assert "All 2 places of the trial are taken" in refused(confirm)


def test_a_cohort_runs_from_signing_to_its_end_and_a_cut(db: None) -> None:
    trial = begin(COHORT)
    code = trial.eligible()
    coordinator = trial.person("coordinator")
    visiting.record_visit(
        by=coordinator, code=code, visit="baseline", on=trial.now.date(), at=trial.now
    )
    trial.later(days=366)
    visiting.record_visit(
        by=coordinator, code=code, visit="year_1", on=trial.now.date(), at=trial.now
    )
    participation.complete(by=coordinator, code=code, on=trial.now.date(), at=trial.now)
    assert trial.row(code).state == "completed"
    study = Study.objects.get(pk="COHORT-01")
    cut = cut_of_study.open_cut(study, trial.protocol, "look", trial.now)
    assert [visit.status for visit in cut.visits] == ["done", "done"]
    assert cut.participants[0].treatment is None


@pytest.mark.django_db(transaction=True)
def test_ledger_and_tables_agree_on_steps_open_and_sealed() -> None:
    trial = begin(INFUSIONS)
    code = trial.randomised()
    trial.taking("pharmacist", code, "prepare", "day_1")()
    trial.taking("nurse", code, "infuse", "day_1", PART)()
    keys = files.keys()
    found = verify("INFUSION-01", heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []
