"""Moves by the logistic regression with overdose control: the posterior again by sampling, the
moves, the ends, and how a design performs."""

import numpy as np
import pytest

from trialwright.design.blrm import Blrm
from trialwright.design.blrm_escalation import BlrmEscalation
from trialwright.design.errors import DesignError

MODEL = Blrm(
    doses=(1, 2, 4, 8), reference=4, prior_mean=(-1.0, 0.0), prior_sd=(1.2, 0.6),
    correlation=-0.3, cuts=(0.16, 0.33),
)  # fmt: skip
DESIGN = BlrmEscalation(model=MODEL)


def test_the_posterior_is_that_of_weighted_draws_of_the_prior() -> None:
    chance = np.random.default_rng(1)
    z = chance.normal(size=(400_000, 2))
    a = -1.0 + 1.2 * z[:, 0]
    b = 0.6 * (-0.3 * z[:, 0] + (1 - 0.09) ** 0.5 * z[:, 1])
    treated, dlts = [3, 6, 3, 0], [0, 1, 2, 0]
    score = a + np.exp(b) * np.log(np.array([[1.0], [2], [4], [8]]) / 4)
    rates = 1 / (1 + np.exp(-score))
    weight = np.prod(
        [p**y * (1 - p) ** (n - y) for p, n, y in zip(rates, treated, dlts, strict=True)], axis=0
    )
    fit = MODEL.fit(treated, dlts)
    for d in range(4):
        assert fit.mean[d] == pytest.approx(np.average(rates[d], weights=weight), abs=4e-3)
        above = np.average(rates[d] >= 0.33, weights=weight)
        assert DESIGN.overdoses(fit)[d] == pytest.approx(above, abs=6e-3)


def test_moves_skip_no_dose_and_allow_no_overdose() -> None:
    start = DESIGN.start()
    assert DESIGN.decide(start).dose == 1
    up = DESIGN.decide(start.observe(1, 3, 0))
    assert (up.action, up.dose) == ("escalate", 2)
    down = DESIGN.decide(start.observe(1, 3, 0).observe(2, 3, 0).observe(3, 3, 3))
    assert down.action == "de-escalate"
    stop = DESIGN.decide(start.observe(1, 6, 5))
    assert (stop.action, stop.dose) == ("stop", None) and "overdose" in str(stop.reason)
    assert DESIGN.select(start.observe(1, 6, 5)) is None


def test_it_ends_when_full_or_sure() -> None:
    few = BlrmEscalation(model=MODEL, max_participants=6, enough=50)
    ended = few.decide(few.start().observe(1, 3, 0).observe(2, 3, 0))
    assert ended.action == "stop" and ended.dose is not None
    state = DESIGN.start().observe(1, 3, 0).observe(2, 3, 0).observe(3, 12, 3)
    sure = BlrmEscalation(model=MODEL, sure=0.3, max_participants=60).decide(state)
    assert sure.action == "stop" and "target interval" in str(sure.reason)
    assert "目标区间" in sure.reason.in_language("zh")


def test_performance_finds_the_dose_and_adds_up() -> None:
    oc = DESIGN.operating_characteristics(
        [[0.02, 0.06, 0.25, 0.6], [0.6, 0.7, 0.8, 0.9]], trials=150
    )
    assert oc.selected[0].argmax() == 2
    assert oc.none_selected[1] > 0.5
    assert oc.selected.sum(axis=1) + oc.none_selected == pytest.approx([1.0, 1.0])
    again = DESIGN.operating_characteristics([[0.02, 0.06, 0.25, 0.6]], trials=150)
    assert (again.selected[0] == oc.selected[0]).all()


def test_what_doesnt_fit_is_refused() -> None:
    one_cut = Blrm(doses=(1, 2), reference=1, prior_mean=(0, 0), prior_sd=(1, 1), cuts=(0.3,))
    with pytest.raises(DesignError, match="bound the target"):
        BlrmEscalation(model=one_cut)
    with pytest.raises(DesignError, match="overdose"):
        BlrmEscalation(model=MODEL, overdose=1.5)
