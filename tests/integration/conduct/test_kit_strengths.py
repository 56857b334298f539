"""Kits in strengths: a person chooses one, blind, and the kit is of the participant's own arm."""

from collections.abc import Sequence
from datetime import date

import pytest

from tests.integration.conduct.other_trials import Trial, begin
from tests.integration.conduct.refusing import stored
from tests.integration.conduct.test_kits import FILE as ALIKE
from tests.integration.conduct.test_kits import NUMBERS, STUDY, UNTIL, arm, kit_of
from trialwright.conduct.actions import randomising
from trialwright.conduct.actions.kits import (
    list_kits,
    receive_kits,
    replace_kit,
    send_kits,
    set_kits_aside,
)
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.kits.checks import wrong_kits
from trialwright.conduct.kits.lists import NewKit, kits_from
from trialwright.conduct.kits.stock import product_of
from trialwright.conduct.models import Kit, StepRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.kits import kits_of
from trialwright.conduct.refusals import ActionRefused
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.amending import problems_of_amendment
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

STRENGTHS = '{mild: {label: "1 percent"}, strong: {label: "5 percent"}}'
FILE = ALIKE.replace("contains: 90, unit: g}", f"contains: 90, unit: g, strengths: {STRENGTHS}}}")
# Neither products nor strengths follow from the order of the numbers.
CONTENTS = [("cream", "base")[bin(n * 2654435761 % 2**32).count("1") % 2] for n in range(1, 41)]
IN_STRENGTH = [("mild", "strong")[bin(n * 40503 % 2**16).count("1") % 2] for n in range(1, 41)]


def kits() -> list[NewKit]:
    listed = zip(NUMBERS, CONTENTS, IN_STRENGTH, strict=True)
    return [NewKit(number, product, UNTIL, strength) for number, product, strength in listed]


def supplied(trial: Trial, strength: str, each: int = 3) -> None:
    if not Kit.objects.exists():
        list_kits(by=trial.person("supplies"), kits=kits(), at=trial.now)
    send_kits(
        by=trial.person("supplies"), site="C", amounts={"cream": each, "base": each},
        strength=strength, at=trial.now,
    )  # fmt: skip
    receive_kits(by=trial.person("coordinator"), site="C", at=trial.now)


def hand(trial: Trial, code: str, strength: str, visit: str = "day_1") -> Kit:
    trial.taking("nurse", code, "dispense", visit, StepReport(strength=strength))()
    return kit_of(trial, code, visit)


@pytest.fixture
def trial(db: None) -> Trial:
    return begin(FILE)


def test_the_kit_is_of_the_own_arm_and_of_the_strength_that_was_chosen(trial: Trial) -> None:
    for strength in ("mild", "strong"):
        supplied(trial, strength)
    codes = [trial.randomised() for _ in range(4)]
    for code, strength in zip(codes, ("mild", "strong", "strong", "mild"), strict=True):
        kit = hand(trial, code, strength)
        assert (product_of(kit), kit.strength) == (arm(trial, code), strength)
        (seen,) = kits_of(trial.person("nurse"), trial.row(code), trial.protocol)
        assert (seen.line.strength, seen.line.product) == (strength, "")
    assert {arm(trial, code) for code in codes} == {"cream", "base"}
    assert list(wrong_kits(STUDY)) == []


def test_a_kit_is_replaced_in_its_own_strength(trial: Trial) -> None:
    for strength in ("mild", "strong"):
        supplied(trial, strength)
    code = trial.randomised()
    first = hand(trial, code, "strong")
    number = replace_kit(
        by=trial.person("nurse"), code=code, number=first.number, reason="Lost", at=trial.now
    )
    second = Kit.objects.get(number=number)
    assert (product_of(second), second.strength) == (arm(trial, code), "strong")
    assert list(wrong_kits(STUDY)) == []


@pytest.mark.parametrize("lacking", ["cream", "base"])
@pytest.mark.parametrize("strength", ["mild", "strong"])
def test_nobody_is_randomised_where_an_arm_lacks_a_strength_whichever_comes_next(
    trial: Trial, lacking: str, strength: str
) -> None:
    supplied(trial, "mild")
    supplied(trial, "strong")
    stock = Kit.objects.filter(status="stock", strength=strength)
    aside = [kit.number for kit in stock if product_of(kit) == lacking]
    set_kits_aside(by=trial.person("coordinator"), numbers=aside, reason="Wet", at=trial.now)
    for code in (trial.eligible(), trial.eligible()):
        before = stored()
        with pytest.raises(ActionRefused, match="each arm in each strength"):
            randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)
        assert stored() == before


def test_handing_out_looks_at_the_chosen_strength_of_every_arm(trial: Trial) -> None:
    supplied(trial, "mild", 1)
    supplied(trial, "strong")
    codes = [trial.randomised() for _ in range(4)]
    hand(trial, codes[0], "mild")
    sentences = set()
    for code in codes[1:]:
        with pytest.raises(ActionRefused, match="lacks kits of this strength") as refused:
            hand(trial, code, "mild")
        sentences.add(str(refused.value))
    assert len(sentences) == 1, "one arm's kit is there, and its participants hear the same"
    assert StepRecord.objects.count() == 1
    assert hand(trial, codes[1], "strong").strength == "strong"


