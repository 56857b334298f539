"""BOIN with backfill: figures of its paper and of another program.

Zhao, Yuan, Korn and Freidlin 2024, Clin Cancer Res 30:673, tables 3 and 4, scenario 3 (target 0.25,
10 cohorts of 3, stop at 9, at most 12 backfilled, one DLT in three a stay, three participants and
one month of assessment), as quoted by the vignettes of the R packages simFastBOIN 2.1.0 and bfboin
0.1.1 (read December 2026). There participants come at uniform gaps, here at exponential ones, and
what is done with an assessment just over differs, so that figures agree only nearly.
"""

import pytest

from trialwright.design import Accrual, BackfillBoin, Boin

MONTH = Accrual(window_days=30.4, arrivals_per_week=3 * 7 / 30.4)
DESIGN = BackfillBoin(
    boin=Boin(target=0.25, doses=5, max_participants=30, stop_at_dose=9),
    stay_at_one_of_three=True,
)
DLT = [0.04, 0.12, 0.25, 0.43, 0.63]


@pytest.fixture(scope="module", params=["backfill", "none"])
def told(request: pytest.FixtureRequest) -> tuple[list[float], list[float]]:
    """MTD %, above %, and participants below, at and above the MTD; the paper's and ours."""
    backfill = request.param == "backfill"
    responses = [0.10, 0.20, 0.30, 0.45, 0.58] if backfill else [0.0] * 5
    oc = DESIGN.operating_characteristics([DLT], [responses], accrual=MONTH, trials=2_000)
    chosen, n = 100 * oc.selected[0], oc.participants[0]
    ours = [chosen[2], chosen[3:].sum(), n[:2].sum(), n[2], n[3:].sum()]
    paper = [57.6, 9.7, 16.9, 9.8, 4.2] if backfill else [56.7, 12.3, 11.4, 8.0, 4.6]
    return paper, ours


def test_the_papers_scenario(told: tuple[list[float], list[float]]) -> None:
    paper, ours = told
    assert ours[:2] == pytest.approx(paper[:2], abs=4.0)
    assert ours[2:] == pytest.approx(paper[2:], abs=1.0)


def test_another_programs_figures_without_backfill() -> None:
    """bfboin, 10,000 trials: doses of 0.1 and 0.5, stop at 9, extra safety 0.1: selected 77.9% and
    17.9%, none 4.2%; 10.83 and 7.68 treated."""
    boin = Boin(target=0.25, doses=2, max_participants=30, stop_at_dose=9, extra_safety=0.1)
    design = BackfillBoin(boin=boin)
    oc = design.operating_characteristics([[0.1, 0.5]], [[0.0, 0.0]], accrual=MONTH, trials=3_000)
    assert 100 * oc.selected[0] == pytest.approx([77.91, 17.91], abs=2.5)
    assert oc.participants[0] == pytest.approx([10.83, 7.68], abs=0.25)
    exact = boin.operating_characteristics([[0.1, 0.5]], method="exact")
    assert 100 * exact.selected[0] == pytest.approx([77.91, 17.91], abs=1.5)
    assert exact.participants[0] == pytest.approx([10.83, 7.68], abs=0.15)
