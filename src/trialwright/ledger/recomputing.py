"""What follows from sealed random numbers, found again by `verify`; packages register how."""

from collections.abc import Callable, Iterable, Iterator

Recompute = Callable[[str], Iterable[str]]
"""Takes the study; gives the place of whatever isn't what follows from its random numbers."""

_registered: dict[str, Recompute] = {}


def register(name: str, recompute: Recompute) -> None:
    """Have something found again; of one name the last counts."""
    _registered[name] = recompute


def differing(study: str) -> Iterator[str]:
    """The places of all that isn't what follows, by what each package has registered."""
    for name in sorted(_registered):
        yield from _registered[name](study)
