"""Each kind of allocation, from the file to arms that are found again without the program."""

import importlib.util
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from trialwright.conduct.actions import eligibility, entering, randomising
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.allocation.allocating import Choice
from trialwright.conduct.models import AllocationSlot, Participant, Unblinding
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.refusals import ActionRefused
from trialwright.design.drawing import draws_of, profile_of
from trialwright.design.running import unenforced
from trialwright.ledger import export, files
from trialwright.ledger.seal import study_key
from trialwright.ledger.verify import verify
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

ALONE = Path(__file__).parents[3] / "src/trialwright/ledger/alone/verify_allocation.py"
_spec = importlib.util.spec_from_file_location("verify_allocation", ALONE)
assert _spec is not None and _spec.loader is not None
alone: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(alone)

STUDY = "KINDS-01"
FILE = (
    HEAD.format(study=STUDY, title="Kinds", participants=30, last="day_1")
    .replace("participant.treated", "not participant.withdrawn")
    .replace("knows_arm: yes\n  nurse", "knows_arm: yes\n  chooser: {chooser}\n{keeper}  nurse")
    + """\
arms:
  active: {label: "Active", type: experimental, description: "Active"}
  control: {label: "Control", type: no_intervention, description: "Nothing"}
anchors: {allocation: {label: "Allocation", step: allocation}}
visits:
  day_1: {label: "Day 1", anchor: allocation, window_after_days: 3, forms: [score]}
  screening: {label: "Screening", screening: yes, forms: [score]}
allocation: {allocation}
"""
)
KEEPER = '  list_keeper: {label: "List keeper", may: [see_cuts], knows_arm: yes}\n'
CHOOSER = "{like: investigator, knows_arm: yes}"
LEVELS = (
    'strata: {points: {label: "Points", levels: {'
    'low: {label: "Low", when: "screening.score.points < 5"}, '
    'high: {label: "High", when: "screening.score.points >= 5"}}}}'
)
DRAWN = {
    "blocks": "{ratio: {active: 2, control: 1}, block_sizes: [3, 6]}",
    "simple": "{kind: simple, ratio: {active: 2, control: 1}}",
    "biased_coin": "{kind: biased_coin, ratio: {active: 1, control: 1}, " + LEVELS + "}",
    "minimisation": (
        "{kind: minimisation, ratio: {active: 1, control: 1}, weights: {points: 2}, "
        "probability: 0.8, " + LEVELS + "}"
    ),
    "external": (
        "{kind: external, by: list_keeper, ratio: {active: 1, control: 1}, " + LEVELS + "}"
    ),
}


def of_kind(allocation: str) -> str:
    return (
        FILE.replace("{keeper}", KEEPER)
        .replace("{chooser}", CHOOSER)
        .replace("{allocation}", allocation)
    )


def scored(trial: Trial, points: int) -> str:
    """Somebody eligible, whose stratum is known."""
    code = trial.consented()
    entering.save_entry(
        by=trial.person("coordinator"), code=code, visit="screening", form="score",
        raw={"points": str(points)}, based_on=0, at=trial.now,
    )  # fmt: skip
    answers = {"adult": (Answer.PASS, "")}
    by = trial.person("investigator")
    eligibility.assess_eligibility(by=by, code=code, answers=answers, at=trial.now)
    eligibility.confirm_eligibility(by=by, code=code, at=trial.now)
    return code


def allocated(trial: Trial, points: int, choice: Choice | None = None) -> str:
    code = scored(trial, points)
    by = trial.person("chooser" if choice else "investigator")
    randomising.randomise(by=by, code=code, choice=choice, at=trial.now)
    return code


def arm_of(trial: Trial, code: str) -> str:
    number = allocation_list.arm_of(trial.row(code))
    return next(arm.key for arm in trial.protocol.arms if arm.number == number)


