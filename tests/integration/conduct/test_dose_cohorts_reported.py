"""Dose cohorts in the data cut and the report: told by level to those alone who may know
arms."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.test_dose_cohort_backfill import BACKFILL
from tests.integration.conduct.test_dose_cohort_responses import BOIN12, BOTH, scanned
from tests.integration.conduct.test_dose_cohorts import (
    DAY,
    FILE,
    STUDY,
    decide,
    now,
    outcome,
    treated,
)
from trialwright.analysis.cut import Cut, SealedPart
from trialwright.analysis.cut_bytes import canonical_bytes
from trialwright.conduct.actions import cutting
from trialwright.conduct.cut import store
from trialwright.conduct.models import CohortDecision, Study
from trialwright.conduct.signing import hash_of
from trialwright.report.csv_tables import csv_tables
from trialwright.report.document import Bullets, Document, Paragraph, Table
from trialwright.report.listings import listings
from trialwright.report.trial import trial_report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cuts(settings: Any, tmp_path: Path) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path


def cut_of(trial: Trial) -> tuple[Cut, SealedPart]:
    sha256 = cutting.cut_data(by=trial.person("statistician"), name="look", at=trial.now)
    return store.load_open(STUDY, "look", sha256), store.load_sealed(STUDY, "look")


def rows(document: Document, caption: str) -> list[tuple[str, ...]]:
    table = next(
        each for each in document.walk() if isinstance(each, Table) and each.caption == caption
    )
    return [row.cells for row in table.rows]


def sentences(document: Document) -> str:
    found = [each.text for each in document.walk() if isinstance(each, Paragraph)]
    found += [item for each in document.walk() if isinstance(each, Bullets) for item in each.items]
    return "\n".join(found)


def followed(trial: Trial, *, events: int = 0) -> list[str]:
    codes = [treated(trial) for _ in range(now(trial).places)]
    trial.later(days=DAY)
    for place, code in enumerate(codes):
        outcome(trial, code, dlt=place < events)
    return codes


def test_decisions_stand_beside_what_the_rule_recommended_and_the_dose_chosen_is_said() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial)
    decide(trial, 1, reason="Two more weeks")
    followed(trial)
    decide(trial, 2)
    followed(trial, events=2)
    said = now(trial).reading
    assert said is not None and said.selected == 1 and said.decision is not None
    assert said.decision.action == "stop"
    decide(trial, 1, end=True)
    cut, sealed = cut_of(trial)
    told = trial_report(cut, trial.protocol, language="en", sealed=sealed)
    decisions = rows(told, "Decisions on dose cohorts")
    assert [row[2:6] for row in decisions] == [
        ("Cohort at level 1 (1 mg/kg), 3 participants", "Stay: level 1 (1 mg/kg)",
         "As recommended", "–"),
        ("Cohort at level 1 (1 mg/kg), 3 participants", "Escalate: level 2 (2 mg/kg)",
         "Overrides the rule", "Two more weeks"),
        ("Cohort at level 2 (2 mg/kg), 3 participants", "Escalate: level 2 (2 mg/kg)",
         "As recommended", "–"),
        ("Escalation ended; level 1 (1 mg/kg) chosen", "Stop: level 1 (1 mg/kg)",
         "As recommended", "–"),
    ]  # fmt: skip
    assert rows(told, "Participants by dose level") == [
        ("1 (1 mg/kg)", "6", "0", "6", "0", "0", "0", "0"),
        ("2 (2 mg/kg)", "3", "2", "1", "0", "0", "0", "0"),
        ("3 (4 mg/kg)", "0", "0", "0", "0", "0", "0", "0"),
    ]
    events = rows(told, "Dose-limiting events by dose level")
    assert events[1] == ("2 (2 mg/kg)", "3", "2 of 3 (66.7%; 9.4 to 99.2)")
    assert events[2] == ("3 (4 mg/kg)", "0", "–")
    assert "Chosen as maximum tolerated dose (MTD)" in sentences(told)
    assert "level 1 (1 mg/kg)." in sentences(told)
    chinese = trial_report(cut, trial.protocol, language="zh", sealed=sealed)
    assert len(rows(chinese, "剂量队列的决定")) == 4


@pytest.mark.parametrize(
    ("chosen", "reason", "agreement"),
    [
        (1, "", "As recommended"),
        (1, "Stopped as the board asked", "As recommended"),
        (None, "Nothing is safe enough", "Overrides the rule"),
    ],
)
def test_an_end_signed_before_selections_were_kept_is_told_by_what_the_rule_selected(
    chosen: int | None, reason: str, agreement: str
) -> None:
    """Such a decision says nothing of the level selected; what it was bound to does."""
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial)
    decide(trial, 2)
    followed(trial, events=2)
    decide(trial, 1)
    followed(trial)
    found = now(trial)
    assert found.reading is not None and found.reading.selected == 1
    seen = {key: value for key, value in found.content.items() if key != "selected"}
    CohortDecision.objects.create(
        study=Study.objects.get(),
        number=4,
        verdict="end",
        level=chosen,
        size=0,
        said_action="stop",
        said_level=None,
        seen=seen,
        content_hash=hash_of(seen),
        reason=reason,
        decided_at=trial.now,
        decided_by=found.decisions[0].decided_by,
        role=found.decisions[0].role,
    )
    trial.later(days=30)
    cut, sealed = cut_of(trial)
    told = trial_report(cut, trial.protocol, language="en", sealed=sealed)
    ended = rows(told, "Decisions on dose cohorts")[-1]
    assert ended[3:6] == ("Stop: level 1 (1 mg/kg)", agreement, reason or "–")


def test_the_cut_says_what_the_rule_saw_and_the_report_what_it_says() -> None:
    trial = begin(BOTH)
    decide(trial, 1)
    codes = followed(trial)
    trial.later(days=14)
    scanned(trial, codes[0], responded=True)
    cut, sealed = cut_of(trial)
    members = {each.participant: each for each in sealed.cohort_members}
    assert {(each.cohort, each.level, each.standing) for each in members.values()} == {
        (1, 1, "done")
    }
    assert [members[code].response for code in codes] == ["event", "pending", "pending"]
    assert members[codes[1]].response_days == 42
    told = trial_report(cut, trial.protocol, language="en", sealed=sealed)
    assert "The rule at the data cut: outcomes are awaited." in sentences(told)
    assert rows(told, "Dose-limiting events by dose level")[0][3].startswith("1 of 1")
    trial.later(days=14)
    for code in codes[1:]:
        scanned(trial, code, responded=False)
    sha256 = cutting.cut_data(by=trial.person("statistician"), name="later", at=trial.now)
    cut, sealed = store.load_open(STUDY, "later", sha256), store.load_sealed(STUDY, "later")
    told = trial_report(cut, trial.protocol, language="en", sealed=sealed)
    state = BOIN12.start().observe(1, 3, 0, responses=1)
    assert BOIN12.decide(state).reason.in_language("en") in sentences(told)
    assert f"select level {BOIN12.select(state)} (1 mg/kg) as optimal biological" in sentences(told)


def test_backfilled_participants_are_told_apart() -> None:
    trial = begin(BACKFILL)
    decide(trial, 1)
    first = followed(trial)
    trial.later(days=10)
    decide(trial, 2)
    second = [treated(trial) for _ in range(3)]
    scanned(trial, first[0], responded=True)
    late = treated(trial)
    cut, sealed = cut_of(trial)
    found = {each.participant: each for each in sealed.cohort_members}
    assert found[late].backfilled and (found[late].cohort, found[late].level) == (2, 1)
    told = trial_report(cut, trial.protocol, language="en", sealed=sealed)
    assert rows(told, "Participants by dose level")[0][:3] == ("1 (1 mg/kg)", "4", "1")
    listed = listings(cut, trial.protocol, language="en", sealed=sealed)
    text = csv_tables(listed)["16-2-5-1.csv"].decode()
    assert '"2, backfilled",1 (1 mg/kg)' in text
    assert len(text.splitlines()) == 2 + len(first) + len(second) + 1


def test_who_may_not_know_arms_reads_nothing_of_levels() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial)
    decide(trial, 1, reason="More cautious")
    cut, sealed = cut_of(trial)
    assert len(sealed.cohort_members) == 3 and len(sealed.cohort_decisions) == 2
    assert b"cohort" not in canonical_bytes(cut).replace(STUDY.encode(), b"")
    assert b"More cautious" not in canonical_bytes(cut)
    captions = {
        each.caption
        for document in (
            trial_report(cut, trial.protocol, language="en"),
            listings(cut, trial.protocol, language="en"),
        )
        for each in document.walk()
        if isinstance(each, Table)
    }
    assert captions
    assert not [each for each in captions if "dose level" in each or "ohort" in each]
