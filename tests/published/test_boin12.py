"""BOIN12 (Lin and others 2020, JCO Precis Oncol 4:1393): table 3, the worked trial (supplement,
figure S2), and the decisions of the authors' application, as the tests of the R package escalation
quote them.

N neither, T toxicity only, E efficacy only, B both.
"""

import pytest

from trialwright.design import Boin12
from trialwright.design.boin12 import EfficacyState

DESIGN = Boin12(target=0.35, min_response=0.25, doses=5)

WORKED = [
    ("1NNN", 2), ("2NNB", 3), ("3NEE", 3), ("3NTN", 4), ("4ETE", 4), ("4NBE", 4), ("4BNN", 5),
    ("5BEN", 5), ("5NBT", 4), ("4NEN", 4),
]  # fmt: skip


def after(state: EfficacyState, cohort: str) -> EfficacyState:
    dlts = sum(code in "TB" for code in cohort[1:])
    responses = sum(code in "EB" for code in cohort[1:])
    return state.observe(int(cohort[0]), 3, dlts, responses)


def test_the_worked_trial() -> None:
    state = DESIGN.start()
    for cohort, following in WORKED:
        state = after(state, cohort)
        assert DESIGN.decide(state).dose == following, cohort
    assert DESIGN.decide(state).action == "stop"


def test_a_second_path() -> None:
    state = DESIGN.start()
    for cohort in ("1NNN", "2ENT", "3ETT", "2EEN"):
        state = after(state, cohort)
    assert DESIGN.decide(state).dose == 2


# Table 3: treated, DLTs, responses, and the rank-based desirability score; None is inadmissible.
# Where two rows tie, the mean of the ranks they take up is quoted, here the lowest given.
TABLE_3 = [
    ((0, 0, 0), 60), ((3, 0, 3), 91), ((6, 1, 5), 87), ((6, 5, 1), None), ((9, 0, 8), 99),
    ((9, 2, 3), 32), ((9, 5, 5), 32), ((9, 3, 1), 7), ((9, 4, 0), None), ((9, 6, 9), None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "rank"), TABLE_3)
def test_the_rank_based_desirability_scores(cell: tuple[int, int, int], rank: int | None) -> None:
    rows = DESIGN.table(9).rows
    assert len([row for row in rows if row[3] is not None]) == 102
    assert {row[:3]: row[3] for row in rows}[cell] == rank


# The first cohort at a dose, and the next dose.
APPLICATION = {
    1: "1EBB 1EEB 1EEE 1EET 1ETB 1ETT 1NBB 1NEB 1NEE 1NTB 1NTT 2BBB 2EBB 2ETB 2ETT 2NBB 2NTB 2NTT "
       "2TBB 2TTB 2TTT",
    2: "1NET 1NNB 1NNE 1NNN 1NNT 2EEB 2EEE 2EET 2NEB 2NEE",
    3: "2NET 2NNB 2NNE 2NNN 2NNT",
    4: "5BBB 5EBB 5ETB 5ETT 5NBB 5NET 5NNB 5NNE 5NNN 5NNT 5NTB 5NTT 5TBB 5TTB 5TTT",
    5: "5EEB 5EEE 5EET 5NEB 5NEE",
}  # fmt: skip


@pytest.mark.parametrize("following", APPLICATION)
def test_the_decisions_of_the_authors_application(following: int) -> None:
    for cohort in APPLICATION[following].split():
        assert DESIGN.decide(after(DESIGN.start(), cohort)).dose == following, cohort
