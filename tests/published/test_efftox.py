"""EffTox: posteriors of another program, and what a trial does by them.

Figures: output of the EffTox application of MD Anderson (Department of Biostatistics) for the
example of Thall, Herrick, Nguyen, Venier and Norris 2014, Clin Trials 11:657, as the tests of
trialr 0.1 (K. Brock, tests/testthat/test_stan_efftox.R, read December 2026) quote them, two
decimals, with its tolerance of 0.015. The exponent 0.977: the same package.
"""

import numpy as np
import pytest

from trialwright.design import DesignError, EffTox
from trialwright.design.efftox import EffToxState

MODEL = EffTox(
    doses=(1, 2, 4, 6.6, 10), prior_mean=(-7.9593, 1.5482, 0.7367, 3.4181, 0, 0),
    prior_sd=(3.5487, 3.5018, 2.5423, 2.4406, 0.2, 1),
)  # fmt: skip
PUBLISHED = {
    "1NNN 2ENN": {
        "efficacy": [0.05, 0.26, 0.72, 0.86, 0.91],
        "toxicity": [0.01, 0.01, 0.02, 0.06, 0.12],
        "utility": [-0.91, -0.47, 0.42, 0.64, 0.64],
        "efficacy_acceptable": [0.01, 0.13, 0.80, 0.91, 0.94],
        "toxicity_acceptable": [1.00, 1.00, 0.98, 0.93, 0.86],
    },
    "1NNN 2ENN 3ETB": {
        "efficacy": [0.06, 0.24, 0.71, 0.89, 0.94],
        "toxicity": [0.02, 0.06, 0.41, 0.77, 0.87],
        "utility": [-0.92, -0.63, -0.24, -0.41, -0.47],
        "efficacy_acceptable": [0.01, 0.07, 0.85, 0.97, 0.98],
        "toxicity_acceptable": [1.00, 0.98, 0.36, 0.08, 0.05],
    },
}


def read(text: str) -> EffToxState:
    """Cohorts as "2ETN": the dose, then of each participant E, T, both or neither."""
    state = MODEL.start()
    for cohort in text.split():
        seen = cohort[1:]
        both = seen.count("B")
        state = state.observe(
            int(cohort[0]), len(seen), seen.count("T") + both, seen.count("E") + both, both
        )
    return state


@pytest.mark.parametrize("text", PUBLISHED)
def test_posteriors_are_those_of_the_authors_application(text: str) -> None:
    found = MODEL.fit(read(text))
    for name, figures in PUBLISHED[text].items():
        assert getattr(found, name) == pytest.approx(figures, abs=0.015), name
    assert found.worth > 0.5


def test_the_exponent_of_the_contour() -> None:
    assert round(MODEL.exponent, 3) == 0.977
    assert MODEL.utility(np.array([0.5, 1.0, 0.7]), np.array([0.0, 0.65, 0.25])) == pytest.approx(
        [0.0, 0.0, 0.0], abs=1e-9
    )


def test_the_integral_is_that_of_many_draws_of_the_prior() -> None:
    """Two participants at dose 3 leave most of the prior, so that weighted draws of it do."""
    chance = np.random.default_rng(1)
    theta = np.array(MODEL.prior_mean) + np.array(MODEL.prior_sd) * chance.normal(size=(200_000, 6))
    x = np.log(MODEL.doses) - np.log(MODEL.doses).mean()
    tox = 1 / (1 + np.exp(-theta[:, :1] - theta[:, 1:2] * x))
    eff = 1 / (1 + np.exp(-theta[:, 2:3] - theta[:, 3:4] * x - theta[:, 4:5] * x**2))
    tie = np.tanh(theta[:, 5] / 2) * (eff * (1 - eff) * tox * (1 - tox))[:, 2]
    both, neither = eff[:, 2] * tox[:, 2] + tie, (1 - eff[:, 2]) * (1 - tox[:, 2]) + tie
    weight = both * neither
    found = MODEL.fit(read("3BN"))
    assert found.efficacy == pytest.approx(np.average(eff, axis=0, weights=weight), abs=0.01)
    assert found.toxicity == pytest.approx(np.average(tox, axis=0, weights=weight), abs=0.01)


def test_moves_skip_no_dose_and_stop_where_none_is_acceptable() -> None:
    assert MODEL.decide(MODEL.start()).dose == 1
    up = MODEL.decide(read("1NNN 2ENN"))
    assert (up.action, up.dose) == ("escalate", 3) and "highest utility" in str(up.reason)
    stop = MODEL.decide(read("1TTT 1TTT 1TTT"))
    assert (stop.action, stop.dose) == ("stop", None)
    full = EffTox(doses=MODEL.doses, prior_mean=MODEL.prior_mean, prior_sd=MODEL.prior_sd,
                  max_participants=6)  # fmt: skip
    ended = full.decide(read("1NNN 2ENN"))
    assert (ended.action, ended.dose) == ("stop", 3)


def test_a_trial_selects_a_good_dose_more_often_than_a_toxic_one() -> None:
    small = EffTox(doses=MODEL.doses, prior_mean=MODEL.prior_mean, prior_sd=MODEL.prior_sd,
                   max_participants=12)  # fmt: skip
    oc = small.operating_characteristics(
        [[0.02, 0.05, 0.1, 0.6, 0.8]], [[0.1, 0.3, 0.7, 0.75, 0.8]], trials=12
    )
    assert oc.selected.sum() + oc.none_selected[0] == pytest.approx(1)
    assert oc.selected[0, 2] > oc.selected[0, 3:].sum()
    assert oc.participants.sum() <= 12


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DesignError, match="third point"):
        EffTox(doses=(1, 2), prior_mean=(0,) * 6, prior_sd=(1,) * 6, contour=(0.5, 0.6, 0.4, 0.2))
    with pytest.raises(DesignError, match="prior_sd"):
        EffTox(doses=(1, 2), prior_mean=(0,) * 6, prior_sd=(1,) * 5)
