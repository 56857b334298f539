"""Linked participants: own visits, a shared consent and arm, and blinding through the link."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.refusing import absent, refused
from trialwright.conduct.acting import knows_arm
from trialwright.conduct.actions import (
    cutting,
    eligibility,
    randomising,
    screening,
    unblinding,
    visiting,
)
from trialwright.conduct.actions.screening import Link
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.models import Unblinding, VisitRecord
from trialwright.conduct.models.participants import Answer
from trialwright.conduct.reads.arms import arm_for
from trialwright.conduct.reads.consents import consents_of
from trialwright.conduct.reads.linked import linked_to
from trialwright.conduct.reads.participants import story
from trialwright.protocol.blinding import is_restricted_step
from trialwright.protocol.kinds import part_of
from trialwright.protocol.loader import parse_file
from trialwright.report.html import render_html
from trialwright.report.trial import trial_report

KIN = """\
protocol: 1
identifier: KIN-01
version: "1"
date: 2023-01-15
languages: [en]
demonstration: yes
origin: assumed
source: us
title: "Mothers allocated, children followed"
participants: 8
sources: {us: "Written for a test"}
roles:
  investigator: {like: investigator, knows_arm: no}
  coordinator: {like: coordinator}
  pharmacist:
    label: "Pharmacist"
    at_site: yes
    may: [see_participants, see_ledger]
    knows_arm: yes
  statistician: {like: trial_statistician}
  administrator: {like: administrator}
consent:
  version: "1"
  parts: {study: {label: "Taking part"}}
kinds:
  mother: {label: "Mother"}
  child: {label: "Child", of: mother, shares_arm: yes, shares_consent: yes}
criteria:
  inclusion:
    adult: {text: "An adult"}
    born: {text: "Born alive", kind: child}
code_lists:
  missing_reasons: {not_done: {label: "Not done"}}
forms:
  score:
    label: "Score"
    sections:
      all: {label: "All", items: {points: {label: "Points", type: integer}}}
  growth:
    label: "Growth"
    sections:
      all:
        label: "All"
        items: {weight: {label: "Weight", type: number, unit: kg, minimum: 0, maximum: 20}}
populations:
  all: {label: "All", definition: "All allocated", who: "participant.randomised"}
endpoints:
  weight:
    label: "Weight"
    kind: primary
    population: all
    treatments: "All"
    variable: "month_1.growth.weight"
    definition: "Weight of the child at one month"
    at: month_1
    intercurrent_events: {death: {label: "Death", strategy: composite}}
    summary: "Mean"
    analysis: {measure: mean_difference, method: cluster_robust, reference: placebo, clusters: site}
arms:
  active: {label: "Active", type: experimental, description: "Active"}
  placebo: {label: "Placebo", type: placebo_comparator, description: "Placebo"}
allocation: {ratio: {active: 1, placebo: 1}, block_sizes: [2, 4]}
steps:
  give:
    label: "Give"
    roles: [coordinator]
    at: [day_1]
    records: dose
    planned: {amount: 200, unit: mg}
  drops:
    label: "Drops"
    roles: [coordinator]
    at: [week_1]
    records: dose
    planned: {amount: 2, unit: drops}
anchors:
  allocation: {label: "Allocation", step: allocation}
  entered: {label: "Entered", step: consent}
visits:
  day_1: {label: "Day 1", anchor: allocation, window_after_days: 3, forms: [score]}
  week_1:
    label: "Week 1"
    kind: child
    anchor: entered
    day: 7
    window_after_days: 7
    forms: [growth]
  month_1:
    label: "Month 1"
    kind: child
    anchor: entered
    day: 30
    window_after_days: 7
    forms: [growth]
