"""The worked trial of BOIN12 (Lin and others 2020, JCO Precis Oncol 4:1393, supplement, figure S2).

N neither, T toxicity only, E efficacy only, B both.
"""

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
