"""Codes with a check character: every slip of the hand that the standard promises to find."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.custody.codes import (
    LOOK_ALIKE,
    Fault,
    Kind,
    as_typed,
    check_character,
    fault_of,
    has_check,
    is_wristband,
    new_code,
    wristband_of,
)

ENTROPY = st.binary(min_size=16, max_size=16)
CODES = st.builds(new_code, st.sampled_from(Kind), ENTROPY)


def plainly(text: str) -> str:
    """The standard's own sum: weights are powers of two from the right, the whole is 1 by 37."""
    values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
    total = sum(values.index(c) * pow(2, n, 37) for n, c in enumerate(reversed(text), start=1))
    return next(c for n, c in enumerate(values) if (total + n) % 37 == 1)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=24))
def test_the_check_is_that_of_the_standards_sum(text: str) -> None:
    assert check_character(text) == plainly(text)
    assert has_check(text + check_character(text))


@given(CODES)
def test_a_new_code_is_right_and_has_no_look_alike(code: str) -> None:
    assert fault_of(code) is None
    assert not set(code) & set(LOOK_ALIKE)
    assert fault_of(f" {code[:4].lower()}-{code[4:]} ") is None


@given(CODES, st.data())
def test_a_wrong_character_and_an_exchange_of_neighbours_are_found(
    code: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(code) - 1))
    other = data.draw(st.sampled_from(sorted(set("0123456789ACDEFGHJKMNPRTUVWXY") - {code[place]})))
    assert fault_of(code[:place] + other + code[place + 1 :]) is Fault.CHECK
    for n, (one, two) in enumerate(pairwise(code[1:]), start=1):
        if one != two:
            assert fault_of(code[:n] + two + one + code[n + 2 :]) is Fault.CHECK


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("C000O0000", Fault.LOOK_ALIKE),
        ("C000I0000", Fault.LOOK_ALIKE),
        ("", Fault.STRANGE),
        ("C00é00000", Fault.STRANGE),
        ("X00000000", Fault.STRANGE),
        ("C00000002", Fault.CHECK),
        ("C", Fault.CHECK),
    ],
)
def test_what_is_no_code_is_told(typed: str, fault: Fault) -> None:
    assert fault_of(typed) is fault


def test_a_wristband_is_its_participants_alone() -> None:
    band = wristband_of("C-007")
    assert is_wristband(band, "C-007") and is_wristband(as_typed(band).lower(), "C-007")
    assert not is_wristband("C-007", "C-007"), "the check character belongs to it"
    assert not is_wristband(wristband_of("C-008"), "C-007")
