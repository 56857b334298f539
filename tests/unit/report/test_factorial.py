"""Factorial arms: what a file must say of them, and what the report by arm tells at the margins."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from scipy import stats

from tests.unit.report.small_trial import SMALL, cut_of
from trialwright.analysis.analyse import analyse
from trialwright.analysis.cut import Assignment, Cut, SealedPart
from trialwright.analysis.cut_bytes import canonical_hash
from trialwright.analysis.cut_entries import Value
from trialwright.analysis.plan_words import plan_sentence
from trialwright.analysis.values import Values
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import ProtocolFileError
from trialwright.report.analysis_plan import analysis_plan
from trialwright.report.document import Callout, Document, Facts, Table
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


def with_outcomes(shift: dict[str, float]) -> tuple[Protocol, Cut, SealedPart]:
    """An ANCOVA, and thickness at week 2 that each arm shifts by so much."""
    method = "ancova, covariates: [screening.scan.thickness]"
    written = parse_file(TEXT.replace("t_test, factor", f"{method}, factor").encode())
    found, sealed = cut_of(written)
    keys, people = list(shift), [each.participant for each in sealed.assignments]
    arm_of = {code: keys[k % 4] for k, code in enumerate(people)}
    dealt = tuple(Assignment(code, arm, arm) for code, arm in arm_of.items())
    entries = tuple(
        replace(e, values=tuple(_shifted(v, shift[arm_of[e.participant]]) for v in e.values))
        if (e.visit, e.form) == ("week_2", "scan") else e
        for e in found.entries
    )  # fmt: skip
    changed = replace(found, entries=entries)
    return written, changed, replace(sealed, cut_hash=canonical_hash(changed), assignments=dealt)


def _shifted(value: Value, by: float) -> Value:
    if value.item != "thickness" or value.text is None:
        return value
    return replace(value, text=f"{float(value.text) + by:.1f}")


def inside(document: Document) -> Table:
    return next(t for t in tables(document) if t.caption == "Thickness: Cells or none, by Diet")


def test_all_cells_stand_beside_the_margins_with_the_interaction() -> None:
    shift = {"both": 6.0, "cells": 0.0, "diet": 0.0, "neither": 0.0}
    written, found, sealed = with_outcomes(shift)
    values = Values(found, written, sealed)
    arm_of = {each.participant: each.arm for each in sealed.assignments}
    rows = []
    for code, arm in arm_of.items():
        before = values.at(code, "screening", "scan", "thickness")
        after = values.at(code, "week_2", "scan", "thickness")
        if isinstance(before, Decimal) and isinstance(after, Decimal):
            cells, rich = arm in ("both", "cells"), arm in ("both", "diet")
            rows.append((float(after), 1.0, cells * rich, cells, rich, float(before)))
    y, *columns = map(np.array, zip(*rows, strict=True))
    fitted = np.linalg.lstsq(np.column_stack(columns), y, rcond=None)[0]
    margin = np.linalg.lstsq(np.column_stack([columns[0], *columns[2:]]), y, rcond=None)[0]

    endpoint = next(each for each in written.endpoints if each.key == "thickness_by_cells")
    result = analyse(values, endpoint, sealed)
    [table] = result.inside
    plain, rich_diet = table.effects
    assert table.first == plain.level == "plain" and plain.interaction is None
    assert rich_diet.interaction is not None and rich_diet.differs
    assert rich_diet.interaction.estimate == pytest.approx(fitted[1])
    assert result.comparisons[0].estimate is not None
    assert result.comparisons[0].estimate.estimate == pytest.approx(margin[1])
    counted = {key: len(found) for key, found in table.cells.items()}
    assert sum(counted.values()) == len(y) and min(counted.values()) > 1

    told = trial_report(found, written, language="en", sealed=sealed)
    shown = inside(told)
    assert [c.head for c in shown.columns] == [
        "Cells or none", "Plain diet", "Rich diet", "All (margin)",
    ]  # fmt: skip
    without, with_cells, effect, interaction = shown.rows
    for row, level in ((without, "no_cells"), (with_cells, "yes_cells")):
        numbers = [int(cell.split(":")[0]) for cell in row.cells[1:]]
        assert numbers[:2] == [counted[level, "plain"], counted[level, "rich"]]
        assert numbers[2] == sum(numbers[:2])
    assert effect.cells[0].startswith("Cells against No cells")
    assert interaction.cells[2].endswith("p <0.001")
    [caution] = [b for b in told.walk() if isinstance(b, Callout) and b.kind == "caution"]
    assert "Rich diet and Plain diet" in caution.text and "below 0.10" in caution.text
    pooled = trial_report(found, written, language="en")
    assert not any("by Diet" in table.caption for table in tables(pooled))
    assert not any(isinstance(b, Callout) and b.kind == "caution" for b in pooled.walk())


def test_a_small_interaction_is_shown_without_a_caution() -> None:
    written, found, sealed = with_outcomes(dict.fromkeys(("both", "cells", "diet", "neither"), 0.0))
    told = trial_report(found, written, language="en", sealed=sealed)
    assert inside(told).rows[-1].cells[2].count("p 0.") == 1
    assert not any(isinstance(b, Callout) and b.kind == "caution" for b in told.walk())


@pytest.mark.parametrize(
    ("measure", "method", "variable", "cell"),
    [
        ("difference", "newcombe", "week_2.scan.thickness > 9", "/"),
        ("difference", "mantel_haenszel", "week_2.scan.thickness > 9", "/"),
        ("odds_ratio", "miettinen_nurminen", "week_2.scan.thickness > 9", "/"),
        ("mean_difference", "t_test", "week_2.scan.thickness", ":"),
        ("mean_difference", "dunnett", "week_2.scan.thickness", ":"),
        ("location_shift", "wilcoxon", "week_2.scan.thickness", ":"),
    ],
)
def test_each_kind_of_endpoint_has_its_table(
    measure: str, method: str, variable: str, cell: str
) -> None:
    text = TEXT.replace(
        "mean_difference, method: t_test, factor", f"{measure}, method: {method}, factor"
    )
    text = text.replace('variable: "week_2.scan.thickness"\n    definition: "As named"',
                        f'variable: "{variable}"\n    definition: "As named"')  # fmt: skip
    written = parse_file(text.encode())
    found, sealed = cut_of(written)
    arms = ("both", "neither", "diet", "cells")
    people = [each.participant for each in sealed.assignments]
    dealt = tuple(Assignment(code, arms[k % 4], arms[k % 4]) for k, code in enumerate(people))
    told = trial_report(found, written, language="en", sealed=replace(sealed, assignments=dealt))
    without, with_cells, effect, interaction = inside(told).rows
    assert all(cell in shown for row in (without, with_cells) for shown in row.cells[1:])
    assert all("(" in shown for shown in effect.cells[1:])
    assert "; p " in interaction.cells[2] and interaction.cells[1] == interaction.cells[3] == "–"


def test_the_plan_names_levels_and_what_pooling_assumes(protocol: Protocol) -> None:
    endpoint = next(each for each in protocol.endpoints if each.key == "thickness_by_cells")
    said = plan_sentence(protocol, endpoint).in_language("en")
    assert "against No cells" in said and "as if factors did not interact" in said
    assert "averaged over the levels of Diet as allocated" in said
    assert "The interaction with Diet is estimated" in said
    planned = analysis_plan(protocol, language="en")
    shell = next(t for t in tables(planned) if t.caption.endswith("Cells or none, by Diet"))
    assert shell.rows[-1].cells[0] == "Interaction: Cells"
    facts = [pair for b in planned.walk() if isinstance(b, Facts) for pair in b.pairs]
    [said] = [text for head, text in facts if head == "Interaction"]
    assert "Newcombe 2001" in said


def test_a_method_within_strata_takes_the_other_factor_as_one() -> None:
    changed = TEXT.replace(
        "mean_difference, method: t_test, factor", "mean_difference, method: ancova, factor"
    )
    written = parse_file(changed.encode())
    endpoint = next(each for each in written.endpoints if each.key == "thickness_by_cells")
    said = plan_sentence(written, endpoint).in_language("en")
    assert "within the levels of Diet, taken together" in said


def test_unlike_ratios_are_not_pooled_and_may_be_compared_within() -> None:
    unlike = TEXT.replace("both: 1, cells: 1,", "both: 2, cells: 1,").replace(
        "block_sizes: [4, 8]", "block_sizes: [5, 10]"
    ).replace("participants: 4, block_size: 4}", "participants: 5, block_size: 5}")  # fmt: skip
    assert unlike != TEXT
    with pytest.raises(ProtocolFileError) as refused:
        parse_file(unlike.encode())
    [problem] = refused.value.problems
    assert "pools arms by `cells`" in problem.message and "ancova" in problem.way_out
    assert parse_file(unlike.replace("t_test, factor", "ancova, factor").encode())


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
