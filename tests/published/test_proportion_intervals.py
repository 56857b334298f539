"""Published intervals for proportions.

One group: Newcombe 1998 (Stat Med 17:857) and Brown, Cai and DasGupta 2001. Two groups: Fagerland,
Lydersen and Laake 2015 (7/34 v 1/34), Newcombe 1998 (Stat Med 17:873; 5/56 v 0/29), Gart and Nam
1990 (7/25 v 2/25), Gart and Nam 1988, Gart and Thomas 1982; those of other tables as quoted in the
tests of the R package ratesci. Exact ones of SAS 9.4 (PROC FREQ, riskdiff and relrisk with
method=score) and of StatXact 11, as quoted in the tests of Fay and Hunsberger's R package exact2x2.
"""

import pytest

from trialwright.analysis import proportion, two_proportions

ONE = [
    (81, 263, "clopper-pearson", 0.2527, 0.3676),
    (81, 263, "mid-p", 0.2544, 0.3658),
    (81, 263, "wilson", 0.2553, 0.3662),
    (81, 263, "wilson-corrected", 0.2535, 0.3682),
    (15, 148, "clopper-pearson", 0.0578, 0.1617),
    (15, 148, "mid-p", 0.0601, 0.1581),
    (15, 148, "wilson", 0.0624, 0.1605),
    (15, 148, "wilson-corrected", 0.0598, 0.1644),
    (0, 20, "clopper-pearson", 0, 0.1684),
    (0, 20, "mid-p", 0, 0.1391),
    (0, 20, "wilson", 0, 0.1611),
    (0, 20, "wilson-corrected", 0, 0.2005),
    (0, 20, "jeffreys", 0, 0.117),
    (1, 29, "clopper-pearson", 0.0009, 0.1776),
    (1, 29, "mid-p", 0.0017, 0.1585),
    (1, 29, "wilson", 0.0061, 0.1718),
    (1, 29, "wilson-corrected", 0.0018, 0.1963),
]


@pytest.mark.parametrize(("x", "n", "method", "lower", "upper"), ONE)
def test_one_proportion(x: int, n: int, method: str, lower: float, upper: float) -> None:
    interval = proportion(x, n, method)
    places = 3 if method == "jeffreys" else 4
    assert (round(interval.lower, places), round(interval.upper, places)) == (lower, upper)


