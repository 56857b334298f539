"""Dose cohorts of which some get a control by chance: open as in NCT00002268, and blinded."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from tests.integration.conduct.test_allocation_kinds import alone, problems, recomputed
from tests.integration.conduct.test_dose_cohorts import DAY, browser, decide, now, outcome, treated
from tests.integration.conduct.test_dose_cohorts import FILE as UNRANDOMISED
from tests.integration.conduct.test_dose_cohorts_reported import rows
from trialwright.conduct.actions import cutting, eligibility, randomising, unblinding
from trialwright.conduct.actions.participation import withdraw
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.cut import store
from trialwright.conduct.models import AllocationSlot, CohortDecision, StepRecord
from trialwright.conduct.participants.step_details import details_of
from trialwright.conduct.reads.cohorts import cohorts_to_read
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.cohorts import Standing
from trialwright.design.running import unenforced
from trialwright.design.section import problems_of
from trialwright.ledger import export, files
from trialwright.ledger.seal import study_key
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError
from trialwright.report.csv_tables import csv_tables
from trialwright.report.listings import listings
from trialwright.report.trial import trial_report

LEVELS = """\
arms:
  d1: {label: "Level 1", type: experimental, description: "SDZ MSL-109, level 1"}
  d2: {label: "Level 2", type: experimental, description: "SDZ MSL-109, level 2"}
  d3: {label: "Level 3", type: experimental, description: "SDZ MSL-109, level 3"}
  d4: {label: "Level 4", type: experimental, description: "SDZ MSL-109, level 4"}
  d5: {label: "Level 5", type: experimental, description: "SDZ MSL-109, level 5"}
  sandoglobulin: {label: "Sandoglobulin", type: active_comparator, description: "Immune globulin"}
dose_levels:
  d1: {dose: 0.05, unit: mg/kg}
  d2: {dose: 0.25, unit: mg/kg}
  d3: {dose: 1, unit: mg/kg}
  d4: {dose: 5, unit: mg/kg}
  d5: {dose: 10, unit: mg/kg}
cohorts:
  size: 3
  control: {arm: sandoglobulin, each: 1}
  window: 28 d
  event: "day_28.score.dlt"
  evaluable: "day_28.score.counts"
  decide: board
allocation: {kind: dose_cohort}
"""
STEPS = """\
steps:
  infuse:
    label: "Infuse"
    roles: [nurse]
    records: dose
    planned: {amount: "70 * dose_level", unit: mg}
anchors: {first: {label: "First dose", step: infuse}}
visits:
  day_28:
    label: "Day 28"
    anchor: first
    day: 28
    window_before_days: 28
    window_after_days: 7
    forms: [score]
  infusion: {label: "Infusion", cycle: q2w, day: 1, window_after_days: 3, forms: [score]}
cycles:
  q2w: {label: "Cycle", from: first, length: 14 d, times: 12}
