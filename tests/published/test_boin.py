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


@pytest.mark.parametrize(
    ("target", "lambda_e", "lambda_d"),
    [(0.15, 0.118, 0.179), (0.20, 0.157, 0.238), (0.25, 0.197, 0.298), (0.30, 0.236, 0.358),
     (0.35, 0.276, 0.419), (0.40, 0.316, 0.479)],
)  # fmt: skip
def test_boundaries_at_other_targets(target: float, lambda_e: float, lambda_d: float) -> None:
    """Liu and Yuan 2015, table 1."""
    design = Boin(target=target, doses=5)
    assert design.lambda_e == pytest.approx(lambda_e, abs=1e-3)
    assert design.lambda_d == pytest.approx(lambda_d, abs=1e-3)


def test_the_table_of_the_tutorial() -> None:
    """Target 0.30: escalate, de-escalate, eliminate for 1 to 12 treated."""
    table = Boin(target=0.30, doses=5).table(12)
    assert table.column("escalate_at_most") == (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2)
    assert table.column("de_escalate_at_least") == (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5)
    eliminate = (None, None, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7)
    assert table.column("eliminate_at_least") == eliminate
