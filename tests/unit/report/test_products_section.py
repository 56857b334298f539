"""The section on products: counted by hand, in the report by arm alone, all of it in words."""

from dataclasses import replace
from decimal import Decimal

from tests.unit.report.hand_cut import CUT, PROTOCOL, SEALED
from trialwright.analysis.cut_products import (
    CONTAINER_STATUSES,
    LOT_STATUSES,
    BedsideCheck,
    Container,
    Handling,
    Lot,
    LotDecision,
    Products,
)
from trialwright.custody.bedside import Refusal
from trialwright.protocol.products import ContainerPlan
from trialwright.report.document import Section, Table
from trialwright.report.html import render_html
from trialwright.report.trial import trial_report
from trialwright.report.words import TEXTS

_FIRST = PROTOCOL.products[0]
FOLLOWED = replace(
    PROTOCOL,
    products=(
        replace(_FIRST, container=ContainerPlan(Decimal(100), "10⁶", 30)),
        *PROTOCOL.products[1:],
    ),
)


def _lot(code: str, *decisions: LotDecision) -> Lot:
    status = decisions[-1].status
    return Lot(code, _FIRST.key, "Maker", "M-1", ("D1",), "2027-01-01T00:00+08:00", status,
               decisions)  # fmt: skip


def _given(container: str, participant: str) -> Handling:
    return Handling(container, 2, "given", "2026-01-11T10:00+08:00", participant=participant)


def _check(number: int, participant: str, *refusals: str) -> BedsideCheck:
    at = "2026-01-11T09:55+08:00"
    return BedsideCheck(number, at, participant, "place", "", 1, "K1", "100", "10⁶", refusals)


PRODUCTS = Products(
    lots=(
        _lot("T1", LotDecision("released", "2026-01-02")),
        _lot("T2", LotDecision("released", "2026-01-02"),
             LotDecision("failed", "2026-02-01", reason="Not sterile")),
    ),
    containers=(
        Container("K1", "T1", "100", "10⁶", "given", "C"),
        Container("K2", "T2", "100", "10⁶", "given", "C"),
        Container("K3", "T2", "100", "10⁶", "destroyed", "C"),
    ),
    handling=(
        _given("K1", "C-1"),
        _given("K2", "C-3"),
        Handling("K3", 3, "destroyed", "2026-01-12T10:00+08:00", reason="Past the limit"),
    ),
    checks=(
        _check(1, "C-1", "wristband", "past_thaw"),
        _check(2, "C-1", "wristband"),
        _check(3, "C-1"),
        _check(4, "C-3"),
    ),
)  # fmt: skip


def _tables(section: Section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def _section() -> Section:
    sealed = replace(SEALED, products=PRODUCTS)
    report = trial_report(CUT, FOLLOWED, language="en", sealed=sealed)
    (found,) = (
        block
        for block in report.blocks
        if isinstance(block, Section) and block.title == "Products, lots and near misses"
    )
    return found


def test_exposure_deviations_and_near_misses_are_counted_by_arm() -> None:
    lots, deviations, not_given, misses = _tables(_section())
    assert [row.cells[:6] for row in lots.rows] == [
        ("T1", _FIRST.label.en, "Released", "1", "1", "0"),
        ("T2", _FIRST.label.en, "Failed", "2", "1", "1"),
    ]
    # C-1 has the first arm, C-3 the second.
    assert [row.cells[6:8] for row in lots.rows] == [("1", "0"), ("0", "1")]
    (given,) = deviations.rows
    assert given.cells[0].startswith("C-3") and given.cells[-2:] == ("2026-02-01", "Not sterile")
    assert [row.cells[1:] for row in not_given.rows] == [("Destroyed", "Past the limit", "1")]
    told = {row.cells[0]: row.cells[1:3] for row in misses.rows}
    assert told == {
        "Any check that was refused": ("1 (2)", "0 (0)"),
        "Past the limit after thawing": ("1 (1)", "0 (0)"),
        "Another's wristband": ("1 (2)", "0 (0)"),
    }
    assert "4 checks were made" in misses.notes[0]


def test_nothing_of_a_product_stands_in_the_open_report() -> None:
    pooled = render_html(trial_report(CUT, FOLLOWED, language="en"))
    for told in ("near misses", "T1", "K1", "Not sterile", "wristband"):
        assert told not in pooled


def test_every_status_and_refusal_has_its_words() -> None:
    assert {f"near_miss_{each.value}" for each in Refusal} <= set(TEXTS)
    assert {f"lot_{status}" for status in LOT_STATUSES} <= set(TEXTS)
    assert {"container_destroyed", "container_returned"} <= set(TEXTS)
    assert {"destroyed", "returned"} <= set(CONTAINER_STATUSES)
