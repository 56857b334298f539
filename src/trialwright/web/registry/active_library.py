"""The library that the pages show: the installation's own, or else the bundled sample as one."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from trialwright.registry.embeddings.model import embedder, is_installed
from trialwright.registry.embeddings.vectors import opened
from trialwright.registry.library.library import Library, LibraryError, newest_index
from trialwright.registry.library.sample import sample_library

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ActiveLibrary:
    """An open library; whether it is the bundled sample, and whether another couldn't be read."""

    library: Library
    bundled: bool
    unreadable: bool = False


def active_library() -> ActiveLibrary:
    """Return the library to show; one that is made while the program runs is found."""
    own = Path(settings.TRIALWRIGHT_REGISTRY)
    unreadable = False
    if newest_index(own) is not None:
        try:
            library = _opened(own)
            # One that was opened before may have been damaged since.
            library.searcher()
            return ActiveLibrary(library, bundled=False)
        except (LibraryError, ValueError, OSError) as trouble:
            unreadable = True
            _log.error("%s", trouble)
    return ActiveLibrary(_opened(_sample(Path(settings.TRIALWRIGHT_SAMPLE))), True, unreadable)


def warm() -> None:
    """Make what searching needs, so that nobody waits for it who asks first."""
    library = active_library().library
    library.mesh.warm()
    if is_installed() and len(opened(library.folder)):
        embedder()


@lru_cache(maxsize=4)
def _sample(below: Path) -> Path:
    return sample_library(below)


@lru_cache(maxsize=4)
def _opened(folder: Path) -> Library:
    return Library(folder)