"""


def trial_of(study: str, title: str) -> str:
    """The beginning of a file with a board that opens cohorts and the outcomes of cohorts."""
    return (
        HEAD.format(study=study, title=title, participants=24, last="day_28")
        .replace("  administrator:", "  board: {like: safety_board}\n  administrator:")
        .replace(
            'points: {label: "Points", type: integer}',
            'points: {label: "Points", type: integer}, dlt: {label: "DLT", type: yes_no}, '
            'counts: {label: "Evaluable", type: yes_no}',
        )
    )


def open_to_all(text: str) -> str:
    """The same, in which all people know arms."""
    for role in ("coordinator", "investigator", "trial_statistician", "safety_board"):
        text = text.replace(f"{{like: {role}}}", f"{{like: {role}, knows_arm: yes}}")
    return text.replace("knows_arm: no}", "knows_arm: yes}")


# Stated of NCT00002268: randomised, five dose levels of the antibody, Sandoglobulin as comparative
# control, an infusion every 2 weeks, 12 in all. The amounts and numbers are assumed.
SEVIRUMAB = open_to_all(
    trial_of("EX-NCT00002268", "Escalating doses of SDZ MSL-109 against Sandoglobulin")
    + LEVELS
    + STEPS
)
BLINDED = trial_of("COHORTS-02", "Blinded cohorts") + LEVELS + STEPS
RULED = UNRANDOMISED.replace(
    "dose_levels:",
    '  placebo: {label: "Placebo", type: placebo_comparator, description: "Placebo"}\ndose_levels:',
).replace("  window:", "  control: {arm: placebo, each: 2}\n  window:")


def arms_by_cohort(trial: Trial) -> dict[int, list[str]]:
    """The arms that were given, cohort by cohort, in their order."""
    found: dict[int, list[str]] = {}
    for slot in AllocationSlot.objects.order_by("place"):
        arm = trial.protocol.arms[allocation_list.opened(slot) - 1].key
        found.setdefault(int((slot.stratum or "").split("/")[0]), []).append(arm)
    return found


def filled(trial: Trial, level: int, reason: str = "Well borne") -> list[str]:
    """Open a cohort and fill it."""
    decide(trial, level, reason=reason)
    return [treated(trial) for _ in range(now(trial).places)]


def followed(trial: Trial, level: int, reason: str = "Well borne") -> list[str]:
    codes = filled(trial, level, reason)
    trial.later(days=DAY)
    for code in codes:
        outcome(trial, code, dlt=False)
    return codes


def eligible_by(trial: Trial, name: str) -> str:
    """Somebody whose eligibility another investigator confirmed."""
    code = trial.assessed()
    eligibility.confirm_eligibility(by=trial.person(name), code=code, at=trial.now)
    return code


def gone(trial: Trial, code: str) -> None:
    withdraw(
        by=trial.person("coordinator"), code=code, reason="Moved", on=trial.now.date(),
        stops=("treatment", "visits", "contact", "samples"), at=trial.now,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_one_of_each_cohort_gets_the_control_and_the_verifier_finds_whom() -> None:
    trial = begin(SEVIRUMAB)
    for level in range(1, 6):
        followed(trial, level)
    found = arms_by_cohort(trial)
    assert [Counter(found[cohort]) for cohort in range(1, 6)] == [
        {f"d{level}": 3, "sandoglobulin": 1} for level in range(1, 6)
    ]
    places = {found[cohort].index("sandoglobulin") for cohort in found}
    assert len(places) > 1, "chance decides which of the four"
    assert problems(trial) == []
    assert recomputed(trial) == ([], 20)


@pytest.mark.django_db(transaction=True)
def test_an_arm_that_chance_did_not_give_is_found() -> None:
    trial = begin(SEVIRUMAB)
    filled(trial, 1)
    keys = files.keys()
    lines = list(export.lines(trial.protocol.identifier, [keys.public]))
    source, places = alone.recorded(lines[1:], study_key(keys.sealing, trial.protocol.identifier))
    assert alone.compared(source, places) == []
    last = max(places, key=lambda each: int(each["place"]))
    last["arm"] = "6" if last["arm"] == "1" else "1"
    (finding,) = alone.compared(source, places)
    assert "place 4" in finding


@pytest.mark.django_db(transaction=True)
def test_the_place_of_who_leaves_is_drawn_again_so_that_numbers_hold() -> None:
    trial = begin(SEVIRUMAB)
    codes = filled(trial, 1)
    trial.later(days=2)
    for code in codes[1:3]:
        gone(trial, code)
    assert now(trial).places == 2
    codes = [codes[0], codes[3], treated(trial), treated(trial)]
    arms = Counter(allocation_list.arm_of(trial.row(code)) for code in codes)
    assert arms == {1: 3, 6: 1}
    with pytest.raises(ActionRefused, match="no place left"):
        treated(trial)
    assert recomputed(trial) == ([], 6)


@pytest.mark.django_db
def test_a_rule_reads_those_at_the_dose_and_waits_for_all() -> None:
    trial = begin(RULED)
    codes = filled(trial, 1, reason="")
    assert len(codes) == 5
    on_control = [code for code in codes if allocation_list.arm_of(trial.row(code)) == 4]
    at_dose = [code for code in codes if code not in on_control]
    trial.later(days=DAY)
    for code in at_dose:
        outcome(trial, code, dlt=False)
    outcome(trial, on_control[0], dlt=True)
    assert not now(trial).complete, "one on the control is still awaited"
    with pytest.raises(ActionRefused, match="isn't complete"):
        decide(trial, 2)
    outcome(trial, on_control[1], dlt=False)
    said = now(trial).reading
    assert said is not None and said.decision is not None
    assert (said.decision.action, said.decision.dose) == ("escalate", 2)
    assert (said.state.treated, said.state.dlts) == ((3, 0, 0), (0, 0, 0))
    decide(trial, 2)
    assert CohortDecision.objects.get(number=2).size == 3
    told = cohorts_to_read(trial.person("board"))
    assert told.levels[0].counts[Standing.DONE] == 3
    assert told.levels[0].control[Standing.EVENT] == told.levels[0].control[Standing.DONE] == 1


@pytest.mark.django_db
def test_the_dose_level_is_the_cohorts_whoever_is_on_the_control() -> None:
    trial = begin(BLINDED)
    codes = filled(trial, 1)
    steps = [StepRecord.objects.get(participant=trial.row(code)) for code in codes]
    planned = {details_of(trial.protocol.identifier, step).planned for step in steps}
    assert planned == {"3.50"}


def told_to(trial: Trial, name: str, codes: list[str]) -> list[str]:
    """What somebody reads on the pages of cohorts, participants and the audit trail, without times,
    hashes and keys."""
    client, start = browser(trial, name), f"/studies/{trial.protocol.identifier}/"
    places = [*(f"participants/{code}" for code in codes), "participants", "ledger", "cohorts"]
    pages = [client.get(start + place).content.decode() for place in places]
    actions = re.findall(r'"(/[^"]+/ledger/\d+)"', pages[-2])
    pages += [client.get(each).content.decode() for each in actions]
    random = re.compile(r'[0-9a-f]{8}[0-9a-f-]*|\d\d:\d\d(:\d\d)?|value="[^"]*"')
    return [random.sub("", re.split("</?main", page)[1]) for page in pages]


@pytest.mark.django_db
def test_blinded_people_see_the_same_whoever_is_on_the_control() -> None:
    seen: list[list[list[str]]] = []
    arms = []
    for seed in (bytes(32), bytes([1]) * 32):
        with transaction.atomic():
            trial = begin(BLINDED, seed=seed)
            codes = filled(trial, 1)
            trial.later(days=3)
            outcome(trial, codes[0], dlt=True)
            arms.append(arms_by_cohort(trial)[1])
            seen.append([told_to(trial, name, codes) for name in ("nurse", "coordinator", "board")])
            transaction.set_rollback(True)
    assert arms[0] != arms[1]
    assert seen[0] == seen[1]
    cohorts = seen[0][0][len(codes) + 2]
    assert len(seen[0][0]) > 20 and all(page for person in seen[0] for page in person)
    assert "dose-limiting event: 1; result missing: 3" in cohorts
    assert "Sandoglobulin: 1 participant of each cohort, by chance; outcomes are counted" in cohorts


@pytest.mark.django_db
def test_who_has_seen_an_arm_of_the_open_cohort_chooses_nobody_for_it() -> None:
    trial = begin(BLINDED)
    decide(trial, 1, reason="The first")
    first = treated(trial)
    by = trial.person("investigator")
    unblinding.unblind(by=by, code=first, reason="Anaphylaxis", at=trial.now)
    waits = eligible_by(trial, "investigator2")
    with pytest.raises(ActionRefused, match="could guess the next one"):
        randomising.randomise(by=by, code=waits, at=trial.now)
    randomising.randomise(by=trial.person("investigator2"), code=waits, at=trial.now)


@pytest.mark.django_db
def test_the_page_says_how_many_are_on_the_control_and_takes_the_signature() -> None:
    trial = begin(SEVIRUMAB)
    place = f"/studies/{trial.protocol.identifier}/cohorts"
    page = browser(trial, "board").get(place).content.decode()
    assert "at level 1 (0.05 mg/kg) for 3 at the dose and 1 on the control" in page
    filled(trial, 1)
    page = browser(trial, "board").get(place).content.decode()
    assert "result missing: 3; on the control: result missing: 1" in page
    assert "Cohort 1 at level 1 for 3 and 1 on the control" in page
    assert page.count("; on the control") == 2


@pytest.mark.django_db
def test_the_report_tells_the_control_apart(settings: Any, tmp_path: Path) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path
    for text in (SEVIRUMAB, BLINDED):
        trial = begin(text)
        followed(trial, 1)
        filled(trial, 2)
        sha256 = cutting.cut_data(by=trial.person("statistician"), name="look", at=trial.now)
        study = trial.protocol.identifier
        cut, sealed = store.load_open(study, "look", sha256), store.load_sealed(study, "look")
        told = trial_report(cut, trial.protocol, language="en", sealed=sealed)
        flow = rows(told, "Participants by dose level")
        assert [(row[0], *row[1:5]) for row in (*flow[:2], flow[-1])] == [
            ("1 (0.05 mg/kg)", "3", "0", "3", "0"),
            ("2 (0.25 mg/kg)", "3", "0", "0", "3"),
            ("Sandoglobulin", "2", "0", "1", "1"),
        ]
        decided = rows(told, "Decisions on dose cohorts")[0][2]
        assert decided == "Cohort at level 1 (0.05 mg/kg), 3 participants and 1 on the control"
        listed = csv_tables(listings(cut, trial.protocol, language="en", sealed=sealed))
        text = listed["16-2-5-1.csv"].decode()
        assert text.count("on the control") == 2


REFUSED: tuple[tuple[str, Callable[[str], str], str], ...] = (
    (BLINDED, lambda text: text.replace("arm: sandoglobulin", "arm: d2"), "is a dose level"),
    (BLINDED, lambda text: text.replace("arm: sandoglobulin", "arm: nothing"), "nothing"),
    (BLINDED, lambda text: text.replace("each: 1}\n  window", "each: 0}\n  window"), "less than 1"),
    (BLINDED, lambda text: text.replace(", each: 1}", "}"), "no `each`"),
    (BLINDED, lambda text: re.sub(r"  control: .*\n", "", text), "the arms sandoglobulin"),
    (
        RULED.replace("knows_arm: yes", "knows_arm: no"),
        lambda text: text,
        "tells who is on the control",
    ),
    (
        RULED,
        lambda text: text.replace("{kind: three-plus-three, doses: 3}", "{kind: backfill-boin, "
        "cap: 6, boin: {target: 0.25, doses: 3, max_participants: 18}}").replace(
            "rule: three-plus-three", 'rule: backfill-boin\n  response: "day_28.score.counts"'
        ),
        "Those backfilled are of no cohort",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("text", "wrong", "sentence"), REFUSED)
def test_what_a_control_needs_is_said_with_its_line(
    text: str, wrong: Callable[[str], str], sentence: str
) -> None:
    try:
        protocol = parse_file(wrong(text).encode())
    except ProtocolFileError as error:
        found = [each for each in error.problems if sentence in str(each)]
    else:
        found = [each for each in problems_of(protocol) if sentence in str(each)]
    assert found and found[0].way_out and found[0].line > 1, sentence


def test_a_good_file_has_no_problem_and_is_warned_where_people_know_arms() -> None:
    for text, warned in ((SEVIRUMAB, True), (RULED, True), (BLINDED, False)):
        protocol = parse_file(text.encode())
        assert problems_of(protocol) == ()
        notes = [str(each) for each in unenforced(protocol)]
        assert any("last places of a cohort" in each for each in notes) is warned
