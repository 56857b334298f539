"""Enrolment by factor: counted at the margins, and shown to nobody who may not see all arms."""

from collections import Counter

import pytest
from django.test import Client

from tests.integration.conduct.other_trials import HEAD, Trial, begin
from trialwright.accounts.models import Person
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.models import Study
from trialwright.conduct.reads.dashboards import enrolment_by_factor
from trialwright.conduct.refusals import NotFound

STUDY = "FACTORS-01"
ARMS = {"both": ("on", "on"), "drug": ("on", "off"), "diet": ("off", "on"), "none": ("off", "off")}
FACTORIAL = (
    HEAD.format(study=STUDY, title="Two by two", participants=8, last="day_1")
    .replace("participant.treated", "not participant.withdrawn")
    .replace("  administrator:", "  board: {like: board_statistician}\n  administrator:")
    + """\
factors:
  drug: {label: "Drug", levels: {on: {label: "Drug"}, off: {label: "Placebo"}}}
  diet: {label: "Diet", levels: {on: {label: "Diet"}, off: {label: "As usual"}}}
arms:
"""
    + "".join(
        f"""\
  {key}:
    label: "{key.capitalize()}"
    type: experimental
    description: "{key.capitalize()}"
    levels: {{drug: {drug}, diet: {diet}}}
"""
        for key, (drug, diet) in ARMS.items()
    )
    + """\
allocation: {ratio: {both: 1, drug: 1, diet: 1, none: 1}, block_sizes: [4, 8]}
anchors: {allocation: {label: "Allocation", step: allocation}}
visits: {day_1: {label: "Day 1", anchor: allocation, window_after_days: 9, forms: [score]}}
"""
)
FILES = [f"/studies/{STUDY}/dashboard/factors.{kind}" for kind in ("csv", "json")]


@pytest.fixture
def trial(db: None) -> Trial:
    found = begin(FACTORIAL)
    for _each in range(3):
        found.randomised()
    return found


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(username=f"{name}.{STUDY}".lower()))
    return client


def test_each_participant_counts_once_under_each_factor(trial: Trial) -> None:
    keys = [arm.key for arm in trial.protocol.arms]
    study = Study.objects.get(pk=STUDY)
    arms = [keys[number - 1] for _row, number in allocation_list.arms_of_all(study)]
    wanted = Counter(("drug", ARMS[arm][0]) for arm in arms)
    wanted += Counter(("diet", ARMS[arm][1]) for arm in arms)
    found = enrolment_by_factor(trial.person("board"))
    assert [(each.factor.key, each.level.key) for each in found] == [
        ("drug", "on"), ("drug", "off"), ("diet", "on"), ("diet", "off"),
    ]  # fmt: skip
    assert {(e.factor.key, e.level.key): e.allocated for e in found if e.allocated} == wanted
    rows = client_of("board").get(FILES[1]).json()["rows"]
    assert [row["allocated"] for row in rows] == [each.allocated for each in found]
    page = client_of("board").get(f"/studies/{STUDY}/dashboard").content.decode()
    assert "Enrolment by factor" in page and "Placebo" in page


def test_who_is_blinded_has_neither_the_picture_nor_its_files(trial: Trial) -> None:
    for name in ("investigator", "coordinator", "statistician"):
        with pytest.raises(NotFound):
            enrolment_by_factor(trial.person(name))
        client = client_of(name)
        page = client.get(f"/studies/{STUDY}/dashboard")
        if page.status_code == 200:
            assert "Enrolment by factor" not in page.content.decode()
        for address in FILES:
            assert client.get(address).status_code == 404
