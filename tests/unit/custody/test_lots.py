"""A lot's way, and what stands against its release."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product as pairs

import pytest

from tests.unit.custody.files import product
from trialwright.custody.lots import (
    Against,
    DonorState,
    Finding,
    LotStatus,
    Outcome,
    against_release,
    kept_until,
    may_become,
    open_tests,
    outcomes,
    status_at,
)
from trialwright.protocol.values import Value

DONATED = date(2026, 1, 10)
RETESTED = DONATED + timedelta(days=180)
GOOD: Mapping[str, Value | None] = {"viability": Decimal(90), "sterility": True, "rhd": "neg"}


def donor(**changed: object) -> DonorState:
    results = {"hiv": [(RETESTED, False), (DONATED, False)]}
    given = {"code": "D1", "donated_on": DONATED, "excluded": False, "results": results}
    return DonorState(**given | changed)  # type: ignore[arg-type]


def findings(results: Mapping[str, Value | None] = GOOD, *donors: DonorState) -> set[Finding]:
    return set(against_release(product(), results, donors or (donor(),), {"bag"}))


def test_no_status_leads_back_and_every_end_is_reached_from_any_that_is_not_over() -> None:
    order = list(LotStatus)
    for before, after in pairs(order, order):
        assert may_become(before, after) is (order.index(after) > order.index(before))
    for end in (LotStatus.EXPIRED, LotStatus.RECALLED, LotStatus.FAILED):
        assert all(may_become(each, end) for each in order[:3])
        assert not any(may_become(end, each) for each in order[:3])


def test_a_lot_expires_by_itself_and_what_failed_stays_failed() -> None:
    ends = datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert status_at(LotStatus.RELEASED, ends, ends) is LotStatus.RELEASED
    late = ends + timedelta(seconds=1)
    assert status_at(LotStatus.RELEASED, ends, late) is LotStatus.EXPIRED
    assert status_at(LotStatus.FAILED, ends, late) is LotStatus.FAILED


def test_only_passed_is_passed() -> None:
    assert outcomes(product().release, {"viability": Decimal(79), "sterility": None}) == {
        "sterility": Outcome.INDETERMINATE,
        "rhd": Outcome.MISSING,
        "viability": Outcome.NOT_PASSED,
    }


def test_nothing_stands_against_a_lot_of_which_all_is_there() -> None:
    assert findings() == set()


@pytest.mark.parametrize(
    ("results", "donors", "expected"),
    [
        ({**GOOD, "sterility": None}, (), Finding(Against.TEST_OPEN, "sterility")),
        ({**GOOD, "viability": Decimal(79)}, (), Finding(Against.TEST_NOT_PASSED, "viability")),
        (GOOD, (donor(excluded=True),), Finding(Against.DONOR_EXCLUDED, donor="D1")),
        (GOOD, (donor(results={"hiv": [(RETESTED, True), (DONATED, False)]}),),
         Finding(Against.DONOR_TEST, "hiv", "D1")),
        (GOOD, (donor(results={"hiv": [(RETESTED - timedelta(days=1), False)]}),),
         Finding(Against.DONOR_RETEST, "hiv", "D1")),
    ],
)  # fmt: skip
def test_each_thing_that_lacks_is_named(
    results: Mapping[str, Value | None], donors: tuple[DonorState, ...], expected: Finding
) -> None:
    assert findings(results, *donors) == {expected}


def test_a_donor_and_every_component_must_be_there() -> None:
    found = against_release(product(), GOOD, (), ())
    assert set(found) == {Finding(Against.NO_DONOR), Finding(Against.COMPONENT, "bag")}


def test_a_conditional_release_leaves_open_what_the_protocol_names_and_nothing_else() -> None:
    def left(results: Mapping[str, Value | None], *donors: DonorState) -> tuple[str, ...] | None:
        return open_tests(product(), findings(results, *donors))

    assert left({**GOOD, "sterility": None}) == ("sterility",)
    assert left(GOOD) is None, "nothing is open: it is released"
    assert left({**GOOD, "sterility": None, "rhd": None}) is None
    assert left({**GOOD, "sterility": False}) is None, "not passed is not open"
    assert left({**GOOD, "sterility": None}, donor(excluded=True)) is None


def test_records_are_kept_for_the_years_of_the_protocol_from_the_expiry() -> None:
    assert kept_until(date(2026, 12, 31), 30) == date(2056, 12, 31)
    assert kept_until(date(2028, 2, 29), 30) == date(2058, 2, 28)
