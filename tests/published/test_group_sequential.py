"""Jennison and Turnbull: constants of classical tests, power-family inflation factors (2000, table
7.6, tolerance 5e-4) and the information-driven example (2013, tables 25.2 and 25.3)."""

import pytest

from trialwright.design import GroupSequential
from trialwright.design.canonical import crossing
from trialwright.design.wang_tsiatis import WangTsiatis, wang_tsiatis

INFLATION = [
    (2, 4, 0.05, 0.2, 1.087), (2, 5, 0.05, 0.2, 1.098), (3, 5, 0.05, 0.2, 1.045),
    (2, 3, 0.05, 0.2, 1.070), (2, 2, 0.05, 0.2, 1.043), (2, 5, 0.05, 0.1, 1.100),
    (3, 5, 0.05, 0.05, 1.050), (3, 6, 0.05, 0.05, 1.055), (3, 10, 0.05, 0.05, 1.069),
    (3, 12, 0.05, 0.1, 1.070), (2, 9, 0.05, 0.2, 1.120),
]  # fmt: skip


@pytest.mark.parametrize(
    ("delta", "constants"),
    [(0.5, [2.178, 2.289, 2.361, 2.413]), (0.0, [1.977, 2.004, 2.024, 2.040])],
)
def test_pocock_and_obrien_fleming_constants(delta: float, constants: list[float]) -> None:
    assert [round(wang_tsiatis(k, delta), 3) for k in (2, 3, 4, 5)] == constants


# Jennison and Turnbull 2000, tables 2.1 and 2.3: looks, then Pocock's and O'Brien and Fleming's
# constant for two-sided levels 0.01, 0.05 and 0.10.
CONSTANTS = [
    (2, (2.772, 2.580), (2.178, 1.977), (1.875, 1.678)),
    (3, (2.873, 2.595), (2.289, 2.004), (1.992, 1.710)),
    (4, (2.939, 2.609), (2.361, 2.024), (2.067, 1.733)),
    (5, (2.986, 2.621), (2.413, 2.040), (2.122, 1.751)),
    (10, (3.117, 2.660), (2.555, 2.087), (2.270, 1.801)),
    (20, (3.225, 2.695), (2.672, 2.126), (2.392, 1.842)),
]


@pytest.mark.parametrize(("looks", "one", "five", "ten"), CONSTANTS)
def test_constants_at_three_levels(
    looks: int, one: tuple[float, ...], five: tuple[float, ...], ten: tuple[float, ...]
) -> None:
    for alpha, expected in ((0.01, one), (0.05, five), (0.10, ten)):
        assert tuple(round(wang_tsiatis(looks, d, alpha), 3) for d in (0.5, 0.0)) == expected


