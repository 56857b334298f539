"""Medical Subject Headings: the headings, their terms, and what is wider and narrower.

MeSH is published by the U.S. National Library of Medicine; a library keeps the year's table that
`trialwright registry mesh FILE` gave it, and until then the excerpt bundled for the sample.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from trialwright.registry.index.words import fold, normal_form, words_of

_LONGEST_TERM_WORDS = 8
_LETTERS = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A MeSH descriptor: its number, name, places in the tree and further names."""

    id: str
    name: str
    trees: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Addition:
    """What trials say and MeSH lacks: a further name of a heading, or a wider heading of it.

    "not" is the reverse: a name that MeSH has, and by which trials mean something else.
    """

    heading: str
    relation: str  # "term", "wider" or "not"
    value: str
    source: str


class Mesh:
    """A table of headings, with our additions."""

    def __init__(
        self,
        headings: Iterable[Heading],
        terms: dict[str, list[str]] | None = None,
        additions: Iterable[Addition] = (),
    ) -> None:
        """Take the headings; `terms` maps normal forms to numbers, and is made when not given."""
        self.headings = {heading.id: heading for heading in headings}
        self._terms = _term_table(self.headings.values()) if terms is None else dict(terms)
        self.additions = tuple(item for item in additions if item.heading in self.headings)
        self._wider_by_hand: dict[str, list[str]] = {}
        self._ours: dict[str, list[Addition]] = {}
        self._standing: dict[tuple[str, ...], dict[str, bool]] = {}
        self.all_wider = lru_cache(maxsize=50_000)(self._all_wider)
        self.mentions = lru_cache(maxsize=50_000)(self._mentions)
        for item in self.additions:
            self._ours.setdefault(item.heading, []).append(item)
            if item.relation == "term":
                ids = self._terms.setdefault(normal_form(item.value), [])
                self._terms[normal_form(item.value)] = sorted({*ids, item.heading})
            elif item.relation == "not":
                ids = self._terms.pop(normal_form(item.value), [])
                if others := [id for id in ids if id != item.heading]:
                    self._terms[normal_form(item.value)] = others
            elif item.value in self.headings:
                self._wider_by_hand.setdefault(item.heading, []).append(item.value)

    def __len__(self) -> int:
        """How many headings."""
        return len(self.headings)

    def named(self, term: str) -> tuple[Heading, ...]:
        """The headings that have this name, in any writing of it."""
        return tuple(self.headings[id] for id in self._terms.get(normal_form(term), ()))

    def in_trees(self, ids: Collection[str], trees: tuple[str, ...]) -> frozenset[str]:
        """Those of some headings that stand in trees beginning so."""
        known = self._standing.setdefault(trees, {})
        for id in ids:
            if id not in known:
                known[id] = any(tree.startswith(trees) for tree in self.headings[id].trees)
        return frozenset(id for id in ids if known[id])

    def names_of(self, id: str) -> tuple[str, ...]:
        """All names of a heading, its own first, then MeSH's further ones, then our additions."""
        heading = self.headings[id]
        ours = self._ours.get(id, [])
        if not ours:
            return (heading.name, *heading.terms)
        struck = {normal_form(item.value) for item in ours if item.relation == "not"}
        names = [heading.name, *heading.terms]
        names += [item.value for item in ours if item.relation == "term"]
        return tuple(name for name in names if not struck or normal_form(name) not in struck)

    @cached_property
    def _by_tree(self) -> dict[str, str]:
        return {tree: heading.id for heading in self.headings.values() for tree in heading.trees}

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for heading in self.headings.values():
            for wider in self.wider(heading.id):
                children.setdefault(wider, []).append(heading.id)
        return {id: sorted(set(below)) for id, below in children.items()}

    def wider(self, id: str) -> tuple[str, ...]:
        """The headings one step up the tree, and those added by hand."""
        above = []
        for tree in self.headings[id].trees:
            parent, dot, _ = tree.rpartition(".")
            if dot and (found := self._by_tree.get(parent)):
                above.append(found)
        return tuple(dict.fromkeys([*above, *self._wider_by_hand.get(id, ())]))

    def narrower(self, id: str) -> tuple[str, ...]:
        """The headings one step down the tree."""
        return tuple(self._children.get(id, ()))

    def _all_wider(self, id: str) -> dict[str, int]:
        """Every heading above, with the fewest steps up to it."""
        return self._walk(id, self.wider)

    def all_narrower(self, id: str) -> dict[str, int]:
        """Every heading below, with the fewest steps down to it."""
        return self._walk(id, self.narrower)

    def _walk(self, id: str, step: Any) -> dict[str, int]:
        steps: dict[str, int] = {}
        edge = [id] if id in self.headings else []
        distance = 0
        while edge:
            distance += 1
            edge = [next_id for known in edge for next_id in step(known)]
            edge = [found for found in dict.fromkeys(edge) if found not in steps and found != id]
            steps |= dict.fromkeys(edge, distance)
        return steps

    def _mentions(self, text: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
        """Find the terms in a text: the longest first from the left, as word places and numbers."""
        words, reach = words_of(text), self._reach
        found: list[tuple[int, int, tuple[str, ...]]] = []
        at = 0
        while at < len(words):
            longest = reach.get(words[at], 0)
            if longest > 1:
                longest = reach.get(" ".join(words[at : at + 2]), 1)
            for end in range(min(len(words), at + longest), at, -1):
                if ids := self._terms.get(" ".join(words[at:end])):
                    found.append((at, end, tuple(ids)))
                    at = end
                    break
            else:
                at += 1
        return tuple(found)

    @cached_property
    def _reach(self) -> dict[str, int]:
        """For the first word of terms, and the first two, how many words the longest has."""
        reach: dict[str, int] = {}
        for term in self._terms:
            words = term.split(" ", 2)
            longest = min(term.count(" ") + 1, _LONGEST_TERM_WORDS)
            for start in (words[0], " ".join(words[:2])):
                if reach.get(start, 0) < longest:
                    reach[start] = longest
        return reach

    @cached_property
    def _only_heading(self) -> dict[str, str]:
        """Words that stand in the names of one heading alone ("asherman")."""
        seen: dict[str, str | None] = {}
        for term, ids in self._terms.items():
            for word in set(term.split()):
                only = ids[0] if len(ids) == 1 else None
                seen[word] = only if seen.get(word, only) == only else None
        return {word: id for word, id in seen.items() if id and len(word) > 3}

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every name, as it stands there but for case and accents."""
        names = chain.from_iterable(self.names_of(id) for id in self.headings)
        return frozenset(word for name in names for word in _LETTERS.findall(fold(name)))

    def warm(self) -> None:
        """Make the tables that searching makes when it first needs them, half a second's work."""
        for table in ("_children", "_reach", "_only_heading", "words"):
            getattr(self, table)

    def only_heading_with(self, word: str) -> Heading | None:
        """The one heading in whose names a word stands; None when there are none or several."""
        found = self._only_heading.get(normal_form(word))
        return self.headings[found] if found else None

    def to_bytes(self) -> bytes:
        """The table in the form that `mesh_from_bytes` reads back quickly, without additions."""
        rows = [[h.id, h.name, h.trees, h.terms] for h in self.headings.values()]
        return orjson.dumps({"headings": rows, "terms": _term_table(self.headings.values())})


def mesh_from_bytes(data: bytes, additions: Iterable[Addition] = ()) -> Mesh:
    """Read what `Mesh.to_bytes` wrote."""
    table = orjson.loads(data)
    headings = (
        Heading(i, n, tuple(trees), tuple(terms)) for i, n, trees, terms in table["headings"]
    )
    return Mesh(headings, table["terms"], additions)


def _term_table(headings: Iterable[Heading]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for heading in headings:
        for term in (heading.name, *heading.terms):
            if (form := normal_form(term)) and heading.id not in table.setdefault(form, []):
                table[form].append(heading.id)
    return table


def read_mesh(path: Path) -> Iterator[Heading]:
    """Read a table of descriptors: NLM's XML, or a TSV with a heading line, either with .gz.

    Raises:
        ValueError: it is neither; the message says what was found.
    """
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        head = stream.read(256)
        stream.seek(0)
        if head.lstrip().startswith(b"<"):
            yield from _read_xml(stream)
        elif b"descriptorUI" in head.split(b"\n")[0]:
            yield from _read_tsv(io.TextIOWrapper(stream, encoding="utf-8"))
        else:
            raise ValueError(
                f"{path}: MeSH descriptors come as NLM's XML (desc2024.xml) or as a table whose "
                f"first line names descriptorUI; this begins with {head[:40]!r}"
            )


def _read_tsv(lines: Iterable[str]) -> Iterator[Heading]:
    csv.field_size_limit(10_000_000)
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        trees, terms = (
            tuple(part for part in (row.get(key) or "").split("|") if part)
            for key in ("treeNumbers", "entryTerms")
        )
        yield Heading(row["descriptorUI"], row["name"], trees, terms)


def _read_xml(stream: Any) -> Iterator[Heading]:
    for _, record in etree.iterparse(stream, tag="DescriptorRecord", load_dtd=False):
        name = record.findtext("DescriptorName/String") or ""
        found = record.iterfind("ConceptList/Concept/TermList/Term/String")
        terms = dict.fromkeys(term.text for term in found if term.text and term.text != name)
        trees = (node.text for node in record.iterfind("TreeNumberList/TreeNumber"))
        yield Heading(
            record.findtext("DescriptorUI") or "", name, tuple(t for t in trees if t), tuple(terms)
        )
        record.clear()


def bundled_additions() -> list[Addition]:
    """Our additions to MeSH, each with its source."""
    text = files("trialwright.registry").joinpath("data/mesh_additions.tsv").read_text("utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [Addition(*line.split("\t")) for line in lines]


def bundled_mesh() -> Mesh:
    """The excerpt of MeSH 2024 that the bundled sample needs, with our additions."""
    text = files("trialwright.registry").joinpath("data/mesh_excerpt.tsv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return Mesh(_read_tsv(lines), None, bundled_additions())
