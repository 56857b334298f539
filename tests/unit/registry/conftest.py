"""Where the real records lie, beside the repository; tests that need them skip without them."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared" / "registry"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real register records."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the real register records in {SHARED}, which are not part of this")
    return SHARED
