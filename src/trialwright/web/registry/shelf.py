"""The library that the pages show: the installation's own, or else the bundled sample as one."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from trialwright.registry.library import Library, newest_index
from trialwright.registry.sample import sample_library


@dataclass(frozen=True, slots=True)
class Shelf:
    """An open library, and whether it is the bundled sample."""

    library: Library
    bundled: bool


def shelf() -> Shelf:
    """Return the library to show; one that is made while the program runs is found."""
    own = Path(settings.TRIALWRIGHT_REGISTRY)
    if newest_index(own) is not None:
        return Shelf(_opened(own), bundled=False)
    return Shelf(_opened(_sample(Path(settings.TRIALWRIGHT_SAMPLE))), bundled=True)


@lru_cache(maxsize=4)
def _sample(below: Path) -> Path:
    return sample_library(below)


@lru_cache(maxsize=4)
def _opened(folder: Path) -> Library:
    return Library(folder)
