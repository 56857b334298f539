"""Cells that somebody typed stay texts in a spreadsheet; numbers stay numbers."""

import pytest

from trialwright.messages.spreadsheets import inert

FORMULAS = ["=1+1", "+A1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\tx", "\r=1", "-A1", "-1|x", "--1"]
TEXTS = ["", "Fever", "12", "-0.31", "+4.5e-03", "-12.5%", "-0.31 (-0.52 to 0.08)", "1=1", 5, None]


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_would_be_computed_gets_an_apostrophe(typed: str) -> None:
    assert inert(typed) == f"'{typed}"


@pytest.mark.parametrize("value", TEXTS)
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert inert(value) == value