def problems(trial: Trial) -> list[str]:
    keys = files.keys()
    study = trial.protocol.identifier
    found = verify(study, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    return [each.sentence() for each in found.problems]


def recomputed(trial: Trial) -> tuple[list[str], int]:
    """What the verifier that stands alone finds, from an export and the study's key."""
    keys = files.keys()
    lines = export.lines(trial.protocol.identifier, [keys.public])
    next(lines)
    found: tuple[list[str], int] = alone.verify(
        lines, study_key(keys.sealing, trial.protocol.identifier)
    )
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", DRAWN)
def test_every_arm_is_found_again_from_the_sealed_random_numbers(kind: str) -> None:
    trial = begin(of_kind(DRAWN[kind]))
    codes = [allocated(trial, points) for points in (1, 9, 1, 1, 9, 9, 1, 9)]
    assert {arm_of(trial, code) for code in codes} == {"active", "control"}
    assert problems(trial) == []
    findings, places = recomputed(trial)
    assert findings == []
    assert places == {"blocks": 30, "external": 60}.get(kind, len(codes))


@pytest.mark.django_db(transaction=True)
def test_an_arm_given_against_the_random_numbers_is_found() -> None:
    trial = begin(of_kind(DRAWN["minimisation"]))
    code = allocated(trial, 1)
    taken = AllocationSlot.objects.get(participant=trial.row(code))
    drawn = allocation_list.arm_of(trial.row(code))
    keys = files.keys()
    lines = list(export.lines(STUDY, [keys.public]))
    source, places = alone.recorded(lines[1:], study_key(keys.sealing, STUDY))
    assert source["terms"]["kind"] == "minimisation"
    assert int(places[0]["arm"]) == drawn and places[0]["stratum"] == taken.stratum == "low"
    places[0]["arm"] = str(3 - drawn)
    findings = alone.compared(source, places)
    assert len(findings) == 1 and "place 1" in findings[0]


@pytest.mark.django_db(transaction=True)
def test_who_chooses_says_why_and_is_unblinded() -> None:
    trial = begin(of_kind("{kind: chosen, by: chooser}"))
    code = scored(trial, 3)
    with pytest.raises(ActionRefused, match="chooses the arm"):
        randomising.randomise(
            by=trial.person("investigator"), code=code, choice=Choice("active", "x"), at=trial.now
        )
    chooser = trial.person("chooser")
    for choice, sentence in (
        (None, "No arm is chosen"),
        (Choice("another", "x"), "No arm is chosen"),
        (Choice("control", " "), "no reason"),
    ):
        with pytest.raises(ActionRefused, match=sentence):
            randomising.randomise(by=chooser, code=code, choice=choice, at=trial.now)
    randomising.randomise(
        by=chooser, code=code, choice=Choice("control", "Too frail"), at=trial.now
    )
    assert arm_of(trial, code) == "control"
    assert Unblinding.objects.get(participant=trial.row(code)).person == chooser.person_id
    assert problems(trial) == []
    opened = [line for line in export.lines(STUDY, [files.keys().public]) if "Too frail" in line]
    assert opened == []


@pytest.mark.django_db(transaction=True)
def test_a_rule_gives_the_arm_and_refuses_where_it_says_nothing() -> None:
    open_label = of_kind(
        '{kind: rule, rule: {active: {when: "screening.score.points > 5"}, '
        'control: {when: "screening.score.points < 5"}}}'
    )
    with pytest.raises(ProtocolFileError, match="follows from"):
        parse_file(open_label.encode())
    for role in ("investigator", "coordinator", "statistician"):
        open_label = open_label.replace(f"  {role}: {{", f"  {role}: {{knows_arm: yes, ")
    open_label = open_label.replace("knows_arm: no", "knows_arm: yes")
    trial = begin(open_label)
    assert arm_of(trial, allocated(trial, 9)) == "active"
    assert arm_of(trial, allocated(trial, 1)) == "control"
    with pytest.raises(ActionRefused, match="gives the participant no arm"):
        allocated(trial, 5)
    assert problems(trial) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["blocks", "simple", "minimisation", "external"])
def test_of_twenty_at_the_last_place_one_gets_it(kind: str) -> None:
    trial = begin(of_kind(DRAWN[kind]).replace("participants: 30", "participants: 2"))
    allocated(trial, 1)
    codes = [scored(trial, 1) for _ in range(20)]
    refused: list[str] = []
    gate = threading.Barrier(len(codes))
    investigator = trial.person("investigator")

    def last_place(code: str) -> None:
        gate.wait()
        try:
            randomising.randomise(by=investigator, code=code, at=trial.now)
        except ActionRefused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=last_place, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 19 and all("places of the trial are taken" in each for each in refused)
    assert AllocationSlot.objects.filter(participant__isnull=False).count() == 2
    assert Participant.objects.filter(state="randomised").count() == 2
    assert problems(trial) == []


def test_what_a_kind_needs_and_has_not_is_said_with_its_line() -> None:
    for allocation, sentence in (
        ("{kind: simple}", "has no `ratio`"),
        ("{kind: simple, ratio: {active: 1, control: 1}, block_sizes: [2]}", "has no `block_si"),
        ("{kind: none}", "kind `none`, and leads to 2 arms"),
        ("{kind: chosen, by: nurse}", "may not randomise"),
        ("{kind: chosen, by: investigator}", "may not know it"),
        (
            "{kind: biased_coin, probability: 1/2, ratio: {active: 1, control: 1}}",
            "no more than that of any of 2 arms",
        ),
        ("{kind: external, ratio: {active: 1, control: 1}}", "has no `by`"),
        (
            "{kind: external, by: statistician, ratio: {active: 1, control: 1}}",
            "uploads the allocation list, and may not know an arm",
        ),
        ("{kind: external, by: pharmacist, ratio: {active: 1, control: 1}}", "is held at one site"),
        (
            "{kind: external, by: list_keeper, ratio: {active: 1, control: 1}, block_sizes: [2]}",
            "has no `block_sizes`",
        ),
        (
            "{kind: external, by: list_keeper, ratio: {active: 1, control: 1}, "
            + LEVELS.replace("points:", "arm:", 1) + "}",
            "called as another column",
        ),
        (
            "{kind: minimisation, ratio: {active: 1, control: 1}, weights: {age: 1}, "
            + LEVELS + "}",
            "`age` is not a stratification factor",
        ),
    ):  # fmt: skip
        with pytest.raises(ProtocolFileError) as refused:
            parse_file(of_kind(allocation).encode())
        assert sentence in str(refused.value), str(refused.value)


def test_minimisation_without_chance_is_warned_of() -> None:
    certain = of_kind(DRAWN["minimisation"].replace("0.8", "1"))
    with pytest.raises(ProtocolFileError, match="could work the next one out"):
        parse_file(certain.encode())
    certain = certain.replace(CHOOSER, "{like: monitor}")
    protocol = parse_file(certain.encode())
    assert any("can be foretold" in note.message for note in unenforced(protocol))


def test_shares_in_the_long_run_are_those_of_the_ratio() -> None:
    for kind, share in (("simple", 2 / 3), ("biased_coin", 1 / 2), ("minimisation", 1 / 2)):
        allocation = parse_file(of_kind(DRAWN[kind]).encode()).allocation
        assert allocation is not None
        rule, profiles, arms = draws_of(allocation), [], []
        for n in range(600):
            profile = profile_of(allocation, "high" if n % 3 else "low")
            arms.append(rule.next_arm(bytes(32), profiles, arms, profile))
            profiles.append(profile)
        assert abs(Counter(arms)[1] / 600 - share) < (0.06 if kind == "simple" else 0.01)
