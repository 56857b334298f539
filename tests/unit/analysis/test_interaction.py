"""Interactions against statsmodels 0.15.0, outside these tests.

sm.OLS(y, [1, a, b, a b, x]), sm.Logit(y, [1, a, b, a b]), OLS(y, [1, a, b, a b]) with
cov_type HC2, whose standard error is that of a contrast of means with unequal variances, and
proportion_confint(method="wilson") for each cell.
"""

from math import nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trialwright.analysis.interaction import interaction_of_effects, interaction_of_means
from trialwright.analysis.means import ancova, t_test
from trialwright.analysis.proportions import two_proportions
from trialwright.analysis.result import AnalysisError, Estimate

A = np.array([
    0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0,
    1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1,
])  # fmt: skip
B = np.array([
    0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
    0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
])  # fmt: skip
X = np.array([
    10.1, 12.7, 12.4, 9.4, 8.9, 11.1, 9.9, 11.5, 6.3, 9.8, 11.4, 9.7, 9.2, 10.9, 11.6, 9.7, 11.4,
    8.3, 7.0, 10.8, 8.7, 6.2, 8.4, 9.1, 7.6, 7.0, 10.1, 11.8, 9.5, 8.5, 10.8, 11.4, 9.4, 11.1,
    12.1, 9.6, 8.4, 10.7, 10.5, 12.2, 7.4, 8.7, 8.3, 6.5, 10.3,
])  # fmt: skip
Y = np.array([
    8.8, 8.9, 13.5, 8.6, 8.8, 11.9, 5.8, 9.7, 7.8, 9.5, 8.3, 9.7, 7.8, 9.2, 9.3, 10.4, 9.3, 7.9,
    6.4, 12.0, 9.5, 5.8, 8.8, 11.6, 11.6, 4.1, 10.1, 11.1, 8.3, 5.7, 11.0, 7.1, 9.8, 10.5, 7.4,
    8.3, 5.1, 8.7, 11.2, 14.9, 3.5, 6.5, 8.9, 11.0, 9.9,
])  # fmt: skip
BOTH, FIRST, SECOND, NEITHER = (31, 140), (48, 150), (52, 145), (49, 138)


def parts(found: Estimate) -> tuple[float, float, float]:
    return found.estimate, found.lower, found.upper


def test_the_product_in_a_linear_model_is_that_of_statsmodels() -> None:
    found = ancova(Y, A * B, np.column_stack([A, B, X]))
    expected = (-3.196935046680196, -5.460762535866706, -0.9331075574936865)
    assert parts(found) == pytest.approx(expected, abs=1e-9)
    assert found.p_value == pytest.approx(0.00680509350019264, abs=1e-9)
    margin = ancova(Y, A, np.column_stack([B, X]))
    expected = (1.0047281356428708, -0.2148641563830136, 2.224320427668755)
    assert parts(margin) == pytest.approx(expected, abs=1e-9)


def test_a_contrast_of_means_has_the_error_of_statsmodels() -> None:
    cells = [Y[(a == A) & (b == B)] for b in (1, 0) for a in (1, 0)]
    found = interaction_of_means(cells)
    freedom = float(found.method.split(", ")[1].split()[0])
    half = (found.upper - found.lower) / 2
    assert found.estimate == pytest.approx(-3.7295454545454536, abs=1e-9)
    assert half / stats.t.ppf(0.975, freedom) == pytest.approx(1.2464990919474819, rel=1e-3)
    share = [cell.var(ddof=1) / len(cell) for cell in cells]
    wanted = sum(share) ** 2 / sum(s**2 / (len(c) - 1) for s, c in zip(share, cells, strict=True))
    assert freedom == pytest.approx(wanted, abs=0.05)
    assert found.p_value == pytest.approx(2 * stats.t.sf(3.7295454545 / 1.246499092, wanted))


def test_with_one_effect_known_exactly_means_are_welchs() -> None:
    known = [5.0, 5.0]
    welch = t_test(Y[:20], Y[20:])
    found = interaction_of_means([Y[:20], Y[20:], known, known])
    assert parts(found) == pytest.approx(parts(welch)) and found.p_value == pytest.approx(
        welch.p_value
    )


