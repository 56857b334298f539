"""A begun study for each test, and people who send requests to its pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.integration.conduct.world import World, begin
from trialwright.accounts.models import Person


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    settings.TRIALWRIGHT_CUTS = tmp_path
    return begin()


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Client]:
    """A browser in which somebody is signed in: `signed_in("lin")`."""

    def client(username: str) -> Client:
        browser = Client()
        browser.force_login(Person.objects.get(username=username))
        return browser

    return client
