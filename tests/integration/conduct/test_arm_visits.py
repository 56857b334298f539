"""Arms that come on different days, in a trial whose arms everybody at the site may know."""

from datetime import timedelta

import pytest

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from trialwright.conduct.actions import participation, randomising
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.actions.visiting import record_visit
from trialwright.conduct.allocation.allocating import Choice
from trialwright.conduct.models import Participant, State, VisitRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.states import next_states
from trialwright.conduct.reads.participants import story
from trialwright.conduct.refusals import NotFound

OPEN = (
    HEAD.format(study="OPEN-01", title="Cycles, one dose, or none", participants=12, last="month_3")
    .replace("participant.treated", "not participant.withdrawn")
    .replace("{like: investigator}", "{like: investigator, knows_arm: yes}")
    .replace("{like: coordinator}", "{like: coordinator, knows_arm: yes}")
    .replace("see_ledger], knows_arm: no", "see_ledger], knows_arm: yes")
    .replace("like: trial_statistician", "like: trial_statistician, knows_arm: yes")
    + """\
arms:
  cycles: {label: "In cycles", type: experimental, description: "Three times"}
  once: {label: "Once", type: active_comparator, description: "One dose"}
  none: {label: "Nothing", type: no_intervention, description: "Followed alone"}
allocation: {kind: chosen, by: investigator}
steps:
  infuse:
    label: "Infuse"
    roles: [nurse]
    at: [day_1, single]
    records: dose
    planned: {amount: 200, unit: mg}
anchors: {allocation: {label: "Allocation", step: allocation}}
cycles: {q3w: {label: "Cycle", from: allocation, length: 21 d, times: 3}}
visits:
  day_1:
    label: "Day 1"
    cycle: q3w
    day: 1
    arms: [cycles]
    window_after_days: 3
    forms: [score]
  single:
    label: "The dose"
    anchor: allocation
    arms: [once]
    window_after_days: 3
    forms: [score]
  month_3:
    label: "Month 3"
    anchor: allocation
    after: 3 months
    window_after_days: 14
    forms: [score]
"""
)


def allocated(trial: Trial, arm: str) -> str:
    code = trial.eligible()
    by = trial.person("investigator")
    randomising.randomise(by=by, code=code, choice=Choice(arm, "So agreed"), at=trial.now)
    return code


def visits_of(trial: Trial, code: str) -> list[str]:
    rows = VisitRecord.objects.filter(participant=trial.row(code))
    return sorted(rows.values_list("visit", flat=True))


@pytest.mark.django_db
def test_each_arm_has_its_own_visits_and_nobody_before_there_is_an_arm() -> None:
    trial = begin(OPEN)
    waiting = trial.eligible()
    assert visits_of(trial, waiting) == []
    codes = {arm: allocated(trial, arm) for arm in ("cycles", "once", "none")}
    assert {arm: visits_of(trial, code) for arm, code in codes.items()} == {
        "cycles": ["day_1", "month_3"],
        "once": ["month_3", "single"],
        "none": ["month_3"],
    }
    told = story(trial.person("nurse"), codes["once"])
    assert [line.visit.key for line in told.visits] == ["single", "month_3"]
    with pytest.raises(NotFound):
        trial.taking("nurse", codes["once"], "infuse", "day_1")()


@pytest.mark.django_db
def test_who_gets_nothing_in_their_arm_reaches_the_end_without_a_dose() -> None:
    trial = begin(OPEN)
    none, once = allocated(trial, "none"), allocated(trial, "once")
    assert State.COMPLETED in next_states(trial.row(none), trial.protocol)
    assert State.COMPLETED not in next_states(trial.row(once), trial.protocol)
    trial.now += timedelta(days=92)
    by = trial.person("coordinator")
    record_visit(by=by, code=none, visit="month_3", on=trial.now.date(), at=trial.now)
    participation.complete(
        by=trial.person("investigator"), code=none, on=trial.now.date(), at=trial.now
    )
    assert trial.row(none).state == State.COMPLETED


@pytest.mark.django_db
def test_of_an_arm_with_one_dose_that_is_not_given_nothing_more_is_awaited() -> None:
    trial = begin(OPEN)
    once, cycles = allocated(trial, "once"), allocated(trial, "cycles")
    refused = StepReport(status=StepStatus.NOT_DONE, reason="Refused")
    trial.taking("nurse", once, "infuse", "single", refused)()
    trial.taking("nurse", cycles, "infuse", "day_1", refused)()
    found = {each.code: each.state for each in Participant.objects.all()}
    # Two more cycles may come.
    assert found == {once: State.NOT_TREATED, cycles: State.RANDOMISED}
