"""Allocations at later epochs: who is allocated again, who keeps their arm, and that both look
alike to whoever may not know."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from tests.integration.conduct.test_allocation_kinds import alone, arm_of, problems, recomputed
from trialwright.conduct.actions import entering, participation, randomising, visiting
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import AllocationSlot
from trialwright.conduct.reads.participants import story
from trialwright.conduct.reads.randomisation import to_randomise
from trialwright.conduct.reads.steps import NextStep
from trialwright.conduct.reads.waiting import waiting_for
from trialwright.conduct.refusals import ActionRefused
from trialwright.ledger import export, files
from trialwright.ledger.models import LedgerRow
from trialwright.ledger.seal import study_key
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

STUDY = "TWICE-01"
FILE = (
    HEAD.format(study=STUDY, title="Allocated again", participants=30, last="day_1")
    + """\
arms:
  short: {label: "Short", type: experimental, description: "Every 8 weeks"}
  long: {label: "Long", type: experimental, description: "Every 12 weeks"}
  placebo: {label: "Placebo", type: placebo_comparator, description: "Placebo"}
allocations:
  first: {label: "First", ratio: {short: 1, long: 1, placebo: 1}, block_sizes: [3, 6]}
  second: {label: "Second", at: part_2, TERMS}
steps:
  inject: {label: "Inject", roles: [nurse], at: [day_1, week_8], records: dose}
anchors:
  consent: {label: "Consent", step: consent}
  randomised: {label: "Randomisation", step: allocation}
  second: {label: "Second allocation", step: second}
epochs:
  part_1: {label: "Part 1", type: treatment, length: 28 d}
  part_2: {label: "Part 2", type: treatment}
visits:
  screening: {label: "Screening", screening: yes, forms: [score]}
  day_1: {label: "Day 1", anchor: randomised, window_after_days: 3, epoch: part_1, forms: [score]}
  week_8: {label: "Week 8", anchor: randomised, after: 56 d, epoch: part_2, forms: [score]}
  week_10: {label: "Week 10", anchor: second, after: 14 d, epoch: part_2, forms: [score]}
