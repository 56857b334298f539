"""A protocol is lived through the actions that people use, and one seed makes the same bytes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.conf import settings

from tests.integration.conduct.diary_trial import FILE as DIARY
from tests.integration.conduct.other_trials import COHORT, IMPLANT, INFUSIONS
from tests.integration.conduct.test_allocation_kinds import DRAWN, of_kind
from tests.integration.conduct.test_arm_visits import OPEN
from tests.integration.conduct.test_cohort_sizes import BY_LEVEL
from tests.integration.conduct.test_dose_cohort_backfill import BACKFILL, EFFTOX
from tests.integration.conduct.test_dose_cohort_responses import BOTH
from tests.integration.conduct.test_kit_strengths import FILE as STRENGTHS
from tests.integration.conduct.test_randomised_cohorts import BLINDED, SEVIRUMAB
from trialwright.conduct.actions import studies
from trialwright.conduct.refusals import ActionRefused
from trialwright.ledger import sources
from trialwright.protocol.loader import parse_file
from trialwright.simulation.people import invented_places, make_crew
from trialwright.simulation.run import Simulated
from trialwright.simulation.streams import entropy_of

Simulate = Callable[..., Simulated]


def test_one_seed_makes_the_same_bytes_and_another_one_others(simulated: Simulate) -> None:
    first, again, other = (
        simulated(INFUSIONS.encode(), participants=4, seed=seed) for seed in (1, 1, 2)
    )
    assert (first.cut, first.pooled, first.by_arm) == (again.cut, again.pooled, again.by_arm)
    assert first.cut_sha256 != other.cut_sha256
    assert first.passed and other.passed
    assert first.coverage.enrolled == 4
    assert not first.coverage.refusals


def test_a_list_that_is_drawn_outside_is_invented_from_the_seed_and_said_to_be(
    simulated: Simulate,
) -> None:
    first, again, other = (
        simulated(of_kind(DRAWN["external"]).encode(), participants=10, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first.passed and not first.coverage.refusals
    assert (first.cut, first.by_arm) == (again.cut, again.by_arm)
    arms = [[each.arm for each in done.sealed.assignments] for done in (first, other)]
    assert arms[0] != arms[1] and {*arms[0]} == {"active", "control"}
    assert [each.key for each in first.answers] == ["allocation list"]


def test_what_opens_a_diary_comes_from_the_seed_too(simulated: Simulate) -> None:
    first, again = (simulated(DIARY.encode(), participants=2, seed=2) for _ in range(2))
    assert (first.cut, first.pooled, first.by_arm) == (again.cut, again.pooled, again.by_arm)


@pytest.mark.parametrize("text", [IMPLANT, COHORT], ids=["implant", "cohort"])
def test_trials_without_allocation_are_lived_to_their_end(simulated: Simulate, text: str) -> None:
    done = simulated(text.encode(), participants=2)
    assert done.passed and not done.coverage.refusals
    assert {line.kind for line in done.coverage.lines}.isdisjoint({"arm", "stratum"})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_arms_with_visits_of_their_own_are_lived_to_a_verified_report(
    simulated: Simulate, seed: int
) -> None:
    done = simulated(OPEN.encode(), participants=9, seed=seed)
    assert done.passed and not done.coverage.refusals


def test_cohorts_grow_on_the_way_as_the_file_says(simulated: Simulate) -> None:
    everybody_counts = BY_LEVEL.replace('  evaluable: "day_28.score.counts"\n', "")
    done = simulated(everybody_counts.encode(), participants=6)
    assert done.passed and not done.coverage.refusals
    assert Counter(each.arm for each in done.sealed.assignments) == {"d1": 1, "d2": 2, "d3": 3}


@pytest.mark.parametrize("text", [SEVIRUMAB, BLINDED], ids=["open", "blinded"])
def test_randomised_cohorts_run_from_level_to_level(simulated: Simulate, text: str) -> None:
    everybody_counts = text.replace('  evaluable: "day_28.score.counts"\n', "")
    done = simulated(everybody_counts.encode(), participants=12)
    assert done.passed and not done.coverage.refusals
    arm_of = {each.participant: each.arm for each in done.sealed.assignments}
    counted = [each for each in done.sealed.cohort_members if each.standing != "replaced"]
    for cohort in (1, 2):
        own = Counter(arm_of[each.participant] for each in counted if each.cohort == cohort)
        assert own == {f"d{cohort}": 3, "sandoglobulin": 1}
    assert max(each.cohort for each in counted) == 3


def test_simulated_cohorts_respond_as_often_as_the_file_says(simulated: Simulate) -> None:
    plan = "simulation: {events: [0], responses: [0, 1], screening_failures: 0}\n"
    done = simulated((BOTH + plan).encode(), participants=7)
    assert done.passed and not done.coverage.refusals
    arm_of = {each.participant: each.arm for each in done.sealed.assignments}
    found = {
        (arm_of[each.participant], value.text)
        for each in done.data.entries
        if each.form == "scan"
        for value in each.values
        if value.text
    }
    assert found == {("d1", "no"), ("d2", "yes")}


@pytest.mark.parametrize("text", [BACKFILL, EFFTOX], ids=["backfill", "efftox"])
def test_rules_of_events_and_responses_are_followed_to_a_verified_report(
    simulated: Simulate, text: str
) -> None:
    rates = "events: [0.1, 0.2, 0.3], responses: [0.6, 0.7, 0.8]"
    plan = f"simulation: {{{rates}, screening_failures: 0, accrual_days: 3}}\n"
    done = simulated((text + plan).encode(), participants=8)
    assert done.passed and not done.coverage.refusals
    assert {each.arm for each in done.sealed.assignments} == {"d1", "d2"}


def test_kits_are_handed_out_in_strengths_and_counted_by_them(simulated: Simulate) -> None:
    done = simulated(STRENGTHS.encode(), participants=8)
    assert done.passed and not done.coverage.refusals
    contents = {each.kit: each.product for each in done.sealed.kits}
    arm_of = {each.participant: each.arm for each in done.sealed.assignments}
    handed = [kit for kit in done.data.kits if kit.dispensed_on]
    times = {each: sum(kit.strength == each for kit in handed) for each in ("mild", "strong")}
    assert min(times.values()) > 0
    lines = {line.name: line.times for line in done.coverage.lines}
    assert {each: lines[each] for each in times} == times
    assert all(contents[kit.kit] == arm_of[kit.participant] for kit in handed)
    assert "5 percent" in done.pooled and "Cream, 5 percent" in done.by_arm
    assert "Cream, 5 percent" not in done.pooled


def test_diaries_are_kept_by_the_participants_themselves(simulated: Simulate) -> None:
    done = simulated(DIARY.encode(), participants=3, seed=2)
    assert done.passed and not done.coverage.refusals
    assert b'"role":"participant"' in done.cut or b"bleeding" in done.cut


def test_the_installation_is_left_as_it_was(simulated: Simulate) -> None:
    before = (settings.TRIALWRIGHT_KEYS, settings.TRIALWRIGHT_HEADS, settings.TRIALWRIGHT_CUTS)
    simulated(COHORT.encode(), participants=1)
    assert before == (
        settings.TRIALWRIGHT_KEYS, settings.TRIALWRIGHT_HEADS, settings.TRIALWRIGHT_CUTS,
    )  # fmt: skip
    assert not sources.are_given()


@pytest.mark.django_db
def test_a_real_study_takes_no_salts_and_no_time_but_the_systems() -> None:
    text = COHORT.replace("demonstration: yes", "demonstration: no")
    now = datetime.now(UTC)
    given = sources.Sources(entropy_of(1, "test"), lambda: now, lambda: now)
    crew = make_crew(parse_file(text.encode()), invented_places(1), now)
    signer = crew.able(studies.Act.SIGN_PROTOCOL)[0]
    with sources.given(given), pytest.raises(ActionRefused, match="Only a demonstration"):
        studies.sign_protocol(by=signer, source=text.encode(), file_name="protocol.yaml")


def test_what_must_hold_and_does_not_is_a_failure(simulated: Simulate) -> None:
    done = simulated(COHORT.encode(), participants=1)
    assert done.passed and done.failures == ()
    assert done.file_sha256 == sha256(COHORT.encode()).hexdigest()
    refused = replace(done.coverage, refusals=(("record visit", "The window is over.", 2),))
    (failure,) = replace(done, coverage=refused).failures
    assert failure.startswith("Refused 2 times") and "The window is over." in failure
    assert replace(done, asked=2).failures == ("1 of 2 participants entered",)
    assert not replace(done, pooled="").passed
    assert not replace(done, problems=("a row is missing",)).passed
