"""Splitting a registered eligibility text into its criteria."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADING = re.compile(
    r"^[\W_]*(?:(?:key|main|major|general|principal|patient|participant|subject|study|donor)s?\W+)*"
    r"(inclusion|exclusion)\b(?:[^\n:]{0,60}criteri[^\n:]{0,80}|\W*)(?::|\s*$)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•·◦–]\s*|\(?\d{1,2}(?:\.\d{1,2})*[.):]\s*|\(?[a-zA-Z][.)]\s+)+")
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of a text, in its order.

    Attributes:
        inclusion: what must hold.
        exclusion: what must not.
        headed: whether the text itself says which are which.
    """

    inclusion: tuple[str, ...]
    exclusion: tuple[str, ...]
    headed: bool


def split_criteria(text: str) -> Criteria:
    """Part a text into criteria: a list item or paragraph each, below its heading.

    Nested items stay with the item above them. Text before any heading counts as inclusion.

    >>> split_criteria("Inclusion Criteria:\\n\\n* Adult\\n\\nExclusion Criteria:\\n\\n* Pregnant")
    Criteria(inclusion=('Adult',), exclusion=('Pregnant',), headed=True)
    """
    found: dict[str, list[str]] = {"inclusion": [], "exclusion": []}
    below, headed, fresh = "inclusion", False, True
    for line in text.split("\n"):
        if not line.strip():
            fresh = True
            continue
        if heading := _HEADING.match(line):
            below, headed, fresh = heading[1].lower(), True, True
            rest = line[heading.end() :].strip()
            if rest:
                found[below].append(rest)
            continue
        bullet = _BULLET.match(line)
        body = line[bullet.end() :].strip() if bullet else line.strip()
        nested = len(line) - len(line.lstrip(" ")) >= 2
        if not body:
            continue
        if found[below] and (nested or (not bullet and not fresh)):
            joined = f"{found[below][-1]} {body}" if not bullet else f"{found[below][-1]}; {body}"
            found[below][-1] = joined
        else:
            found[below].append(body)
        fresh = False
    inclusion, exclusion = (
        tuple(_short(item) for item in found[kind]) for kind in ("inclusion", "exclusion")
    )
    return Criteria(inclusion, exclusion, headed)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
