"""Two stages, allocation and excess over a control told: the figures that stand in the tables."""

import pytest

from trialwright.design import (
    DesignError,
    ExcessOverControl,
    Minimisation,
    PermutedBlocks,
    SimonTwoStage,
)
from trialwright.design.minimisation import Mix
from trialwright.design.simon import SimonAim
from trialwright.report.designs import DesignSummary, Question, named, summarise
from trialwright.report.designs.asking import usual_question
from trialwright.report.document import Table
from trialwright.report.words import ReportWords


def told(design: object, question: Question | None = None, language: str = "en") -> DesignSummary:
    words = ReportWords(language)
    return summarise(named([design], words), question or usual_question(design), words)


def tables(parts: tuple[object, ...]) -> list[Table]:
    return [part for part in parts if isinstance(part, Table)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_design_that_was_searched_stands_among_the_admissible_ones(language: str) -> None:
    """Simon 1989, table 1, p0 0.10 and p1 0.30: minimax 1/15, 5/25 with 19.5 expected, optimal
    1/10, 5/29 with 15.0 and a chance of 0.74 to stop early."""
    aim = SimonAim(p0=0.1, p1=0.3, alpha=0.05, beta=0.2)
    question = usual_question(aim.design, aims=(aim,))
    assert question.rates == ((0.1, 0.2, 0.3, 0.4, 0.5),)
    found = tables(told(aim.design, question, language).performance)[1]
    first, last = found.rows[0].cells, found.rows[-1].cells
    assert first[:2] == ("1 / 15", "5 / 25") and first[4] == "19.5"
    assert last[:2] == ("1 / 10", "5 / 29") and last[4:] == ("15.0", "73.6")
    assert all(float(row.cells[2]) <= 5 and float(row.cells[3]) >= 80 for row in found.rows)


def test_a_design_that_was_given_has_no_others_beside_it() -> None:
    given = SimonTwoStage(n1=10, r1=1, n=29, r=5)
    assert len(tables(told(given).performance)) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_blocks_are_told_by_what_one_gives_away(language: str) -> None:
    blocks = PermutedBlocks(arms=2, block_sizes=(4,))
    found = told(blocks, language=language)
    assert tables(found.rule[0])[0].rows[0].cells == ("4", "2.83", "0.83", "1.33", "2")
    assert tables(found.performance)[0].rows[0].cells[1:] == ("70.8", "50.0", "2.0", "–")
    assert found.tree[0]["method"] == "exact"


def test_a_minimisation_is_told_as_simulated_for_who_comes() -> None:
    rule = Minimisation(arms=2, factors=("site", "stage"))
    mix = Mix((2, 3), 40)
    found = told(rule, Question((), mix=mix))
    seen = rule.properties(mix.profiles())
    assert found.tree[0]["guessed"] == seen.guessed
    assert found.tree[0]["method"] == "monte-carlo"
    assert 0 < found.tree[0]["standard_error"] < 0.005
    assert "2,000 lists for the same 40 participants" in found.method[0]
    with pytest.raises(DesignError, match="Each factor has its number of levels"):
        told(rule, Question((), mix=Mix((2,))))


def test_an_excess_is_told_by_look_and_by_the_control_s_events() -> None:
    rule = ExcessOverControl(looks=(5, 10), margin=0.1, threshold=0.9)
    found = told(rule)
    table = tables(found.rule[0])[0]
    assert [column.head for column in table.columns][1:] == ["5 per arm", "10 per arm"]
    held = {row[:2]: row[2] for row in rule.table().rows}
    assert table.rows[1].cells == ("1", str(held[5, 1]), str(held[10, 1]))
    assert (
        found.tree[0]["hold_probability"]
        == rule.characteristics(found.tree[0]["rates"], 0.1).hold_probability.tolist()
    )
