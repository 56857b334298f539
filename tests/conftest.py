"""What all tests share: the embedded PostgreSQL, running for as long as they do."""

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parent.parent.parent / "shared"
_running = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the server, or join the one that another worker started; the last to leave stops it."""
    if "DATABASE_URL" not in os.environ:
        from trialwright.config import embedded

        _running.enter_context(embedded.server("-c fsync=off"))


def pytest_unconfigure(config: pytest.Config) -> None:
    _running.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records and published figures beside the repository, if it is there."""
    if not SHARED.is_dir():
        pytest.skip(f"the real records are not here: there is no folder {SHARED.name} beside this")
    return SHARED


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit empty all tables afterwards, which the ledger's triggers refuse."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("ledger_row", "ledger_value", "ledger_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
