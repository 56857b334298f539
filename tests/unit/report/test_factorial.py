"""Factorial arms: what a file must say of them, and what the report by arm tells at the margins."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from scipy import stats

from tests.unit.report.small_trial import SMALL, cut_of
from trialwright.analysis.analyse import analyse
from trialwright.analysis.cut import Assignment, Cut, SealedPart
from trialwright.analysis.plan_words import plan_sentence
from trialwright.analysis.values import Values
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import ProtocolFileError
from trialwright.report.analysis_plan import analysis_plan
from trialwright.report.document import Document, Table
from trialwright.report.trial import trial_report

FACTORS = """\
factors:
  cells:
    label: "Cells or none"
    levels: {yes_cells: {label: "Cells"}, no_cells: {label: "No cells"}}
  diet:
    label: "Diet"
    levels: {plain: {label: "Plain diet"}, rich: {label: "Rich diet"}}
arms:
  both:
    label: "Both"
    type: experimental
    description: "Both"
    products: [cells]
    levels: {cells: yes_cells, diet: rich}
  cells:
    label: "Cells"
    type: experimental
    description: "Cells"
    products: [cells]
    levels: {cells: yes_cells, diet: plain}
  diet:
    label: "Diet"
    type: experimental
    description: "Diet"
    levels: {cells: no_cells, diet: rich}
  neither:
    label: "Neither"
    type: no_intervention
    description: "None"
    levels: {cells: no_cells, diet: plain}
"""
ENDPOINT = """\
  thickness_by_cells:
    label: "Thickness"
    kind: secondary
    population: all
    treatments: "Cells against none"
    variable: "week_2.scan.thickness"
    definition: "As named"
    at: week_2
    intercurrent_events: {death: {label: "Death", strategy: composite}}
    summary: "As planned"
    analysis: {measure: mean_difference, method: t_test, factor: cells, reference: no_cells}
"""


def text() -> str:
    written = SMALL.read_text(encoding="utf-8").rstrip() + "\n" + ENDPOINT
    begin, end = written.index("arms:\n  treated"), written.index("\nblinding:")
    written = written[:begin] + FACTORS + written[end:]
    return (
        written.replace("{treated: 1, control: 1}", "{both: 1, cells: 1, diet: 1, neither: 1}")
        .replace("block_sizes: [2, 4]", "block_sizes: [4, 8]")
        .replace("participants: 4, block_size: 2}", "participants: 4, block_size: 4}")
    )


TEXT = text()


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return parse_file(TEXT.encode())


@pytest.fixture(scope="module")
def cut(protocol: Protocol) -> tuple[Cut, SealedPart]:
    found, sealed = cut_of(protocol)
    arms = ("both", "neither", "diet", "cells", "neither")
    people = [each.participant for each in sealed.assignments]
    dealt = tuple(Assignment(code, arms[k % 5], arms[k % 5]) for k, code in enumerate(people))
    return found, replace(sealed, assignments=dealt)


def tables(document: Document) -> list[Table]:
    return [block for block in document.walk() if isinstance(block, Table)]


def test_a_factor_is_compared_at_its_margin(
    protocol: Protocol, cut: tuple[Cut, SealedPart]
) -> None:
    found, sealed = cut
    endpoint = next(each for each in protocol.endpoints if each.key == "thickness_by_cells")
    values = Values(found, protocol, sealed)
    result = analyse(values, endpoint, sealed)
    groups: dict[bool, list[float]] = {True: [], False: []}
    for each in sealed.assignments:
        value = values.at(each.participant, "week_2", "scan", "thickness")
        if isinstance(value, Decimal):
            groups[each.arm in ("both", "cells")].append(float(value))
    wanted = stats.ttest_ind(groups[True], groups[False], equal_var=False)
    [compared] = result.comparisons
    assert compared.arm == "yes_cells" and compared.estimate is not None
    mean = sum(groups[True]) / len(groups[True]) - sum(groups[False]) / len(groups[False])
    assert compared.estimate.estimate == pytest.approx(mean)
    assert compared.p_value == pytest.approx(wanted.pvalue)


def test_the_report_by_arm_tells_the_margins_and_the_pooled_one_nothing(
    protocol: Protocol, cut: tuple[Cut, SealedPart]
) -> None:
    found, sealed = cut
    told = trial_report(found, protocol, language="en", sealed=sealed)
    margins = next(table for table in tables(told) if table.caption == "Participants by factor")
    counted = Counter(each.arm for each in sealed.assignments)
    randomised = {row.cells[1]: int(row.cells[2]) for row in margins.rows}
    assert randomised == {
        "Cells": counted["both"] + counted["cells"],
        "No cells": counted["diet"] + counted["neither"],
        "Plain diet": counted["cells"] + counted["neither"],
        "Rich diet": counted["both"] + counted["diet"],
    }
    assert randomised["Cells"] != randomised["No cells"]
    compared = [t for t in tables(told) if any("pooled by Cells or none" in n for n in t.notes)]
    assert [row.cells[0] for table in compared for row in table.rows] == ["Cells"]
    pooled = trial_report(found, protocol, language="en")
    assert not any(table.caption == "Participants by factor" for table in tables(pooled))


def test_the_plan_names_levels_and_what_pooling_assumes(protocol: Protocol) -> None:
    endpoint = next(each for each in protocol.endpoints if each.key == "thickness_by_cells")
    said = plan_sentence(protocol, endpoint).in_language("en")
    assert "against No cells" in said and "as if factors did not interact" in said
    assert analysis_plan(protocol, language="en")


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("levels: {cells: no_cells, diet: plain}", "levels: {cells: no_cells}", "has no level of"),
        ("cells: no_cells, diet: plain", "cells: no_cells, diet: rich", "same levels as another"),
        ("cells: no_cells, diet: plain", "cells: no_cells, diet: poor", "not a level of"),
        ("{plain: {", "{raw: {label: \"Raw\"}, plain: {", "No arm has"),
        ("factor: cells, reference", "factor: sex, reference", "not a factor of the arms"),
        ("reference: no_cells", "reference: neither", "not a level of the factor `cells`"),
        ("t_test, factor", "t_test, test: rerandomisation, factor", "draws lists of arms"),
    ],
)  # fmt: skip
def test_what_a_factorial_file_must_say(was: str, now: str, says: str) -> None:
    changed = TEXT.replace(was, now)
    assert changed != TEXT
    with pytest.raises(ProtocolFileError) as refused:
        parse_file(changed.encode())
    problem = next(each for each in refused.value.problems if says in each.message)
    assert problem.line > 1 and problem.way_out
