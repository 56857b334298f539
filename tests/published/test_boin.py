"""BOIN's boundaries, and the worked trial of its tutorial (Han and others 2019, p. 25)."""

import pytest

from trialwright.design import Boin

# Each cohort of the worked trial (dose, N or T per participant), and the next dose.
WORKED = [
    ("1NNN", 2), ("2NNN", 3), ("3NTT", 2), ("2NTN", 3), ("3NNN", 3), ("3NNN", 4), ("4TTT", 3),
    ("3NTN", 3), ("3NNT", 3), ("3TNN", 3),
]  # fmt: skip


def test_boundaries_at_target_030() -> None:
    design = Boin(target=0.30, doses=5)
    assert design.lambda_e == pytest.approx(0.236, abs=5e-4)
    assert design.lambda_d == pytest.approx(0.359, abs=5e-4)


def test_the_worked_trial() -> None:
    design = Boin(target=0.30, doses=5)
    state = design.start()
    for cohort, following in WORKED:
        state = state.observe(int(cohort[0]), 3, cohort.count("T"))
        assert design.decide(state).dose == following
    assert design.decide(state).action == "stop"
    assert design.select(state) == 3
