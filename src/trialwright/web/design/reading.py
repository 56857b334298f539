"""From what is typed to designs and a question, or to problems at their boxes.

The texts become the nodes of a protocol's `design:` section, and the design is read from them as
from a protocol file: what is refused here is refused there, in the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trialwright.analysis.words import Said
from trialwright.design import DesignError
from trialwright.design.boin12 import Boin12
from trialwright.design.section import part_from_node
from trialwright.protocol.nodes import Block
from trialwright.report.designs import Question
from trialwright.report.designs.asking import usual_question
from trialwright.web.design.asked import QUESTION, Typed
from trialwright.web.design.boxes import Made
from trialwright.web.design.places import Place, entries_of, places_of, within_bounds
from trialwright.web.design.rates import read_rows


@dataclass(slots=True)
class Read:
    """Designs by letter and the question; or problems by the id of their box."""

    designs: dict[str, Any] = field(default_factory=dict)
    question: Question | None = None
    problems: dict[str, str] = field(default_factory=dict)


def read(asked: Typed, language: str) -> Read:
    """Make the designs and the question, in the order of the page."""
    found = Read(problems=dict(asked.unknown))
    aims = []
    for letter in asked.kinds:
        places = places_of(asked, letter)
        try:
            design, aim = _made(asked, letter, places)
        except DesignError as error:
            _place(error, places, found, language)
        else:
            found.designs[letter] = design
            aims.append(aim)
    beside = _beside_rates(asked, found, language)
    if not found.problems:
        _ask(asked, tuple(aims), found, language)
    if found.question is not None:
        found.question = replace(found.question, **beside)
    return found


def _made(asked: Typed, letter: str, places: Sequence[Place]) -> Made:
    for place in places:
        within_bounds(place)
    kind = asked.kinds[letter]
    return kind.make(kind, entries_of(places))


def _beside_rates(asked: Typed, found: Read, language: str) -> dict[str, Any]:
    """What the question needs beside rates: the field of `Question` and what it holds."""
    if asked.asks is None:
        return {}
    places = places_of(asked, QUESTION)
    try:
        for place in places:
            within_bounds(place)
        held: Any = part_from_node(asked.asks.cls, Block(tuple(entries_of(places)), 1))
    except DesignError as error:
        _place(error, places, found, language)
        return {}
    return {asked.asks.field: held}


def _place(error: DesignError, places: Sequence[Place], found: Read, language: str) -> None:
    """The error as a problem at the box of its line."""
    here = next((p for p in places if p.line == error.line), places[0])
    names = {p.argument: _within_a_sentence(p.box.label) for p in places}
    found.problems[here.key] = error.said(names).in_language(language)


def _within_a_sentence(label: str) -> Said:
    lower = label[:1].lower() + label[1:] if label[1:2].islower() else label
    return Said(lower, lower)


def _ask(asked: Typed, aims: tuple[Any, ...], found: Read, language: str) -> None:
    """The question: the rows typed, or the usual ones."""
    designs = list(found.designs.values())
    both = next((d for d in designs if isinstance(d, Boin12)), designs[0])
    usual = usual_question(both, aims=aims)
    rates = read_rows(asked, "rates", asked.rates, designs[0], language, found.problems)
    responses = read_rows(asked, "responses", asked.responses, designs[0], language, found.problems)
    if found.problems:
        return
    if usual.responses:
        responses = responses or (usual.responses[:1] if rates else usual.responses)
        rates = rates or usual.rates
        if len(responses) == 1:
            responses = responses * len(rates)
        if len(rates) != len(responses):
            error = DesignError(
                Said(f"{len(rates)} rows of rates and {len(responses)} of responses.",
                     f"真实率 {len(rates)} 行，应答率 {len(responses)} 行。"),
                rule=Said("Each scenario has both.", "每个情景两者均须给出。"),
                fix=Said("Write as many rows of one as of the other, or one row for all.",
                         "请使两者行数相同，或只写一行供全部使用。"),
            )  # fmt: skip
            found.problems["responses-1"] = error.said().in_language(language)
            return
    else:
        responses = ()
    found.question = replace(usual, rates=rates or usual.rates, responses=responses)
