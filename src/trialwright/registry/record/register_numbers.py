"""Whose number a number is: how the trials of each register are numbered."""

from __future__ import annotations

import re
from collections.abc import Callable

from trialwright.registry.record.record import Record, Register

# How a number begins, and whose it is; of EU numbers the portal's own prefix is taken away.
_REGISTERS: tuple[tuple[str, Register], ...] = (
    (r"NCT\d{8}", Register.CTGOV),
    (r"(?:EUCTR)?\d{4}-\d{6}-\d{2}(?:-[A-Za-z]{2,3})?", Register.EUCTR),
    (r"(?:CTIS)?\d{4}-\d{6}-\d{2}-\d{2}", Register.CTIS),
    (r"ISRCTN\d{8}", Register.ISRCTN),
    (r"ACTRN\d{14}p?", Register.ANZCTR),
    (r"ChiCTR[\w-]+", Register.CHICTR),
    (r"ITMCTR\w+", Register.ITMCTR),
    (r"CTRI/[\d/]+", Register.CTRI),
    (r"DRKS\d{8}", Register.DRKS),
    (r"IRCT\w+", Register.IRCT),
    (r"JPRN-\S+|jRCTs?\d+|UMIN\d+", Register.JPRN),
    (r"KCT\d{7}", Register.CRIS),
    (r"LBCTR\d+", Register.LBCTR),
    (r"NL-OMON\d+|NTR\d+|NL\d+", Register.OMON),
    (r"PACTR\d+", Register.PACTR),
    (r"PER-[\d-]+", Register.REPEC),
    (r"RBR-\w+", Register.REBEC),
    (r"RPCEC\d{8}", Register.RPCEC),
    (r"SLCTR/[\d/]+", Register.SLCTR),
    (r"TCTR\d+", Register.TCTR),
)


# Registers whose numbers have small letters: how one begins, and how it is written.
_SMALL: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"(?i)CHICTR([\w-]+)", lambda found: f"ChiCTR{found[1].upper()}"),
    (r"(?i)JRCT(S?)(\d+)", lambda found: f"jRCT{found[1].lower()}{found[2]}"),
    (r"(?i)RBR-(\w+)", lambda found: f"RBR-{found[1].lower()}"),
    (r"(?i)ACTRN(\d{14})P", lambda found: f"ACTRN{found[1]}p"),
)


def spellings(number: str) -> list[str]:
    """Return a number as it is written, in capitals, and as its register writes such numbers.

    >>> spellings("chictr2600132949")
    ['chictr2600132949', 'CHICTR2600132949', 'ChiCTR2600132949']
    """
    written = (
        spell(found) for how, spell in _SMALL if (found := re.fullmatch(how, number)) is not None
    )
    return list(dict.fromkeys((number, number.upper(), *written)))


def register_of(number: str) -> Register | None:
    """Return the register that gives such numbers; None for any other number.

    >>> str(register_of("NCT01234567")), register_of("C-1")
    ('ClinicalTrials.gov', None)
    """
    return next((r for pattern, r in _REGISTERS if re.fullmatch(pattern, number)), None)


def numbers_elsewhere(record: Record) -> list[str]:
    """Return the numbers that other registers gave a trial, as its record names them."""
    stated = (number.value for number in record.secondary_numbers)
    return list(dict.fromkeys(number for number in stated if number and register_of(number)))
