"""Visits that come again: planned one ahead, each with its own forms, queries, steps and place."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest

from tests.integration.conduct.other_trials import CYCLES, Trial, begin
from tests.integration.conduct.refusing import absent, refused
from trialwright.conduct.actions import entering, participation, querying, visiting
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.cut import making as cut_of_study
from trialwright.conduct.models import Entry, Query, StepRecord, Study, VisitRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.reads.participants import story
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.ledger import files
from trialwright.ledger.verify import verify

STUDY = "CYCLES-01"
SCAN = {"lesion": "30", "weight": "60"}


@pytest.fixture
def trial(db: None) -> Trial:
    return begin(CYCLES)


def came(trial: Trial, code: str, visit: str, reason: str = "") -> None:
    visiting.record_visit(
        by=trial.person("coordinator"), code=code, visit=visit, on=trial.now.date(),
        reason=reason, at=trial.now,
    )  # fmt: skip


def missed(trial: Trial, code: str, visit: str) -> None:
    visiting.record_missed_visit(
        by=trial.person("coordinator"), code=code, visit=visit, reason="Snow", at=trial.now
    )


def save(
    trial: Trial, code: str, visit: str, form: str, raw: dict[str, str], based_on: int = 0,
    **more: dict[str, str],
) -> entering.Saved:  # fmt: skip
    return entering.save_entry(
        by=trial.person("coordinator"), code=code, visit=visit, form=form, raw=raw,
        based_on=based_on, at=trial.now, **more,
    )  # fmt: skip


def plan(trial: Trial, code: str, *visits: str) -> dict[str, tuple[str, date | None]]:
    """The state and the target of each record whose name begins with one of these."""
    rows = VisitRecord.objects.filter(participant=trial.row(code)).order_by("target")
    return {
        row.visit: (row.status, row.target) for row in rows if row.visit.partition("~")[0] in visits
    }


def treat(trial: Trial, code: str, occurrence: int, report: StepReport | None = None) -> None:
    for name, step in (("pharmacist", "prepare"), ("nurse", "infuse")):
        said = report if step == "infuse" else None
        partial(trial.taking(name, code, step, "day_1", said), occurrence=occurrence)()


def test_the_next_occurrence_is_planned_once_the_one_before_came_or_was_missed(
    trial: Trial,
) -> None:
    code, first = trial.randomised(), trial.now.date()
    assert plan(trial, code, "day_1") == {"day_1": ("planned", first)}
    came(trial, code, "day_1")
    assert plan(trial, code, "day_1")["day_1~2"] == ("planned", first + timedelta(days=21))
    trial.later(days=23)
    came(trial, code, "day_1~2")
    # The cycle counts from the last actual day: two days late moves all that follow.
    assert plan(trial, code, "day_1")["day_1~3"] == ("planned", first + timedelta(days=44))
    assert plan(trial, code, "day_8") == {"day_8": ("planned", first + timedelta(days=7))}
    missed(trial, code, "day_8")
    assert plan(trial, code, "day_8")["day_8~2"] == ("planned", first + timedelta(days=30))
    assert plan(trial, code, "picture") == {"picture": ("planned", first)}
    absent(partial(came, trial, code, "day_1~0"))
    absent(partial(came, trial, code, "day_1~1"))
    absent(partial(came, trial, code, "end~2"))
    assert "can't exist" in refused(partial(came, trial, code, "day_1~4"))


def test_a_cycle_delayed_ten_times_counts_from_each_actual_day(trial: Trial) -> None:
    code, day = trial.randomised(), trial.now.date()
    came(trial, code, "day_1")
    for number in range(2, 12):
        trial.later(days=23)
        came(trial, code, f"day_1~{number}")
        day += timedelta(days=23)
        _status, target = plan(trial, code, "day_1")[f"day_1~{number + 1}"]
        assert target == day + timedelta(days=21)


def test_progression_on_a_dosing_day_ends_the_cycles_and_begins_what_counts_from_it(
    trial: Trial,
) -> None:
    code, by = trial.randomised(), trial.person("coordinator")
    came(trial, code, "day_1")
    came(trial, code, "picture")
    trial.later(days=21)
    came(trial, code, "day_1~2")
    save(trial, code, "running", "course", {"progressed_on": trial.now.date().isoformat()})
    assert plan(trial, code, "day_1", "day_8") == {
        "day_1": ("done", trial.now.date() - timedelta(days=21)),
        "day_1~2": ("done", trial.now.date()),
        "day_1~3": ("cancelled", trial.now.date() + timedelta(days=21)),
        "day_8": ("planned", trial.now.date() - timedelta(days=14)),
    }
    assert plan(trial, code, "picture")["picture~2"][0] == "cancelled"
    assert plan(trial, code, "end")["end"] == ("planned", trial.now.date() + timedelta(days=28))
    # Taken back, the cycle goes on where it was.
    save(
        trial, code, "running", "course", {"progressed_on": ""}, based_on=1,
        change_reasons={"progressed_on": "The second reader sees none"},
    )  # fmt: skip
    assert plan(trial, code, "day_1")["day_1~3"][0] == "planned"
    participation.record_death(
        by=by, code=code, on=trial.now.date(), died_of="Death NOS", at=trial.now
    )
    left = VisitRecord.objects.filter(participant=trial.row(code), status="planned")
    assert not left.exists()


def test_death_before_the_first_visit_leaves_none(trial: Trial) -> None:
    code = trial.randomised()
    by = trial.person("coordinator")
    participation.record_death(
        by=by, code=code, on=trial.now.date(), died_of="Death NOS", at=trial.now
    )
    assert {status for status, _day in plan(trial, code, "day_1", "picture").values()} == {
        "cancelled"
    }


def test_each_occurrence_has_forms_queries_and_signatures_of_its_own(trial: Trial) -> None:
    code = trial.randomised()
    came(trial, code, "day_1")
    save(trial, code, "day_1", "scan", SCAN)
    trial.later(days=21)
    came(trial, code, "day_1~2")
    remarks = {"weight": "Weighed twice"}
    saved = save(trial, code, "day_1~2", "scan", {"lesion": "19", "weight": "38"}, remarks=remarks)
    assert saved.complete and len(saved.queries) == 1
    assert Query.objects.get().entry.visit == "day_1~2"
    here = {"participant": trial.row(code), "form": "scan"}
    values = {
        visit: Entry.objects.get(visit=visit, **here).values.get(item="ratio").text
        for visit in ("day_1", "day_1~2")
    }
    assert values == {"day_1": "0.5", "day_1~2": "0.5"}
    entry = Entry.objects.get(visit="day_1~2", **here)
    entering.sign_entry(
        by=trial.person("investigator"), code=code, visit="day_1~2", form="scan",
        content_hash=hash_of(entry_content(entry)), at=trial.now,
    )  # fmt: skip
    assert entry.signatures.count() == 1
    assert not Entry.objects.get(visit="day_1", **here).signatures.exists()
    assert "has not taken place" in refused(partial(save, trial, code, "day_1~3", "scan", SCAN))
    absent(partial(save, trial, code, "day_1~2", "course", {}))
    page = form_page(trial.person("coordinator"), code, "day_1~2", "scan")
    assert page.visit.label.en == "Cycle 2, Day 1" and page.last["lesion"] == "30"
    querying.raise_query(
        by=trial.person("monitor"), code=code, visit="day_1~2", form="scan", item="lesion",
        text="Which lesion?", at=trial.now,
    )  # fmt: skip
    assert Query.objects.filter(entry=entry).count() == 2


def test_what_follows_from_a_change_follows_at_its_own_occurrence(trial: Trial) -> None:
    code = trial.randomised()
    came(trial, code, "day_1")
    save(trial, code, "day_1", "vitals", {"weight_now": "90"})
    save(trial, code, "day_1", "scan", SCAN | {"more": "no"})
    trial.later(days=21)
    came(trial, code, "day_1~2")
    save(trial, code, "day_1~2", "vitals", {"weight_now": "90"})
    save(trial, code, "day_1~2", "scan", SCAN | {"more": "yes"})
    changed = {"weight_now": "60"}
    save(
        trial, code, "day_1~2", "vitals", changed, based_on=1,
        change_reasons={"weight_now": "Misread"},
    )  # fmt: skip
    held = {
        visit: set(
            Entry.objects.get(participant=trial.row(code), visit=visit, form="scan")
            .values.values_list("item", flat=True)
        )
        for visit in ("day_1", "day_1~2")
    }  # fmt: skip
    assert "more" in held["day_1"] and "more" not in held["day_1~2"]


def test_a_dose_at_each_occurrence_after_its_own_preparation(trial: Trial) -> None:
    code = trial.randomised()
    treat(trial, code, 1)
    assert plan(trial, code, "day_1")["day_1"][0] == "done"
    infuse = partial(trial.taking("nurse", code, "infuse", "day_1"), occurrence=2)
    assert "comes after: Prepare" in refused(infuse)
    absent(partial(trial.taking("nurse", code, "infuse", "day_1"), occurrence=3))
    trial.later(days=21)
    treat(trial, code, 2, StepReport(StepStatus.PART, amount=Decimal(120), reason="Rash"))
    rows = StepRecord.objects.filter(participant=trial.row(code), step="infuse")
    assert sorted(rows.values_list("occurrence", "status")) == [(1, "done"), (2, "part")]
    assert trial.row(code).state == "treated"


def unplanned(trial: Trial, code: str, **changed: object) -> partial[str]:
    usual: dict[str, object] = {
        "by": trial.person("coordinator"), "code": code, "visit": "unplanned",
        "on": trial.now.date(), "reason": "Rash", "at": trial.now,
    }  # fmt: skip
    return partial(visiting.add_unscheduled_visit, **(usual | changed))  # type: ignore[arg-type]


def test_an_unscheduled_visit_is_made_with_its_reason_as_often_as_it_is_needed(
    trial: Trial,
) -> None:
    code = trial.randomised()
    assert "Say why" in refused(unplanned(trial, code, reason=" "))
    assert "to today" in refused(unplanned(trial, code, on=trial.now.date() + timedelta(days=1)))
    absent(unplanned(trial, code, visit="day_1"))
    absent(unplanned(trial, code, visit="unplanned~2"))
    absent(unplanned(trial, code, by=trial.person("nurse")))
    assert unplanned(trial, code)() == "unplanned"
    absent(partial(missed, trial, code, "unplanned"))
    trial.later(days=3)
    assert unplanned(trial, code, reason="Fever")() == "unplanned~2"
    save(trial, code, "unplanned~2", "vitals", {"weight_now": "61"})
    assert "has not taken place" in refused(
        partial(save, trial, code, "unplanned~3", "vitals", {"weight_now": "61"})
    )
    lines = {line.visit.key: line for line in story(trial.person("coordinator"), code).visits}
    assert lines["unplanned~2"].visit.label.en == "Unscheduled visit 2"
    assert (lines["unplanned~2"].status, lines["unplanned~2"].reason) == ("done", "Fever")
    participation.withdraw(
        by=trial.person("coordinator"), code=code, on=trial.now.date(), stops=["visits"],
        at=trial.now,
    )  # fmt: skip
    assert "is over" in refused(unplanned(trial, code))
    visits = VisitRecord.objects.filter(participant=trial.row(code), visit__startswith="unplanned")
    assert set(visits.values_list("status", flat=True)) == {"done"}


def test_a_story_in_cycles_from_signing_to_the_end_a_cut_and_its_ledger(trial: Trial) -> None:
    trial.now = trial.now.replace(year=2026, month=9, day=1)
    code = trial.randomised()
    for number in range(1, 5):
        visit = "day_1" if number == 1 else f"day_1~{number}"
        treat(trial, code, number)
        save(trial, code, visit, "scan", SCAN)
        trial.later(days=21)
    nurse = trial.person("nurse")
    assert [each.step for each in waiting_for(trial.person("pharmacist")).steps] == [
        ("prepare", "day_1", 5)
    ]
    told = story(nurse, code)
    lines = {line.visit.key: line for line in told.visits}
    assert lines["day_1~4"].status == "done" and lines["day_1~5"].status == "planned"
    assert lines["day_1~4"].visit.label.zh == "周期 4，Day 1"
    assert [line.visit for line in told.taken if line.step.key == "infuse"][-1] == "day_1~4"
    open_forms = waiting_for(trial.person("coordinator")).forms
    assert {(row.visit, row.open_forms) for row in open_forms} >= {("day_1~4", 1)}
    study = Study.objects.get(pk=STUDY)
    cut = cut_of_study.open_cut(study, trial.protocol, "look", trial.now)
    scans = [each for each in cut.entries if each.form == "scan"]
    assert [(each.visit, each.occurrence) for each in scans] == [("day_1", n) for n in range(1, 5)]
    days = [(v.occurrence, v.status) for v in cut.visits if v.visit == "day_1"]
    assert days == [(1, "done"), (2, "done"), (3, "done"), (4, "done"), (5, "planned")]
    (person,) = cut.participants
    assert person.at("infuse/day_1~4") is not None


def test_participation_can_end_while_an_open_cycle_would_go_on(trial: Trial) -> None:
    code = trial.randomised()
    treat(trial, code, 1)
    by = trial.person("coordinator")
    participation.complete(by=by, code=code, on=trial.now.date(), at=trial.now)
    assert trial.row(code).state == "completed"
    assert plan(trial, code, "day_1")["day_1~2"][0] == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_ledger_and_tables_agree_on_occurrences() -> None:
    trial = begin(CYCLES)
    code = trial.randomised()
    treat(trial, code, 1)
    trial.later(days=21)
    treat(trial, code, 2)
    save(trial, code, "day_1~2", "scan", SCAN)
    keys = files.keys()
    found = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(each) for each in found.problems] == []


def test_somebody_decides_when_the_next_occurrence_begins(db: None) -> None:
    cycle = "length: 21 d\n    next_on: day_1.vitals.next_on"
    item = "items: {next_on: {label: Next, type: date, future: yes}, weight_now:"
    trial = begin(CYCLES.replace("length: 21 d", cycle).replace("items: {weight_now:", item))
    code = trial.randomised()
    began = trial.now.date()

    def day(number: int) -> date:
        return began + timedelta(days=number)

    came(trial, code, "day_1")
    assert plan(trial, code, "day_1")["day_1~2"] == ("planned", day(21))
    typed = {"next_on": day(35).isoformat(), "weight_now": "60"}
    save(trial, code, "day_1", "vitals", typed)
    assert plan(trial, code, "day_1")["day_1~2"] == ("planned", day(35))
    # Corrected: the plan follows, with those of the same cycle.
    why = {"change_reasons": {"next_on": "Response sooner"}}
    save(trial, code, "day_1", "vitals", {**typed, "next_on": day(28).isoformat()}, 1, **why)
    assert plan(trial, code, "day_1", "day_8")["day_1~2"] == ("planned", day(28))
    trial.later(days=28)
    came(trial, code, "day_1~2")
    # Nothing was decided at it, so the length counts.
    assert plan(trial, code, "day_1")["day_1~3"] == ("planned", day(49))
    # A day that isn't later than the visit decides nothing.
    save(trial, code, "day_1~2", "vitals", {"next_on": day(28).isoformat(), "weight_now": "60"})
    assert plan(trial, code, "day_1")["day_1~3"] == ("planned", day(49))
