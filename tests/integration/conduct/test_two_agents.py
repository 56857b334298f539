"""Dose cohorts of two agents: the grid of their doses escalates live as the design simulates it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.test_dose_cohorts import (
    DAY,
    STUDY,
    browser,
    decide,
    level_of,
    now,
    outcome,
    treated,
)
from tests.integration.conduct.test_dose_cohorts import FILE as ONE_AGENT
from tests.integration.conduct.test_dose_cohorts_reported import cut_of, rows, sentences
from tests.integration.conduct.test_planned_doses import dose_of
from trialwright.conduct.refusals import ActionRefused
from trialwright.design import CombinationBoin
from trialwright.design.cohorts import tie_draw_of
from trialwright.design.section import problems_of
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError
from trialwright.report.trial import trial_report

DESIGN = CombinationBoin(target=0.3, doses_a=2, doses_b=3, max_participants=15)
GRID = [(a, b) for a in (10, 20) for b in (1, 2, 4)]
LEVELS = "".join(
    f"  c{a}_{b}: {{dose: {a}, unit: mg, with: {{dose: {b}, unit: mg/kg}}}}\n" for a, b in GRID
)
ARMS = "".join(
    f'  c{a}_{b}: {{label: "{a} mg with {b} mg/kg", type: experimental, description: "Both"}}\n'
    for a, b in GRID
)
RULE = "{kind: combination-boin, target: 0.3, doses_a: 2, doses_b: 3, max_participants: 15}"
BEFORE, _arms, REST = ONE_AGENT.partition("arms:\n")
FILE = f"{BEFORE}arms:\n{ARMS}dose_levels:\n{LEVELS}cohorts:\n" + REST.partition("cohorts:\n")[
    2
].replace("three-plus-three\n", "combination-boin\n").replace(
    "{kind: three-plus-three, doses: 3}", RULE
).replace(
    "amount: 1, unit: mg", 'amount: "dose_level + 70 * second_dose_level", unit: mg'
)  # fmt: skip
BY_PEOPLE = FILE.replace("  rule: combination-boin\n", "  size: 3\n").replace(
    f"design: {RULE}\n", ""
)


def followed(trial: Trial, events: int) -> None:
    """The open cohort, treated and followed; the first so many have a dose-limiting event."""
    codes = [treated(trial) for _ in range(now(trial).places)]
    trial.later(days=DAY)
    for place, code in enumerate(codes):
        outcome(trial, code, dlt=place < events)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [2, 32])
def test_a_running_trial_of_two_agents_is_the_simulated_one(seed: int) -> None:
    """With the same outcomes, and the ties as the running trial draws them, the simulator treats
    the same combinations; what is selected is the design's, by isotonic regression."""
    trial = begin(FILE)
    rates = np.array([[0.15, 0.3, 0.45], [0.3, 0.5, 0.7]])
    draws = np.random.default_rng(seed).random(30)
    draw = tie_draw_of(STUDY)
    decide(trial, 1)
    while True:
        level, used = now(trial).decisions[-1].level or 0, len(now(trial).members)
        row, column = DESIGN.pair(level)
        events = int((draws[used : used + 3] < rates[row - 1, column - 1]).sum())
        followed(trial, events)
        reading = now(trial).reading
        assert reading is not None and reading.decision is not None
        draws[-used - 3] = draw(reading.state)
        if reading.decision.action == "stop":
            break
        decide(trial, reading.decision.dose)
    state, toxic = DESIGN._one_trial(rates, draws)
    chosen = None if toxic else DESIGN.select(state)
    assert reading.state == state and len({each.outcome.level for each in now(trial).members}) > 2
    assert reading.selected == (DESIGN.number(chosen) if chosen else None)
    assert reading.estimates == pytest.approx(DESIGN.estimates(state).ravel())
    decide(trial, reading.selected, end=True)
    assert now(trial).ended


@pytest.mark.django_db
def test_no_combination_with_a_higher_dose_of_either_agent_than_the_rule_says_is_opened() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial, 0)
    reading = now(trial).reading
    assert reading is not None and reading.decision is not None
    assert reading.decision.dose in (2, 4)
    said, other = reading.decision.dose, 6 - reading.decision.dose
    for bolder in (other, 5, 6):
        with pytest.raises(ActionRefused, match="can't be opened"):
            decide(trial, bolder, reason="The other agent first")
    decide(trial, said)
    # Before outcomes are there only a combination that is lower in one agent and higher in none.
    with pytest.raises(ActionRefused, match="isn't complete"):
        decide(trial, other, reason="The other agent first")
    decide(trial, 1, reason="A nurse is ill")


@pytest.mark.django_db
def test_the_end_names_a_combination_no_higher_than_the_one_selected() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial, 0)
    first = now(trial).reading
    assert first is not None and first.decision is not None and first.decision.dose is not None
    decide(trial, first.decision.dose)
    followed(trial, 1)
    reading = now(trial).reading
    assert reading is not None and reading.selected == first.decision.dose
    for bolder in (6 - reading.selected, 5):
        with pytest.raises(ActionRefused, match="don't support"):
            decide(trial, bolder, end=True, reason="The sponsor asks")
    decide(trial, reading.selected, end=True, reason="Enough is known")
    assert now(trial).ended