def test_a_difference_between_differences_is_made_of_wilsons_limits() -> None:
    """Newcombe 2001, from statsmodels' Wilson limits of the four cells."""
    wilson = {
        BOTH: (0.16060805138486434, 0.2971282602495229),
        FIRST: (0.25064529057637863, 0.3983439973961289),
        SECOND: (0.2851352202299253, 0.43940389457818907),
        NEITHER: (0.2801479560753849, 0.43784704811753483),
    }
    signs = {BOTH: 1, SECOND: -1, FIRST: -1, NEITHER: 1}
    rate = {cell: cell[0] / cell[1] for cell in wilson}
    estimate = sum(sign * rate[cell] for cell, sign in signs.items())
    low = [wilson[c][0 if sign > 0 else 1] - rate[c] for c, sign in signs.items()]
    high = [wilson[c][1 if sign > 0 else 0] - rate[c] for c, sign in signs.items()]
    with_b = two_proportions(*BOTH, *SECOND, "difference", "newcombe")
    without = two_proportions(*FIRST, *NEITHER, "difference", "newcombe")
    found = interaction_of_effects(with_b, without)
    expected = (
        estimate,
        estimate - sqrt(sum(d**2 for d in low)),
        estimate + sqrt(sum(d**2 for d in high)),
    )
    assert parts(found) == pytest.approx(expected, abs=1e-9)
    assert found.p_value == pytest.approx(0.1847178723457069, abs=0.01)  # least squares, HC0


def test_a_ratio_of_odds_ratios_is_near_that_of_logistic_regression() -> None:
    with_b = two_proportions(*BOTH, *SECOND, "odds-ratio")
    without = two_proportions(*FIRST, *NEITHER, "odds-ratio")
    found = interaction_of_effects(with_b, without, ratio=True)
    assert found.estimate == pytest.approx(0.5950861033358968, rel=1e-9)
    limits = (0.29063045710674107, 1.2184802443242895)
    assert (found.lower, found.upper) == pytest.approx(limits, rel=0.02)
    assert found.p_value == pytest.approx(0.15574192868946654, abs=0.005)


@given(
    st.floats(-5, 5), st.floats(0.01, 3), st.floats(0.01, 3),
    st.floats(-5, 5), st.floats(0.01, 3), st.floats(0.01, 3),
)  # fmt: skip
def test_p_and_interval_agree(
    e1: float, d1: float, u1: float, e2: float, d2: float, u2: float
) -> None:
    first = Estimate("difference", "any", e1, e1 - d1, e1 + u1)
    second = Estimate("difference", "any", e2, e2 - d2, e2 + u2)
    found = interaction_of_effects(first, second)
    assert found.p_value is not None and 0 <= found.p_value <= 1
    if abs(found.lower) > 1e-9 and abs(found.upper) > 1e-9:
        assert (found.p_value < 0.05) == (not found.lower <= 0 <= found.upper)
    back = interaction_of_effects(second, first)
    assert parts(back) == pytest.approx((-found.estimate, -found.upper, -found.lower))
    assert back.p_value == pytest.approx(found.p_value)


def test_what_cannot_be_compared_says_why() -> None:
    one = Estimate("odds-ratio", "any", 2.0, 1.0, 4.0)
    with pytest.raises(AnalysisError, match="isn't finite"):
        interaction_of_effects(one, Estimate("odds-ratio", "any", 0.0, 0.0, 4.0), ratio=True)
    with pytest.raises(AnalysisError, match="isn't finite"):
        interaction_of_effects(one, Estimate("odds-ratio", "any", nan), ratio=True)
    with pytest.raises(AnalysisError, match="one level"):
        interaction_of_effects(one, Estimate("odds-ratio", "any", 2.0, 1.0, 4.0, 0.9))
    with pytest.raises(AnalysisError, match="four cells of two values"):
        interaction_of_means([[1.0, 2.0], [1.0], [2.0, 3.0], [4.0, 5.0]])
    with pytest.raises(AnalysisError, match="some spread"):
        interaction_of_means([[1.0, 1.0]] * 4)
