"""Tests touch a database of their own or none: never one that somebody works with."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.superuser import superuser_url
from trialwright.config import embedded

ROOT = Path(__file__).parent.parent.parent
UNMARKED = """
    import pytest
    from django.core.management import call_command
    from django.db import connection

    @pytest.fixture(scope="module")
    def everything({needs}, django_db_blocker):
        with django_db_blocker.unblock():
            connection.cursor().execute("DELETE FROM somebodys_work")

    def test_without_a_mark(everything):
        pass
"""


@pytest.fixture
def somebodys_work() -> Any:
    """A table in the database that the address of the tests names."""
    with psycopg.connect(superuser_url(embedded.DATABASE), autocommit=True) as work:
        work.execute("CREATE TABLE somebodys_work (it text)")
        work.execute("INSERT INTO somebodys_work VALUES ('is here')")
        work.execute("GRANT ALL ON somebodys_work TO PUBLIC")
        try:
            yield work
        finally:
            work.execute("DROP TABLE somebodys_work")


@pytest.mark.parametrize("needs", ["django_db_setup", "pytestconfig"])
def test_a_test_without_a_mark_reaches_no_database(
    tmp_path: Path, somebodys_work: Any, needs: str
) -> None:
    file = tmp_path / "test_unmarked.py"
    file.write_text(textwrap.dedent(UNMARKED.format(needs=needs)))
    environment = {name: each for name, each in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml",
         "--rootdir", str(ROOT), "-p", "tests.conftest", str(file)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "no_database_but_one_of_the_tests" in done.stdout
    assert somebodys_work.execute("SELECT it FROM somebodys_work").fetchall() == [("is here",)]
