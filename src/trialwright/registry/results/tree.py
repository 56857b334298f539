"""Walking a results section, whatever is missing or of another kind than it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialwright.registry.record.text import TextForm
from trialwright.registry.record.values import read_text


def maps(raw: object) -> list[dict[str, Any]]:
    """Return the objects of a list; none where it is no list."""
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []


def text_of(raw: Mapping[str, Any], key: str) -> str:
    """Return a text, cleaned; "" where there is none."""
    return read_text(raw.get(key), TextForm.MARKDOWN) or ""


def group_texts(raw: object) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and description of each group of a list."""
    for one in maps(raw):
        yield text_of(one, "id"), text_of(one, "title"), text_of(one, "description")
