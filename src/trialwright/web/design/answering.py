"""The answer to what is asked, kept in the process: designs by their section, answers by all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from trialwright.design import DesignError, from_node
from trialwright.design.characteristics import Budget, enumerated
from trialwright.design.finding import DoseFinding
from trialwright.design.writing import section_text
from trialwright.protocol.yaml_nodes import read_nodes
from trialwright.report.designs import Case, Question, Told, named, tell
from trialwright.report.words import Words

MOST_STATES = 150_000
"""States that are enumerated while somebody waits; beyond them, a simulation."""
TRIALS = 10_000
_WIDTHS = {1: 620.0, 2: 380.0, 3: 270.0}
_one_at_a_time = Lock()
setting_type = Lock()
"""Held while a document is set: one in each process is enough work."""


class TooLarge(Exception):
    """An exact answer was asked for that needs more states than this page follows."""


def answer(
    designs: Sequence[Any], question: Question, method: str, language: str, *, paper: bool = False
) -> tuple[Told, tuple[Case, ...]]:
    """Tell designs under a question; the same is told only once. On `paper` pictures are wide.

    The cases come with the answer: their designs are those kept, with all they have compiled.

    Raises `TooLarge`, and `DesignError` where the question doesn't fit.
    """
    sections = tuple(map(section_text, designs))
    with _one_at_a_time:
        return _told(sections, question, method, language, paper)


@lru_cache(maxsize=64)
def _told(
    sections: tuple[str, ...], question: Question, method: str, language: str, paper: bool
) -> tuple[Told, tuple[Case, ...]]:
    words = Words(language)
    designs = [_kept(section) for section in sections]
    width = _WIDTHS[1 if paper else len(sections)]
    cases = tuple(
        Case(case.name, case.design, _method(section, method), width)
        for case, section in zip(named(designs, words), sections, strict=True)
    )
    asked = Question(
        question.rates, question.responses, "auto", TRIALS, seed=1, max_states=MOST_STATES
    )
    return tell(cases, asked, words), cases


@lru_cache(maxsize=64)
def _kept(section: str) -> Any:
    """The design of a section, with what it has compiled since."""
    root, _problems = read_nodes(section.encode())
    node = root.get("design") if root is not None else None
    if node is None:
        raise DesignError("There is no design.", rule="A section has one.", fix="Write one.")
    return from_node(node)


def _method(section: str, wanted: str) -> str:
    if not isinstance(_kept(section), DoseFinding) or wanted == "monte-carlo":
        return wanted
    if _fits(section):
        return "exact"
    if wanted == "exact":
        raise TooLarge
    return "monte-carlo"


@lru_cache(maxsize=256)
def _fits(section: str) -> bool:
    return enumerated(_kept(section).rule, Budget(MOST_STATES)) is not None
