"""Dose cohorts of a later part of the treatment, which some join and the others don't."""

from collections.abc import Callable

import pytest

from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.test_allocation_kinds import alone, arm_of, problems, recomputed
from tests.integration.conduct.test_dose_cohorts import browser, decide, now
from tests.integration.conduct.test_randomised_cohorts import open_to_all, trial_of
from trialwright.conduct.actions import entering, randomising, visiting
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.models import AllocationSlot
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.doses import planned_amount
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.cohorts import Standing
from trialwright.design.running import unrunnable
from trialwright.design.section import problems_of
from trialwright.ledger import export, files
from trialwright.ledger.seal import study_key
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

STUDY = "LATER-01"
PARTS = """\
arms:
  standard: {label: "Standard", type: active_comparator, description: "Standard"}
  m1: {label: "Level 1", type: experimental, description: "Level 1"}
  m2: {label: "Level 2", type: experimental, description: "Level 2"}
allocations:
  entry: {label: "Entry", kind: none, arms: [standard]}
  second: {label: "Consolidation", at: part_2, kind: dose_cohort, when: "day_1.score.points >= 5"}
dose_levels:
  m1: {dose: 30, unit: mg}
  m2: {dose: 45, unit: mg}
cohorts:
  size: 2
  window: 28 d
  event: "day_28.score.dlt"
  decide: board
steps:
  inject: {label: "Inject", roles: [nurse], at: [day_1], records: dose}
  infuse:
    label: "Infuse"
    roles: [nurse]
    at: [week_8]
    records: dose
    planned: {amount: "dose_level", unit: mg}
anchors:
  entered: {label: "Entry", step: allocation}
  infused: {label: "Infused", step: infuse}
epochs:
  part_1: {label: "Part 1", type: treatment, length: 28 d}
  part_2: {label: "Part 2", type: treatment}
visits:
  day_1: {label: "Day 1", anchor: entered, window_after_days: 3, epoch: part_1, forms: [score]}
  week_8: {label: "Week 8", anchor: entered, after: 56 d, epoch: part_2, forms: [score]}
  day_28:
    label: "Day 28"
    anchor: infused
    day: 28
    window_before_days: 28
    window_after_days: 7
    epoch: part_2
    forms: [score]
"""
FILE = open_to_all(trial_of(STUDY, "Cohorts of the second part") + PARTS)
PLACEBO = '  placebo: {label: "Placebo", type: placebo_comparator, description: "Placebo"}\n'
CONTROL = "  control: {arm: placebo, each: 1}\n  window: 28 d"
RANDOMISED = FILE.replace("allocations:", f"{PLACEBO}allocations:").replace(
    "  window: 28 d", CONTROL
)


def scored(trial: Trial, code: str, visit: str, **answers: str) -> None:
    by = trial.person("coordinator")
    visiting.record_visit(
        by=by, code=code, visit=visit, on=trial.now.date(), reason="", at=trial.now
    )
    entering.save_entry(
        by=by, code=code, visit=visit, form="score", raw={"points": "1", **answers},
        based_on=0, at=trial.now,
    )  # fmt: skip


def in_part_2(trial: Trial, points: int) -> str:
    """Somebody with so many points, treated in the first part, whose second part begins."""
    code = trial.randomised()
    scored(trial, code, "day_1", points=str(points))
    trial.taking("nurse", code, "inject", "day_1")()
    trial.later(days=56)
    visiting.record_visit(
        by=trial.person("coordinator"), code=code, visit="week_8", on=trial.now.date(),
        reason="", at=trial.now,
    )  # fmt: skip
    return code


def joins(trial: Trial, code: str) -> str:
    """Take the step of the second part. Returns the arm afterwards."""
    randomising.randomise_again(by=trial.person("investigator"), code=code, at=trial.now)
    return arm_of(trial, code)


def opened(trial: Trial, level: int) -> None:
    decide(trial, level, reason="Well borne")


@pytest.mark.django_db(transaction=True)
def test_who_is_meant_joins_the_open_cohort_and_all_others_keep_their_arm() -> None:
    trial = begin(FILE)
    high, low = in_part_2(trial, 7), in_part_2(trial, 2)
    with pytest.raises(ActionRefused, match="No dose cohort is open yet"):
        joins(trial, high)
    assert joins(trial, low) == "standard", "who isn't meant waits for no cohort"
    opened(trial, 1)
    assert joins(trial, high) == "m1"
    assert joins(trial, in_part_2(trial, 7)) == "m1"
    third = in_part_2(trial, 7)
    with pytest.raises(ActionRefused, match="Cohort 1 has no place left"):
        joins(trial, third)
    assert [each.code for each in now(trial).members] == [high, "C-003"]
    assert problems(trial) == []
    assert recomputed(trial)[0] == []


@pytest.mark.django_db
def test_its_window_counts_from_the_first_dose_of_the_second_part() -> None:
    trial = begin(FILE)
    code = in_part_2(trial, 7)
    opened(trial, 1)
    joins(trial, code)
    assert now(trial).count(1, Standing.AWAITED) == 1, "treated before, and not in the second part"
    step = trial.protocol.step("infuse")
    assert planned_amount(trial.row(code), trial.protocol, step, "week_8") == 30
    trial.taking("nurse", code, "infuse", "week_8")()
    (member,) = now(trial).members
    assert member.outcome.standing is Standing.PENDING and member.treated_on == trial.now.date()
    trial.later(days=28)
    scored(trial, code, "day_28", dlt="yes")
    assert now(trial).count(1, Standing.EVENT) == 1