# Fagerland's "Miettinen-Nurminen" is the value without N/(N-1), here "score".
TWO = [
    ((7, 34, 1, 34), "difference", "score", 0.028, 0.34),
    ((7, 34, 1, 34), "difference", "newcombe", 0.019, 0.34),
    ((7, 34, 1, 34), "difference", "exact", 0.019, 0.36),
    ((7, 34, 1, 34), "ratio", "score", 1.22, 43),
    ((7, 34, 1, 34), "ratio", "miettinen-nurminen", 1.21, 43),
    ((7, 34, 1, 34), "ratio", "exact", 1.22, 181),
    ((5, 56, 0, 29), "difference", "miettinen-nurminen", -0.0326, 0.1933),
    ((5, 56, 0, 29), "difference", "score", -0.0313, 0.1926),
    ((5, 56, 0, 29), "difference", "newcombe", -0.0381, 0.1926),
    ((7, 25, 2, 25), "difference", "score", -0.014, 0.412),
    # Newcombe 1998, table II: Mee, Miettinen-Nurminen, and his own method 10.
    ((56, 70, 48, 80), "difference", "score", 0.0533, 0.3377),
    ((56, 70, 48, 80), "difference", "miettinen-nurminen", 0.0528, 0.3382),
    ((56, 70, 48, 80), "difference", "newcombe", 0.0524, 0.3339),
    ((9, 10, 3, 10), "difference", "score", 0.1821, 0.837),
    ((9, 10, 3, 10), "difference", "miettinen-nurminen", 0.1700, 0.8406),
    ((9, 10, 3, 10), "difference", "newcombe", 0.1705, 0.8090),
    ((6, 7, 2, 7), "difference", "newcombe", 0.0582, 0.8062),
    ((0, 10, 0, 20), "difference", "newcombe", -0.1611, 0.2775),
    ((0, 10, 0, 10), "difference", "newcombe", -0.2775, 0.2775),
    ((10, 10, 0, 20), "difference", "newcombe", 0.6791, 1.0),
    ((10, 10, 0, 10), "difference", "newcombe", 0.6075, 1.0),
    # Gart and Nam 1988 (ratio), Gart and Thomas 1982 (odds ratio).
    ((8, 15, 4, 15), "ratio", "score", 0.815, 5.336),
    ((6, 10, 6, 20), "ratio", "score", 0.844, 4.594),
    ((28, 51, 71, 230), "odds-ratio", "score", 1.476, 5.035),
    # Fagerland and others, other tables.
    ((24, 73, 53, 65), "ratio", "newcombe", 0.282, 0.563),
    ((29, 55, 11, 11), "ratio", "newcombe", 0.398, 0.761),
    ((7, 18, 1, 18), "ratio", "newcombe", 1.277, 40.751),
    ((24, 73, 53, 65), "ratio", "miettinen-nurminen", 0.280, 0.560),
    ((29, 55, 11, 11), "ratio", "miettinen-nurminen", 0.397, 0.742),
    ((7, 18, 1, 18), "ratio", "miettinen-nurminen", 1.296, 42.544),
    ((24, 73, 53, 65), "odds-ratio", "newcombe", 0.050, 0.242),
    ((29, 55, 11, 11), "odds-ratio", "newcombe", 0, 0.427),
    ((7, 18, 1, 18), "odds-ratio", "newcombe", 1.395, 75.890),
    ((24, 73, 53, 65), "odds-ratio", "miettinen-nurminen", 0.050, 0.245),
    ((29, 55, 11, 11), "odds-ratio", "miettinen-nurminen", 0, 0.417),
    ((7, 18, 1, 18), "odds-ratio", "miettinen-nurminen", 1.416, 76.428),
]


# The error put aside for the nuisance rate: 0 in SAS, 1e-6 (or 0, where it says so) in StatXact.
EXACT = [
    ((24, 61, 10, 35), "difference", 0, -0.0992, 0.2949),
    ((24, 61, 10, 35), "difference", 1e-6, -0.09731, 0.2949),
    ((9, 11, 4, 12), "difference", 0, 0.0616, 0.7968),
    ((6, 13, 2, 7), "difference", 0, -0.3108, 0.5787),
    ((6, 13, 2, 7), "difference", 1e-6, -0.3108, 0.5787),
    ((13, 13, 0, 7), "difference", 0, 0.5904, 1.000),
    ((13, 13, 0, 7), "difference", 1e-6, 0.5904, 1.000),
    ((24, 61, 10, 35), "ratio", 0, 0.7663, 3.0005),
    ((9, 11, 4, 12), "ratio", 0, 1.0964, 10.8647),
    ((11, 13, 2, 7), "ratio", 0, 1.078, 29.1),
    ((7, 12, 2, 12), "odds-ratio", 0, 1.04, 103),
]


@pytest.mark.parametrize(("counts", "measure", "aside", "lower", "upper"), EXACT)
def test_exact_intervals_of_other_programs(
    counts: tuple[int, int, int, int], measure: str, aside: float, lower: float, upper: float
) -> None:
    interval = two_proportions(*counts, measure, "exact", berger_boos=aside)
    # SAS searches to 1e-4; the last digit may differ by one.
    assert interval.lower == pytest.approx(lower, abs=1.01 * last_digit(lower))
    assert interval.upper == pytest.approx(upper, abs=1.01 * last_digit(upper))


def last_digit(value: float) -> float:
    return float(10.0 ** -len(str(value).partition(".")[2]))


def shown(value: float, like: float) -> float:
    """Rounded as the published number is."""
    return round(value, len(str(like).partition(".")[2]))


@pytest.mark.parametrize(("counts", "measure", "method", "lower", "upper"), TWO)
def test_two_proportions(
    counts: tuple[int, int, int, int], measure: str, method: str, lower: float, upper: float
) -> None:
    interval = two_proportions(*counts, measure, method)
    assert (shown(interval.lower, lower), shown(interval.upper, upper)) == (lower, upper)
