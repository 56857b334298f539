"""What the page shows: the form as typed, and the parts of an answer ready for the template."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trialwright.design.writing import section_text
from trialwright.report.designs import Case, DesignSummary
from trialwright.report.document import Block, Figure, Paragraph, Section, Table
from trialwright.web.components import Link, Problem
from trialwright.web.design.bound_fields import field_id
from trialwright.web.design.fields import Family, Field
from trialwright.web.design.request import LETTERS, METHODS, QUESTION, DesignRequest


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as shown: what stands in it, and what is wrong with it."""

    definition: Field
    id: str
    name: str
    text: str
    problem: str = ""
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One design of the form; without a kind yet, only the choice of one."""

    letter: str
    kind: str
    options: tuple[tuple[str, str], ...]
    fields: tuple[ShownField, ...] = ()
    folded: tuple[ShownField, ...] = ()
    opened: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RateRow:
    """A row of true rates, or an empty one in which another may be written: the first of them in
    sight, the others folded away."""

    name: str
    number: int
    text: str
    problem: str = ""
    optional: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of an answer: `kind` chooses how it is set; a section has parts of its own."""

    kind: str
    title: str = ""
    text: str = ""
    table: Table | None = None
    svg: SafeString = dataclasses.field(default_factory=SafeString)
    parts: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One design's rule: name, words, parts, the protocol's text for it, the hash of its table."""

    name: str
    words: str
    parts: tuple[Shown, ...]
    section: str
    sha256: str


def columns(asked: DesignRequest, problems: Mapping[str, str]) -> list[Column]:
    """The designs of the form, up to three, those not chosen yet as an empty choice."""
    options = tuple((kind.key, kind.name) for kind in asked.family.kinds)
    shown = []
    for letter in LETTERS if asked.family.beside else LETTERS[:1]:
        if letter not in asked.kinds:
            shown.append(Column(letter, "", options))
            break
        fields = [_field(asked, letter, field, problems) for field in asked.fields(letter)]
        shares = [asked.shares(letter, each.definition) for each in fields]
        plain, folded = (
            tuple(
                each
                for each, shared in zip(fields, shares, strict=True)
                if (each.definition.extra or shared) is aside
            )
            for aside in (False, True)
        )
        changed = any(f.problem or (asked.shares(letter, f.definition) and f.text) for f in folded)
        kind = asked.kinds[letter].key
        problem = problems.get(f"{letter}-kind", "")
        shown.append(Column(letter, kind, options, plain, folded, changed, problem))
    return shown


def question_groups(
    asked: DesignRequest, problems: Mapping[str, str]
) -> list[tuple[str, tuple[ShownField, ...]]]:
    """What the question needs beside rates: headings and the fields under each."""
    return [
        (asks.heading, tuple(_field(asked, QUESTION, field, problems) for field in asks.fields))
        for asks in asked.asks
    ]


def _field(
    asked: DesignRequest, letter: str, field: Field, problems: Mapping[str, str]
) -> ShownField:
    key = field_id(letter, field.name)
    first = _("as the first") if asked.shares(letter, field) else ""
    text = asked.text(letter, field)
    return ShownField(field, key, f"{letter}.{field.name}", text, problems.get(key, ""), first)


def rows(name: str, texts: Sequence[str], most: int, problems: Mapping[str, str]) -> list[RateRow]:
    """The rows of rates as typed, and empty ones up to the most there may be."""
    padded = [*texts, *[""] * (most - len(texts))]
    return [
        RateRow(name, n, text, problems.get(f"{name}-{n}", ""), n > max(len(texts), 1),
                n > len(texts) + 1)
        for n, text in enumerate(padded, start=1)
    ]  # fmt: skip


def written(rates: Iterable[float]) -> str:
    """Rates as one types them."""
    return ", ".join(f"{rate:g}" for rate in rates)


def methods(asked: DesignRequest) -> list[tuple[str, str, bool]]:
    """How to answer: value, words, whether it is chosen."""
    words = {
        "auto": _("exact where it can be, else simulated"),
        "exact": _("exact only"),
        "monte-carlo": _("simulated, 10,000 trials, however long that takes"),
    }
    return [(method, words[method], method == asked.method) for method in METHODS]


def parts(blocks: Iterable[Block]) -> tuple[Shown, ...]:
    """The parts of a document as the page sets them."""
    return tuple(_part(block) for block in blocks)


def _part(block: Block) -> Shown:
    match block:
        case Section():
            return Shown("section", block.title, parts=parts(block.blocks))
        case Table():
            return Shown("table", block.caption, table=block)
        case Figure():
            # Our own drawing, whose texts `report.figures.svg` has escaped.
            svg = mark_safe(block.drawing.svg)  # noqa: S308
            return Shown("figure", block.caption, block.sentence, svg=svg)
        case Paragraph():
            return Shown("text", text=block.text)
        case _:
            raise TypeError(f"{type(block).__name__} is not shown on this page")


def rules(told: DesignSummary, cases: Sequence[Case], language: str) -> list[RuleShown]:
    """Each design's rule."""
    return [
        RuleShown(
            case.name,
            case.design.describe().in_language(language),
            parts(blocks),
            section_text(case.design),
            _hash(case.design),
        )
        for case, blocks in zip(cases, told.rule, strict=True)
    ]


def _hash(design: Any) -> str:
    """The hash of a rule's table; a model has pathways instead, too many to print while one moves
    it."""
    has_table = hasattr(design, "table") and not hasattr(design, "skeleton")
    return str(design.table().sha256) if has_table else ""


def problem_list(problems: Mapping[str, str]) -> list[Problem]:
    """What is to be mended, with links to the fields."""
    return [Problem(text, key) for key, text in problems.items()]


def places(families: Iterable[Family], here: Family) -> list[tuple[Link, bool]]:
    """The other questions, and which one is here."""
    return [(Link(f.name, address_of(f)), f.key == here.key) for f in families]


def address_of(family: Family) -> str:
    """Where a family's page is."""
    return f"/design/{family.place}" if family.place else "/design"


def downloads(family: Family, query: str, *, tables: bool) -> list[Link]:
    """The same answer as a document and as data, with decision tables where there are any."""
    place = address_of(family)
    links = [
        Link(_("Report (PDF, A4)"), f"{place}/report.pdf?{query}"),
        Link(_("Report (PDF, Letter)"), f"{place}/report.pdf?{query}&paper=us-letter"),
        Link("JSON", f"{place}/answer.json?{query}"),
        Link("CSV", f"{place}/answer.csv?{query}"),
    ]
    if tables:
        links.append(Link(_("Decision table (CSV)"), f"{place}/table.csv?{query}"))
    return links
