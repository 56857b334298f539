"""The answer to what is asked, kept in the process: designs by their section, answers by all."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache, partial
from threading import Lock
from typing import Any

from trialwright.design import DesignError, from_node
from trialwright.design.characteristics import Budget, enumerated
from trialwright.design.combination_boin import CombinationBoin
from trialwright.design.crm import Crm
from trialwright.design.finding import DoseFinding
from trialwright.design.simulated_finding import SimulatedFinding
from trialwright.design.time_to_event import TimeToEvent
from trialwright.design.writing import section_text
from trialwright.messages import Message
from trialwright.protocol.yaml_nodes import read_nodes
from trialwright.report.designs import Case, DesignSummary, Question, named, summarise
from trialwright.report.designs.case import complete_of
from trialwright.report.words import ReportWords

MOST_STATES, MOST_MODEL_STATES = 150_000, 50_000
"""States that are followed while somebody waits, those of a table and those of a model that is
fitted at each; beyond them, a simulation."""
TRIALS = 10_000
LEAST_TRIALS = 500
DECISIONS = 750_000
"""Decisions read from a table that are simulated while somebody waits, one by a model or with some
pending counting as `SLOWER`. Who chooses the simulation gets `TRIALS`, whatever they take."""
SLOWER = 8
MODEL_TRIALS = 500
"""Trials of a design whose every state is fitted by quadrature, whatever is chosen."""
_FINDING = (DoseFinding, TimeToEvent, SimulatedFinding)
_WIDTHS = {1: 620.0, 2: 380.0, 3: 270.0}
_one_at_a_time = Lock()
_beside = ThreadPoolExecutor(max_workers=len(_WIDTHS), thread_name_prefix="following")
setting_type = Lock()
"""Held while a document is set: one in each process is enough work."""


class TooLarge(Exception):
    """An exact answer was asked for that needs more states than this page follows; how many."""


class NeverExact(Exception):
    """An exact answer was asked of a design that is always simulated."""


def answer(
    designs: Sequence[Any], question: Question, method: str, language: str, *, paper: bool = False
) -> tuple[DesignSummary, tuple[Case, ...]]:
    """Tell designs under a question; the same is told only once. On `paper` pictures are wide.

    The cases come with the answer: their designs are those kept, with all they have compiled.

    Raises `TooLarge`, `NeverExact`, and `DesignError` where the question doesn't fit.
    """
    sections = tuple(map(section_text, designs))
    with _one_at_a_time:
        return _told(sections, question, method, language, paper)


@lru_cache(maxsize=64)
def _told(
    sections: tuple[str, ...], question: Question, method: str, language: str, paper: bool
) -> tuple[DesignSummary, tuple[Case, ...]]:
    words = ReportWords(language)
    designs = [_kept(section) for section in sections]
    methods = list(_beside.map(partial(_method, wanted=method), sections))
    width = _WIDTHS[1 if paper else len(sections)]
    cases = tuple(
        Case(case.name, case.design, how, width)
        for case, how in zip(named(designs, words), methods, strict=True)
    )
    trials = TRIALS if method == "monte-carlo" else _trials(cases, len(question.rates))
    if any(isinstance(case.design, SimulatedFinding) for case in cases):
        trials = MODEL_TRIALS
    return summarise(cases, replace(question, trials=trials, max_states=MOST_STATES), words), cases


def _trials(cases: Sequence[Case], scenarios: int) -> int:
    """Trials of each scenario: as many for all that are simulated beside each other."""
    decisions = 0
    for case in cases:
        if case.method != "exact" and isinstance(case.design, _FINDING):
            design = complete_of(case.design)
            slow = not isinstance(case.design, DoseFinding) or isinstance(case.design, Crm)
            cohorts = design.max_participants // design.cohort_size
            decisions += scenarios * cohorts * (SLOWER if slow else 1)
    fitting = DECISIONS // max(decisions, 1) // 100 * 100
    return min(max(fitting, LEAST_TRIALS), TRIALS)


@lru_cache(maxsize=64)
def _kept(section: str) -> Any:
    """The design of a section, with what it has compiled since."""
    root, _problems = read_nodes(section.encode())
    node = root.get("design") if root is not None else None
    if node is None:
        raise DesignError(
            Message("There is no design."),
            rule=Message("A section has one."),
            fix=Message("Write one."),
        )
    return from_node(node)


def _method(section: str, wanted: str) -> str:
    design = _kept(section)
    if wanted == "exact" and isinstance(design, TimeToEvent | SimulatedFinding | CombinationBoin):
        raise NeverExact
    if not isinstance(design, DoseFinding) or wanted == "monte-carlo":
        return wanted
    if _fits(section):
        return "exact"
    if wanted == "exact":
        raise TooLarge(_most_states(design))
    return "monte-carlo"


@lru_cache(maxsize=256)
def _fits(section: str) -> bool:
    design = _kept(section)
    return enumerated(design.rule, Budget(_most_states(design))) is not None


def _most_states(design: DoseFinding) -> int:
    return MOST_MODEL_STATES if isinstance(design, Crm) else MOST_STATES
