"""3+3 in both variants: exact figures from path sums (Norris 2020, arXiv 2012.05301) and the closed
form of Storer 1989 (Biometrics 45:925)."""

from functools import cache

import pytest

from trialwright.design import ThreePlusThree
from trialwright.design.finding import DoseState

PATHS = {2: 46, 3: 154, 4: 442, 5: 1162, 6: 2890, 7: 6922, 8: 16138}

# true rates, chance of no dose, of each dose, expected participants at each dose
SIX_AT_MTD = [
    (
        [0.1, 0.3],
        0.10568838790000003,
        [0.5135712963750001, 0.38074031572499994],
        [4.997077275000001, 4.849698743999998],
    ),
    (
        [0.2, 0.4],
        0.3322183065600002,
        [0.5024776192000003, 0.16530407424000004],
        [5.329681920000003, 3.503357952000003],
    ),
    (
        [0.05, 0.2, 0.4],
        0.028622917986754884,
        [0.32133024088082407, 0.489132889250202, 0.1609139518822196],
        [4.260632011760642, 5.188136977055164, 3.4103162641704974],
    ),
    (
        [0.05, 0.15, 0.3, 0.45],
        0.027846974595277504,
        [0.200590773500076, 0.42910816317821526, 0.2784100550775471, 0.06404403364888334],
        [3.9395519877010305, 4.887948406561916, 4.106413847646045, 1.8497572591011238],
    ),
    (
        [0.05, 0.15, 0.3, 0.45, 0.6],
        0.02784692480413499,
        [
            0.20058302582660703,
            0.42894587644046733,
            0.2774454571706484,
            0.06142079003062513,
            0.0037579257275163172,
        ],
        [
            3.939531384469651,
            4.8875633465811,
            4.104051567057727,
            1.841752447042863,
            0.37212272340835356,
        ],
    ),
    (
        [0.3, 0.45, 0.55, 0.65, 0.75],
        0.567337727362223,
        [
            0.34935597693853376,
            0.07515586626222502,
            0.007834130237163313,
            0.0003128300439656453,
            3.469155888941402e-06,
        ],
        [
            5.178565657808651,
            2.3176606298767037,
            0.49448435355452114,
            0.05413220634429496,
            0.002594198256319974,
        ],
    ),
    (
        [0.02, 0.05, 0.1, 0.15, 0.3],
        0.004603027005963461,
        [
            0.027013111878005303,
            0.09444659802468176,
            0.17838245516981094,
            0.39531922787782126,
            0.30023558004371653,
        ],
        [
            3.2495818326776824,
            3.641709562705103,
            4.053817315177351,
            4.428549986623988,
            3.8242656616742305,
        ],
    ),
    (
        [0.05, 0.1, 0.15, 0.2, 0.3, 0.4],
        0.027166393922607363,
        [
            0.09469007400269634,
            0.17088729076300632,
            0.22009728088032793,
            0.26464099226110227,
            0.16386849933009362,
            0.05864946884016578,
        ],
        [
            3.657932399009956,
            4.051909670200537,
            4.028833294141108,
            3.6006881130294146,
            2.6002522910746215,
            1.2429825700693606,
        ],
    ),
]

# true rates, chance of no dose, of each dose
LADDER = [
    (
        [0.05, 0.15, 0.3, 0.45, 0.6],
        0.026557859374999992,
        [
            0.18126233387066396,
            0.40063463892851775,
            0.299798934243877,
            0.08418340805531473,
            0.007562825526626589,
        ],
    ),
    (
        [0.3, 0.45, 0.55, 0.65, 0.75],
        0.5057370000000001,
        [
            0.37844808929451546,
            0.10173504409472543,
            0.013331989635964015,
            0.0007345481126953296,
            1.332886209961697e-05,
        ],
    ),
    (
        [0.02, 0.05, 0.1, 0.15, 0.3],
        0.00457275219200004,
        [
            0.026436416865328133,
            0.09094269645646254,
            0.16349924403885563,
            0.36137381220817333,
            0.35317507823918026,
        ],
    ),
    (
        [0.1, 0.2, 0.3, 0.4],
        0.09385299999999996,
        [0.2640439866239999, 0.32473525167573825, 0.2192021045932305, 0.09816565710703141],
    ),
]


@pytest.mark.parametrize(("rates", "none", "mtd", "participants"), SIX_AT_MTD)
def test_six_at_the_mtd(
    rates: list[float], none: float, mtd: list[float], participants: list[float]
) -> None:
    oc = ThreePlusThree(doses=len(rates)).operating_characteristics([rates])
    assert oc.none_selected[0] == pytest.approx(none, abs=1e-12)
    assert oc.selected[0] == pytest.approx(mtd, abs=1e-12)
    assert oc.participants[0] == pytest.approx(participants, abs=1e-12)


@pytest.mark.parametrize(("rates", "none", "mtd"), LADDER)
def test_without_de_escalation(rates: list[float], none: float, mtd: list[float]) -> None:
    design = ThreePlusThree(doses=len(rates), de_escalate=False)
    oc = design.operating_characteristics([rates])
    assert oc.none_selected[0] == pytest.approx(none, abs=1e-12)
    assert oc.selected[0] == pytest.approx(mtd, abs=1e-12)


@pytest.mark.parametrize("doses", PATHS)
def test_number_of_distinct_paths(doses: int) -> None:
    design = ThreePlusThree(doses=doses)

    @cache
    def paths(state: DoseState) -> int:
        decision = design.decide(state)
        if decision.action == "stop":
            return 1
        assert decision.dose is not None
        return sum(paths(state.observe(decision.dose, 3, dlts)) for dlts in range(4))

    assert paths(design.start()) == PATHS[doses]
