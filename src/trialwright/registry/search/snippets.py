"""Snippets: where in a trial's text the searched words stand, as plain text with places to mark."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from trialwright.registry.index.schema import analyser
from trialwright.registry.record.record import Record

Marks = Collection[tuple[str, ...]]
_WORD = re.compile(r"[^\W_]+")
_Span: TypeAlias = tuple[int, int, tuple[str, ...]]
_LONGEST_TEXT = 6_000
_BEFORE = 70
_MOST_TOGETHER = 12


@dataclass(frozen=True, slots=True)
class SnippetPiece:
    """A stretch of text, marked or not."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text, and whether something was cut off before and after it."""

    pieces: tuple[SnippetPiece, ...] = ()
    cut_before: bool = False
    cut_after: bool = False


def snippet(record: Record, marks: Marks, width: int = 260) -> Snippet:
    """Return a part of a trial's text, about `width` characters long, where many marks stand.

    It is taken from the first text that has any mark: summary, description, criteria, outcomes.
    Where none has, it is the beginning of the first text there is.
    """
    first = Snippet()
    for text in _texts(record):
        spans = list(_spans(text, marks))
        if spans or not first.pieces:
            start = _best_start(text, spans, width)
            end = _word_end(text, start + width)
            shown = Snippet(pieces(text[start:end], marks), start > 0, end < len(text))
            if spans:
                return shown
            first = shown
    return first


def _texts(record: Record) -> Iterator[str]:
    outcomes = (outcome.measure for outcome in record.outcomes)
    for value in (record.summary, record.description, record.eligibility.criteria, *outcomes):
        if value.value:
            yield " ".join(value.value[:_LONGEST_TEXT].split())


def _best_start(text: str, spans: list[_Span], width: int) -> int:
    """Where to begin so that the most different marks are shown together."""
    most, at = 0, 0
    for place, (start, _, _) in enumerate(spans):
        last = start + width - _BEFORE
        here = {mark for _, end, mark in spans[place : place + _MOST_TOGETHER] if end <= last}
        if len(here) > most:
            most, at = len(here), start
    at = min(at, len(text) - width + _BEFORE)
    if at <= _BEFORE:
        return 0
    return text.find(" ", at - _BEFORE, at) + 1 or at


def _word_end(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", end - 40, end)
    return space if space > 0 else end


def pieces(text: str, marks: Marks) -> tuple[SnippetPiece, ...]:
    """Part a text into what is marked and what is not; together they are the text.

    >>> pieces("Adhesions of the uterus", [("adhes",)])
    (SnippetPiece(text='Adhesions', marked=True), SnippetPiece(text=' of the uterus', marked=False))
    """
    found: list[SnippetPiece] = []
    at = 0
    for start, end in _joined(text, marks):
        if start > at:
            found.append(SnippetPiece(text[at:start]))
        found.append(SnippetPiece(text[start:end], marked=True))
        at = end
    if at < len(text):
        found.append(SnippetPiece(text[at:]))
    return tuple(found)


def _joined(text: str, marks: Marks) -> Iterator[tuple[int, int]]:
    """The marked stretches, those that touch or have only spaces between them as one."""
    at: tuple[int, int] | None = None
    for start, end, _ in _spans(text, marks):
        if at is not None and not text[at[1] : start].strip():
            at = (at[0], max(at[1], end))
            continue
        if at is not None:
            yield at
        at = (start, end)
    if at is not None:
        yield at


def _spans(text: str, marks: Marks) -> Iterator[_Span]:
    """Where marks stand, from left to right: start, end and the mark; the longer of two first."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    spans: list[_Span] = []
    for mark in marks:
        if mark and mark[0].isascii():
            by_first.setdefault(mark[0], []).append(mark)
        elif mark:
            spans += [(f.start(), f.end(), mark) for f in re.finditer(re.escape(mark[0]), text)]
    words = [(_token(found[0]), found.start(), found.end()) for found in _WORD.finditer(text)]
    for place, (token, start, _) in enumerate(words):
        for mark in by_first.get(token, ()):
            here = words[place : place + len(mark)]
            if tuple(word[0] for word in here) == mark:
                spans.append((start, here[-1][2], mark))
    yield from sorted(spans, key=lambda span: (span[0], -span[1]))


@lru_cache(maxsize=20_000)
def _token(word: str) -> str:
    tokens = analyser().analyze(word)
    return str(tokens[0]) if tokens else ""