def test_a_strength_is_chosen_where_there_are_some_and_nowhere_else(trial: Trial) -> None:
    supplied(trial, "mild")
    supplied(trial, "strong")
    code = trial.randomised()
    for chosen in ("", "weak"):
        with pytest.raises(ActionRefused, match="Choose the strength"):
            hand(trial, code, chosen)
    none = StepReport(StepStatus.NOT_DONE, None, "Ill")
    trial.taking("nurse", code, "dispense", "day_1", none)()
    assert not Kit.objects.exclude(step=None).exists()
    for chosen in ("", "weak"):
        with pytest.raises(ActionRefused, match="Choose the strength"):
            send_kits(
                by=trial.person("supplies"), site="C", amounts={"cream": 1, "base": 1},
                strength=chosen, at=trial.now,
            )  # fmt: skip
    with pytest.raises(ActionRefused, match="The depot has"):
        send_kits(
            by=trial.person("supplies"), site="C", amounts={"cream": 20, "base": 1},
            strength="mild", at=trial.now,
        )  # fmt: skip


def telling() -> Sequence[tuple[list[NewKit], str]]:
    within = sorted(NUMBERS)
    # In all numbers the products look mixed; of one strength they come together.
    half = [
        NewKit(number, "cream" if (n % 2 == 0) is (n < 20) else "base", None,
               ("mild", "strong")[n % 2])
        for n, number in enumerate(within)
    ]  # fmt: skip
    only = [k for k in kits() if (k.product, k.strength) != ("cream", "mild")]
    days = [
        NewKit(k.number, k.product, UNTIL if k.strength == "mild" else None, k.strength)
        for k in kits()
    ]
    own_day = [
        NewKit(k.number, k.product, UNTIL if (k.product, k.strength) == ("cream", "mild") else None,
               k.strength)
        for k in kits()
    ]  # fmt: skip
    return (
        (half, "tell what is in the kits"),
        (only, "strength that not every product comes in"),
        (own_day, "last day of use"),
        ([NewKit("K1234", "cream", None, "weak")], "is of the strength “weak”"),
        ([NewKit("K1234", "cream")], "is of the strength “”"),
        (days, ""),
    )


@pytest.mark.parametrize("case", range(len(telling())))
def test_a_list_whose_strengths_tell_is_refused(trial: Trial, case: int) -> None:
    listed, sentence = telling()[case]
    before = stored()
    if not sentence:
        list_kits(by=trial.person("supplies"), kits=listed, at=trial.now)
        return
    with pytest.raises(ActionRefused, match=sentence):
        list_kits(by=trial.person("supplies"), kits=listed, at=trial.now)
    assert stored() == before


def test_the_strength_stands_after_the_product_in_a_list() -> None:
    text = "number,product,strength,until\nk0001,cream,mild,2027-03-31\nK0002\tbase\tstrong\n"
    assert kits_from(text, strengths=True) == (
        NewKit("K0001", "cream", date(2027, 3, 31), "mild"),
        NewKit("K0002", "base", None, "strong"),
    )
    for line in ("K0001", "K0001,cream", "K0001,cream,mild,31.3.2027"):
        with pytest.raises(ActionRefused, match=r"Line 1 is none of a list of kits.*strength"):
            kits_from(line, strengths=True)


@pytest.mark.django_db(transaction=True)
def test_verification_finds_a_kit_of_another_strength() -> None:
    trial = begin(FILE)
    supplied(trial, "mild")
    supplied(trial, "strong")
    code = trial.randomised()
    given = hand(trial, code, "mild")

    def problems() -> list[str]:
        found = verify(
            STUDY, heads_path=files.heads_path(), publics=[files.keys().public], keys=files.keys(),
            now=trial.now,
        )  # fmt: skip
        return [each.kind for each in found.problems]

    assert problems() == []
    Kit.objects.filter(pk=given.pk).update(strength="strong")
    assert problems(), "the ledger says another strength"


def test_what_strengths_need_is_said_with_its_line() -> None:
    one = '{mild: {label: "1 percent"}}'
    for new, sentence in (
        (one, "fewer than two `strengths`"),
        ("[mild, strong]", "`strengths` is not a block"),
        ('{mild: {label: "1"}, strong: {}}', "has no `label`"),
        ('{mild: {label: "1"}, Strong: {label: "5"}}', "can't be a key of `strengths`"),
    ):
        with pytest.raises(ProtocolFileError) as refused:
            parse_file(FILE.replace(STRENGTHS, new).encode())
        found = [each for each in refused.value.problems if sentence in str(each)]
        assert found and found[0].line > 1 and found[0].way_out, (sentence, str(refused.value))
    more = STRENGTHS.replace("mild", "weak")
    amended = parse_file(FILE.replace(STRENGTHS, more).encode())
    found = list(problems_of_amendment(parse_file(FILE.encode()), amended))
    assert any("its strengths" in each.message for each in found)
