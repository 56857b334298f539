"""The embedded server is a real PostgreSQL that only our roles reach, over a private socket."""

import stat

import psycopg
import pytest

from trialwright.config import embedded


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
