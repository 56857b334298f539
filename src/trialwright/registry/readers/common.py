"""What the readers of several registers share: numbers, lists of one, ages, sexes, criteria."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from trialwright.registry.readers.build import Builder, roman_phases
from trialwright.registry.readers.errors import UnreadableError
from trialwright.registry.record.values import MISSING, Node


def number_of(node: Node, pattern: str, name: str) -> str:
    """Return the trial's number at a place.

    Raises:
        UnreadableError: there is none of the register's form; `name` says which that is.
    """
    text = node.raw.strip() if isinstance(node.raw, str) else ""
    if not re.fullmatch(pattern, text):
        raise UnreadableError(f"a record of this register needs {name}", node.path)
    return text


def copy(builder: Builder, path: str, node: Node) -> None:
    """Put the value of a place, if there is such a place."""
    if node.raw is not MISSING:
        builder.put(path, node.raw, node.at)


def listed(node: Node) -> list[Node]:
    """The nodes of a list; these forms write a list of one as the one itself."""
    if isinstance(node.raw, list):
        return list(node.each(lambda item: item))
    return [node] if isinstance(node.raw, dict) else []


def parts(nodes: Iterable[Node], key: str) -> Iterator[tuple[object, str]]:
    """The texts under a key of some nodes, each with its place."""
    return ((node[key].raw, node[key].at) for node in nodes if isinstance(node[key].raw, str))


def put_phases(builder: Builder, node: Node) -> None:
    """Put the phases that a text names."""
    if isinstance(node.raw, str):
        builder.put("design/phases", roman_phases(node.raw), node.at)


def put_sex(builder: Builder, node: Node) -> None:
    """Put the sex that a text names, as a code."""
    if isinstance(node.raw, str):
        sexes = {word.strip().lower() for word in node.raw.split(",")}
        both = {"all", "both"} & sexes or sexes >= {"male", "female"}
        code = "ALL" if both else "".join(sexes).upper()
        builder.put("eligibility/sex", code, node.at)


def put_criteria(builder: Builder, inclusion: list[Node], exclusion: list[Node]) -> None:
    """Join the criteria into one text under the two usual headings."""
    blocks = []
    for heading, nodes in (("Inclusion Criteria", inclusion), ("Exclusion Criteria", exclusion)):
        texts = [node.raw for node in nodes if isinstance(node.raw, str) and node.raw.strip()]
        if texts:
            blocks.append("\n\n".join([f"{heading}:", *texts]))
    if blocks:
        builder.put("eligibility/eligibilityCriteria", "\n\n".join(blocks), inclusion[0].at)


def put_locations(builder: Builder, nodes: list[Node], keys: dict[str, str]) -> None:
    """Put places: from the names of a location's facts to the keys of a node."""
    for number, node in enumerate(nodes):
        path = f"contactsLocations/locations/{number}"
        builder.put(path, {}, node.at)
        for key, source in keys.items():
            copy(builder, f"{path}/{key}", node[source])


def put_ages(builder: Builder, ranges: list[tuple[int, int | None]], node: Node) -> None:
    """Put the least and the greatest age of some ranges; no greatest where one is open."""
    if not ranges:
        return
    builder.put("eligibility/minimumAge", f"{min(low for low, _ in ranges)} Years", node.at)
    greatest = [high for _, high in ranges]
    last = None if None in greatest else f"{max(h for h in greatest if h is not None)} Years"
    builder.put("eligibility/maximumAge", last or "N/A", node.at)


# What people write where there is no number or value.
_NOTHING = {"", "nil", "nil known", "none", "no entry", "not applicable", "n/a", "na", "null", "-"}


def said(raw: object) -> str:
    """Return a text without its margins; "" for what says that there is nothing."""
    text = " ".join(raw.split()) if isinstance(raw, str) else ""
    return "" if text.lower().rstrip(".") in _NOTHING else text


def put_numbers(builder: Builder, nodes: Iterable[Node]) -> None:
    """Put the numbers of the same trial elsewhere, each once."""
    known: dict[str, str] = {}
    for node in nodes:
        if number := said(node.raw):
            known.setdefault(number, node.at)
    for place, (number, at) in enumerate(known.items()):
        builder.put(f"identification/secondaryIdInfos/{place}/id", number, at)


def put_outcomes(builder: Builder, role: str, outcomes: Iterable[tuple[str, str, str]]) -> None:
    """Put the outcomes of a role, each as its measure, its time frame and its place."""
    for place, (measure, frame, at) in enumerate((m, f, at) for m, f, at in outcomes if m):
        path = f"outcomes/{role}Outcomes/{place}"
        builder.put(f"{path}/measure", measure, at)
        builder.put(f"{path}/timeFrame", frame or None, at)


def coded(words: object, codes: Mapping[str, str]) -> str | None:
    """Return the code of a register's word, the word itself where it has none, None for none."""
    text = said(words)
    return codes.get(text.lower(), text) or None


def tree_of(element: etree._Element) -> Any:
    """Return an element as JSON has it: its text, or its parts by name, lists of those repeated."""
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return element.text or ""
    found: dict[str, Any] = {}
    for child in children:
        name, value = etree.QName(child).localname, tree_of(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def every(raw: object) -> list[Any]:
    """Return what a form lists, where it writes a list of one as the one itself."""
    return raw if isinstance(raw, list) else [] if raw in (None, "", MISSING) else [raw]
