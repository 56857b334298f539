"""Where facts come from: origins inherited from block to block, and the facts they give."""

from dataclasses import dataclass, field

from trialwright.protocol.basics import LANGUAGES, Fact, Origin, Text
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar
from trialwright.protocol.problems import MOST, Note, Problem, too_many
from trialwright.protocol.shapes import PROVENANCE, WORDING
from trialwright.protocol.typecheck import suggestion

TRUTHS = {"yes": True, "no": False, "true": True, "false": False}
YES_OR_NO = ("Write `yes` or `no`.", "yes-or-no")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the facts of a block come from, unless they say otherwise."""

    origin: Origin
    source: str
    safety_critical: bool = False


class TooManyProblems(Exception):
    """So much is wrong with the file that reading it on is of no use."""


@dataclass(slots=True)
class Reading:
    """What one run over a file gathers."""

    languages: tuple[str, ...] = LANGUAGES
    sources: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    used_sources: set[str] = field(default_factory=set)

    def problem(self, line: int, message: str, way_out: str, rule: str) -> None:
        """Note a problem; raises TooManyProblems where it is one too many."""
        self.problems.append(Problem(line, message, way_out, rule))
        if len(self.problems) >= MOST:
            self.problems.append(too_many(max(problem.line for problem in self.problems)))
            raise TooManyProblems

    def note(self, line: int, message: str) -> None:
        """Note what was assumed in reading the file, which its author should know."""
        self.notes.append(Note(line, message))

    def provenance(self, block: Block, inherited: Provenance) -> Provenance:
        """The provenance that a block gives its facts."""
        origin, source, critical = (block.get(key) for key in PROVENANCE[:3])
        given = inherited
        if origin is not None:
            given = Provenance(self._origin(origin), inherited.source, inherited.safety_critical)
            if source is None:
                self.problem(
                    origin.line,
                    "An `origin` stands without its `source`",
                    "Add `source:` with a key of `sources`.",
                    "origin-without-source",
                )
        if source is not None:
            given = Provenance(given.origin, self._source(source), given.safety_critical)
        if critical is not None:
            truth = TRUTHS.get(critical.text) if isinstance(critical, Scalar) else None
            if truth is None:
                self.problem(critical.line, "`safety_critical` is not yes or no", *YES_OR_NO)
            given = Provenance(given.origin, given.source, bool(truth))
        return given

    def _origin(self, node: Node) -> Origin:
        text = node.text if isinstance(node, Scalar) else ""
        if text not in list(Origin):
            way_out = suggestion(text, list(Origin))
            self.problem(node.line, f"{text!r} is not an origin", way_out, "choice")
            return Origin.ASSUMED
        return Origin(text)

    def _source(self, node: Node) -> str:
        text = node.text if isinstance(node, Scalar) else ""
        if text not in self.sources:
            way_out = suggestion(text, self.sources)
            self.problem(
                node.line, f"{text!r} is not a key of `sources`", way_out, "unknown-source"
            )
        self.used_sources.add(text)
        return text


def as_fact(path: str, node: Node, provenance: Provenance) -> Fact:
    """A fact from the node it is written as."""
    return Fact(
        path=path,
        value=Text(shown(node, "en"), shown(node, "zh")),
        origin=provenance.origin,
        source=provenance.source,
        line=node.line,
        safety_critical=provenance.safety_critical,
    )


def shown(node: Node, language: str = "en") -> str:
    """What a node says in a language; in English where it says nothing of its own in it."""
    match node:
        case Scalar(text=text):
            return " ".join(text.split())
        case Listing(items=items):
            return ", ".join(shown(item, language) for item in items)
        case Block():
            words = node.get(language) or node.get("en")
            if words is not None:
                return shown(words)
            return "; ".join(f"{entry.key}: {shown(entry.value, language)}" for entry in node)


def plain_section(reading: Reading, block: Block, path: str, inherited: Provenance) -> Block:
    """A section that another package reads: its facts noted, its provenance taken out."""
    provenance = reading.provenance(block, inherited)
    entries = []
    for entry in block:
        if entry.key in PROVENANCE:
            continue
        node = _plain_node(reading, entry.value, f"{path}.{entry.key}", provenance)
        entries.append(Entry(entry.key, node, entry.line, entry.column))
    return Block(tuple(entries), block.line, block.column)


def _plain_node(reading: Reading, node: Node, path: str, provenance: Provenance) -> Node:
    if isinstance(node, Block) and node.get("value") is not None:
        provenance = reading.provenance(node, provenance)
        node = node.get("value") or node
    if isinstance(node, Block) and node.get("en") is None:
        return plain_section(reading, node, path, provenance)
    if isinstance(node, Listing) and any(isinstance(item, Block) for item in node):
        items = tuple(
            _plain_node(reading, item, f"{path}.{number}", provenance)
            for number, item in enumerate(node, start=1)
        )
        return Listing(items, node.line, node.column)
    if path.rsplit(".", 1)[-1] not in WORDING:
        reading.facts.append(as_fact(path, node, provenance))
    return node
