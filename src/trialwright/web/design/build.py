"""From what is typed to designs and a question, or to problems at their fields.

The texts become the nodes of a protocol's `design:` section, and the design is read from them as
from a protocol file: what is refused here is refused there, in the same words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from trialwright.design import DesignError, from_node
from trialwright.design.crm import calibrated_skeleton
from trialwright.design.section import part_from_node
from trialwright.design.simon import SimonAim
from trialwright.design.stopping import CalibratedThreshold
from trialwright.messages import Message
from trialwright.protocol.nodes import Block, Entry, Listing, Scalar
from trialwright.report.designs import Question
from trialwright.report.designs.asking import usual_question
from trialwright.report.designs.case import reads_responses
from trialwright.web.design.bound_fields import BoundField, bind, entries_of, within_bounds
from trialwright.web.design.fields import Kind, Made
from trialwright.web.design.request import QUESTION, DesignRequest, read_rows


@dataclass(slots=True)
class Built:
    """Designs by letter and the question; or problems by the id of their field."""

    designs: dict[str, Any] = dataclasses.field(default_factory=dict)
    question: Question | None = None
    problems: dict[str, str] = dataclasses.field(default_factory=dict)


def build(asked: DesignRequest, language: str) -> Built:
    """Make the designs and the question, in the order of the page."""
    found = Built(problems=dict(asked.unknown))
    aims = []
    for letter in asked.kinds:
        places = bind(asked, letter)
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


def _made(asked: DesignRequest, letter: str, places: Sequence[BoundField]) -> Made:
    for place in places:
        within_bounds(place)
    kind = asked.kinds[letter]
    return kind.make(kind, entries_of(places))


def _beside_rates(asked: DesignRequest, found: Built, language: str) -> dict[str, Any]:
    """What the question needs beside rates: the fields of `Question` and what they hold."""
    held: dict[str, Any] = {}
    bound = bind(asked, QUESTION)
    for asks in asked.asks:
        places = [place for place in bound if place.field in asks.fields]
        try:
            for place in places:
                within_bounds(place)
            held[asks.field] = part_from_node(asks.cls, Block(tuple(entries_of(places)), 1))
        except DesignError as error:
            _place(error, places, found, language)
    return held


def _place(error: DesignError, places: Sequence[BoundField], found: Built, language: str) -> None:
    """The error as a problem at the field of its line."""
    here = next((p for p in places if p.line == error.line), places[0])
    names = {p.argument: _within_a_sentence(p.field.label) for p in places}
    found.problems[here.key] = error.said(names).in_language(language)


def _within_a_sentence(label: str) -> Message:
    lower = label[:1].lower() + label[1:] if label[1:2].islower() else label
    return Message("{label}", label=lower)


def _ask(asked: DesignRequest, aims: tuple[Any, ...], found: Built, language: str) -> None:
    """The question: the rows typed, or the usual ones."""
    designs = list(found.designs.values())
    both = next((d for d in designs if reads_responses(d)), designs[0])
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
                Message(
                    "{rates} rows of rates and {responses} of responses.",
                    rates=len(rates),
                    responses=len(responses),
                ),
                rule=Message("Each scenario has both."),
                fix=Message("Write as many rows of one as of the other, or one row for all."),
            )  # fmt: skip
            found.problems["responses-1"] = error.said().in_language(language)
            return
    else:
        responses = ()
    found.question = replace(usual, rates=rates or usual.rates, responses=responses)


def plain(kind: Kind, entries: Sequence[Entry]) -> Made:
    """The design of the section that the entries make."""
    if kind.within:
        names = [field.name for field in kind.around]
        around = [entry for entry in entries if entry.key in names]
        inner = tuple(entry for entry in entries if entry.key not in names)
        entries = [*around, Entry(kind.within, Block(inner, 1), 1)]
    named = Entry("kind", Scalar(kind.key, 1), 1)
    return Made(from_node(Block((named, *entries), 1)))


def planned(kind: Kind, entries: Sequence[Entry]) -> Made:
    """A sample size, the kind chosen being that of its outcomes."""
    shared = [field.name for field in kind.shared] + ["trials"]
    around = [entry for entry in entries if entry.key in shared]
    inner = [entry for entry in entries if entry.key not in shared]
    outcomes = Block((Entry("kind", Scalar(kind.key, 1), 1), *inner), 1)
    named = Entry("kind", Scalar("sample-size", 1), 1)
    return Made(from_node(Block((named, *around, Entry("outcomes", outcomes, 1)), 1)))


def doubling(kind: Kind, entries: Sequence[Entry]) -> Made:
    """A logistic regression whose doses, where no amounts are given, each are twice the one below,
    the highest one being the reference."""
    by_key = {entry.key: entry for entry in entries}
    doses = _number(by_key["doses"], int)
    model = by_key["model"].value
    kept = [entry for entry in entries if entry.key not in ("doses", "model")]
    inner = list(model.entries) if isinstance(model, Block) else []
    given = next((entry for entry in inner if entry.key == "doses"), None)
    line = by_key["doses"].line
    amounts = [Scalar(str(2**power), line) for power in range(doses)]
    if given is None:
        inner.append(Entry("doses", Listing(tuple(amounts), line), line))
    elif isinstance(given.value, Listing):
        amounts = [each for each in given.value.items if isinstance(each, Scalar)]
    if not any(entry.key == "reference" for entry in inner) and amounts:
        inner.append(Entry("reference", amounts[-1], line))
    return plain(kind, [*kept, Entry("model", Block(tuple(inner), 1), 1)])


def calibrated(kind: Kind, entries: Sequence[Entry]) -> Made:
    """A CRM says its doses by its skeleton; without one it gets the calibrated one, the middle dose
    at the target before the trial."""
    kept = [entry for entry in entries if entry.key not in ("doses", "skeleton")]
    by_key = {entry.key: entry for entry in entries}
    target, doses = (
        _number(by_key[key], sort) for key, sort in (("target", float), ("doses", int))
    )
    given = by_key.get("skeleton")
    if given is not None and isinstance(given.value, Listing):
        if len(given.value.items) != doses:
            raise DesignError(
                Message("skeleton has {items} entries.", items=len(given.value.items)),
                rule=Message("It needs one for each of {doses} doses.", doses=doses),
                fix=Message("Add or take away entries."),
                line=given.line,
            )  # fmt: skip
        return plain(kind, [*kept, given])
    try:
        margin = min(0.05, target / 3, (1 - target) / 3)
        guesses = calibrated_skeleton(target, doses, (doses + 1) // 2, margin)
    except DesignError as error:
        place = by_key["doses" if "prior_mtd" in str(error.what) else "target"]
        raise error.at(None, place.line) from None
    line = by_key["target"].line
    items = tuple(Scalar(f"{guess:.4f}", line) for guess in guesses)
    return plain(kind, [*kept, Entry("skeleton", Listing(items, line), line)])


def calibrated_stopping(_kind: Kind, entries: Sequence[Entry]) -> Made:
    """The beta-binomial rule whose threshold keeps the chance of a hold at the limit."""
    return Made(part_from_node(CalibratedThreshold, Block(tuple(entries), 1)).rule)


def _number(entry: Entry, sort: type) -> Any:
    text = entry.value.text if isinstance(entry.value, Scalar) else ""
    try:
        return sort(text)
    except ValueError:
        wanted = Message("a whole number") if sort is int else Message("a number")
        raise DesignError(
            Message("{key} is {text!r}.", key=entry.key, text=text),
            rule=Message("It is {wanted}.", wanted=wanted),
            fix=Message("Write {wanted} here.", wanted=wanted),
            line=entry.line,
        ) from None


def searched(_kind: Kind, entries: Sequence[Entry]) -> Made:
    """The two-stage design that errors and rates ask for."""
    aim = part_from_node(SimonAim, Block(tuple(entries), 1))
    return Made(aim.design, aim)
