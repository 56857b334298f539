"""Each design written into a protocol's `design:` section is read back as itself."""

from typing import Any

import pytest

from trialwright.design import (
    BackfillBoin,
    BelievedMeans,
    BelievedProportions,
    BetaBinomialStopping,
    Blrm,
    BlrmEscalation,
    Boin,
    Boin12,
    CombinationBoin,
    Crm,
    DecisionTable,
    DelayedResponse,
    EffTox,
    ExactSingleArm,
    ExactTwoArm,
    ExcessOverControl,
    FisherCombination,
    GroupSequential,
    HistoricalControl,
    InverseNormalTest,
    Keyboard,
    LikelihoodRatioBoundary,
    Minimisation,
    Mtpi,
    Mtpi2,
    MultiArmMultiStage,
    NormalOutcomes,
    PermutedBlocks,
    RegimenComparison,
    RepeatedMeasures,
    ResponseAdaptive,
    SampleSize,
    SelectionDesign,
    SimonTwoStage,
    SurvivalDesign,
    SurvivalTrial,
    ThreePlusThree,
    TiteBoin,
    TiteBoin12,
    TiteCrm,
    ToxicityBoundary,
    WangTsiatis,
    _catalogue,
    from_node,
)
from trialwright.design.writing import section_text
from trialwright.protocol.yaml_nodes import read_nodes

ARM = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 12)
CRM = Crm(target=0.25, skeleton=(0.1, 0.2, 0.3), stop_above=0.9, coherent=False)
DESIGNS = [
    Boin(target=0.3, doses=5, extra_safety=0.05, stop_at_dose=12, titration=True),
    Keyboard(target=0.25, doses=4),
    Mtpi(target=0.3, doses=3, below=0.04),
    Mtpi2(target=0.3, doses=3),
    DecisionTable(
        target=0.3, doses=2, max_participants=3, escalate_at_most=(None, 0, 0),
        de_escalate_at_least=(1, 2, None),
    ),
    ThreePlusThree(doses=4, de_escalate=False),
    WangTsiatis(timing=(0.5, 1.0), delta=0.25),
    ExactSingleArm(looks=(5, 9, 14), futile_at=(0, None, 4), active_at=(None, 6, 5)),
    CRM,
    TiteCrm(crm=CRM, suspend_above=0.4),
    TiteBoin(boin=Boin(target=0.2, doses=3)),
    BackfillBoin(boin=Boin(target=0.25, doses=3), cap=9, stay_at_one_of_three=True),
    CombinationBoin(target=0.3, doses_a=2, doses_b=3, bound_mtd=True),
    TiteBoin12(boin12=Boin12(target=0.35, min_response=0.25, doses=4), suspend_above=0.4),
    Boin12(target=0.35, min_response=0.25, doses=5, stop_at_dose=None),
    ARM,
    BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10, looks=(5, 10)),
    BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 10, counted="time-weighted"),
    ToxicityBoundary(0.2, 0.05, 20, shape=0.25, counted="evaluable"),
    LikelihoodRatioBoundary(0.2, 0.05, 20, 0.4),
    LikelihoodRatioBoundary(0.2, 0.05, 20),
    HistoricalControl(
        control_participants=80, control_events=8, threshold=0.9, participants=20, weight=0.5
    ),
    ToxicityBoundary(0.2, 0.05, 20, shape="obrien-fleming"),
    ExcessOverControl(looks=(5, 10), margin=-0.1),
    GroupSequential(timing=(1 / 3, 2 / 3, 1.0), futility="binding"),
    InverseNormalTest(test=GroupSequential(timing=(0.5, 1.0), spending="pocock")),
    FisherCombination(futile_above=0.4, early_level=0.01),
    DelayedResponse(
        test=GroupSequential(timing=(0.5, 1.0), futility="binding"), pipeline=(0.2,)
    ),
    ExactTwoArm(per_arm=(8, 25), upper=(2.8, 1.98), lower=(None, 0.5)),
    SelectionDesign(5, 2, 10, ARM, ARM.reaching(48)),
    ResponseAdaptive(participants=30, strength=0.5, least=0.2),
    ResponseAdaptive(participants=30),
    RegimenComparison(arms=4, control=2, looks=(5, 10), borrowing="similarity"),
    RegimenComparison(arms=3, reference=0.2, looks=(24,), prior=(0.5, 1.5)),
    SimonTwoStage(n1=12, r1=1, n=35, r=5),
    PermutedBlocks(arms=5, block_sizes=(5, 10), strata=("II", "III"), run_in=(5, 5)),
    Minimisation(arms=2, factors=("site", 'stage "II"')),
    EffTox(doses=(1, 2.5, 5), prior_mean=(-7, 1.5, 0.7, 3.4, 0, 0), prior_sd=(3, 3, 2, 2, 0.2, 1)),
    BlrmEscalation(
        model=Blrm(doses=(1, 2.5, 5), reference=2.5, prior_mean=(-1, 0), prior_sd=(2, 1))
    ),
    MultiArmMultiStage(arms=3, per_arm=80, timing=(0.5, 1.0), upper="triangular"),
    SurvivalDesign(
        trial=SurvivalTrial(hazard=0.1, hazard_ratio=0.5, accrual=12, participants=200),
        test=GroupSequential(timing=(0.5, 1.0)),
    ),
    SampleSize(outcomes=BelievedProportions(first=(6, 4), second=(4, 16)), per_arm=30),
    SampleSize(outcomes=BelievedMeans(difference=0.5, difference_sd=0.2)),
    SampleSize(
        outcomes=BelievedMeans(
            difference=0.5, difference_sd=0.2, timing=(0.5, 1.0), spending="pocock"
        )
    ),
    SampleSize(outcomes=NormalOutcomes(difference=0.5, analysis="ancova", correlation=0.5)),
    SampleSize(outcomes=RepeatedMeasures(differences=(0.2, 0.5), dropout=0.1), trials=50),
]  # fmt: skip


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: type(d).__name__)
def test_what_is_written_is_read_back(design: Any) -> None:
    root, problems = read_nodes(section_text(design).encode())
    assert root is not None and not problems
    section = root.get("design")
    assert section is not None
    assert from_node(section) == design


def test_no_kind_is_forgotten() -> None:
    assert {_catalogue.kind_of(design) for design in DESIGNS} == set(_catalogue.kinds())
