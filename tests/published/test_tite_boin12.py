"""TITE-BOIN12: the worked trial of its paper, and another program's figures.

Table 2 of Zhou, Lin, Lee, Li, Wang, Li and Yuan 2022 (Stat Med 41:1918, PMC9199061): 18
participants, DLT window 45 days, response window 60 days, target 0.35, least response rate 0.25,
utilities 100, 40, 60 and 0; approximated likelihood. Effective sizes, rates and Beta probabilities
of four participants at a dose: dx-li/mdanderson-stats, `tests/fixtures/tite-boin12-al.csv`, which
base R computed (read December 2026).
"""

from math import inf

import pytest

from trialwright.design import Boin12, TiteBoin12
from trialwright.design.tite_boin12 import PendingBothState
from trialwright.numerics.kernels import beta_below

DESIGN = TiteBoin12(boin12=Boin12(target=0.35, min_response=0.25, doses=5))
# Dose, day of treatment, days until the DLT, days until the response.
TRIAL = [
    (1, 1, inf, inf), (1, 11, inf, inf), (1, 21, inf, inf),
    (2, 72, inf, 40), (2, 82, 30, inf), (2, 92, inf, inf),
    (3, 143, inf, 40), (3, 153, 25, inf), (3, 163, inf, inf),
    (4, 214, inf, inf), (4, 224, 40, inf), (4, 234, 35, inf),
    (3, 285, 25, 30), (3, 295, inf, 55), (3, 305, inf, inf),
    (3, 316, inf, 50), (3, 326, inf, 50), (3, 336, 30, inf),
]  # fmt: skip


def seen(day: float, dose: int) -> PendingBothState:
    state = DESIGN.start()
    for at, start, dlt, response in TRIAL:
        if start < day:
            toxic, active = start + dlt <= day, start + response <= day
            open_dlt = [(day - start) / 45] if not toxic and day < start + 45 else []
            open_response = [(day - start) / 60] if not active and day < start + 60 else []
            state = state.observe(at, 1, int(toxic), open_dlt, int(active), open_response)
    return state.observe(dose, 0, 0)


@pytest.mark.parametrize(
    ("day", "at", "dlts", "responses", "waiting", "goes"),
    [
        (71, 1, 0, 0, (0, 1), 2),
        (142, 2, 1, 1, (0, 1), 3),
        (213, 3, 1, 1, (0, 1), 4),
        (284, 4, 2, 0, (0, 1), 3),
        (396, 3, 3, 5, (0, 0), 3),
    ],
)
def test_the_decisions_of_the_papers_trial(
    day: int, at: int, dlts: int, responses: int, waiting: tuple[int, int], goes: int
) -> None:
    state = seen(day, at)
    assert (state.dlts[at - 1], state.responses[at - 1]) == (dlts, responses)
    assert (len(state.pending[at - 1]), len(state.pending_responses[at - 1])) == waiting
    assert DESIGN.decide(state).dose == goes


def test_the_dose_selected_by_the_papers_trial() -> None:
    assert DESIGN.select(seen(396, 3)) == 3


def test_where_the_papers_trial_and_its_formulas_differ() -> None:
    """On day 315 the paper stays at dose 3 with 2 DLTs known of 6 and two pending. Its formula
    gives 2/(14/3) = 0.43, above lambda_d = 0.419; another program says de-escalate too."""
    state = seen(315, 3)
    (size, *_), desirable = DESIGN.judged(state)
    assert size[2] == pytest.approx(14 / 3)
    assert desirable[1:3] == pytest.approx([0.1558, 0.1172], abs=5e-5)
    assert (DESIGN.decide(state).action, DESIGN.decide(state).dose) == ("de-escalate", 2)


def test_effective_sizes_and_expected_outcomes_of_another_program() -> None:
    """Two doses of four participants: 3 and 2.75 effective, rates 1/3 and 4/11."""
    design = TiteBoin12(boin12=Boin12(target=0.35, min_response=0.25, doses=2), suspend_above=1.0)
    state = design.start()
    for dose, toxic, active in ((1, (0.25, 0.75), (0.25, 0.5)), (2, (0.6, 0.4), (0.6, 0.15))):
        state = state.observe(dose, 4, 1, toxic, 1, active)
    found, _ = design.judged(state)
    assert found[0] == pytest.approx([3, 3]) and found[2] == pytest.approx([2.75, 2.75])
    assert 1 - beta_below(2, 3, 0.35) == pytest.approx(0.56298125, abs=1e-12)
    assert beta_below(2, 2.75, 0.25) == pytest.approx(0.234998554395154, abs=1e-12)
    # One DLT, and a pending participant of w = 0.25 and 0.75: (1/3)(1 - w)/(1 - w/3).
    assert found[1, 0] == pytest.approx(1 + 0.75 / 2.75 + 0.25 / 2.25)