"""
)
KINDS = {
    "blocks": "among: [placebo], ratio: {short: 1, long: 1}, block_sizes: [2]",
    "simple": "kind: simple, among: [placebo], ratio: {short: 1, long: 2}",
    "minimisation": (
        "kind: minimisation, among: [placebo], ratio: {short: 1, long: 1}, strata: {points: "
        '{label: "Points", levels: {low: {label: "Low", when: "day_1.score.points < 5"}, '
        'high: {label: "High", when: "day_1.score.points >= 5"}}}}'
    ),
    "none": "kind: none, among: [placebo], arms: [short]",
    "switch": "kind: switch, to: {placebo: long}",
    "everybody": "ratio: {short: 1, long: 1}, block_sizes: [2, 4]",
}


def a_trial(again: str = KINDS["blocks"]) -> Trial:
    return begin(FILE.replace("TERMS", again))


def in_part_2(trial: Trial, points: int | None = None) -> str:
    """Somebody whose visit of week 8 took place."""
    code = trial.randomised()
    by, randomised_on = trial.person("coordinator"), trial.now
    visiting.record_visit(
        by=by, code=code, visit="day_1", on=trial.now.date(), reason="", at=trial.now
    )
    if points is not None:
        entering.save_entry(
            by=by, code=code, visit="day_1", form="score", raw={"points": str(points)},
            based_on=0, at=trial.now,
        )  # fmt: skip
    trial.later(days=56)
    visiting.record_visit(
        by=by, code=code, visit="week_8", on=trial.now.date(), reason="", at=trial.now
    )
    assert trial.now - randomised_on == timedelta(days=56)
    return code


def again(trial: Trial, code: str) -> str:
    made = randomising.randomise_again(by=trial.person("investigator"), code=code, at=trial.now)
    assert made == "second"
    return arm_of(trial, code)


def first_arm(trial: Trial, code: str) -> str:
    number = allocation_list.arm_of(trial.row(code), made=())
    return trial.protocol.arms[number - 1].key


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_who_is_meant_gets_an_arm_anew_and_all_others_keep_theirs(kind: str) -> None:
    trial = a_trial(KINDS[kind])
    codes = [in_part_2(trial, number % 10) for number in range(9)]
    arms = {code: again(trial, code) for code in codes}
    before = {code: first_arm(trial, code) for code in codes}
    assert Counter(before.values()) == {"short": 3, "long": 3, "placebo": 3}
    if kind != "everybody":
        assert {c: a for c, a in arms.items() if before[c] != "placebo"} == {
            c: a for c, a in before.items() if a != "placebo"
        }
    anew = Counter(arms[code] for code in codes if before[code] == "placebo")
    assert set(anew) <= {"short", "long"}
    if kind == "none":
        assert set(anew) == {"short"}
    if kind == "switch":
        assert set(anew) == {"long"}
    if kind == "blocks":
        assert min(anew.values()) == 1, "a block of two holds both"
    assert problems(trial) == []
    assert recomputed(trial)[0] == []


@pytest.mark.django_db(transaction=True)
def test_an_arm_against_the_random_numbers_is_found_also_where_it_should_be_kept() -> None:
    trial = a_trial()
    codes = [in_part_2(trial) for _ in range(3)]
    for code in codes:
        again(trial, code)
    keys = files.keys()
    lines = list(export.lines(STUDY, [keys.public]))
    source, places = alone.recorded(lines[1:], study_key(keys.sealing, STUDY))
    assert alone.compared(source, places) == []
    for place in places:
        if place.get("allocation") == "second":
            kept = place["arm"]
            place["arm"] = "3"
            assert len(alone.compared(source, places)) >= 1
            place["arm"] = kept


@pytest.mark.django_db(transaction=True)
def test_being_allocated_again_and_keeping_an_arm_look_alike() -> None:
    trial = a_trial()
    codes = [in_part_2(trial) for _ in range(3)]
    seen: dict[str, object] = {}
    known: set[tuple[object, ...]] = set()
    for code in codes:
        with CaptureQueriesContext(connection) as queries:
            randomising.randomise_again(by=trial.person("investigator"), code=code, at=trial.now)
        rows = LedgerRow.objects.filter(study=STUDY, action="randomise_again")
        columns = set(rows.values_list("seq", "chain", "entity", "field"))
        written = Counter(each[1:] for each in columns - known)
        known |= columns
        place = AllocationSlot.objects.get(participant=trial.row(code), allocation="second")
        story_of = story(trial.person("nurse"), code)
        seen[code] = (
            len(queries),
            sorted(written.items()),
            len(place.sealed),
            place.stratum,
            place.list_name,
            [(line.visit.key, line.status) for line in story_of.visits],
            story_of.steps,
        )
    assert {first_arm(trial, code) for code in codes} == {"short", "long", "placebo"}
    assert len({str(each) for each in seen.values()}) == 1


@pytest.mark.django_db(transaction=True)
def test_it_is_due_once_a_visit_of_its_epoch_may_take_place_and_once_only() -> None:
    trial = a_trial()
    code = trial.randomised()
    by = trial.person("investigator")
    with pytest.raises(ActionRefused, match="No allocation of C-001 is due"):
        randomising.randomise_again(by=by, code=code, at=trial.now)
    trial.later(days=56)
    assert NextStep.AGAIN in story(by, code).steps  # by the real clock, years later
    waits = waiting_for(by).steps
    assert [each.code for each in waits if each.step is NextStep.AGAIN] == [code]
    assert to_randomise(by, code).allocation.key == "second"
    give = trial.taking("nurse", code, "inject", "week_8")
    visiting.record_visit(
        by=trial.person("coordinator"), code=code, visit="week_8", on=trial.now.date(),
        reason="", at=trial.now,
    )  # fmt: skip
    with pytest.raises(ActionRefused, match="comes after: Second"):
        give()
    again(trial, code)
    give()
    assert trial.visit(code, "week_10").target == trial.now.date() + timedelta(days=14)
    with pytest.raises(ActionRefused, match="is due"):
        randomising.randomise_again(by=by, code=code, at=trial.now)


@pytest.mark.django_db(transaction=True)
def test_a_condition_over_values_says_who_of_them_is_allocated_again() -> None:
    trial = a_trial('when: "day_1.score.points < 5", ratio: {short: 1, long: 1}, block_sizes: [2]')
    better, worse, unknown = in_part_2(trial, 9), in_part_2(trial, 1), in_part_2(trial)
    had = first_arm(trial, better)
    assert again(trial, better) == had
    assert again(trial, worse) in ("short", "long")
    with pytest.raises(ActionRefused, match="isn't known yet whether"):
        again(trial, unknown)
    strata = AllocationSlot.objects.filter(allocation="second").order_by("place")
    assert [each.stratum for each in strata] == ["-", ""]
    assert recomputed(trial)[0] == []


@pytest.mark.django_db(transaction=True)
def test_who_does_not_respond_gets_the_other_arm_unseen() -> None:
    trial = a_trial(
        'kind: switch, when: "day_1.score.points < 5", to: {long: placebo, placebo: long}'
    )
    codes = [in_part_2(trial, points) for points in (1, 2, 3, 8, 8, 8)]
    arms = {code: again(trial, code) for code in codes}
    other = {"long": "placebo", "placebo": "long", "short": "short"}
    for code in codes[:3]:
        assert arms[code] == other[first_arm(trial, code)]
    assert all(arms[code] == first_arm(trial, code) for code in codes[3:])
    assert {first_arm(trial, code) for code in codes[:3]} == set(other)
    assert (
        len({len(each.sealed) for each in AllocationSlot.objects.filter(allocation="second")}) == 1
    )
    found, places = recomputed(trial)
    assert (found, places) == ([], 36)  # 30 of the list made at activation, and these six
    keys = files.keys()
    lines = list(export.lines(STUDY, [keys.public]))
    source, held = alone.recorded(lines[1:], study_key(keys.sealing, STUDY))
    switched = next(each for each in held if each.get("allocation") == "second")
    switched["arm"] = str(int(switched["arm"]) % 3 + 1)
    assert len(alone.compared(source, held)) == 1


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ("kind: switch", "has no `to`"),
        ("kind: switch, to: {placebo: placebo}", "would switch to itself"),
        ("kind: switch, among: [long], to: {placebo: long}", "says in `to` from which arms"),
        ("kind: switch, to: {placebo: nothing}", "nothing"),
        ("kind: simple, ratio: {short: 1, long: 1}, to: {placebo: long}", "has no `to`"),
    ],
)
def test_a_switch_that_cannot_be_is_refused(terms: str, says: str) -> None:
    with pytest.raises(ProtocolFileError) as refused:
        parse_file(FILE.replace("TERMS", terms).encode())
    assert any(says in each.message for each in refused.value.problems), str(refused.value)


def test_nobody_enters_by_a_switch() -> None:
    text = FILE.replace(
        "ratio: {short: 1, long: 1, placebo: 1}, block_sizes: [3, 6]",
        "kind: switch, to: {placebo: long}",
    ).replace("TERMS", KINDS["blocks"])
    with pytest.raises(ProtocolFileError, match="nobody has an arm yet to switch from"):
        parse_file(text.encode())


@pytest.mark.django_db(transaction=True)
def test_who_stops_treatment_is_not_allocated_again() -> None:
    trial = a_trial()
    code = in_part_2(trial)
    participation.withdraw(
        by=trial.person("investigator"), code=code, on=trial.now.date(), stops=["treatment"],
        reason="Asked to", at=trial.now,
    )  # fmt: skip
    with pytest.raises(ActionRefused, match="is due"):
        again(trial, code)
