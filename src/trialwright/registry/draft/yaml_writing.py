"""Writing a protocol file: nested plain objects as YAML that the protocol's reader reads back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from trialwright.protocol.yaml_nodes import CONTROL

Written: TypeAlias = "str | int | Mapping[str, Written] | list[str]"
Block: TypeAlias = "dict[str, Written]"

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Written plainly: keys, numbers, dates and single words; everything else in quotation marks.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|\d{4}-\d{2}-\d{2}")
# What YAML takes for a line break, though JSON lets it stand.
_ESCAPED = re.compile("[\x85\u2028\u2029\ufeff]")


def stated(value: Written) -> Block:
    """A fact that the record states."""
    return {"value": value, "origin": "stated", "source": "record"}


def yaml_lines(block: Mapping[str, Written], indent: int = 0) -> Iterator[str]:
    """Yield the lines of a block."""
    space = "  " * indent
    for key, value in block.items():
        if isinstance(value, Mapping):
            if all(not isinstance(part, Mapping) for part in value.values()) and len(value) <= 4:
                inner = ", ".join(f"{name}: {scalar(part)}" for name, part in value.items())
                yield f"{space}{key}: {{{inner}}}"
            else:
                yield f"{space}{key}:"
                yield from yaml_lines(value, indent + 1)
        else:
            yield f"{space}{key}: {scalar(value)}"


def scalar(value: Written) -> str:
    """Write a text, number or list of words on one line.

    >>> scalar("a: b"), scalar(3), scalar(["en", "zh"]), scalar("stated")
    ('"a: b"', '3', '[en, zh]', 'stated')
    """
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(value) + "]"
    text = CONTROL.sub("\ufffd", str(value))
    if _PLAIN.fullmatch(text):
        return text
    return _ESCAPED.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)
    )


class YamlKeys:
    """Makes keys of a protocol file from words, none of them twice."""

    def __init__(self) -> None:
        """Begin with none taken."""
        self._taken: set[str] = set()

    def key(self, words: str, otherwise: str) -> str:
        """Return a key that reads like the words, or like `otherwise` where they give none.

        >>> keys = YamlKeys(); keys.key("Arm A: 5 mg", "arm"), keys.key("Arm A (5 mg)", "arm")
        ('arm_a_5_mg', 'arm_a_5_mg_2')
        """
        stem = "_".join(re.findall(r"[a-z0-9]+", words.lower()))[:32].strip("_")
        if not _KEY.fullmatch(stem) or stem in _KEYWORDS:
            stem = f"{otherwise}_{stem}"[:32].strip("_") if stem else otherwise
        number, key = 1, stem
        while key in self._taken:
            number += 1
            key = f"{stem}_{number}"
        self._taken.add(key)
        return key


# Words with a meaning of their own in the protocol's expressions or blocks can't be keys.
_KEYWORDS = {
    "and", "or", "not", "in", "if", "then", "else", "is", "true", "false", "unknown", "none",
    "origin", "source", "note", "value", "yes", "no", "participant", "null", "safety_critical",
}  # fmt: skip