@pytest.mark.parametrize(
    ("spending", "upper"),
    [
        ("obrien-fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_spending_bounds_at_five_equal_looks(spending: str, upper: list[float]) -> None:
    """Two-sided 0.05, the bounds of the programs of Reboussin, DeMets, Kim and Lan 2000 (Control
    Clin Trials 21:190). Two sides together are a little lower than each alone."""
    design = GroupSequential(timing=(0.2, 0.4, 0.6, 0.8, 1.0), spending=spending)
    assert design.boundaries.upper == pytest.approx(upper, abs=2e-4)


def power_family(
    rho: float, looks: int, alpha: float, beta: float, futility: str
) -> GroupSequential:
    return GroupSequential(
        timing=tuple(k / looks for k in range(1, looks + 1)), alpha=alpha, beta=beta,
        spending="power", parameter=rho, futility=futility, futility_parameter=rho,
    )  # fmt: skip


@pytest.mark.parametrize(("rho", "looks", "alpha", "beta", "ratio"), INFLATION)
def test_inflation_of_the_power_family(
    rho: float, looks: int, alpha: float, beta: float, ratio: float
) -> None:
    design = power_family(rho, looks, alpha, beta, "binding")
    assert design.inflation == pytest.approx(ratio, abs=5.5e-4)


@pytest.mark.parametrize(("futility", "information"), [("binding", 34.48), ("non-binding", 35.58)])
def test_maximum_information(futility: str, information: float) -> None:
    design = power_family(2, 5, 0.025, 0.2, futility)
    assert design.maximum_information(0.5) == pytest.approx(information, abs=0.005)


def test_bounds_at_unplanned_information() -> None:
    design = power_family(2, 5, 0.025, 0.2, "binding")
    bounds = design.at([5.43, 12.58, 21.11, 30.55, 33.28], 34.48, 0.5)
    assert [round(b, 2) for b in bounds.upper] == [3.23, 2.76, 2.44, 2.16, 2.14]


@pytest.mark.parametrize(
    ("spending", "parameter", "upper"),
    [
        ("obrien-fleming", 1.0, [3.7103, 2.5114, 1.9930]),
        ("pocock", 1.0, [2.2794, 2.2949, 2.2959]),
        ("hwang-shih-decani", -4.0, [3.0107, 2.5465, 1.9992]),
    ],
)
def test_spending_bounds_at_three_equal_looks(
    spending: str, parameter: float, upper: list[float]
) -> None:
    """One-sided 0.025; the bounds that gsDesign's manual prints."""
    design = GroupSequential(timing=(1 / 3, 2 / 3, 1.0), spending=spending, parameter=parameter)
    assert design.boundaries.upper == pytest.approx(upper, abs=1.5e-4)


def test_the_default_design_of_gsdesign() -> None:
    """Three looks, 0.025 and 0.1, Hwang-Shih-DeCani -4 and -2, futility non-binding: inflation
    1.0699."""
    design = GroupSequential(
        timing=(1 / 3, 2 / 3, 1.0), beta=0.1, spending="hwang-shih-decani", parameter=-4.0,
        futility="non-binding", futility_spending="hwang-shih-decani", futility_parameter=-2.0,
    )  # fmt: skip
    assert design.boundaries.lower == pytest.approx([-0.2387, 0.9411, 1.9992], abs=1e-4)
    assert design.inflation == pytest.approx(1.0699, abs=1e-4)


# Jennison and Turnbull 2000, tables 2.2 and 2.4: looks, then the ratio of the maximum sample size
# to the fixed one for Pocock's and for O'Brien and Fleming's test, two-sided 0.05, power 0.8, 0.9.
RATIOS = [
    (2, (1.110, 1.100), (1.008, 1.007)),
    (3, (1.166, 1.151), (1.017, 1.016)),
    (4, (1.202, 1.183), (1.024, 1.022)),
    (5, (1.229, 1.207), (1.028, 1.026)),
]


@pytest.mark.parametrize(("looks", "pocock", "obrien_fleming"), RATIOS)
def test_inflation_of_the_classical_tests(
    looks: int, pocock: tuple[float, float], obrien_fleming: tuple[float, float]
) -> None:
    timing = tuple(k / looks for k in range(1, looks + 1))
    for delta, ratios in ((0.5, pocock), (0.0, obrien_fleming)):
        for beta, ratio in zip((0.2, 0.1), ratios, strict=True):
            test = WangTsiatis(timing=timing, delta=delta, beta=beta)
            assert test.inflation == pytest.approx(ratio, abs=5.5e-4)


def test_two_sided_spending_bounds_are_those_of_the_program_of_reboussin_and_others() -> None:
    """O'Brien-Fleming type spending of 0.05 over both sides, as 0.025 on each."""
    timing = (0.2, 0.4, 0.6, 0.8, 1.0)
    two = GroupSequential(timing=timing, alpha=0.05, sides=2)
    assert two.boundaries.lower == tuple(-b for b in two.boundaries.upper)
    assert sum(map(sum, crossing(two.boundaries, 0.0))) == pytest.approx(0.05, abs=1e-9)
    assert two.decide(-3.4, 2).action == "stop for effect"
