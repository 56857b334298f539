"""Posterior means of Neuenschwander, Branson and Gsponer 2008 (Stat Med 27:2420, figure 1, read off
the plot: tolerance 0.04), and of a sampler quoted by two test suites (its own correlation)."""

import pytest

from trialwright.design.blrm import Blrm

DOSES = (1, 2.5, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250)
TREATED = (3, 4, 5, 4, 0, 0, 2, *(0,) * 8)
DLTS = (0, 0, 0, 0, 0, 0, 2, *(0,) * 8)
FIGURE = [
    0.01, 0.02, 0.05, 0.13, 0.19, 0.25, 0.30, 0.35, 0.47, 0.53, 0.68, 0.74, 0.85, 0.89, 0.92,
]  # fmt: skip
SAMPLED = [
    0.0127, 0.0319, 0.0652, 0.1326, 0.1973, 0.2576, 0.3128, 0.3631, 0.4496, 0.5200, 0.6450, 0.7236,
    0.8128, 0.8603, 0.8892,
]  # fmt: skip


def model(correlation: float) -> Blrm:
    return Blrm(
        doses=DOSES, reference=250, prior_mean=(2.15, 0.52), prior_sd=(0.84, 0.80),
        correlation=correlation,
    )  # fmt: skip


def test_posterior_means() -> None:
    fit = model(0.0).fit(TREATED, DLTS)
    assert fit.mean == pytest.approx(FIGURE, abs=0.04)
    assert fit.intervals.sum(axis=1) == pytest.approx([1.0] * 15)


def test_posterior_means_with_the_correlation_of_the_sampler() -> None:
    fit = model(0.134 / (0.84 * 0.80)).fit(TREATED, DLTS)
    assert fit.mean == pytest.approx(SAMPLED, abs=0.01)
