"""CRM: quadrature against adaptive integration, the exact engine against plain recursion."""

from math import comb

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from trialwright.design import Crm, DesignError, DoseState, TiteCrm
from trialwright.design.characteristics import total_chance
from trialwright.design.crm import calibrated_skeleton

SKELETON = (0.05, 0.12, 0.25, 0.40, 0.55)


@pytest.mark.parametrize("model", ["power", "logistic"])
@pytest.mark.parametrize(
    ("treated", "dlts"), [((3, 3, 0, 0, 0), (0, 1, 0, 0, 0)), ((3, 6, 9, 12, 0), (0, 1, 2, 6, 0)),
                          ((6, 0, 0, 0, 0), (6, 0, 0, 0, 0)), ((0, 0, 0, 0, 30), (0, 0, 0, 0, 0))]
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_posterior_mean_agrees_with_adaptive_quadrature(
    model: str, treated: tuple[int, ...], dlts: tuple[int, ...]
) -> None:
    design = Crm(target=0.25, skeleton=SKELETON, model=model)

    def rate(b: float, d: int) -> float:
        if model == "power":
            return SKELETON[d] ** np.exp(b)
        return 1 / (1 + np.exp(-(3 + np.exp(b) * design.coded_doses[d])))

    def density(b: float) -> float:
        value = norm.pdf(b, scale=design.prior_sd)
        for d, (n, y) in enumerate(zip(treated, dlts, strict=True)):
            value *= rate(b, d) ** y * (1 - rate(b, d)) ** (n - y)
        return float(value)

    peak = max(np.linspace(-6, 6, 1201), key=density)
    options = {"points": [peak - 1, peak, peak + 1], "limit": 400}
    total = quad(density, -9, 9, **options)[0]
    mean = quad(lambda b: b * density(b), -9, 9, **options)[0] / total
    assert design.fit_state(DoseState(treated, dlts, 1)).parameter == pytest.approx(mean, abs=1e-7)


@pytest.mark.parametrize("prior_sd", [0.5, 1.157583690279, 3.0])
@pytest.mark.parametrize(
    ("treated", "dlts"), [((120, 0, 0, 0, 0), (60, 0, 0, 0, 0)), ((0, 0, 0, 0, 120), (0,) * 5),
                          ((40, 40, 40, 0, 0), (0, 4, 20, 0, 0)), ((3, 0, 0, 0, 0), (0,) * 5)]
)  # fmt: skip
def test_the_grid_suits_any_prior_and_the_largest_sample(
    prior_sd: float, treated: tuple[int, ...], dlts: tuple[int, ...]
) -> None:
    design = Crm(target=0.25, skeleton=SKELETON, prior_sd=prior_sd, max_participants=120)
    b = np.linspace(-12, 12, 48_001) * prior_sd
    logs = np.exp(np.minimum(b, 700)) * np.log(np.array(SKELETON))[:, None]
    misses = np.log1p(-np.exp(np.minimum(logs, -1e-15)))
    n, y = np.array(treated)[:, None], np.array(dlts)[:, None]
    weights = -((b / prior_sd) ** 2) / 2 + (y * logs + (n - y) * misses).sum(axis=0)
    weights = np.exp(weights - weights.max())
    mean = float((weights * b).sum() / weights.sum())
    assert design.fit_state(DoseState(treated, dlts, 1)).parameter == pytest.approx(mean, abs=2e-8)


@pytest.mark.parametrize("coherent", [True, False])
@pytest.mark.parametrize("estimator", ["plug-in", "mean"])
def test_exact_equals_a_plain_recursion(coherent: bool, estimator: str) -> None:
    design = Crm(
        target=0.25, skeleton=SKELETON[:3], max_participants=9, coherent=coherent,
        estimator=estimator, stop_above=0.9,
    )  # fmt: skip
    truth = [0.1, 0.3, 0.6]

    def below(state: DoseState) -> np.ndarray:
        decision = design.decide(state)
        if decision.action == "stop" or decision.dose is None:
            out = np.zeros(4)
            chosen = design.select(state)
            out[3 if chosen is None else chosen - 1] = 1.0
            return out
        p, dose = truth[decision.dose - 1], decision.dose
        return np.sum(
            [comb(3, k) * p**k * (1 - p) ** (3 - k) * below(state.observe(dose, 3, k))
             for k in range(4)], axis=0,
        )  # fmt: skip

    oc = design.operating_characteristics([truth], method="exact")
    plain = below(design.start())
    assert oc.selected[0] == pytest.approx(plain[:3], abs=1e-12)
    assert oc.none_selected[0] == pytest.approx(plain[3], abs=1e-12)


def test_chances_add_to_one_and_agree_with_simulation() -> None:
    design = Crm(target=0.25, skeleton=SKELETON)
    truth = [0.05, 0.12, 0.25, 0.40, 0.55]
    assert total_chance(design.rule, truth) == pytest.approx(1, abs=1e-12)
    exact = design.operating_characteristics([truth])
    simulated = design.operating_characteristics([truth], method="monte-carlo", trials=10_000)
    assert np.all(np.abs(exact.selected - simulated.selected) < 4.5 * simulated.standard_error)


def test_no_dose_is_skipped_and_no_escalation_follows_a_toxic_cohort() -> None:
    free = Crm(target=0.25, skeleton=SKELETON, no_skipping=False, coherent=False, cohort_size=1)
    careful = Crm(target=0.25, skeleton=SKELETON, cohort_size=1)
    clean = free.start().observe(1, 6, 0)
    assert (free.decide(clean).dose or 0) > 2
    assert careful.decide(clean).dose == 2
    after = free.start().observe(3, 12, 0).observe(3, 1, 1)
    assert (free.decide(after).dose or 0) > 3
    assert careful.decide(after).dose == 3


def test_a_calibrated_skeleton_puts_the_target_at_the_prior_mtd() -> None:
    for model in ("power", "logistic"):
        skeleton = calibrated_skeleton(0.25, 5, 3, 0.05, model=model)
        assert skeleton[2] == pytest.approx(0.25)
        assert list(skeleton) == sorted(skeleton)


def test_pending_participants_suspend_and_weigh_less() -> None:
    design = TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON))
    waiting = design.start().observe(1, 3, 0, pending=(0.1, 0.1))
    assert design.decide(waiting).action == "suspend"
    few = design.start().observe(1, 3, 0, pending=(0.1,))
    all_done = design.start().observe(1, 3, 0)
    assert design.fit(few).parameter < design.fit(all_done).parameter


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"skeleton": (0.2, 0.1)}, "increases from each dose"),
        ({"skeleton": (0.2, 0.2)}, "increases from each dose"),
        ({"skeleton": (0.0, 0.2)}, "strictly between"),
        ({"model": "probit"}, "power, logistic"),
        ({"prior_sd": 0.0}, "strictly between 0 and 5"),
        ({"target": 1.0}, "strictly between"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(change: dict[str, object], match: str) -> None:
    with pytest.raises(DesignError, match=match):
        Crm(**{"target": 0.25, "skeleton": SKELETON, **change})  # type: ignore[arg-type]


def test_pending_counts_must_fit() -> None:
    with pytest.raises(DesignError, match="has one of the DLTs, or is pending, or is done"):
        TiteCrm(crm=Crm(target=0.25, skeleton=SKELETON)).start().observe(1, 2, 1, (0.1, 0.2))


@pytest.mark.parametrize(("prior_sd", "participants"), [(1.1576, 60), (2.0, 60), (2.0, 20)])
def test_the_posterior_mean_is_followed_where_it_is_narrow(
    prior_sd: float, participants: int
) -> None:
    skeleton = (0.05, 0.12, 0.25, 0.40)
    design = Crm(target=0.25, skeleton=skeleton, prior_sd=prior_sd, max_participants=participants)
    each = participants // 4
    doses = [dose for dose in range(1, 5) for _ in range(each)]
    dlts = [int(i < dose) for dose in range(1, 5) for i in range(each)]
    b = np.linspace(-8 * prior_sd, 8 * prior_sd, 20_001)
    log_density = -((b / prior_sd) ** 2) / 2
    for dose, dlt in zip(doses, dlts, strict=True):
        log_rate = np.exp(b) * np.log(skeleton[dose - 1])
        log_density += log_rate if dlt else np.log1p(-np.exp(log_rate))
    density = np.exp(log_density - log_density.max())
    assert design.fit(doses, dlts).parameter == pytest.approx(
        float(b @ density / density.sum()), abs=1e-6
    )