"""


@pytest.fixture
def kin(db: None) -> Trial:
    return begin(KIN)


def child_of(kin: Trial, mother: str) -> str:
    by, link = kin.person("coordinator"), Link("child", mother)
    return screening.screen(by=by, site="C", link=link, at=kin.now)


def eligible(kin: Trial, code: str, criterion: str) -> None:
    by = kin.person("investigator")
    answers = {criterion: (Answer.PASS, "")}
    eligibility.assess_eligibility(by=by, code=code, answers=answers, at=kin.now)
    eligibility.confirm_eligibility(by=by, code=code, at=kin.now)


def test_a_child_is_screened_with_its_mother_alone(kin: Trial) -> None:
    by = kin.person("coordinator")
    alone = partial(screening.screen, by=by, site="C", at=kin.now)
    assert "“Mother”" in refused(partial(alone, link=Link("child")))
    assert "“Mother”" in refused(partial(alone, link=Link("child", "C-009")))
    assert "kind" in refused(partial(alone, link=Link("aunt", "C-001")))
    asked = alone()
    assert "who is in the study" in refused(partial(alone, link=Link("child", asked)))
    mother = kin.consented()
    assert "linked to nobody" in refused(partial(alone, link=Link("mother", mother)))
    child = child_of(kin, mother)
    assert "“Mother”" in refused(partial(alone, link=Link("child", child)))
    assert [each.code for each in linked_to(by, kin.row(mother))] == [child]
    assert [each.code for each in linked_to(by, kin.row(child))] == [mother]
    assert kin.row(child).state == "consented", "the mother's consent counts"
    assert consents_of(by, child).shared_with == mother


def test_each_kind_has_its_own_visits_criteria_and_steps(kin: Trial) -> None:
    mother = kin.consented()
    child = child_of(kin, mother)
    by = kin.person("coordinator")
    assert [line.visit.key for line in story(by, mother).visits] == ["day_1"]
    assert [line.visit.key for line in story(by, child).visits] == ["week_1", "month_1"]
    other = {"adult": (Answer.PASS, "")}
    refused(
        partial(
            eligibility.assess_eligibility, by=kin.person("investigator"), code=child,
            answers=other, at=kin.now,
        )
    )  # fmt: skip
    eligible(kin, child, "born")
    absent(partial(randomising.randomise, by=kin.person("investigator"), code=child, at=kin.now))
    assert kin.row(child).randomised_at is None
    assert set(VisitRecord.objects.values_list("visit", flat=True)) == {"week_1", "month_1"}


def test_what_needs_an_arm_waits_for_the_shared_one(kin: Trial) -> None:
    mother = kin.consented()
    child = child_of(kin, mother)
    eligible(kin, child, "born")
    kin.later(days=7)
    by = kin.person("coordinator")
    visiting.record_visit(by=by, code=child, visit="week_1", on=kin.now.date(), at=kin.now)
    give = kin.taking("coordinator", child, "drops", "week_1")
    assert "the randomisation" in refused(give)
    eligible(kin, mother, "adult")
    randomising.randomise(by=kin.person("investigator"), code=mother, at=kin.now)
    give()
    assert allocation_list.arm_of(kin.row(child)) == allocation_list.arm_of(kin.row(mother))


def test_blinding_holds_through_the_link(kin: Trial) -> None:
    mother = kin.consented()
    child = child_of(kin, mother)
    eligible(kin, child, "born")
    eligible(kin, mother, "adult")
    blind, open_one = kin.person("investigator"), kin.person("pharmacist")
    randomising.randomise(by=blind, code=mother, at=kin.now)
    for code in (mother, child):
        assert not knows_arm(blind, kin.row(code))
        assert arm_for(blind, story(blind, code)) is None
    unblinding.unblind(by=blind, code=mother, reason="Seizure", at=kin.now)
    assert list(Unblinding.objects.values_list("participant__code", flat=True)) == [mother]
    assert knows_arm(blind, kin.row(mother)) and knows_arm(blind, kin.row(child))
    assert not knows_arm(open_one, kin.row(child))


def test_a_step_that_tells_the_arm_tells_as_much_of_who_shares_it(kin: Trial) -> None:
    """What is restricted of the one's steps is restricted of the other's."""
    dose = "    records: dose\n    planned: {amount: 2, unit: drops}\n"
    told = KIN.replace(dose, "    reveals_arm: yes\n")
    before, after = told.split('label: "Drops"')
    told = before + 'label: "Drops"' + after.replace("[coordinator]", "[pharmacist]", 1)
    protocol = parse_file(told.encode())
    child = part_of(protocol, "child")
    assert child.allocation is None
    assert is_restricted_step(child, child.step("drops"))
    assert is_restricted_step(protocol, protocol.step("drops"))
    assert not is_restricted_step(child, protocol.step("give"))


def test_the_cut_and_the_reports_name_the_link(kin: Trial, tmp_path: Path, settings: Any) -> None:
    settings.TRIALWRIGHT_CUTS = tmp_path
    mother = kin.consented()
    child = child_of(kin, mother)
    eligible(kin, child, "born")
    eligible(kin, mother, "adult")
    randomising.randomise(by=kin.person("investigator"), code=mother, at=kin.now)
    sha256 = cutting.cut_data(by=kin.person("statistician"), name="first", at=kin.now)
    study = kin.protocol.identifier
    cut, sealed = cut_store.load_open(study, "first", sha256), cut_store.load_sealed(study, "first")
    people = {p.code: p for p in cut.participants}
    assert (people[child].kind, people[child].linked_to, people[child].arm_of) == (
        "child", mother, mother,
    )  # fmt: skip
    assert set(cut.allocated()) == {mother, child}
    arms = {each.participant: each.arm for each in sealed.assignments}
    assert arms[mother] == arms[child]
    for given in (None, sealed):
        report = render_html(trial_report(cut, kin.protocol, language="en", sealed=given))
        assert "Linked participants" in report
