"""One text for one value, whether an action passes it or a table gives it back."""

import doctest
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.ledger import canonical as module
from trialwright.ledger import encoding, heads
from trialwright.ledger.canonical import canonical
from trialwright.ledger.encoding import LedgerError, moment_text


@pytest.mark.parametrize("of", [module, encoding, heads])
def test_examples_come_out(of: object) -> None:
    assert doctest.testmod(of).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("e\u0301", "e\u0301"),
        (True, "true"),
        (1, "1"),
        (Decimal("3.10"), "3.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.50"), "-0.50"),
        (date(2026, 3, 1), "2026-03-01"),
        (UUID("0B5C7A52-7D0E-4C55-9F0E-0A1F3C5D7E90"), "0b5c7a52-7d0e-4c55-9f0e-0a1f3c5d7e90"),
        (b"\x00\xff", "00ff"),
        (memoryview(b"\x01"), "01"),
        (["C-007", date(2026, 3, 1), Decimal("1.0")], '["C-007","2026-03-01","1.0"]'),
        ({"b": None, "a": {"z": 1, "y": True}}, '{"a":{"y":true,"z":1},"b":null}'),
        ({"月经": "少"}, '{"月经":"少"}'),
    ],
)
def test_each_type_has_one_text(value: object, text: str | None) -> None:
    assert canonical(value) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [3.1, [1.5], {"a": float("nan")}, Decimal("NaN"), object()])
def test_what_nobody_typed_is_refused(value: object) -> None:
    with pytest.raises(LedgerError):
        canonical(value)  # type: ignore[arg-type]


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
def test_a_moment_has_one_text_in_every_time_zone(naive: datetime, hours: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    assert moment_text(moment) == moment_text(elsewhere)
    assert datetime.fromisoformat(moment_text(moment)) == moment
    assert len(moment_text(moment)) == 27
