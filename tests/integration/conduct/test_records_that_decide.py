"""All records of an item in criteria, strata, groups and planned doses, and what follows later."""

import pytest

from tests.integration.conduct.other_trials import INFUSIONS, Trial, begin
from tests.integration.conduct.test_planned_doses import FIXED, by, dose_of
from trialwright.conduct.actions import eligibility, entering, randomising, visiting
from trialwright.conduct.models import CriterionAnswer, Query
from trialwright.conduct.models.deviations import Deviation
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.reads.eligibility import eligibility_of
from trialwright.conduct.reads.randomisation import to_randomise
from trialwright.conduct.refusals import ActionRefused
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

STRATA = """\
allocation:
  ratio: {active: 1, placebo: 1}
  block_sizes: [2, 4]
  strata:
    pretreated:
      label: "Pretreated"
      levels:
        little: {label: "Up to 6 cycles", when: "sum(screening.lines.cycles) <= 6"}
        much: {label: "More than 6 cycles", when: "sum(screening.lines.cycles) > 6"}
steps:
"""
LINES = """\
forms:
  lines:
    label: "Earlier lines of treatment"
    repeating: yes
    sections:
      all:
        label: "All"
        items:
          drug: {label: "Drug", type: text, optional: yes}
          cycles: {label: "Cycles", type: integer, optional: yes}
"""
CRITERION = "count(screening.lines.cycles) <= 2"
TEXT = (
    INFUSIONS.replace(
        "allocation: {ratio: {active: 1, placebo: 1}, block_sizes: [2, 4]}\nsteps:\n", STRATA
    )
    .replace("forms:\n", LINES, 1)
    .replace('adult: {text: "An adult"}', f'few: {{text: "Two lines", check: "{CRITERION}"}}')
    .replace(
        "visits:\n", 'visits:\n  screening: {label: "Screening", screening: yes, forms: [lines]}\n'
    )
)


@pytest.fixture
def trial(db: None) -> Trial:
    return begin(TEXT)


def line(
    trial: Trial, code: str, repeat: int, raw: dict[str, str], based_on: int = 0
) -> entering.Saved:
    return entering.save_entry(
        by=trial.person("coordinator"), code=code, visit="screening", form="lines", repeat=repeat,
        raw=raw, based_on=based_on, at=trial.now,
        change_reasons=dict.fromkeys(raw, "Read again") if based_on else {},
    )  # fmt: skip


def assessed(trial: Trial, *cycles: str) -> str:
    code = trial.consented()
    for repeat, each in enumerate(cycles, start=1):
        line(trial, code, repeat, {"cycles": each})
    eligibility.assess_eligibility(
        by=trial.person("investigator"), code=code, answers={"few": (Answer.PASS, "")},
        at=trial.now,
    )  # fmt: skip
    return code


def confirmed(trial: Trial, *cycles: str) -> str:
    code = assessed(trial, *cycles)
    eligibility.confirm_eligibility(by=trial.person("investigator"), code=code, at=trial.now)
    return code


def answer(code: str) -> str:
    return CriterionAnswer.objects.get(participant__code=code).answer


def level(trial: Trial, code: str) -> str | None:
    ((_factor, found),) = to_randomise(trial.person("investigator"), code).strata
    return None if found is None else found.key


def test_a_record_more_answers_the_criterion_anew_and_takes_the_eligibility_back(
    trial: Trial,
) -> None:
    code = confirmed(trial, "4", "2")
    assert trial.row(code).state == "eligible" and level(trial, code) == "little"
    line(trial, code, 3, {"cycles": "1"})
    assert (answer(code), trial.row(code).state) == ("fail", "consented")
    told = eligibility_of(trial.person("investigator"), code).lines
    assert [each.computed for each in told] == [Answer.FAIL]
    with pytest.raises(ActionRefused):
        eligibility.confirm_eligibility(by=trial.person("investigator"), code=code, at=trial.now)


def test_an_answer_against_the_records_is_refused(trial: Trial) -> None:
    with pytest.raises(ActionRefused):
        assessed(trial, "1", "1", "1")


def test_the_stratum_follows_from_all_records_and_waits_for_a_blank_one(trial: Trial) -> None:
    code = confirmed(trial, "4", "3")
    assert level(trial, code) == "much"
    line(trial, code, 2, {"cycles": "1"}, based_on=1)
    assert level(trial, code) == "little"
    line(trial, code, 3, {"drug": "Not known"})
    assert level(trial, code) is None
    with pytest.raises(ActionRefused, match="stratum is not known"):
        randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)


def test_after_the_allocation_another_stratum_is_a_deviation_asked_about_at_its_record(
    trial: Trial,
) -> None:
    code = confirmed(trial, "4", "2")
    randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)
    line(trial, code, 2, {"cycles": "1"}, based_on=1)
    assert not Deviation.objects.exists()
    line(trial, code, 2, {"cycles": "5"}, based_on=2)
    found = Deviation.objects.get()
    assert (found.kind, found.cause) == ("stratum", "screening.lines.cycles")
    query = Query.objects.get()
    assert (query.entry.repeat, query.item) == (2, "cycles")


def test_after_the_allocation_a_record_more_can_break_a_criterion(trial: Trial) -> None:
    code = confirmed(trial, "4", "2")
    randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)
    line(trial, code, 3, {"cycles": "0"})
    kinds = Deviation.objects.values_list("kind", "subject")
    assert set(kinds) == {("eligibility", "few")}


@pytest.mark.django_db
def test_a_dose_follows_from_the_records_up_to_its_visit() -> None:
    weights = "last(day_1.score.points)"
    with pytest.raises(ProtocolFileError, match="has one record"):
        parse_file(by(f'planned: {{amount: "{weights}", unit: mg}}').encode())
    text = (
        by('planned: {amount: "2 * max(lines.cycles)", unit: mg}')
        .replace("forms:\n", LINES, 1)
        .replace("forms: [score]}", "forms: [score, lines]}")
        .replace("    forms: [score]\n", "    forms: [score, lines]\n")
    )
    trial = begin(text)
    code = trial.randomised()
    person = trial.person("coordinator")
    on = trial.now.date()
    visiting.record_visit(by=person, code=code, visit="day_1", on=on, at=trial.now)
    trial.taking("pharmacist", code, "prepare", "day_1")()
    with pytest.raises(ActionRefused, match=r"follows from lines\.cycles"):
        trial.taking("nurse", code, "infuse", "day_1")()
    for repeat, cycles in ((1, "30"), (2, "45")):
        entering.save_entry(
            by=person, code=code, visit="day_1", form="lines", repeat=repeat,
            raw={"cycles": cycles}, based_on=0, at=trial.now,
        )  # fmt: skip
    trial.taking("nurse", code, "infuse", "day_1")()
    assert dose_of(trial, code) == ("90", "90", "mg")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TEXT.replace(CRITERION, "count(screening.lines.cycles, 28) <= 2"), "counted from a visit"),
        (TEXT.replace(CRITERION, "count(day_1.score.points) <= 2"), "has one record"),
        (
            TEXT.replace("forms: [score]}", "forms: [score, lines]}", 1).replace(
                CRITERION, "count(day_1.lines.cycles) <= 2"
            ),
            "isn't known before the allocation",
        ),
        (TEXT.replace("type: integer, optional: yes}", "type: integer, unmasking: yes}"), "reveal"),
    ],
)
def test_what_cannot_decide_is_refused(text: str, says: str) -> None:
    assert FIXED in TEXT
    with pytest.raises(ProtocolFileError) as refused:
        parse_file(text.encode())
    assert any(says in each.message for each in refused.value.problems), refused.value
