"""A stop of a tour, which the first day and the walk through safety are both made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to do: what, why, where, and the chapter of the manual about it."""

    what: str
    why: str
    href: str
    chapter: str
