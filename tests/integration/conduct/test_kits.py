"""Kits: what blinded people see of one is a number, and no refusal depends on whose arm it is."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.integration.conduct.other_trials import HEAD, START, Trial, begin
from tests.integration.conduct.refusing import stored
from trialwright.conduct.actions import randomising
from trialwright.conduct.actions.kits import (
    list_kits,
    receive_kits,
    replace_kit,
    return_kit,
    send_kits,
    set_kits_aside,
)
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.allocation import allocation_list
from trialwright.conduct.kits.checks import wrong_kits
from trialwright.conduct.kits.lists import NewKit, kits_from
from trialwright.conduct.kits.stock import product_of
from trialwright.conduct.models import Kit, KitStatus, StepRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.reads.kits import kits_of, kits_to_read
from trialwright.conduct.refusals import ActionRefused, NotFound
from trialwright.ledger import files
from trialwright.ledger.verify import verify
from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

STUDY = "KITS-01"
FILE = (
    HEAD.format(study=STUDY, title="Two creams in kits", participants=8, last="week_4")
    .replace(
        "  statistician:",
        '  supplies: {label: "Supplies office", may: [see_ledger], knows_arm: yes}\n'
        "  statistician:",
    )
    .replace("consent:\n", "kits: {supplied_by: supplies, received_by: [coordinator], "
             "contains: 90, unit: g}\nconsent:\n", 1)
    + """\
products:
  cream: {label: "Cream", description: "Cream"}
  base: {label: "Base", description: "The cream's base"}
arms:
  cream: {label: "Cream", type: experimental, description: "Cream", products: [cream]}
  base: {label: "Base", type: placebo_comparator, description: "Base", products: [base]}
allocation: {ratio: {cream: 1, base: 1}, block_sizes: [2, 4]}
steps:
  dispense:
    label: "Hand out"
    roles: [nurse]
    at: [day_1, week_4]
    records: dose
    dispenses: kit
anchors: {allocation: {label: "Allocation", step: allocation}}
visits:
  day_1: {label: "Day 1", anchor: allocation, window_after_days: 60, forms: [score]}
  week_4:
    label: "Week 4"
    anchor: allocation
    day: 90
    window_before_days: 20
    window_after_days: 20
    forms: [score]
