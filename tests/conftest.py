"""What all tests share: the embedded PostgreSQL, running for as long as they do."""

import contextlib
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase
from hypothesis import settings

SHARED = Path(__file__).parent.parent.parent / "shared"
_running = contextlib.ExitStack()
# Thousands of tests and all they import stand in memory to the end: walking them again and again in
# search of circles took a fifth of the tests' time.
gc.set_threshold(100_000, 20, 100)
# No test measures time: on a busy machine any of them may take long.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def pytest_configure(config: pytest.Config) -> None:
    """Start the server, or join the one that another worker started; the last to leave stops it."""
    if "DATABASE_URL" not in os.environ:
        from trialwright.config import embedded, scratch

        _running.enter_context(embedded.server(scratch.QUICK))


def pytest_unconfigure(config: pytest.Config) -> None:
    _running.close()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A language that a test, or a page it asked for, made the thread's ends with the test."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records and published figures beside the repository, if it is there."""
    if not SHARED.is_dir():
        pytest.skip(f"the real records are not here: there is no folder {SHARED.name} beside this")
    return SHARED


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit empty the tables afterwards, which the ledger's triggers refuse; and with
    the rows go the heads that sign them.

    A database is made for the run only where a test is marked for one; without it nothing may be
    touched, whoever unblocks access.
    """
    from django.db import connection

    from tests.kept import let_put_back
    from trialwright.ledger import files

    name = connection.settings_dict["NAME"]
    if not name.startswith("test_"):
        raise pytest.UsageError(
            f"No test of this run is marked for a database, so none was made, and {name} is not "
            "one of the tests. Mark the module: pytestmark = pytest.mark.django_db"
        )
    # A browser's test has another connection in the same thread, so the whole kind is taught.
    operations, tables = type(connection.ops), ("ledger_row", "ledger_value", "ledger_head")
    flush = operations.execute_sql_flush

    def flush_the_ledger_too(self: Any, statements: list[str]) -> None:
        may, may_not = (
            [f"ALTER TABLE {table} {word} TRIGGER {table}_no_truncate" for table in tables]
            for word in ("DISABLE", "ENABLE")
        )
        flush(self, [*may, *statements, *may_not] if statements else [])
        files.begin_anew()

    let_put_back(connection.settings_dict["USER"])
    operations.execute_sql_flush = flush_the_ledger_too
    TransactionTestCase._fixture_teardown = empty_what_holds_rows
    files.begin_anew()


def empty_what_holds_rows(case: TransactionTestCase) -> None:
    """Empty the tables that a test has filled, and those whose rows would point into them.

    Django empties every table and then fills in its kinds of content and their permissions, which
    are the same for all tests.
    """
    from django.db import connections

    from tests.kept import empty_tables

    for alias in case._databases_names(include_mirrors=False):
        empty_tables(connections[alias])
