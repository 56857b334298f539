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


MATCHPOINT = EffTox(
    doses=(7.5, 15, 30, 45), prior_mean=(-5.4317, 3.1761, -0.8442, 1.9857, 0, 0),
    prior_sd=(2.7643, 2.7703, 1.9786, 1.9820, 0.2, 1), efficacy_limit=0.45, toxicity_limit=0.40,
    efficacy_sure=0.05, toxicity_sure=0.05, contour=(0.4, 0.7, 0.5, 0.4), max_participants=30,
    first_dose=3,
)  # fmt: skip
FIGURES = ("efficacy", "toxicity", "utility", "efficacy_acceptable", "toxicity_acceptable")
QUOTED: list[tuple[EffTox, str, tuple[list[float], ...]]] = [
    (MODEL, "1NNN", (
        [0.04, 0.19, 0.57, 0.78, 0.87], [0.01, 0.01, 0.02, 0.07, 0.13],
        [-0.93, -0.62, 0.11, 0.46, 0.53], [0.01, 0.12, 0.59, 0.82, 0.89],
        [1.00, 0.99, 0.98, 0.93, 0.85])),
    (MODEL, "4T", (
        [0.16, 0.18, 0.26, 0.40, 0.51], [0.07, 0.10, 0.26, 0.58, 0.79],
        [-0.78, -0.80, -0.88, -1.10, -1.18], [0.14, 0.13, 0.19, 0.37, 0.52],
        [0.92, 0.88, 0.69, 0.26, 0.11])),
    (MODEL, "4T 2N", (
        [0.08, 0.10, 0.20, 0.37, 0.52], [0.02, 0.05, 0.21, 0.56, 0.79],
        [-0.88, -0.88, -0.93, -1.13, -1.18], [0.05, 0.04, 0.11, 0.33, 0.52],
        [0.97, 0.95, 0.74, 0.27, 0.10])),
    (MODEL, "4T 2N 1N", (
        [0.05, 0.07, 0.19, 0.38, 0.54], [0.01, 0.04, 0.20, 0.56, 0.79],
        [-0.93, -0.92, -0.95, -1.14, -1.16], [0.02, 0.02, 0.09, 0.34, 0.55],
        [0.98, 0.97, 0.75, 0.28, 0.11])),
    (MODEL, "4T 2N 1N 5B", (
        [0.03, 0.08, 0.26, 0.54, 0.75], [0.01, 0.04, 0.22, 0.64, 0.89],
        [-0.95, -0.91, -0.84, -0.92, -0.89], [0.01, 0.02, 0.16, 0.57, 0.84],
        [0.99, 0.97, 0.72, 0.16, 0.02])),
    (MATCHPOINT, "3NTT", (
        [0.11, 0.10, 0.16, 0.25], [0.06, 0.12, 0.52, 0.80], [-0.49, -0.50, -0.57, -0.67],
        [0.08, 0.04, 0.06, 0.20], [0.95, 0.92, 0.33, 0.07])),
]  # fmt: skip


@pytest.mark.parametrize(("model", "text", "figures"), QUOTED)
def test_posteriors_of_single_participants_and_of_matchpoint(
    model: EffTox, text: str, figures: tuple[list[float], ...]
) -> None:
    """Output of the same application, quoted in clintrials (K. Brock, tests/test_efftox.py, read
    December 2026), whose own repeated integrals lie up to 0.03 from it."""
    state = model.start()
    for cohort in text.split():
        both = cohort.count("B")
        state = state.observe(
            int(cohort[0]), len(cohort) - 1, cohort.count("T") + both, cohort.count("E") + both,
            both,
        )  # fmt: skip
    found = model.fit(state)
    for name, row in zip(FIGURES, figures, strict=True):
        assert getattr(found, name) == pytest.approx(row, abs=0.025), name


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