"""
)  # fmt: skip
# In no order that tells: products by the square of the number, from the front and from the back.
NUMBERS = [f"K{n * 7919 % 9973:04d}" for n in range(1, 41)]
PRODUCTS = [("cream", "base")[bin(n * 2654435761 % 2**32).count("1") % 2] for n in range(1, 41)]
UNTIL = date(2024, 3, 31)


def kits(until: date | None = UNTIL) -> list[NewKit]:
    return [NewKit(n, p, until) for n, p in zip(NUMBERS, PRODUCTS, strict=True)]


def supplied(trial: Trial, creams: int = 4, bases: int = 4) -> tuple[str, ...]:
    """Kits listed where none are, sent to site C and received there."""
    if not Kit.objects.exists():
        list_kits(by=trial.person("supplies"), kits=kits(), at=trial.now)
    numbers = send_kits(
        by=trial.person("supplies"), site="C", amounts={"cream": creams, "base": bases},
        at=trial.now,
    )  # fmt: skip
    receive_kits(by=trial.person("coordinator"), site="C", at=trial.now)
    return numbers


@pytest.fixture
def trial(db: None) -> Trial:
    return begin(FILE)


def arm(trial: Trial, code: str) -> str:
    return {1: "cream", 2: "base"}[allocation_list.arm_of(trial.row(code))]


def kit_of(trial: Trial, code: str, visit: str) -> Kit:
    return Kit.objects.get(step__participant=trial.row(code), step__visit=visit)


def test_each_is_handed_a_kit_of_their_own_arm_and_the_blinded_see_its_number(
    trial: Trial,
) -> None:
    supplied(trial)
    codes = [trial.randomised() for _ in range(4)]
    for code in codes:
        trial.taking("nurse", code, "dispense", "day_1")()
        kit = kit_of(trial, code, "day_1")
        assert product_of(kit) == arm(trial, code)
        assert kit.status == KitStatus.DISPENSED
        (seen,) = kits_of(trial.person("nurse"), trial.row(code), trial.protocol)
        assert seen.line.number == kit.number and seen.line.product == ""
    assert {arm(trial, code) for code in codes} == {"cream", "base"}
    assert len({kit_of(trial, code, "day_1").number for code in codes}) == 4
    told = kits_to_read(trial.person("supplies"))
    assert {line.product for line in told.lines} == {"cream", "base"}
    assert not any(line.participant for line in told.lines), "who supplies isn't told whose it is"
    assert not any(line.product for line in kits_to_read(trial.person("coordinator")).lines)
    assert list(wrong_kits(STUDY)) == []


@pytest.mark.parametrize("lacking", ["cream", "base"])
def test_where_one_arm_has_no_kit_nobody_is_randomised_whichever_arm_comes_next(
    trial: Trial, lacking: str
) -> None:
    supplied(trial, 2, 2)
    aside = [k.number for k in Kit.objects.filter(status="stock") if product_of(k) == lacking]
    set_kits_aside(
        by=trial.person("coordinator"), numbers=aside, reason="Frozen on the way", at=trial.now
    )
    refusals = set()
    for code in (trial.eligible(), trial.eligible()):
        before = stored()
        with pytest.raises(ActionRefused, match="lacks kits") as refused:
            randomising.randomise(by=trial.person("investigator"), code=code, at=trial.now)
        refusals.add(str(refused.value).replace(code, ""))
        assert stored() == before
    assert len(refusals) == 1


def test_where_one_arm_has_no_kit_nobody_is_handed_one(trial: Trial) -> None:
    supplied(trial, 1, 1)
    codes = [trial.randomised() for _ in range(4)]
    assert {arm(trial, code) for code in codes} == {"cream", "base"}
    trial.taking("nurse", codes[0], "dispense", "day_1")()
    sentences = set()
    for code in codes[1:]:
        with pytest.raises(ActionRefused, match="lacks kits") as refused:
            trial.taking("nurse", code, "dispense", "day_1")()
        sentences.add(str(refused.value))
    assert len(sentences) == 1, "one arm's kit is there, and its participants hear the same"
    assert StepRecord.objects.count() == 1
    supplied(trial, 1, 1)
    trial.taking("nurse", codes[1], "dispense", "day_1")()


def test_what_isnt_given_takes_no_kit(trial: Trial) -> None:
    supplied(trial)
    code = trial.randomised()
    none = StepReport(StepStatus.NOT_DONE, None, "Ill")
    trial.taking("nurse", code, "dispense", "day_1", none)()
    assert not Kit.objects.exclude(step=None).exists()


def test_an_expired_kit_is_no_stock(trial: Trial) -> None:
    supplied(trial)
    code = trial.randomised()
    trial.later(days=(UNTIL - START.date()).days)
    assert trial.now.date() == UNTIL
    eligible = trial.eligible()
    randomising.randomise(by=trial.person("investigator"), code=eligible, at=trial.now)
    trial.later(days=1)
    with pytest.raises(ActionRefused, match="lacks kits"):
        trial.taking("nurse", code, "dispense", "day_1")()
    other = trial.eligible()
    with pytest.raises(ActionRefused, match="lacks kits"):
        randomising.randomise(by=trial.person("investigator"), code=other, at=trial.now)


def test_a_lost_kit_is_replaced_and_one_comes_back(trial: Trial) -> None:
    supplied(trial)
    code = trial.randomised()
    trial.taking("nurse", code, "dispense", "day_1")()
    first = kit_of(trial, code, "day_1").number
    nurse, coordinator = trial.person("nurse"), trial.person("coordinator")
    with pytest.raises(ActionRefused, match="Say why"):
        replace_kit(by=nurse, code=code, number=first, reason=" ", at=trial.now)
    second = replace_kit(by=nurse, code=code, number=first, reason="Left in a taxi", at=trial.now)
    assert second != first
    kept = {kit.number: kit for kit in Kit.objects.exclude(step=None)}
    assert kept[first].status == KitStatus.SET_ASIDE and kept[first].reason == "Left in a taxi"
    assert product_of(kept[second]) == product_of(kept[first]) == arm(trial, code)
    with pytest.raises(ActionRefused, match="already"):
        replace_kit(by=nurse, code=code, number=first, reason="Again", at=trial.now)
    trial.later(days=10)
    back = trial.now.date()
    for unused, on, sentence in (
        (Decimal(91), back, "from 0 to 90 g"),
        (Decimal(-1), back, "from 0 to 90 g"),
        (Decimal(9), back + timedelta(days=1), "Enter a day from"),
        (Decimal(9), back - timedelta(days=11), "Enter a day from"),
    ):
        with pytest.raises(ActionRefused, match=sentence):
            return_kit(by=coordinator, code=code, number=second, unused=unused, on=on, at=trial.now)
    with pytest.raises(NotFound):
        return_kit(by=nurse, code=code, number=second, unused=Decimal(9), on=back, at=trial.now)
    return_kit(by=coordinator, code=code, number=second, unused=Decimal(9), on=back, at=trial.now)
    kit = Kit.objects.get(number=second)
    assert (kit.status, kit.unused, kit.returned_on) == (KitStatus.RETURNED, "9", back)
    with pytest.raises(ActionRefused, match="already"):
        return_kit(
            by=coordinator, code=code, number=second, unused=Decimal(9), on=back, at=trial.now
        )
    assert list(wrong_kits(STUDY)) == []


def test_a_kit_is_another_participants_for_nobody(trial: Trial) -> None:
    supplied(trial)
    code, other = trial.randomised(), trial.randomised()
    trial.taking("nurse", code, "dispense", "day_1")()
    number = kit_of(trial, code, "day_1").number
    with pytest.raises(NotFound):
        replace_kit(
            by=trial.person("nurse"), code=other, number=number, reason="Lost", at=trial.now
        )


def test_a_shipment_is_confirmed_and_what_is_broken_set_aside(trial: Trial) -> None:
    supplies, coordinator = trial.person("supplies"), trial.person("coordinator")
    list_kits(by=supplies, kits=kits(), at=trial.now)
    with pytest.raises(ActionRefused, match="No kits are under way"):
        receive_kits(by=coordinator, site="C", at=trial.now)
    for amounts in ({"cream": 2}, {"cream": 2, "base": 0}, {}):
        with pytest.raises(ActionRefused, match="kits of each product"):
            send_kits(by=supplies, site="C", amounts=amounts, at=trial.now)
    with pytest.raises(ActionRefused, match="The depot has"):
        send_kits(by=supplies, site="C", amounts={"cream": 40, "base": 1}, at=trial.now)
    with pytest.raises(ActionRefused, match="no such site"):
        send_kits(by=supplies, site="X", amounts={"cream": 1, "base": 1}, at=trial.now)
    sent = send_kits(by=supplies, site="C", amounts={"cream": 2, "base": 2}, at=trial.now)
    with pytest.raises(NotFound):
        receive_kits(by=supplies, site="C", at=trial.now)
    with pytest.raises(ActionRefused, match="Say why"):
        receive_kits(by=coordinator, site="C", unusable=sent[:1], at=trial.now)
    with pytest.raises(ActionRefused, match="aren't there: K0000"):
        receive_kits(by=coordinator, site="C", unusable=["K0000"], reason="?", at=trial.now)
    assert receive_kits(
        by=coordinator, site="C", unusable=sent[:1], reason="Broken", at=trial.now
    ) == 3  # fmt: skip
    assert Kit.objects.get(number=sent[0]).status == KitStatus.SET_ASIDE
    with pytest.raises(ActionRefused, match="aren't there"):
        set_kits_aside(by=coordinator, numbers=[sent[0]], reason="Again", at=trial.now)


def telling() -> Sequence[tuple[list[NewKit], str]]:
    ordered = sorted(NUMBERS)
    half = [("cream", "base")[n >= 20] for n in range(40)]
    turns = [("cream", "base")[n % 2] for n in range(40)]
    by_end = sorted(NUMBERS, key=lambda number: number[::-1])

    def listed(numbers: Sequence[str], products: Sequence[str]) -> list[NewKit]:
        return [NewKit(*each) for each in zip(numbers, products, strict=True)]

    days = [
        NewKit(kit.number, kit.product, UNTIL if kit.product == "cream" else None) for kit in kits()
    ]
    return (
        (listed(ordered, half), "tell what is in the kits"),
        (listed(ordered, turns), "tell what is in the kits"),
        (listed(by_end, half), "tell what is in the kits"),
        ([*kits(None), NewKit("K12345", "cream")], "differ in length"),
        (days, "last day of use"),
        ([*kits(), kits()[0]], "listed twice"),
        ([NewKit("K1234", "water")], "isn't the key of a product"),
        ([NewKit("k 1", "cream")], "is no number of a kit"),
        ([], "has no kit"),
    )


@pytest.mark.parametrize("case", range(len(telling())))
def test_a_list_whose_numbers_tell_is_refused(trial: Trial, case: int) -> None:
    listed, sentence = telling()[case]
    before = stored()
    with pytest.raises(ActionRefused, match=sentence):
        list_kits(by=trial.person("supplies"), kits=listed, at=trial.now)
    assert stored() == before


def test_a_list_is_read_from_a_spreadsheets_text() -> None:
    text = "\ufeffnumber;product;until\nk0001;cream;2027-03-31\n\nK0002\tbase\n"
    assert kits_from(text) == (
        NewKit("K0001", "cream", date(2027, 3, 31)), NewKit("K0002", "base"),
    )  # fmt: skip
    for line in ("K0001", "K0001,cream,31.3.2027", "K0001,cream,2027-01-01,2028-01-01"):
        with pytest.raises(ActionRefused, match="Line 2 is none"):
            kits_from(f"K0009,base\n{line}")


@pytest.mark.django_db(transaction=True)
def test_verification_finds_a_kit_that_wasnt_due() -> None:
    trial = begin(FILE)
    supplied(trial)
    codes = [trial.randomised() for _ in range(2)]
    for code in codes:
        trial.taking("nurse", code, "dispense", "day_1")()

    def problems() -> list[str]:
        found = verify(
            STUDY, heads_path=files.heads_path(), publics=[files.keys().public], keys=files.keys(),
            now=trial.now,
        )  # fmt: skip
        return [each.kind for each in found.problems]

    assert "not_recomputed" not in problems()
    given = kit_of(trial, codes[0], "day_1")
    same = [k for k in Kit.objects.filter(status="stock") if product_of(k) == product_of(given)]
    Kit.objects.filter(pk=same[0].pk).update(
        step=given.step, status="dispensed", left=given.left, dispensed_on=given.dispensed_on
    )
    Kit.objects.filter(pk=given.pk).update(step=None, status="stock", left=None, dispensed_on=None)
    assert list(wrong_kits(STUDY)) == [f"kit {same[0].number}"]
    assert "not_recomputed" in problems()


def test_in_an_open_trial_only_the_own_product_is_needed(db: None) -> None:
    text = FILE.replace("knows_arm: no}", "knows_arm: yes}")
    for role in ("investigator", "coordinator", "trial_statistician"):
        text = text.replace(f"{{like: {role}}}", f"{{like: {role}, knows_arm: yes}}")
    trial = begin(text)
    supplies = trial.person("supplies")
    listed = [NewKit("A001", "cream"), NewKit("A002", "cream"), NewKit("B00001", "base")]
    list_kits(by=supplies, kits=listed, at=trial.now)
    send_kits(by=supplies, site="C", amounts={"cream": 2}, at=trial.now)
    receive_kits(by=trial.person("coordinator"), site="C", at=trial.now)
    outcomes = {}
    while len(outcomes) < 2:
        code = trial.randomised()
        if arm(trial, code) in outcomes:
            continue
        try:
            trial.taking("nurse", code, "dispense", "day_1")()
        except ActionRefused:
            outcomes[arm(trial, code)] = "refused"
        else:
            outcomes[arm(trial, code)] = "handed out"
    assert outcomes == {"cream": "handed out", "base": "refused"}


def test_what_kits_need_is_said_with_its_line() -> None:
    for old, new, sentence in (
        ("    dispenses: kit\n", "", "no step dispenses one"),
        ("kits: {supplied_by: supplies, received_by: [coordinator], contains: 90, unit: g}\n", "",
         "has no `kits`"),
        ("supplied_by: supplies", "supplied_by: pharmacist", "held at one"),
        ("may: [see_ledger], knows_arm: yes", "may: [see_ledger]", "knows what is in each"),
        ("may: [see_ledger], knows_arm: yes", "may: [randomise, see_participants], knows_arm: yes",
         "decides who is randomised"),
        ("received_by: [coordinator]", "received_by: [supplies]", "works at no site"),
        ("contains: 90", "contains: 0", "contains nothing"),
        ("products: [cream]", "products: [cream, base]", "isn't given one product alone"),
        ("dispenses: kit", "dispenses: car", "kit"),
        ('day_1: {label: "Day 1", anchor: allocation,',
         'day_1: {label: "Day 1", anchor: consent, screening: yes,', "before anybody has an arm"),
    ):  # fmt: skip
        assert old in FILE, old
        text = FILE.replace(old, new)
        if "anchor: consent" in text:
            text = text.replace("anchors: {", 'anchors: {consent: {label: "C", step: consent}, ')
        with pytest.raises(ProtocolFileError) as refused:
            parse_file(text.encode())
        assert sentence in str(refused.value), (sentence, str(refused.value))
