"""A begun study for each test, on the real database."""

import pytest

from tests.integration.conduct.world import World, begin


@pytest.fixture
def world(db: None) -> World:
    return begin()
