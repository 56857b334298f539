"""Answers are found under which criteria hold or don't, through computed items too."""

from datetime import date
from random import Random

import pytest

from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.simulation.needs import entering
from trialwright.simulation.record import SimulationRecord
from trialwright.simulation.solving import Search
from trialwright.simulation.values import draw_value

FILE = """\
protocol: 1
identifier: SOLVE-01
version: "1"
date: 2023-01-15
languages: [en]
origin: assumed
source: us
title: "Criteria of many kinds"
participants: 10
sources: {us: "Written for a test"}
consent: {version: "1", parts: {study: {label: "Taking part"}}}
arms: {one: {label: "One", type: experimental, description: "One"}}
anchors: {consent: {label: "Consent", step: consent}}
code_lists:
  stage: {i: {label: "I"}, ii: {label: "II"}, iii: {label: "III"}}
  missing_reasons: {not_done: {label: "Not done"}}
criteria:
  inclusion:
    age: {text: "18 to 75", check: "screening.base.age >= 18 and screening.base.age <= 75"}
    stage: {text: "II or III", check: "screening.base.stage in ('ii', 'iii')"}
    index:
      text: "Index 20 to 25"
      check: "20 <= screening.base.index and screening.base.index < 25"
    recent:
      text: "Within 30 days"
      check: "days_between(screening.base.found_on, screening.base.on) <= 30"
  exclusion:
    pregnant: {text: "Pregnant", check: "screening.base.woman and screening.base.pregnant"}
forms:
  base:
    label: "Base"
    sections:
      all:
        label: "All"
        items:
          on: {label: "Day", type: date}
          found_on: {label: "Found on", type: date}
          age: {label: "Age", type: integer, minimum: 0, maximum: 120}
          stage: {label: "Stage", type: choice, choices: stage}
          weight: {label: "Weight", type: number, unit: kg, minimum: 30, maximum: 200, decimals: 1}
          height: {label: "Height", type: number, unit: m, minimum: 1, maximum: 2.3, decimals: 2}
          index: {label: "Index", type: score, expression: "weight / (height * height)"}
          woman: {label: "Woman", type: yes_no}
          pregnant: {label: "Pregnant", type: yes_no, show_when: "woman"}
visits: {screening: {label: "Screening", anchor: consent, screening: yes, forms: [base]}}
populations: {all: {label: "All", definition: "All", who: "true"}}
endpoints:
  age:
    label: "Age"
    kind: primary
    population: all
    treatments: "All"
    variable: "screening.base.age"
    definition: "Age"
    at: screening
    intercurrent_events: {death: {label: "Death", strategy: composite}}
    summary: "Mean"
"""
PLACE = ("screening", "base", 1)


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return parse_file(FILE.encode())


def begin(protocol: Protocol, seed: int) -> Search:
    random, on = Random(seed), date(2023, 5, 1)
    held = {i.key: draw_value(i, on, random) for i in protocol.form("base").items if not i.computed}
    return Search(SimulationRecord(protocol, {PLACE: held}), frozenset({PLACE[:2]}), on, random)


@pytest.mark.parametrize("seed", range(20))
def test_all_criteria_are_met_together(protocol: Protocol, seed: int) -> None:
    search = begin(protocol, seed)
    assert search.meet(entering(protocol)) == ()
    known = search.record.named()
    assert 18 <= known["screening.base.age"] <= 75
    assert 20 <= known["screening.base.index"] < 25


@pytest.mark.parametrize("place", range(5))
def test_each_criterion_can_be_missed_alone(protocol: Protocol, place: int) -> None:
    missed = protocol.criteria[place]
    search = begin(protocol, place)
    assert search.meet(entering(protocol, missed)) == ()


def test_what_cannot_be_met_is_said(protocol: Protocol) -> None:
    text = FILE.replace("screening.base.age <= 75", "screening.base.age < 18")
    impossible = parse_file(text.encode())
    search = begin(impossible, 1)
    assert [wish.key for wish in search.meet(entering(impossible))] == ["age"]
