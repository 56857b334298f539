"""Plain text of a register set as paragraphs, headings and lists. What it makes is still text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

_NUMBER = r"\(?(?P<number>\d{1,2})[.)、](?!\d)\s*"
_LISTED = re.compile(rf"\s*(?:[-*•·◦]\s+(?:{_NUMBER})?|{_NUMBER.replace('number', 'alone')})")
_HEADING = re.compile(r".{1,80}[:：]\s*")

Kind = Literal["heading", "bullets", "numbers", "paragraph"]


@dataclass(frozen=True, slots=True)
class ProseBlock:
    """A heading or paragraph (one line), or a list (its lines, without their bullets)."""

    kind: Kind
    lines: tuple[str, ...]


def blocks(text: str) -> tuple[ProseBlock, ...]:
    """Set a text: lines ending in a colon are headings, bulleted or numbered lines are lists.

    >>> [block.kind for block in blocks("Inclusion Criteria:\\n\\n* 20 to 40 years\\n* Consent")]
    ['heading', 'bullets']
    """
    lines = [line for line in text.split("\n") if line.strip()]
    return tuple(_set(lines))


def _kind(line: str) -> Kind:
    if listed := _LISTED.match(line):
        return "numbers" if listed["number"] or listed["alone"] else "bullets"
    return "heading" if _HEADING.fullmatch(line) else "paragraph"


def _set(lines: list[str]) -> Iterator[ProseBlock]:
    for kind, group in groupby(lines, _kind):
        if kind in ("bullets", "numbers"):
            yield ProseBlock(kind, tuple(_LISTED.sub("", line, count=1).strip() for line in group))
        else:
            for line in group:
                yield ProseBlock(kind, (line.strip().rstrip(":：") if kind == "heading" else line,))
