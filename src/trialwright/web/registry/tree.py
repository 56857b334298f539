"""A trial's MeSH headings as links up and down the tree, each to the search for that heading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trialwright.registry.index.document import headings_of
from trialwright.registry.index.mesh import Heading, Mesh
from trialwright.registry.record.record import Record
from trialwright.web.components import Link
from trialwright.web.registry.request import SearchRequest

_MOST_HEADINGS = 12
_MOST_BELOW = 8
# Trees of what a trial is about: anatomy, diseases, substances, procedures, disorders, processes.
# Not the people, places and publications, which words alone name too easily ("human").
_ABOUT = ("A", "C", "D", "E", "F", "G")


@dataclass(frozen=True, slots=True)
class TreeBranch:
    """A heading: one step up, itself, one step down; whether the register assigned it."""

    above: Sequence[Link]
    heading: Link
    below: Sequence[Link]
    more_below: int
    assigned: bool


def branches(record: Record, mesh: Mesh) -> Iterator[TreeBranch]:
    """The headings of a trial: those of the register first, then those that its own words name."""
    terms = (*record.condition_mesh, *record.intervention_mesh)
    assigned = {term.id.value for term in terms} | {
        heading.id for term in terms if term.name.value for heading in mesh.named(term.name.value)
    }
    known = [id for id in headings_of(record, mesh) if id in mesh.headings]
    known = [id for id in known if id in assigned or _is_about(mesh.headings[id])]
    known.sort(key=lambda id: id not in assigned)
    for id in known[:_MOST_HEADINGS]:
        below = mesh.narrower(id)
        yield TreeBranch(
            above=[_link(mesh, up) for up in mesh.wider(id)],
            heading=_link(mesh, id),
            below=[_link(mesh, down) for down in below[:_MOST_BELOW]],
            more_below=max(0, len(below) - _MOST_BELOW),
            assigned=id in assigned,
        )


def _is_about(heading: Heading) -> bool:
    return any(tree.startswith(_ABOUT) for tree in heading.trees)


def _link(mesh: Mesh, id: str) -> Link:
    name = mesh.headings[id].name
    return Link(name, SearchRequest(words=f'mesh:"{name}"').address())


def unknown_terms(record: Record, mesh: Mesh) -> list[str]:
    """MeSH terms of the record that the table lacks (supplementary ones, or of a later year)."""
    terms = (*record.condition_mesh, *record.intervention_mesh)
    return [
        term.name.value
        for term in terms
        if term.name.value
        and term.id.value not in mesh.headings
        and not mesh.named(term.name.value)
    ]
