"""Texts for a spreadsheet: whatever somebody typed is shown by it, and never computed."""

import re

_BEGINS = ("=", "+", "-", "@", "\t", "\r")
# A number, or one with words and brackets after it: -0.31 (-0.52 to 0.08). No sign of a formula.
_NUMBER = re.compile(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?%?(?: [\w\s.,;%()–−-]*)?")


def inert(value: object) -> object:
    """Return the value as a cell that no spreadsheet takes for a formula.

    A text that begins like one gets an apostrophe before it, unless it is a number; anything that
    is no text stays as it is.
    """
    if isinstance(value, str) and value.startswith(_BEGINS) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
