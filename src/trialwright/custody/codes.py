"""Codes of donors, lots, containers and wristbands, with a check character.

ISO 7064:2003, MOD 37-2: over 0-9, A-Z and *, every single wrong character and every exchange of two
neighbours is found. The codes are the program's own; they are no ISBT 128.
"""

from enum import StrEnum

_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
LOOK_ALIKE = {"B": "8", "I": "1", "L": "1", "O": "0", "Q": "0", "S": "5", "Z": "2"}
"""Letters that no code of ours has, since they look like digits."""
_LETTERS = [value for value in _VALUES[:36] if value not in LOOK_ALIKE]
_LENGTH = 7


class Kind(StrEnum):
    """What a code names; it is the first letter."""

    CONTAINER = "C"
    DONOR = "D"
    LOT = "T"


class Fault(StrEnum):
    """Why a text is no code."""

    LOOK_ALIKE = "look_alike"
    STRANGE = "strange"
    CHECK = "check"


def check_character(text: str) -> str:
    """The character that makes a text whole, by MOD 37-2.

    >>> check_character("G123489654321")
    'Y'

    Raises ValueError for a character other than 0-9 and A-Z.
    """
    total = 0
    for each in text:
        if each not in _VALUES[:36]:
            raise ValueError(f"{each!r} is not 0-9 or A-Z")
        total = (total + _VALUES.index(each)) * 2 % 37
    return _VALUES[(38 - total) % 37]


def has_check(text: str) -> bool:
    """Whether a text's last character is the check of those before it."""
    body, check = text[:-1], text[-1:]
    return bool(body) and not set(body) - set(_VALUES[:36]) and check_character(body) == check


def new_code(kind: Kind, entropy: bytes) -> str:
    """A code from 16 random bytes: nothing is told by its order, and no letter is a look-alike.

    >>> new_code(Kind.CONTAINER, bytes(16))
    'C00000000'
    """
    number = int.from_bytes(entropy, "big")
    while True:
        body, rest = kind.value, number
        for _ in range(_LENGTH):
            rest, place = divmod(rest, len(_LETTERS))
            body += _LETTERS[place]
        check = check_character(body)
        if check in _LETTERS:
            return body + check
        number += len(_LETTERS) ** (_LENGTH - 1)


def as_typed(text: str) -> str:
    """A code as a scanner or a person gives it: without spaces and hyphens, in capitals."""
    return "".join(text.upper().replace("-", " ").split())


def fault_of(text: str) -> Fault | None:
    """What is wrong with a code of ours, as typed; None where nothing is."""
    code = as_typed(text)
    if set(code) & set(LOOK_ALIKE):
        return Fault.LOOK_ALIKE
    if not code or set(code) - set(_LETTERS) or code[0] not in list(Kind):
        return Fault.STRANGE
    return None if has_check(code) else Fault.CHECK


def wristband_of(participant: str) -> str:
    """What stands on a participant's wristband: the code of the study with its check character.

    >>> wristband_of("C-007")
    'C-007-H'
    """
    return f"{participant}-{check_character(as_typed(participant))}"


def is_wristband(text: str, participant: str) -> bool:
    """Whether a text, scanned or typed, is this participant's wristband."""
    return as_typed(text) == as_typed(wristband_of(participant))
