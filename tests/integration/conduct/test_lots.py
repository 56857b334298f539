"""Lots: released by a signature, ended for good, and who was given of them told at once."""

from datetime import timedelta

import pytest

from tests.integration.conduct.product_trial import STUDY, Cells
from tests.integration.conduct.refusing import absent, refused
from trialwright.conduct.actions.lots import NewLot, exclude_donor, register_lot
from trialwright.conduct.actions.product_notices import confirm_notice, record_call
from trialwright.conduct.models import (
    AdverseEvent,
    Container,
    Deviation,
    Donor,
    Lot,
    LotDecision,
    Participant,
    ProductNotice,
)
from trialwright.conduct.products.notices import details_of
from trialwright.conduct.products.recipients import given_to, lots_of_donor, recipients_of
from trialwright.custody.bedside import Refusal
from trialwright.custody.containers import ContainerStatus
from trialwright.custody.lots import LotStatus
from trialwright.ledger import files
from trialwright.ledger.verify import verify


@pytest.fixture
def cells(db: None) -> Cells:
    return Cells()


def status(lot: str) -> str:
    return Lot.objects.get(code=lot).status


def test_a_missing_or_indeterminate_test_is_not_passed(cells: Cells) -> None:
    """G29."""
    lot = cells.lot(viability="-", sterility="")
    sentence = refused(lambda: cells.decide(lot, LotStatus.RELEASED))
    assert "Viability is missing or indeterminate" in sentence
    assert "Sterility is missing or indeterminate" in sentence
    conditional = lambda: cells.decide(lot, LotStatus.CONDITIONAL, leaves_open=["sterility"])  # noqa: E731
    assert "Viability" in refused(conditional), "the protocol lets sterility alone be open"
    cells.result("viability", "92", lot=lot)
    assert "Name the tests" in refused(lambda: cells.decide(lot, LotStatus.CONDITIONAL))
    conditional()
    assert status(lot) == LotStatus.CONDITIONAL
    assert "Sterility" in refused(lambda: cells.decide(lot, LotStatus.RELEASED))
    cells.result("sterility", "yes", lot=lot)
    cells.decide(lot, LotStatus.RELEASED)
    assert status(lot) == LotStatus.RELEASED
    assert [d.open_tests for d in LotDecision.objects.order_by("number")] == ["sterility", ""]


def test_nobody_releases_who_entered_a_test_and_nobody_what_they_havent_read(cells: Cells) -> None:
    lot = cells.lot()
    absent(lambda: cells.decide(lot, LotStatus.RELEASED, "laboratory"))
    absent(lambda: cells.decide(lot, LotStatus.RELEASED, "investigator"))
    read = cells.hash(lot)
    cells.result("viability", "85", lot=lot)
    stale = refused(lambda: cells.decide(lot, LotStatus.RELEASED, content_hash=read))
    assert "has changed since you read it" in stale


def test_one_person_with_both_roles_signs_no_lot_they_tested(db: None) -> None:
    from tests.integration.conduct.product_trial import FILE

    cells = Cells(FILE.replace("may: [see_ledger, record_lots]",
                               "may: [see_ledger, record_lots, release_lots]"))  # fmt: skip
    lot = cells.lot()
    sentence = refused(lambda: cells.decide(lot, LotStatus.RELEASED, "laboratory"))
    assert "somebody else signs its release" in sentence
    cells.decide(lot, LotStatus.RELEASED, "qualified")


@pytest.mark.parametrize("end", [LotStatus.FAILED, LotStatus.RECALLED])
def test_what_has_ended_never_comes_back(cells: Cells, end: LotStatus) -> None:
    lot = cells.released()
    assert "Say why" in refused(lambda: cells.decide(lot, end))
    cells.decide(lot, end, reason="A leak")
    for back in (LotStatus.QUARANTINE, LotStatus.CONDITIONAL, LotStatus.RELEASED):
        assert "never back" in refused(lambda back=back: cells.decide(lot, back))  # type: ignore[misc]
    assert status(lot) == end
    assert "lot is over" in refused(lambda: cells.labelled(lot))


def test_a_lot_expires_by_the_clock_alone(cells: Cells) -> None:
    lot = cells.lot()
    cells.trial.later(days=301)
    assert "never back" in refused(lambda: cells.decide(lot, LotStatus.RELEASED))


def test_a_lot_names_all_that_touched_it_and_donors_who_may_give(cells: Cells) -> None:
    now = cells.trial.now
    lab = cells.by("laboratory")

    def new(**changed: object) -> NewLot:
        given = {"product": "cells", "expires_at": now + timedelta(days=9), "supplier": "Maker",
                 "donors": {donor: now.date()}, "components": {"bag": "B"}}  # fmt: skip
        return NewLot(**given | changed)  # type: ignore[arg-type]

    donor = cells.donor()
    bad = cells.donor(hiv="yes")
    assert Donor.objects.get(code=bad).excluded_at is not None
    for changed, words in (
        ({"components": {}}, "everything that touched"),
        ({"donors": {}}, "code of each donor"),
        ({"donors": {bad: now.date()}}, "no donor of this product who may give"),
        ({"donors": {donor: now.date() + timedelta(days=2)}}, "future"),
        ({"supplier": " "}, "who supplied"),
        ({"expires_at": now}, "has expired"),
    ):
        lot = new(**changed)  # type: ignore[arg-type]
        assert words in refused(lambda lot=lot: register_lot(by=lab, lot=lot, at=now))  # type: ignore[misc]
    absent(lambda: register_lot(by=cells.by("pharmacist"), lot=new(), at=now))
    absent(lambda: register_lot(by=lab, lot=new(product="water"), at=now))


