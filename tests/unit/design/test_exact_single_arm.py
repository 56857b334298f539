"""Any number of looks at one arm: against every path, Simon's designs, and their own promises."""

from itertools import product

import numpy as np
import pytest

from trialwright.design import DesignError, ExactSingleArm, SimonTwoStage

TRIAL = ExactSingleArm(looks=(3, 6, 9), futile_at=(0, 1, 4), active_at=(None, 5, 5))
RATES = [0.0, 0.15, 0.4, 0.8, 1.0]


def ends(trial: ExactSingleArm) -> dict[tuple[int, int], list[tuple[int, ...]]]:
    """The outcomes, in order, of every path to each end (look, responses)."""
    found: dict[tuple[int, int], list[tuple[int, ...]]] = {}
    for path in product((0, 1), repeat=trial.looks[-1]):
        for look, n in enumerate(trial.looks, start=1):
            if trial.decide(n, sum(path[:n])).action != "continue":
                places = found.setdefault((look, sum(path[:n])), [])
                if path[:n] not in places:
                    places.append(path[:n])
                break
    return found


ENDS = ends(TRIAL)


def chance(paths: list[tuple[int, ...]], rate: float) -> float:
    return sum(rate ** sum(path) * (1 - rate) ** (len(path) - sum(path)) for path in paths)


def test_characteristics_equal_every_path() -> None:
    found = TRIAL.operating_characteristics(RATES)
    for k, rate in enumerate(RATES):
        chances = {end: chance(paths, rate) for end, paths in ENDS.items()}
        assert sum(chances.values()) == pytest.approx(1)
        for look, n in enumerate(TRIAL.looks, start=1):
            for action, by_look in (
                ("active", found.active_by_look), ("not active", found.futile_by_look),
            ):  # fmt: skip
                expected = sum(
                    c for (at, x), c in chances.items()
                    if at == look and TRIAL.decide(n, x).action == action
                )  # fmt: skip
                assert by_look[k, look - 1] == pytest.approx(expected, abs=1e-12)
        size = sum(c * TRIAL.looks[at - 1] for (at, _), c in chances.items())
        assert found.expected_participants[k] == pytest.approx(size)


def test_two_looks_for_futility_are_simons_design() -> None:
    simon = SimonTwoStage(n1=12, r1=1, n=35, r=5)
    same = ExactSingleArm(looks=(12, 35), futile_at=(1, 5), active_at=(None, 6))
    found = same.operating_characteristics([0.1, 0.3])
    for k, rate in enumerate((0.1, 0.3)):
        one = simon.characteristics(rate)
        assert found.active[k] == pytest.approx(one.active, abs=1e-12)
        assert found.expected_participants[k] == pytest.approx(one.expected_participants)


def test_the_estimate_is_unbiased_and_is_the_share_that_begin_with_a_response() -> None:
    estimates = {end: TRIAL.estimate(*end, p0=0.2).estimate for end in ENDS}
    for end, paths in ENDS.items():
        assert estimates[end] == pytest.approx(np.mean([path[0] for path in paths]))
    for rate in RATES:
        mean = sum(estimates[end] * chance(paths, rate) for end, paths in ENDS.items())
        assert mean == pytest.approx(rate, abs=1e-12)


def test_p_values_and_intervals_are_exact() -> None:
    """A p-value of u or less has at most the chance u; an interval covers with its level."""
    found = {end: TRIAL.estimate(*end, p0=0.4) for end in ENDS}
    chances = {end: chance(paths, 0.4) for end, paths in ENDS.items()}
    for one in found.values():
        below = sum(c for end, c in chances.items() if found[end].p_value <= one.p_value + 1e-12)
        assert below == pytest.approx(one.p_value)
    for rate in np.linspace(0.02, 0.98, 25):
        covered = sum(
            chance(paths, rate) for end, paths in ENDS.items()
            if found[end].lower - 1e-9 <= rate <= found[end].upper + 1e-9
        )  # fmt: skip
        assert covered >= 0.95 - 1e-9
    assert all(one.lower < one.upper for one in found.values())


@pytest.mark.parametrize(
    ("futile", "active", "match"),
    [((0, 3), (None, 5), "every count"), ((0, 3), (0, 4), "both ways"), ((0,), (None, 4), "has 2")],
)
def test_bounds_that_leave_a_trial_without_an_answer_are_refused(
    futile: tuple[int, ...], active: tuple[int | None, ...], match: str
) -> None:
    with pytest.raises(DesignError, match=match):
        ExactSingleArm(looks=(4, 8), futile_at=futile, active_at=active)


def test_an_estimate_is_of_an_end() -> None:
    with pytest.raises(DesignError, match="ended there"):
        TRIAL.estimate(1, 2, p0=0.2)
