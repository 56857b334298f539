"""What tests of pages share: each begins in the language of the settings."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Take back a language that a page was asked for; it stays with the thread otherwise."""
    yield
    translation.deactivate()
