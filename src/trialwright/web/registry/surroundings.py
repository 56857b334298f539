"""What stands around a trial: its neighbours, those its page listed, its history.

It takes longest to find of all that a trial's page shows, and depends on the library alone, so it
is kept for as long as the library stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trialwright.registry.library.library import Library, NotInLibraryError
from trialwright.registry.library.sample import sample_numbers, sample_record, sample_see_also
from trialwright.registry.record.record import Record
from trialwright.registry.record.summaries import short_facts
from trialwright.registry.related.history import VersionStep, history
from trialwright.registry.related.linked import registrations
from trialwright.registry.related.related import Related, related_to

MOST_RELATED = 12
_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Around one trial.

    Attributes:
        related: the trials nearest to it.
        listed: the short facts of those that the page listed from which the sample was read.
        steps: what changed between the versions that the library holds.
        registrations: the records of the same trial in other registers.
    """

    related: Sequence[Related]
    listed: Sequence[dict[str, Any]]
    steps: Sequence[VersionStep]
    registrations: Sequence[Record]


_kept: dict[tuple[Library, object, str], Surroundings] = {}


def surroundings(library: Library, record: Record) -> Surroundings:
    """Find what stands around a trial, or remember it."""
    key = (library, library.state, record.number)
    found = _kept.get(key)
    if found is None:
        found = Surroundings(
            related=related_to(library, record, limit=MOST_RELATED),
            listed=_listed(library, record.number),
            steps=_steps(library, record),
            registrations=registrations(library, record),
        )
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = found
    return found


def _steps(library: Library, record: Record) -> tuple[VersionStep, ...]:
    older = range(len(library.versions(record.number)) - 1)
    return history([*(library.record(record.number, place) for place in older), record])


def _listed(library: Library, number: str) -> list[dict[str, Any]]:
    """As the library has them, and else as the sample has."""
    if number not in sample_numbers():
        return []
    found = []
    for other in sample_see_also(number):
        try:
            record = library.record(other.number)
        except NotInLibraryError:
            record = sample_record(other.number)
        found.append(short_facts(record))
    return found
