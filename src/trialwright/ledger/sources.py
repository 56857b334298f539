"""Where salts, the names of rows and the time come from: the system, or what a simulation gives.

With sources of its own, drawn from a seed, a simulation writes the same bytes again. A study for
real participants refuses to be written with any but the system's (`conduct.acting`), and the
shipped database refuses rows that don't carry its own clock.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sources:
    """What stands in the place of the system's randomness and clock.

    now: the present of whoever acts. recorded_at: when an entry is recorded, rising from one to the
    next; heads are then signed once all is written, so that no line depends on what is committed
    together. None: the database says when, and heads are signed with each commit, as ever.
    """

    entropy: Callable[[int], bytes]
    now: Callable[[], datetime]
    recorded_at: Callable[[], datetime] | None


_given: ContextVar[Sources | None] = ContextVar("sources", default=None)


@contextmanager
def given(sources: Sources) -> Iterator[None]:
    """Take salts, names and the time from these for as long as the block lasts."""
    token = _given.set(sources)
    try:
        yield
    finally:
        _given.reset(token)


def are_given() -> bool:
    """Whether the system's own are replaced."""
    return _given.get() is not None


def entropy(size: int) -> bytes:
    """So many random bytes."""
    sources = _given.get()
    return secrets.token_bytes(size) if sources is None else sources.entropy(size)


def new_id() -> UUID:
    """A name for a row: random, so that it says nothing."""
    return UUID(bytes=entropy(16), version=4)


def now() -> datetime:
    """The present, aware."""
    sources = _given.get()
    return datetime.now(UTC) if sources is None else sources.now()


def recorded_at() -> datetime | None:
    """When the next entry is recorded; None where the database says so."""
    sources = _given.get()
    return sources.recorded_at() if sources and sources.recorded_at else None


def signed_with_commits() -> bool:
    """Whether heads are signed as each transaction is committed."""
    sources = _given.get()
    return sources is None or sources.recorded_at is None