@pytest.mark.django_db
def test_whose_dose_of_the_second_part_is_not_given_leaves_the_place() -> None:
    trial = begin(FILE)
    code = in_part_2(trial, 7)
    opened(trial, 1)
    joins(trial, code)
    none = StepReport(StepStatus.NOT_DONE, None, "Infection")
    trial.taking("nurse", code, "infuse", "week_8", none)()
    assert now(trial).count(1, Standing.REPLACED) == 1 and now(trial).places == 2


@pytest.mark.django_db(transaction=True)
def test_once_the_escalation_has_ended_all_keep_their_arm() -> None:
    trial = begin(FILE)
    opened(trial, 1)
    code = in_part_2(trial, 7)
    decide(trial, None, end=True, reason="A death elsewhere")
    assert joins(trial, code) == "standard"
    assert now(trial).members == ()
    assert problems(trial) == []


@pytest.mark.django_db(transaction=True)
def test_cohorts_of_a_later_part_are_randomised_too_and_each_arm_is_found_again() -> None:
    trial = begin(RANDOMISED)
    opened(trial, 1)
    arms = []
    for points in (7, 2, 7, 7):
        code = in_part_2(trial, points)
        arms.append(joins(trial, code))
        amount = planned_amount(trial.row(code), trial.protocol, trial.protocol.step("infuse"),
                                "week_8")  # fmt: skip
        assert amount == (30 if points == 7 else None)
    assert sorted(arms) == ["m1", "m1", "placebo", "standard"]
    assert problems(trial) == []
    assert recomputed(trial)[0] == []
    keys = files.keys()
    lines = list(export.lines(STUDY, [keys.public]))
    source, places = alone.recorded(lines[1:], study_key(keys.sealing, STUDY))
    for place in places:
        if place.get("allocation") == "second":
            kept, place["arm"] = place["arm"], "3"
            assert kept == "3" or alone.compared(source, places)
            place["arm"] = kept
    strata = AllocationSlot.objects.filter(allocation="second").order_by("place")
    assert [each.stratum for each in strata] == ["1/1/2+1", "-", "1/1/2+1", "1/1/2+1"]


@pytest.mark.django_db
def test_the_step_says_what_will_happen_and_the_cohorts_page_who_joined() -> None:
    trial = begin(FILE)
    opened(trial, 1)
    code, other = in_part_2(trial, 7), in_part_2(trial, 2)
    start = f"/studies/{STUDY}"
    page = browser(trial, "investigator").get(f"{start}/participants/{code}/randomise")
    assert "joins the open dose cohort" in page.content.decode()
    joins(trial, code)
    joins(trial, other)
    page = browser(trial, "board").get(f"{start}/cohorts").content.decode()
    assert f"{code}</" in page and f"{other}</" not in page
    assert "Participants by dose level" in page and "What the rule" not in page


WRONG: tuple[tuple[str, Callable[[str], str], str], ...] = (
    (FILE, lambda text: text.replace("kind: none, arms: [standard]", "kind: dose_cohort"),
     "join dose cohorts as they enter"),
    (FILE, lambda text: text.replace(
        "dose_levels:\n", '  third: {label: "Third", at: part_3, kind: dose_cohort}\ndose_levels:\n'
    ).replace("anchors:\n", "anchors:\n  begun: {label: X, visit: day_28}\n").replace(
        "visits:\n", '  part_3: {label: "Part 3", type: treatment, starts: begun}\nvisits:\n'
    ) + "  last: {label: Last, anchor: begun, after: 7 d, epoch: part_3, forms: [score]}\n",
     "joined by two allocations"),
    (FILE, lambda text: text.replace("  decide: board", "  decide: board\n  days_apart: 7"),
     "`days_apart` of the cohorts"),
    (FILE, lambda text: text.replace("at: [week_8]", "at: [day_1]"),
     "no step gives one at a visit from the epoch `part_2` on"),
    (FILE, lambda text: text.replace("knows_arm: yes}\n  statistician", "knows_arm: no}\n  stat"
     "istician"), "may not learn an arm"),
    (FILE, lambda text: text[: text.index("cohorts:")] + text[text.index("steps:"):],
     "and no `cohorts`"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "wrong", "sentence"), WRONG)
def test_what_cohorts_of_a_later_part_need_is_said_with_its_line(
    text: str, wrong: Callable[[str], str], sentence: str
) -> None:
    assert wrong(text) != text
    try:
        protocol = parse_file(wrong(text).encode())
    except ProtocolFileError as error:
        found = [each for each in error.problems if sentence in str(each)]
        assert found, str(error)
    else:
        every = (*problems_of(protocol), *unrunnable(protocol))
        found = [each for each in every if sentence in str(each)]
    assert found and found[0].way_out and found[0].line > 1, sentence


def test_a_good_file_has_no_problem() -> None:
    for text in (FILE, RANDOMISED):
        protocol = parse_file(text.encode())
        assert problems_of(protocol) == () and unrunnable(protocol) == ()
