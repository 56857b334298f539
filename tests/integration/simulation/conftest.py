"""Scratch databases on the server of the tests, one for each simulated study."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from trialwright.simulation.run import Simulated, simulate
from trialwright.simulation.scratch import Scratch, scratch

Simulate = Callable[..., Simulated]


@pytest.fixture(scope="session")
def databases(django_db_blocker: Any) -> Iterator[Scratch]:
    """The database that copies are taken of."""
    with django_db_blocker.unblock(), scratch() as found:
        yield found


@pytest.fixture
def simulated(databases: Scratch, django_db_blocker: Any) -> Simulate:
    """Simulate a protocol in a database of its own."""

    def run(source: bytes, *, participants: int, seed: int = 1) -> Simulated:
        with django_db_blocker.unblock(), databases.database():
            return simulate(source, "protocol.yaml", participants=participants, seed=seed)

    return run
