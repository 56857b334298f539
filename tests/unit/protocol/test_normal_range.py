"""A result is flagged where it lies outside the limits of normal, and only where that is sure."""

import pytest

from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.normal_range import outside_normal


@pytest.mark.parametrize(
    ("form", "item", "typed", "side"),
    [
        ("blood_count", "haemoglobin", "114.9", "low"),
        ("blood_count", "haemoglobin", "115", None),
        ("blood_count", "haemoglobin", "150", None),
        ("blood_count", "haemoglobin", "150.1", "high"),
        ("chemistry", "d_dimer", "<0.5", None),
        ("chemistry", "d_dimer", ">0.4", None),
        ("chemistry", "d_dimer", ">0.5", "high"),
        ("chemistry", "inr", "<0.8", "low"),
        ("chemistry", "inr", "<0.9", None),
        ("chemistry", "alt", "1,234", None),
        ("chemistry", "alt", "lots", None),
        ("chemistry", "alt", "", None),
        ("demographics", "height", "150", None),
    ],
)
def test_the_side_of_a_result(form: str, item: str, typed: str, side: str | None) -> None:
    assert outside_normal(demonstration().form(form).item(item), typed) == side
