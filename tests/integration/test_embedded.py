"""The embedded server is a real PostgreSQL that only our roles reach, over a private socket."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from trialwright.config import embedded, postgres_user


def test_the_web_role_signs_in_with_its_own_password_and_may_not_make_tables() -> None:
    url = embedded.address().url(embedded.WEB)
    with psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version_num").fetchone()
        assert version is not None and int(version[0]) >= 150_000
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE anything (id int)")


def test_a_wrong_password_is_refused() -> None:
    url = embedded.address().url(embedded.WEB)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url, password="not the one")


def test_the_socket_lies_in_a_short_private_folder() -> None:
    folder = embedded.address().socket_folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(str(folder / ".s.PGSQL.5432")) < 107


def test_a_second_user_of_the_server_joins_and_leaves_it_running() -> None:
    with embedded.server() as again:
        assert again == embedded.address()
    with psycopg.connect(embedded.address().url(embedded.OWNER)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_where_the_package_lies_in_a_closed_folder_its_programs_run_from_a_copy() -> None:
    """As in a checkout below a root's home that nobody else may enter."""
    place = Path(tempfile.mkdtemp(prefix="trialwright-closed-", dir="/tmp"))
    package = postgres_user.wheel().parent
    try:
        (place / "closed").mkdir(mode=0o700)
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, place / "closed" / part.name, symlinks=True)
        place.chmod(0o755)
        asked = (
            "import sys; from pathlib import Path; from trialwright.config import postgres_user\n"
            "postgres_user._SYSTEM_FOLDER = Path(sys.argv[1])\n"
            "user = postgres_user.unprivileged_user()\n"
            "binaries = postgres_user.reachable_binaries(user)\n"
            "for name in ('postgres', 'initdb', 'pg_ctl', 'psql', 'pg_dump'):\n"
            "    done = postgres_user.as_user(user, [binaries / name, '--version'])\n"
            "    print(binaries / name, done.stdout, done.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", asked, str(place / "system")],
            env={**os.environ, "PYTHONPATH": str(place / "closed")},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout.count("(PostgreSQL) 18") == 5, done.stdout
        assert done.stdout.count(str(place / "system")) == 5
    finally:
        shutil.rmtree(place)