def test_a_positive_test_after_a_conditional_release_fails_the_lot_and_tells_the_doctor(
    cells: Cells,
) -> None:
    """G28."""
    lot = cells.lot(sterility="-")
    cells.decide(lot, LotStatus.CONDITIONAL, leaves_open=["sterility"])
    code = cells.given(lot)
    (left,) = cells.at_site(lot)
    cells.trial.later(days=14)
    assert cells.result("sterility", "no", lot=lot) is LotStatus.FAILED
    assert status(lot) == LotStatus.FAILED
    assert "isn't one that may be used" in refused(lambda: cells.move(left, ContainerStatus.THAWED))
    notice = ProductNotice.objects.get(participant__code=code)
    assert notice.confirmed_at is None
    assert details_of(notice).lots == (lot,)
    # A deviation of those who were given of it would tell their arm: one arm alone has lots.
    assert not Deviation.objects.exists() and not AdverseEvent.objects.exists()
    cells.move(left, ContainerStatus.DESTROYED, reason="The lot failed")


def test_a_recalled_lot_blocks_its_stock_and_what_was_given_stays_given(cells: Cells) -> None:
    """G27."""
    lot = cells.released()
    codes = sorted(cells.given(lot) for _ in range(2))
    (left,) = cells.at_site(lot)
    before = {each.code: each.status for each in Container.objects.all()}
    everybody = list(Participant.objects.exclude(randomised_at=None).order_by("code"))
    cells.decide(lot, LotStatus.RECALLED, "safety_office", reason="By the maker")
    assert {each.code: each.status for each in Container.objects.all()} == before
    other = cells.of_arm("cells")
    assert Refusal.RECALLED in cells.give(left, other)
    notices = list(ProductNotice.objects.order_by("number"))
    assert [each.participant for each in notices] == everybody
    assert [each.participant.code for each in notices if details_of(each).lots] == codes
    notices = [each for each in notices if details_of(each).lots]
    assert not AdverseEvent.objects.exists() and not Deviation.objects.exists()
    investigator, now = cells.by("investigator"), cells.trial.now
    number = notices[0].number
    absent(lambda: confirm_notice(by=cells.by("doctor"), code=codes[0], number=number, at=now))
    absent(lambda: confirm_notice(by=investigator, code=codes[1], number=number, at=now))
    early = lambda: record_call(  # noqa: E731
        by=investigator, code=codes[0], number=number, called_at=now, at=now
    )
    assert "Confirm the message first" in refused(early)
    confirm_notice(by=investigator, code=codes[0], number=number, at=now)
    assert "confirmed already" in refused(
        lambda: confirm_notice(by=investigator, code=codes[0], number=number, at=now)
    )
    early()
    assert ProductNotice.objects.get(number=number).called_at == now
    assert "recorded already" in refused(early)


def test_a_reactive_donor_fails_every_lot_of_theirs_and_both_ways_lead_to_who_was_given(
    cells: Cells,
) -> None:
    donor, another = cells.donor(), cells.donor()
    lots = [cells.released(donor), cells.released(donor)]
    spared = cells.released(another)
    given = {cells.given(lots[0]), cells.given(lots[0])}
    untouched = cells.given(spared)
    cells.trial.later(days=1)
    cells.result("hiv", "yes", donor=donor)
    assert {status(lot) for lot in lots} == {LotStatus.FAILED} and status(spared) == "released"
    rows = lots_of_donor(STUDY, donor)
    assert [each.code for each in rows] == sorted(lots)
    assert {each.move.participant for each in recipients_of(rows)} == given
    notices = ProductNotice.objects.select_related("participant")
    assert {each.participant.code for each in notices if details_of(each).lots} == given
    (back,) = given_to(STUDY, untouched)
    assert (back.lot.code, back.donors) == (spared, (another,))
    sentence = refused(
        lambda: exclude_donor(
            by=cells.by("safety_office"), donor=donor, reason="Again", at=cells.trial.now
        )
    )
    assert "excluded already" in sentence


@pytest.mark.django_db(transaction=True)
def test_the_ledger_tells_of_every_row_and_the_open_chain_of_none() -> None:
    cells = Cells()
    lot = cells.released()
    code = cells.given(lot)
    cells.decide(lot, LotStatus.RECALLED, reason="By the maker")
    number = ProductNotice.objects.get(participant__code=code).number
    confirm_notice(by=cells.by("investigator"), code=code, number=number, at=cells.trial.now)
    found = verify(
        STUDY, heads_path=files.heads_path(), publics=[files.keys().public], keys=files.keys(),
        now=cells.trial.now,
    )  # fmt: skip
    assert [each.kind for each in found.problems] == []
    from trialwright.ledger.models import LedgerRow

    told = set(LedgerRow.objects.filter(study=STUDY, chain="open").values_list("entity", flat=True))
    assert "product_notice" in told
    assert not told & {"donor", "lot", "lot_donor", "lot_component", "product_result",
                       "lot_decision", "container", "container_move", "bedside_check"}  # fmt: skip
    Container.objects.filter(status="given").update(status="stock", thawed_at=None)
    again = verify(
        STUDY, heads_path=files.heads_path(), publics=[files.keys().public], keys=files.keys(),
        now=cells.trial.now,
    )  # fmt: skip
    assert [each.kind for each in again.problems]