@pytest.mark.django_db
def test_where_people_decide_one_agent_goes_up_by_one_dose() -> None:
    trial = begin(BY_PEOPLE)
    decide(trial, 1, reason="The lowest")
    followed(trial, 0)
    for skipping in (3, 5, 6):
        with pytest.raises(ActionRefused, match="No dose is skipped"):
            decide(trial, skipping, reason="Nobody had anything")
    decide(trial, 4, reason="The first agent first")
    followed(trial, 0)
    with pytest.raises(ActionRefused, match="No dose is skipped"):
        decide(trial, 3, reason="Two doses of the second agent at once")
    decide(trial, 5, reason="Both at their second dose")


@pytest.mark.django_db
def test_the_planned_dose_reads_the_doses_of_both_agents() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    code = treated(trial)
    assert level_of(trial, code) == 1 and dose_of(trial, code)[0] == "80"
    with pytest.raises(ProtocolFileError, match="second_dose_level"):
        parse_file(
            ONE_AGENT.replace(
                "amount: 1, unit: mg", 'amount: "second_dose_level", unit: mg'
            ).encode()
        )


@pytest.mark.django_db
def test_the_page_shows_the_grid_and_offers_what_can_be_asked_for() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial, 1)
    client = browser(trial, "board")
    page = client.get(f"/studies/{STUDY}/cohorts").content.decode()
    assert "Agent A, agent B" in page and "level 1; 1 of 3; rate 0.34" in page
    assert "level 1: 10 mg with" not in page.lower().replace("level 1: 10 mg with 1 mg/kg", "")
    for value in ("open-1", "open-2", "open-4", "end-1", "end-0"):
        assert f'value="{value}"' in page, value
    for value in ("open-3", "open-5", "open-6", "end-2"):
        assert f'value="{value}"' not in page, value
    chinese = client.get(f"/studies/{STUDY}/cohorts", headers={"accept-language": "zh"})
    assert "药物 A，药物 B" in chinese.content.decode()


@pytest.mark.django_db
def test_the_page_offers_no_combination_that_is_eliminated() -> None:
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial, 0)
    reading = now(trial).reading
    assert reading is not None and reading.decision is not None and reading.decision.dose
    level = reading.decision.dose
    decide(trial, level)
    followed(trial, 3)
    page = browser(trial, "board").get(f"/studies/{STUDY}/cohorts").content.decode()
    assert f"level {level}; 3 of 3; rate 0.95; eliminated" in page
    for value in (f"open-{level}", "open-5", f"end-{level}"):
        assert f'value="{value}"' not in page, value
    for value in ("open-1", "end-1", "end-0"):
        assert f'value="{value}"' in page, value


@pytest.mark.django_db
def test_the_report_tells_the_rates_of_the_grid(settings: Any, tmp_path: Path) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path
    trial = begin(FILE)
    decide(trial, 1)
    followed(trial, 0)
    said = now(trial).reading
    assert said is not None and said.decision is not None and said.decision.dose is not None
    level = said.decision.dose
    decide(trial, level)
    followed(trial, 3)
    reading = now(trial).reading
    assert reading is not None and reading.selected == 1 and level in reading.eliminated
    cut, sealed = cut_of(trial)
    told = trial_report(cut, trial.protocol, language="en", sealed=sealed)
    found = rows(told, "Estimated rate of dose-limiting events by combination")
    cells = [cell for row in found for cell in row[1:]]
    assert [row[0] for row in found] == ["10 mg", "20 mg"]
    assert cells[0] == f"{reading.estimates[0]:.3f} (0 of 3)"
    assert cells[level - 1] == f"{reading.estimates[level - 1]:.3f} (3 of 3), eliminated"
    assert cells[5] == "eliminated"
    assert rows(told, "Participants by dose level")[0][0] == "1 (10 mg + 1 mg/kg)"
    assert said.decision.reason is not None and "The rule at the data cut" in sentences(told)
    assert reading.decision is not None
    assert reading.decision.reason.in_language("en") in sentences(told)


def test_what_two_agents_need_is_said() -> None:
    for text, sentence in (
        (FILE.replace("doses_a: 2, doses_b: 3", "doses_a: 3, doses_b: 2"), "have 2 doses of"),
        (FILE.replace(RULE, "{kind: boin, target: 0.3, doses: 6}").replace(
            "rule: combination-boin", "rule: boin"), "of one agent"),
        (ONE_AGENT.replace("{kind: three-plus-three, doses: 3}", RULE).replace(
            "rule: three-plus-three", "rule: combination-boin"), "of two agents"),
        (FILE.replace("{dose: 4, unit: mg/kg}}\n  c20_1", "{dose: 5, unit: mg/kg}}\n  c20_1"),
         "not all combinations"),
        (FILE.replace(", with: {dose: 4, unit: mg/kg}}\n  c20_1", "}\n  c20_1"),
         "not all combinations"),
        (FILE.replace("{dose: 4, unit: mg/kg}}\n  c20_1", "{dose: 4, unit: mg}}\n  c20_1"),
         "unit of `c10_4`"),
    ):  # fmt: skip
        assert text not in (FILE, ONE_AGENT)
        try:
            found = [str(each) for each in problems_of(parse_file(text.encode()))]
        except ProtocolFileError as error:
            found = [str(error)]
        assert any(sentence in each for each in found), (sentence, found)
    for text in (FILE, BY_PEOPLE):
        assert problems_of(parse_file(text.encode())) == ()
