"""What is given later than the protocol allows is recorded, and proposed as a deviation."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.integration.conduct.other_trials import INFUSIONS, Trial, begin
from tests.integration.conduct.product_trial import FILE, Cells
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.clock import Happened
from trialwright.conduct.models import Deviation
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.step_to_take import step_to_take
from trialwright.conduct.reads.waiting import waiting_for

LIMITED = INFUSIONS.replace(
    "after: [prepare]", "after: [prepare]\n    within: {step: prepare, hours: 4}"
)
PART = StepReport(status=StepStatus.PART, amount=Decimal(120), reason="The line was blocked")
NOT_GIVEN = StepReport(status=StepStatus.NOT_DONE, reason="Declined")


@pytest.fixture
def infusions(db: None) -> Trial:
    return begin(LIMITED)


def noted(code: str) -> list[tuple[str, str]]:
    rows = Deviation.objects.filter(participant__code=code).order_by("number")
    return [(row.kind, row.subject) for row in rows]


def test_a_dose_after_its_last_minute_is_a_deviation_that_waits(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    trial.taking("pharmacist", code, "prepare", "day_1")()
    trial.later(hours=4)
    told = step_to_take(trial.person("nurse"), code, "infuse", "day_1")
    assert told.last is None, "its minute is the pharmacist's, who knows arms"
    trial.taking("nurse", code, "infuse", "day_1")()
    assert noted(code) == [], "the last minute is one of them"
    trial.later(days=14)
    trial.taking("pharmacist", code, "prepare", "day_15")()
    trial.later(hours=4, minutes=1)
    trial.taking("nurse", code, "infuse", "day_15")()
    assert noted(code) == [("time_limit", "infuse/day_15")]
    (row,) = waiting_for(trial.person("investigator")).deviations
    assert row.on == trial.now.date() and row.description == row.cause == ""
    assert (row.recorded_at.astimezone(trial.now.tzinfo).hour, row.classification) == (0, None)


def test_what_is_late_and_not_whole_is_both(infusions: Trial) -> None:
    trial, codes = infusions, [infusions.randomised() for _each in range(2)]
    for code in codes:
        trial.taking("pharmacist", code, "prepare", "day_1")()
    trial.later(hours=5)
    trial.taking("nurse", codes[0], "infuse", "day_1", PART)()
    trial.taking("nurse", codes[1], "infuse", "day_1", NOT_GIVEN)()
    assert noted(codes[0]) == [("treatment", "infuse/day_1"), ("time_limit", "infuse/day_1")]
    assert noted(codes[1]) == [("treatment", "infuse/day_1")]


def test_when_it_happened_counts_and_not_when_it_was_recorded(infusions: Trial) -> None:
    trial, code = infusions, infusions.randomised()
    trial.taking("pharmacist", code, "prepare", "day_1")()
    then = trial.now + timedelta(hours=3)
    trial.later(hours=9)
    report = StepReport(happened=Happened(then, "The ward was full"))
    trial.taking("nurse", code, "infuse", "day_1", report)()
    assert noted(code) == []


def cells_given(trial: Cells, hours: int) -> str:
    """A participant for whom a dose is recorded so long after its container was thawed."""
    code = trial.of_arm("cells")
    assert trial.give(trial.thawed(trial.released()), code) == ()
    trial.trial.later(hours=hours)
    trial.infuse(code)
    return code


def test_a_dose_recorded_past_the_limit_of_its_container_is_one(db: None) -> None:
    trial = Cells(FILE.replace("products: [water]", "products: [cells, water]"))
    assert noted(cells_given(trial, 4)) == []
    assert noted(cells_given(trial, 5)) == [("time_limit", "infuse/day_1")]


def test_where_a_container_could_tell_an_arm_nothing_open_is_noted(db: None) -> None:
    assert noted(cells_given(Cells(), 5)) == []
