"""Safety boundaries of the R package stoppingrule 0.5.2 (Martens and Logan 2024, Clinical Trials
21:152), run on R 4.2.2: `calc.rule.bin` and `opchars.bin`."""

import pytest
from scipy.stats import hypergeom

from trialwright.design import (
    BetaBinomialStopping,
    HistoricalControl,
    LikelihoodRatioBoundary,
    ToxicityBoundary,
)
from trialwright.design.stopping import StoppingRule


def bounds(text: str, first: int = 1) -> tuple[int | None, ...]:
    """A printed boundary; above the number treated R prints a number that nobody can reach."""
    numbers = enumerate(map(int, text.split()), start=first)
    return tuple(None if bound > n else bound for n, bound in numbers)


POCOCK = (  # ns=1:50, p0=0.20, alpha=0.10, type="Pocock": that of Ivanova and others 2005
    "2 3 3 3 4 4 5 5 5 6 6 6 7 7 7 7 8 8 8 9 9 9 9 10 10 10 11 11 11 11 12 12 12 12 13 13 13 13 "
    "14 14 14 15 15 15 15 16 16 16 16 17"
)
BETA = (  # ns=1:100, p0=0.10, alpha=0.05, type="BB", param=c(1, 9)
    "3 3 4 4 4 4 4 5 5 5 5 5 5 6 6 6 6 6 6 7 7 7 7 7 7 8 8 8 8 8 8 8 9 9 9 9 9 9 9 10 10 10 10 10 "
    "10 11 11 11 11 11 11 11 11 12 12 12 12 12 12 12 13 13 13 13 13 13 13 14 14 14 14 14 14 14 15 "
    "15 15 15 15 15 15 15 16 16 16 16 16 16 16 17 17 17 17 17 17 17 17 18 18 18"
)
RATIO = (  # ns=1:100, p0=0.10, alpha=0.05, type="SPRT", param=0.3
    "3 3 3 3 3 4 4 4 4 4 4 5 5 5 5 5 6 6 6 6 6 7 7 7 7 7 7 8 8 8 8 8 9 9 9 9 9 9 10 10 10 10 10 11 "
    "11 11 11 11 12 12 12 12 12 12 13 13 13 13 13 14 14 14 14 14 15 15 15 15 15 15 16 16 16 16 16 "
    "17 17 17 17 17 17 18 18 18 18 18 19 19 19 19 19 20 20 20 20 20 20 21 21 21"
)
MAXIMISED = (  # ns=1:40, p0=0.15, alpha=0.05, type="MaxSPRT"
    "2 2 3 3 4 4 5 5 5 5 6 6 6 7 7 7 7 8 8 8 8 9 9 9 9 10 10 10 10 11 11 11 11 12 12 12 12 13 13 13"
)


@pytest.mark.parametrize(
    ("rule", "printed", "rates", "held"),
    [
        (
            ToxicityBoundary(limit=0.20, size=0.10, participants=50),
            POCOCK, [0.2, 0.3, 0.4], [0.09977253822, 0.53974016300, 0.92684148377],
        ),
        (
            BetaBinomialStopping.calibrated(
                limit=0.10, prior=(1, 9), size=0.05, participants=100
            ),
            BETA, [0.1, 0.2, 0.3], [0.04966827664, 0.83033364391, 0.99904249013],
        ),
        (
            LikelihoodRatioBoundary(0.10, 0.05, 100, 0.3),
            RATIO, [0.1, 0.2, 0.3], [0.0496453325, 0.6867234847, 0.9943968747],
        ),
        (
            LikelihoodRatioBoundary(0.15, 0.05, 40),
            MAXIMISED, [0.15, 0.25, 0.35], [0.04969792768, 0.33892858051, 0.79456369694],
        ),
    ],
    ids=["Pocock", "beta-binomial", "SPRT", "MaxSPRT"],
)  # fmt: skip
def test_stoppingrule(
    rule: StoppingRule, printed: str, rates: list[float], held: list[float]
) -> None:
    assert rule.hold_at[1:] == bounds(printed)
    found = rule.operating_characteristics(rates).hold_probability
    assert found == pytest.approx(held, abs=1e-10)


def test_three_looks_of_the_maximised_test() -> None:
    """ns=c(10, 20, 30), p0=0.15, alpha=0.05, type="MaxSPRT"."""
    rule = LikelihoodRatioBoundary(0.15, 0.05, 30, looks=(10, 20, 30))
    assert [rule.hold_at[n] for n in (10, 20, 30)] == [5, 7, 9]
    assert rule.operating_characteristics([0.25]).hold_probability[0] == pytest.approx(
        0.36605293241, abs=1e-10
    )


@pytest.mark.parametrize(("events", "treated", "past", "of"), [(3, 10, 4, 40), (6, 20, 10, 100)])
def test_the_probability_of_an_excess_is_a_hypergeometric_tail(
    events: int, treated: int, past: int, of: int
) -> None:
    """With priors Beta(1, 1), P(p > q) is a tail of the exact test's distribution with one more
    event here and one more participant without one there: Altham 1969, JRSS B 31:261."""
    rule = HistoricalControl(
        control_participants=of, control_events=past, threshold=0.9, participants=treated
    )
    total = treated + of + 2
    tail = hypergeom.cdf(events, total, events + past + 1, treated + 1)
    assert rule.probability(treated, events) == pytest.approx(tail, abs=1e-9)
