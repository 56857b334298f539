"""Planned doses that follow from values: by weight, by table, by dose level."""

from decimal import Decimal

import pytest

from tests.integration.conduct.other_trials import INFUSIONS, Trial, begin
from tests.integration.conduct.test_dose_cohorts import FILE as COHORTS
from tests.integration.conduct.test_dose_cohorts import decide
from trialwright.conduct.actions import entering, randomising, visiting
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.models import StepRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.participants.step_details import details_of
from trialwright.conduct.reads.step_to_take import step_to_take
from trialwright.conduct.refusals import ActionRefused
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

FIXED = "planned: {amount: 200, unit: mg}"


def by(planned: str) -> str:
    assert FIXED in INFUSIONS
    return INFUSIONS.replace(FIXED, planned)


TABLE = (
    'planned: {unit: mg, table: {light: {when: "score.points < 50", amount: 150}, '
    'others: {amount: "3 * score.points"}}}'
)


def weighed(trial: Trial, points: int) -> str:
    code = trial.randomised()
    on = trial.now.date()
    coordinator = trial.person("coordinator")
    visiting.record_visit(by=coordinator, code=code, visit="day_1", on=on, at=trial.now)
    trial.taking("pharmacist", code, "prepare", "day_1")()
    if points:
        entering.save_entry(
            by=coordinator, code=code, visit="day_1", form="score", raw={"points": str(points)},
            based_on=0, at=trial.now,
        )  # fmt: skip
    return code


def dose_of(trial: Trial, code: str) -> tuple[str, str, str]:
    row = StepRecord.objects.get(participant=trial.row(code), step="infuse")
    details = details_of(trial.protocol.identifier, row)
    return details.planned, details.amount, details.unit


@pytest.mark.django_db
def test_the_amount_follows_from_the_table_and_is_kept_beside_what_was_given() -> None:
    trial = begin(by(TABLE))
    light, heavy = weighed(trial, 40), weighed(trial, 60)
    told = step_to_take(trial.person("nurse"), heavy, "infuse", "day_1")
    assert told.planned == Decimal(180)
    trial.taking("nurse", light, "infuse", "day_1")()
    part = StepReport(StepStatus.PART, Decimal(100), "Stopped")
    trial.taking("nurse", heavy, "infuse", "day_1", part)()
    assert dose_of(trial, light) == ("150", "150", "mg")
    assert dose_of(trial, heavy) == ("180", "100", "mg")


@pytest.mark.django_db
def test_nothing_is_given_while_the_amount_is_unknown() -> None:
    trial = begin(by(TABLE))
    code = weighed(trial, 0)
    with pytest.raises(ActionRefused, match=r"follows from score\.points"):
        trial.taking("nurse", code, "infuse", "day_1")()
    none = StepReport(StepStatus.NOT_DONE, None, "Not weighed")
    trial.taking("nurse", code, "infuse", "day_1", none)()
    assert dose_of(trial, code) == ("", "", "")


@pytest.mark.django_db
def test_the_dose_level_is_a_name_of_cohorts() -> None:
    text = COHORTS.replace(
        "planned: {amount: 1, unit: mg}", 'planned: {amount: "70 * dose_level", unit: mg}'
    )
    trial = begin(text)
    decide(trial, 1)
    code = trial.eligible()
    randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)
    trial.taking("nurse", code, "infuse")()
    assert dose_of(trial, code)[0] == "70"
    with pytest.raises(ProtocolFileError, match="dose_level"):
        parse_file(by('planned: {amount: "70 * dose_level", unit: mg}').encode())


def test_a_table_with_a_hole_is_refused_with_its_line() -> None:
    for planned, sentence in (
        (
            TABLE.replace("others: {amount:", 'others: {when: "score.points < 90", amount:'),
            "last row",
        ),
        ("planned: {unit: mg}", "an `amount` or a `table`"),
        ("planned: {unit: mg, amount: 0}", "not above 0"),
        ('planned: {unit: mg, amount: "score.nothing * 2"}', "nothing"),
        ('planned: {unit: mg, amount: "score.points > 2"}', "needed"),
    ):
        with pytest.raises(ProtocolFileError) as refused:
            parse_file(by(planned).encode())
        assert sentence in str(refused.value), str(refused.value)
