"""Read a SAS transport file, version 5 (SAS technical note TS-140), as rows of text.

Numbers are IBM floating point, 8 bytes or fewer; a missing one is a letter, dot or underscore and
seven zeros. Records are 80 bytes; observations run across them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_HEADER: Final = b"HEADER RECORD*******"
_LIBRARY: Final = _HEADER + b"LIBRARY HEADER RECORD!!!!!!!"
_MEMBER: Final = _HEADER + b"MEMBER  HEADER RECORD!!!!!!!"
_NAMES: Final = _HEADER + b"NAMESTR HEADER RECORD!!!!!!!"
_ROWS: Final = _HEADER + b"OBS     HEADER RECORD!!!!!!!"
_RECORD: Final = 80


class TransportError(ValueError):
    """The file is no transport file of version 5, or is cut short."""


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    numeric: bool
    length: int
    position: int


def read_transport(content: bytes) -> list[dict[str, str]]:
    """The rows of the first data set in a transport file, each by the names of its variables.

    Raises:
        TransportError: it is no such file.
    """
    if not content.startswith(_LIBRARY):
        raise TransportError("it doesn't begin as a SAS transport file of version 5 does")
    member, names = content.find(_MEMBER), content.find(_NAMES)
    rows = content.find(_ROWS, names)
    if min(member, names, rows) < 0:
        raise TransportError("a header is missing")
    try:
        size = int(content[member + 74 : member + 78])
        count = int(content[names + 54 : names + 58])
        begin = names + _RECORD
        described = [content[begin + size * at : begin + size * (at + 1)] for at in range(count)]
        variables = [_variable(one) for one in described]
    except (ValueError, IndexError):
        raise TransportError("its list of variables can't be read") from None
    length = sum(each.length for each in variables)
    if length == 0:
        raise TransportError("it has no variables")
    # A second data set in the file would begin with a header of its own.
    end = content.find(_MEMBER, rows)
    data = content[rows + _RECORD : end if end >= 0 else len(content)]
    return list(_rows(data, variables, length))


def _variable(raw: bytes) -> _Variable:
    if len(raw) < 88:
        raise ValueError
    return _Variable(
        raw[8:16].decode("ascii", "replace").strip().upper(),
        int.from_bytes(raw[0:2], "big") == 1,
        int.from_bytes(raw[4:6], "big"),
        int.from_bytes(raw[84:88], "big"),
    )


def _rows(data: bytes, variables: list[_Variable], length: int) -> Iterator[dict[str, str]]:
    for begin in range(0, len(data) - length + 1, length):
        row = data[begin : begin + length]
        # The last record is filled up with blanks.
        if not row.strip(b" ") and not data[begin:].strip(b" "):
            return
        yield {
            each.name: _number(row[each.position : each.position + each.length])
            if each.numeric
            else row[each.position : each.position + each.length]
            .decode("utf-8", "replace")
            .rstrip()
            for each in variables
        }


def _number(raw: bytes) -> str:
    """A number as text, whole ones without a point; empty where it is missing.

    >>> _number(bytes.fromhex("4110000000000000")), _number(b".\\0\\0\\0\\0\\0\\0\\0")
    ('1', '')
    """
    if not any(raw[1:]) and raw[:1] in _MISSING:
        return ""
    sign = -1 if raw[0] & 0x80 else 1
    exponent = (raw[0] & 0x7F) - 64
    digits = len(raw) - 1
    fraction = int.from_bytes(raw[1:], "big") / (1 << (8 * digits))
    value: float = sign * fraction * 16.0**exponent
    return str(int(value)) if value == int(value) else repr(value)


_MISSING: Final = frozenset(bytes([code]) for code in b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ")
