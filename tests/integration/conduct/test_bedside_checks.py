"""At the bedside: given, or a near miss; containers on their way, and who signs each move."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.integration.conduct.product_trial import FILE, PLACE, STUDY, Cells
from tests.integration.conduct.refusing import absent, refused
from trialwright.conduct.actions import participation
from trialwright.conduct.actions.containers import count_stock
from trialwright.conduct.actions.holds import set_hold
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.models import BedsideCheck, Container, ContainerMove, StepRecord
from trialwright.conduct.models.steps import StepStatus
from trialwright.conduct.products.bedside import checks_of
from trialwright.conduct.products.moves import moves_of
from trialwright.conduct.products.recipients import given_to
from trialwright.custody.bedside import Refusal
from trialwright.custody.codes import wristband_of
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus
from trialwright.ledger.encoding import LedgerError


@pytest.fixture
def cells(db: None) -> Cells:
    return Cells()


def test_a_container_is_given_and_the_dose_follows_it(cells: Cells) -> None:
    lot = cells.released()
    container, code = cells.thawed(lot), cells.of_arm("cells")
    sentence = refused(lambda: cells.infuse(code))
    assert "No container was checked" in sentence and "Cells" in sentence
    cells.trial.later(minutes=30)
    assert cells.give(container.lower(), code) == ()
    assert cells.status(container) == ContainerStatus.GIVEN
    (found,) = given_to(STUDY, code)
    assert (found.container.code, found.move.amount, found.move.unit) == (container, "100", "10⁶")
    cells.infuse(code)
    (check,) = checks_of(STUDY)
    assert check.accepted and check.second == str(cells.by("doctor").person_id)
    assert Refusal.USED in cells.give(container, cells.of_arm("cells"))
    assert Refusal.ORDER in cells.give(cells.thawed(lot), code), "the dose is recorded already"


def test_who_is_in_the_other_arm_needs_no_container_and_is_given_none(cells: Cells) -> None:
    container, code = cells.thawed(cells.released()), cells.of_arm("water")
    assert cells.give(container, code) == (Refusal.WRONG_ARM,)
    assert cells.status(container) == ContainerStatus.THAWED
    cells.infuse(code)
    assert StepRecord.objects.get().status == "done"


def test_a_dose_that_isnt_given_takes_no_container(cells: Cells) -> None:
    code = cells.of_arm("cells")
    none = StepReport(StepStatus.NOT_DONE, None, "Past its limit")
    cells.trial.taking("doctor", code, "infuse", "day_1", none)()


def test_the_wristband_of_somebody_else_is_a_near_miss_and_changes_nothing(cells: Cells) -> None:
    """G26."""
    container, code = cells.thawed(cells.released()), cells.of_arm("cells")
    other = cells.of_arm("cells")
    moves = Container.objects.get(code=container).moves_made
    why = cells.give(container, code, wristband=wristband_of(other))
    assert why == (Refusal.WRISTBAND,)
    assert cells.status(container) == ContainerStatus.THAWED
    assert Container.objects.get(code=container).moves_made == moves
    (miss,) = checks_of(STUDY)
    assert not miss.accepted and miss.participant == code
    from trialwright.conduct.products.words import REFUSALS

    assert other not in str(REFUSALS[Refusal.WRISTBAND])
    assert given_to(STUDY, code) == given_to(STUDY, other) == []


def test_each_thing_that_forbids_it_is_told_and_kept(cells: Cells) -> None:
    lot = cells.released()
    container, code = cells.thawed(lot), cells.of_arm("cells")
    now = cells.trial.now
    handler = cells.by("pharmacist").person_id
    cases = [
        ({"hospital_number": "H-1"}, Refusal.IDENTIFIER),
        ({"second": handler}, Refusal.SAME_PERSON),
        ({"second": cells.by("coordinator").person_id}, Refusal.SAME_PERSON),
        ({"amount": Decimal(101)}, Refusal.AMOUNT),
        ({"unit": "ml"}, Refusal.UNIT),
        ({"end": now + timedelta(hours=4, seconds=1)}, Refusal.PAST_THAW),
    ]
    for changed, why in cases:
        assert cells.give(container, code, **changed) == (why,)
    (stock,) = cells.at_site(lot)
    assert cells.give(stock, code) == (Refusal.NOT_THAWED,)
    (far,) = cells.labelled(lot)
    assert Refusal.ELSEWHERE in cells.give(far, code)
    assert cells.give("C00000000", code) == (Refusal.UNKNOWN,)
    assert BedsideCheck.objects.count() == len(cases) + 3
    # What is no code at all is typed again, and is no near miss.
    assert "Type the digit" in refused(lambda: cells.give("CO0000000", code))
    assert "end before it begins" in refused(
        lambda: cells.give(container, code, end=now - timedelta(hours=1))
    )
    assert cells.give(container, code, end=now + timedelta(hours=4)) == ()


def test_reserved_for_somebody_else_and_put_back(cells: Cells) -> None:
    lot = cells.released()
    code, other = cells.of_arm("cells"), cells.of_arm("cells")
    first, second = cells.at_site(lot, 2)
    for container in (first, second):
        cells.move(container, ContainerStatus.RESERVED, participant=other)
    cells.move(second, ContainerStatus.STOCK)
    for container in (first, second):
        cells.move(container, ContainerStatus.THAWED)
    assert cells.give(first, code) == (Refusal.RESERVED,)
    assert cells.give(second, code) == ()
    assert cells.give(first, other) == ()
    (free,) = cells.at_site(lot)
    nobody = refused(lambda: cells.move(free, ContainerStatus.RESERVED, participant="C-999"))
    assert "Enter the code of a participant" in nobody


def test_under_a_hold_and_after_consent_is_withdrawn_nothing_is_given(cells: Cells) -> None:
    container, code = cells.thawed(cells.released()), cells.of_arm("cells")
    set_hold(by=cells.by("investigator"), reason="Something was seen", at=cells.trial.now)
    assert cells.give(container, code) == (Refusal.HOLD,)
    participation.withdraw(
        by=cells.by("investigator"), code=code, on=cells.trial.now.date(), stops={"treatment"},
        reason="Asked", at=cells.trial.now,
    )  # fmt: skip
    assert cells.give(container, code) == (Refusal.HOLD, Refusal.CONSENT)


def test_a_dose_that_was_given_is_recorded_whatever_is_decided_after_it(cells: Cells) -> None:
    container, code = cells.thawed(cells.released()), cells.of_arm("cells")
    assert cells.give(container, code) == ()
    set_hold(by=cells.by("investigator"), reason="Something was seen", at=cells.trial.now)
    participation.withdraw(
        by=cells.by("investigator"), code=code, on=cells.trial.now.date(), stops={"treatment"},
        reason="Asked", at=cells.trial.now,
    )  # fmt: skip
    none = StepReport(StepStatus.NOT_DONE, None, "On hold")
    told = refused(cells.trial.taking("doctor", code, "infuse", "day_1", none))
    assert "A container of this dose was given" in told
    cells.infuse(code)
    assert StepRecord.objects.get(step="infuse").status == "done"


def test_what_is_given_in_part_of_what_is_planned_adds_up(db: None) -> None:
    cells = Cells(FILE.replace("planned: {amount: 100,", "planned: {amount: 150,"))
    lot, code = cells.released(), cells.of_arm("cells")
    assert cells.give(cells.thawed(lot), code) == ()
    assert cells.give(cells.thawed(lot), code) == (Refusal.AMOUNT,)
    part = cells.thawed(lot)
    assert cells.give(part, code, amount=Decimal(50)) == ()
    assert cells.status(part) == ContainerStatus.PART_GIVEN


def test_a_dose_per_kg_follows_from_the_weight_where_it_is_known(cells: Cells) -> None:
    from trialwright.conduct.actions.entering import save_entry
    from trialwright.conduct.actions.visiting import record_visit

    lot = cells.released()
    code, unknown = cells.of_arm("cells"), cells.of_arm("cells")
    now, by = cells.trial.now, cells.by("coordinator")
    record_visit(by=by, code=code, visit="day_1", on=now.date(), at=now)
    save_entry(
        by=by, code=code, visit="day_1", form="score", raw={"points": "62"}, based_on=0, at=now
    )
    for each in (code, unknown):
        assert cells.give(cells.thawed(lot), each) == ()
    assert [given_to(STUDY, each)[0].move.per_kg for each in (code, unknown)] == ["1.61290", ""]


def test_a_container_is_received_by_another_than_who_sent_it_and_goes_no_way_back(
    cells: Cells,
) -> None:
    lot = cells.lot()
    (code,) = cells.labelled(lot)
    lab = "laboratory"
    send = lambda site: cells.move(code, ContainerStatus.SENT, lab, site=site)  # noqa: E731
    assert "no such site" in refused(lambda: send("X"))
    send("C")
    assert "somebody else receives it" in refused(
        lambda: cells.move(code, ContainerStatus.STOCK, lab)
    )
    absent(lambda: cells.move(code, ContainerStatus.STOCK, "doctor"))
    absent(lambda: cells.move(code, ContainerStatus.STOCK, "nurse"))
    assert "temperature in °C" in refused(
        lambda: cells.move(code, ContainerStatus.STOCK, temperature="cold")
    )
    cells.move(code, ContainerStatus.STOCK, temperature="−148,5", place="Freezer 2")
    told = moves_of(Container.objects.get(code=code))
    assert [each.status for each in told] == ["stock", "sent", "stock"]
    assert (told[2].temperature, told[2].place) == ("-148.5", "Freezer 2")
    assert told[1].person != told[2].person
    assert "isn't one that may be used" in refused(lambda: cells.move(code, ContainerStatus.THAWED))
    assert "can't follow" in refused(lambda: cells.move(code, ContainerStatus.LOADED))
    absent(lambda: cells.move(code, ContainerStatus.GIVEN))
    cells.decide(lot, LotStatus.RELEASED)
    cells.trial.later(hours=1)
    late = cells.trial.now - timedelta(hours=2)
    assert "after the container's last move" in refused(
        lambda: cells.move(code, ContainerStatus.THAWED, happened=late)
    )
    thawed = cells.trial.now - timedelta(minutes=30)
    cells.move(code, ContainerStatus.THAWED, happened=thawed)
    assert Container.objects.get(code=code).thawed_at == thawed
    assert "can't follow" in refused(lambda: cells.move(code, ContainerStatus.STOCK))
    assert "Say why" in refused(lambda: cells.move(code, ContainerStatus.DESTROYED))
    cells.move(code, ContainerStatus.DESTROYED, reason="Not needed")


def test_a_count_names_what_is_missing_with_its_last_place_person_and_time(cells: Cells) -> None:
    """G30."""
    lot = cells.released()
    codes = cells.at_site(lot, 3)
    cells.move(codes[0], ContainerStatus.DESTROYED, reason="Broken")
    handler, now = cells.by("pharmacist"), cells.trial.now
    strange = refused(lambda: count_stock(by=handler, site="C", seen=[codes[0]], at=now))
    assert codes[0] in strange
    told = count_stock(by=handler, site="C", seen=[codes[1].lower()], at=now)
    (missing,) = told.missing
    assert (missing.code, missing.place, missing.at) == (codes[2], "Freezer 2", now)
    assert missing.person == str(handler.person_id)
    assert told.received == 3 and told.by_status[ContainerStatus.DESTROYED] == 1
    assert count_stock(by=handler, site="C", seen=codes[1:], at=now).balances
    absent(lambda: count_stock(by=cells.by("doctor"), site="C", seen=[], at=now))


def test_who_has_nothing_to_do_with_products_checks_none(cells: Cells) -> None:
    from trialwright.conduct.actions.bedside import give_container

    container, code = cells.thawed(cells.released()), cells.of_arm("cells")
    for name in ("nurse", "investigator", "doctor", "laboratory", "qualified"):
        absent(
            lambda name=name: give_container(  # type: ignore[misc]
                by=cells.by(name), code=code, place=PLACE, scan=cells.scan(container, code),
                at=cells.trial.now,
            )
        )  # fmt: skip


def test_what_one_participant_was_given_is_found_without_opening_what_others_were(
    cells: Cells,
) -> None:
    lot = cells.released()
    codes = [cells.given(lot) for _ in range(3)]
    marks = set(Container.objects.exclude(recipient="").values_list("recipient", flat=True))
    assert len(marks) == 3 and not any(code in mark for code in codes for mark in marks)
    (own,) = given_to(STUDY, codes[1])
    others = ContainerMove.objects.exclude(container=own.container)
    others.update(sealed=b"what can't be opened")
    assert [each.move.participant for each in given_to(STUDY, codes[1])] == [codes[1]]
    with pytest.raises(LedgerError):
        given_to(STUDY, codes[0])
