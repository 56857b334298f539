"""What the page shows: the form as typed, and the parts of an answer ready for the template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trialwright.design.writing import section_text
from trialwright.report.designs import Case, Told
from trialwright.report.document import Block, Figure, Paragraph, Section, Table
from trialwright.web.components import Link, Problem
from trialwright.web.design.asked import LETTERS, METHODS, Typed
from trialwright.web.design.boxes import Box, Family
from trialwright.web.design.reading import box_id


@dataclass(frozen=True, slots=True)
class Field:
    """A box as shown: what stands in it, and what is wrong with it."""

    box: Box
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
    fields: tuple[Field, ...] = ()
    folded: tuple[Field, ...] = ()
    opened: bool = False


@dataclass(frozen=True, slots=True)
class RateRow:
    """A row of true rates, or the empty one in which another may be written."""

    name: str
    number: int
    text: str
    problem: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of an answer: `kind` chooses how it is set; a section has parts of its own."""

    kind: str
    title: str = ""
    text: str = ""
    table: Table | None = None
    svg: SafeString = field(default_factory=SafeString)
    parts: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One design's rule: name, words, parts, the protocol's text for it, the hash of its table."""

    name: str
    words: str
    parts: tuple[Shown, ...]
    section: str
    sha256: str


def columns(asked: Typed, problems: Mapping[str, str]) -> list[Column]:
    """The designs of the form, up to three, those not chosen yet as an empty choice."""
    options = tuple((kind.key, kind.name) for kind in asked.family.kinds)
    shown = []
    for letter in LETTERS if asked.family.beside else LETTERS[:1]:
        if letter not in asked.kinds:
            shown.append(Column(letter, "", options))
            break
        kind = asked.kinds[letter]
        shared = kind.shared if letter != "a" else ()
        fields = [_field(asked, letter, box, problems) for box in asked.boxes(letter)]
        plain = tuple(f for f in fields if not (f.box.extra or f.box in shared))
        folded = tuple(f for f in fields if f.box.extra or f.box in shared)
        changed = any(f.problem or (f.box in shared and f.text) for f in folded)
        shown.append(Column(letter, kind.key, options, plain, folded, changed))
    return shown


def _field(asked: Typed, letter: str, box: Box, problems: Mapping[str, str]) -> Field:
    key = box_id(letter, box.name)
    first = _("as the first") if letter != "a" and box in asked.kinds[letter].shared else ""
    text = asked.text(letter, box)
    return Field(box, key, f"{letter}.{box.name}", text, problems.get(key, ""), first)


def rows(name: str, texts: Sequence[str], most: int, problems: Mapping[str, str]) -> list[RateRow]:
    """The rows of rates as typed, and one more where there may be one."""
    shown = [
        RateRow(name, n, text, problems.get(f"{name}-{n}", ""))
        for n, text in enumerate(texts, start=1)
    ]
    if len(shown) < most:
        shown.append(RateRow(name, len(shown) + 1, "", optional=bool(shown)))
    return shown


def written(rates: Iterable[float]) -> str:
    """Rates as one types them."""
    return ", ".join(f"{rate:g}" for rate in rates)


def methods(asked: Typed) -> list[tuple[str, str, bool]]:
    """How to answer: value, words, whether it is chosen."""
    words = {
        "auto": _("exact where it can be, else simulated"),
        "exact": _("exact only"),
        "monte-carlo": _("simulated, 10,000 trials"),
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


def rules(told: Told, cases: Sequence[Case], language: str) -> list[RuleShown]:
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
    """What is to be mended, with links to the boxes."""
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
