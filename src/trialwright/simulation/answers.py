"""Answers to what a drafted protocol leaves open, invented so that it can be lived.

They never enter the draft: the file that is simulated is the draft with them at its end, each
marked as assumed, with a source that says that a simulation made it up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from trialwright.protocol.nodes import Block, Entry
from trialwright.protocol.shapes import PROVENANCE
from trialwright.protocol.yaml_nodes import read_nodes
from trialwright.registry.draft.gaps import Gap
from trialwright.simulation.streams import stream

SOURCE = "simulation_answers"
_MADE_UP = "Made up by a simulation from its seed; nobody has stated or confirmed it."
_MEASURES = (
    "{label: Score at this visit, type: number, unit: points, minimum: 0, maximum: 100}",
    "{label: Found at this visit, type: yes_no}",
    "{label: Number of events since the last visit, type: integer, minimum: 0, maximum: 20}",
)
_LAST = (("4 weeks", 3), ("3 months", 14), ("1 year", 30))


@dataclass(frozen=True, slots=True)
class DrawnAnswer:
    """A block of the top level that the file lacks, as it is written for the simulation."""

    key: str
    text: str


def answers_to(source: bytes, seed: int) -> tuple[DrawnAnswer, ...]:
    """The blocks that the top level of a file lacks and a simulation can invent."""
    root, _problems = read_nodes(source)
    if root is None:
        return ()
    random = stream("answers", seed)
    missing = [key for key in _ANSWERS if key in _needed(root, source) and root.get(key) is None]
    return tuple(DrawnAnswer(key, _ANSWERS[key](root, random)) for key in missing)


def with_answers(source: bytes, answers: tuple[DrawnAnswer, ...]) -> bytes:
    """The file with these blocks at its end, and what they come from among its sources."""
    if not answers:
        return source
    lines = source.decode("utf-8").rstrip("\n").split("\n")
    root, _problems = read_nodes(source)
    sources = root.get("sources") if root else None
    if isinstance(sources, Block) and sources.entries:
        first = sources.entries[0]
        row, begin = first.line - 1, first.column - 1
        before, after = lines[row][:begin], lines[row][begin:]
        # In braces, entries stand beside each other; else each has its line.
        apart = ", " if before.strip() else f"\n{before}"
        lines[row] = f'{before}{SOURCE}: "{_MADE_UP}"{apart}{after}'
    return "\n".join([*lines, *(answer.text for answer in answers), ""]).encode()


def _needed(root: Block, source: bytes) -> set[str]:
    """What this file must have: an anchor where the visits that are answered count from one, and
    an allocation to several arms where the draft asks whether there is one."""
    needed = {"participants", "arms", "criteria", "visits", "forms", "endpoints", "populations"}
    if root.get("visits") is None and root.get("anchors") is None:
        needed.add("anchors")
    asked = f"#   - {Gap('allocation').words()}\n".encode() in source
    if asked and len(_entries(root, "arms")) > 1:
        needed.add("allocation")
    return needed


def _marked(key: str, body: str) -> str:
    return f"{key}:\n  origin: assumed\n  source: {SOURCE}\n{body}"


def _participants(_root: Block, random: Random) -> str:
    number = random.randrange(20, 61, 4)
    return f"participants: {{value: {number}, origin: assumed, source: {SOURCE}}}"


def _arms(root: Block, _random: Random) -> str:
    kind = "experimental" if root.get("products") is not None else "no_intervention"
    names = [entry.key for entry in _entries(root, "products")]
    products = f", products: [{', '.join(names)}]" if names else ""
    label = "label: Everybody, description: Everybody takes part alike"
    return _marked("arms", f"  everybody: {{{label}, type: {kind}{products}}}")


def _allocation(root: Block, _random: Random) -> str:
    arms = [entry.key for entry in _entries(root, "arms") if entry.key not in PROVENANCE]
    sizes = f"[{len(arms)}, {2 * len(arms)}]"
    ratio = ", ".join(f"{arm}: 1" for arm in arms)
    return _marked("allocation", f"  ratio: {{{ratio}}}\n  block_sizes: {sizes}")


def _criteria(_root: Block, _random: Random) -> str:
    return _marked("criteria", "  inclusion: {willing: {text: Willing and able to take part}}")


def _anchors(_root: Block, _random: Random) -> str:
    return _marked("anchors", "  simulated_consent: {label: Consent, step: consent}")


def _visits(root: Block, random: Random) -> str:
    forms = [entry.key for entry in _entries(root, "forms")] or ["simulated_measures"]
    known = [entry.key for entry in _entries(root, "anchors")] or ["simulated_consent"]
    after, days = random.choice(_LAST)
    window = f"window_before_days: {days}, window_after_days: {days}"
    listed = ", ".join(forms)
    return _marked(
        "visits",
        f"  simulated_first: {{label: First, anchor: {known[0]}, window_after_days: 2, "
        f"forms: [{listed}]}}\n"
        f"  simulated_last: {{label: Last, anchor: {known[0]}, after: {after}, {window}, "
        f"forms: [{listed}]}}",
    )


def _forms(_root: Block, random: Random) -> str:
    items = "".join(
        f"          measure_{number}: {each}\n"
        for number, each in enumerate(random.sample(_MEASURES, 2), start=1)
    )
    return _marked(
        "forms",
        "  simulated_measures:\n    label: Measures\n    sections:\n      all:\n"
        f"        label: All\n        items:\n{items}".rstrip("\n"),
    )


def _endpoints(_root: Block, _random: Random) -> str:
    return _marked(
        "endpoints",
        "  simulated_measure:\n    label: First measure\n    kind: primary\n"
        "    population: simulated_all\n    treatments: Everybody\n"
        "    variable: simulated_last.simulated_measures.measure_1\n"
        "    definition: The first measure at the last visit\n    at: simulated_last\n"
        "    intercurrent_events: {ends: {label: Participation ends, strategy: treatment_policy}}\n"
        "    summary: As it comes",
    )


def _populations(root: Block, _random: Random) -> str:
    who = "true" if root.get("allocation") is None else "participant.randomised"
    label = "label: Everybody who entered, definition: Everybody who entered"
    return _marked("populations", f'  simulated_all: {{{label}, who: "{who}"}}')


_ANSWERS: Mapping[str, Callable[[Block, Random], str]] = {
    "participants": _participants,
    "arms": _arms,
    "allocation": _allocation,
    "criteria": _criteria,
    "anchors": _anchors,
    "forms": _forms,
    "visits": _visits,
    "populations": _populations,
    "endpoints": _endpoints,
}


def _entries(root: Block, key: str) -> tuple[Entry, ...]:
    node = root.get(key)
    return node.entries if isinstance(node, Block) else ()
