"""Borrowing by similarity: Fujikawa, Teramukai, Yokota and Daimon 2020, Biom J 62:330, figure 1 and
table 2, whose simulated figures the R package baskexact (vignette "Reproduce results from Fujikawa
et al. (2020)") computed exactly."""

import numpy as np
import pytest

from trialwright.design import RegimenComparison


def basket(**more: object) -> RegimenComparison:
    """Three strata against a rate of 20%, 24 participants in each, named from 0.99."""
    said = {"looks": (24,), "name_at": 0.99, "borrowing": "similarity", **more}
    return RegimenComparison(arms=3, reference=0.2, **said)  # type: ignore[arg-type]


def test_figure_1_the_posteriors_of_one_five_and_seven_responses() -> None:
    """Weights 0, 0 and 0.7832585; posteriors Beta(2, 15), Beta(12.26607, 18.04933) and
    Beta(12.69955, 17.61584)."""
    design = basket(looks=(15,), least_similarity=0.5)
    found = design.chances((15, 15, 15), np.array([[1, 5, 7]]), 15)
    assert found[0, :, 0] == pytest.approx([0.1407375, 0.9942795, 0.9965258], abs=1e-7)


@pytest.mark.parametrize(
    ("least", "each", "any_of_them"), [(0.0, 0.02158174, 0.03600149), (0.5, 0.03239555, 0.06315308)]
)
def test_table_2_one_stage(least: float, each: float, any_of_them: float) -> None:
    found = basket(least_similarity=least).operating_characteristics([[0.2] * 3])
    assert found.method == "exact"
    assert found.named[0] == pytest.approx([each] * 3, abs=5e-9)
    assert found.mistaken == pytest.approx([any_of_them], abs=5e-9)


@pytest.mark.parametrize(
    ("least", "each", "any_of_them", "participants"),
    [(0.0, 0.01703198, 0.03722851, 16.06847), (0.5, 0.02175429, 0.04955128, 16.22526)],
)
def test_table_2_with_a_look_at_15(
    least: float, each: float, any_of_them: float, participants: float
) -> None:
    """Stopped for futility below a predictive probability of 0.1, named early above 0.9."""
    design = basket(
        looks=(15, 24),
        least_similarity=least,
        futility="predictive",
        drop_below=0.1,
        name_early_above=0.9,
    )
    found = design.operating_characteristics([[0.2] * 3])
    assert found.named[0] == pytest.approx([each] * 3, abs=5e-9)
    assert found.mistaken == pytest.approx([any_of_them], abs=5e-9)
    assert found.participants[0] == pytest.approx([participants] * 3, abs=5e-6)
