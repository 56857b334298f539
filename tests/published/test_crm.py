"""Worked fits of Cheung 2011, Dose Finding by the CRM (table 3.1, pages 19, 21 and 124)."""

import pytest

from trialwright.design import Crm, TiteCrm

SKELETON = (0.05, 0.12, 0.25, 0.40, 0.55)
SD = 1.157583690279


@pytest.mark.parametrize(
    ("intercept", "coded"),
    [(0.0, [-2.94, -1.99, -1.10, -0.41, 0.20]), (3.0, [-5.94, -4.99, -4.10, -3.41, -2.80])],
)
def test_coded_doses(intercept: float, coded: list[float]) -> None:
    design = Crm(target=0.25, skeleton=SKELETON, model="logistic", intercept=intercept)
    assert [round(x, 2) for x in design.coded_doses] == coded


def test_logistic_fit_of_five_participants() -> None:
    design = Crm(target=0.25, skeleton=SKELETON, model="logistic", prior_sd=SD)
    fit = design.fit([3, 5, 5, 3, 4], [0, 0, 1, 0, 0])
    assert (round(fit.parameter, 2), fit.mtd) == (0.28, 4)


def test_weighted_fit_of_four_pending_participants() -> None:
    weights = (0.5793650793651, 0.5238095238095, 0.2777777777778, 0.2222222222222)
    design = TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON, prior_sd=SD), suspend_above=0.999)
    state = design.start().observe(3, 4, 0, pending=weights)
    fit = design.fit(state)
    assert (round(fit.parameter, 2), fit.mtd) == (0.49, 4)
