"""The check at the bedside: each thing that forbids it; the limit after thawing; the balance."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from trialwright.custody.bedside import Presented, Recipient, Refusal, Scanned, refusals
from trialwright.custody.containers import (
    ENDED,
    NEXT,
    ContainerStatus,
    Held,
    balance,
    in_time,
    use_by,
)
from trialwright.custody.lots import LotStatus
from trialwright.protocol.products import Counts

BERLIN = ZoneInfo("Europe/Berlin")
THAWED = datetime(2026, 5, 4, 9, 0, tzinfo=BERLIN)
HOUR = timedelta(hours=1)
LAST = use_by(THAWED, Decimal(4))
CONTAINER = Presented(
    ContainerStatus.THAWED, LotStatus.RELEASED, "cells", LAST, Counts.END, True, "", Decimal(100),
    "10⁶", True,
)  # fmt: skip
WHO = Recipient("C-017", {"cells"}, True, False, True, True)
SCAN = Scanned(True, True, True, Decimal(100), "10⁶", THAWED + HOUR, THAWED + 2 * HOUR)


def test_when_nothing_forbids_it_is_given() -> None:
    assert refusals(SCAN, CONTAINER, WHO) == ()
    assert refusals(replace(SCAN, amount=Decimal("0.1")), CONTAINER, WHO) == ()
    assert refusals(SCAN, replace(CONTAINER, lot=LotStatus.CONDITIONAL), WHO) == ()
    assert refusals(SCAN, replace(CONTAINER, reserved_for="C-017"), WHO) == ()


@pytest.mark.parametrize(
    ("scan", "container", "who", "refusal"),
    [
        ({"wristband": False}, {}, {}, Refusal.WRISTBAND),
        ({"identifier": False}, {}, {}, Refusal.IDENTIFIER),
        ({"two_people": False}, {}, {}, Refusal.SAME_PERSON),
        ({"amount": Decimal("100.1")}, {}, {}, Refusal.AMOUNT),
        ({"amount": Decimal(0)}, {}, {}, Refusal.AMOUNT),
        ({"unit": "10³"}, {}, {}, Refusal.UNIT),
        ({"end": THAWED + 5 * HOUR}, {}, {}, Refusal.PAST_THAW),
        ({}, {"here": False}, {}, Refusal.ELSEWHERE),
        ({}, {"status": ContainerStatus.STOCK}, {}, Refusal.NOT_THAWED),
        ({}, {"status": ContainerStatus.GIVEN}, {}, Refusal.USED),
        ({}, {"status": ContainerStatus.DESTROYED}, {}, Refusal.USED),
        ({}, {"lot": LotStatus.QUARANTINE}, {}, Refusal.NOT_RELEASED),
        ({}, {"lot": LotStatus.FAILED}, {}, Refusal.FAILED),
        ({}, {"lot": LotStatus.EXPIRED}, {}, Refusal.EXPIRED),
        ({}, {"lot": LotStatus.RECALLED}, {}, Refusal.RECALLED),
        ({}, {"reserved_for": "C-018"}, {}, Refusal.RESERVED),
        ({}, {"product": "base"}, {}, Refusal.WRONG_ARM),
        ({}, {}, {"suits": False}, Refusal.NOT_SUITED),
        ({}, {}, {"suits": None}, Refusal.NOT_SUITED),
        ({}, {}, {"held": True}, Refusal.HOLD),
        ({}, {}, {"consents": False}, Refusal.CONSENT),
        ({}, {}, {"in_order": False}, Refusal.ORDER),
    ],
)
def test_one_thing_alone_forbids_it(
    scan: dict[str, object],
    container: dict[str, object],
    who: dict[str, object],
    refusal: Refusal,
) -> None:
    shown, held, recipient = replace(SCAN, **scan), replace(CONTAINER, **container), None  # type: ignore[arg-type]
    recipient = replace(WHO, **who)  # type: ignore[arg-type]
    assert refusals(shown, held, recipient) == (refusal,)


def test_everything_that_forbids_is_named_at_once() -> None:
    scan = replace(SCAN, wristband=False, identifier=False)
    found = refusals(scan, None, replace(WHO, held=True, consents=False))
    assert found == (
        Refusal.WRISTBAND, Refusal.IDENTIFIER, Refusal.UNKNOWN, Refusal.HOLD, Refusal.CONSENT,
    )  # fmt: skip


def test_the_limit_is_met_to_the_second_by_the_end_and_the_start_alone_where_it_is_said() -> None:
    """G25: thawed 09:00, limit 4 h; infusion 12:50 to 13:10."""
    start = THAWED.replace(hour=12, minute=50)
    end = THAWED.replace(hour=13, minute=10)
    assert not in_time(LAST, Counts.END, start, end)
    assert in_time(LAST, Counts.START, start, end)
    on_time = THAWED.replace(hour=13)
    assert in_time(LAST, Counts.END, start, on_time)
    assert not in_time(LAST, Counts.END, start, on_time + timedelta(seconds=1))
    late = replace(SCAN, start=start, end=end)
    assert refusals(late, CONTAINER, WHO) == (Refusal.PAST_THAW,)
    assert refusals(late, replace(CONTAINER, counts=Counts.START), WHO) == ()


def test_hours_after_thawing_elapse_in_the_night_when_clocks_go_back() -> None:
    night = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    assert use_by(night, Decimal(4)).astimezone(BERLIN).strftime("%H:%M") == "04:30"


def test_what_is_missing_is_named_with_its_last_place_person_and_time() -> None:
    """G30: twelve received: 7 given, 1 in part, 2 destroyed, 1 returned."""
    ends = [*[ContainerStatus.GIVEN] * 7, ContainerStatus.PART_GIVEN,
            *[ContainerStatus.DESTROYED] * 2, ContainerStatus.RETURNED]  # fmt: skip
    held = [Held(f"C{n:02d}", status, "C", "Lin", THAWED) for n, status in enumerate(ends)]
    lost = Held("C99", ContainerStatus.STOCK, "Freezer 2", "Tang", THAWED + HOUR)
    told = balance([*held, lost], seen=())
    assert told.received == 12 and not told.balances
    assert told.missing == (lost,)
    assert sum(told.by_status.values()) == 11
    assert balance([*held, lost], seen={"C99"}).balances


def test_nothing_thawed_comes_back_to_the_stock_and_what_ended_goes_nowhere() -> None:
    for ended in ENDED:
        assert not NEXT[ended]
    for warm in (ContainerStatus.THAWED, ContainerStatus.LOADED):
        assert not NEXT[warm] & {ContainerStatus.STOCK, ContainerStatus.SENT,
                                 ContainerStatus.RESERVED, ContainerStatus.RETURNED}  # fmt: skip
