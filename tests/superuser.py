"""How tests reach the server as its superuser: the embedded one, or the one of DATABASE_URL."""

import contextlib
import os
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from trialwright.config import embedded

WEB, OWNER = embedded.WEB, embedded.OWNER


def superuser_url(database: str = embedded.DATABASE) -> str:
    """A connection string for this database; a DATABASE_URL of tests names a superuser itself."""
    if "DATABASE_URL" in os.environ:
        return make_conninfo(os.environ["DATABASE_URL"], dbname=database)
    return embedded.address().url(embedded.SUPERUSER, database)


@contextlib.contextmanager
def database_away(database: str) -> Iterator[None]:
    """End every connection to a database and let none in, for as long as this lasts."""
    allow = "ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}"
    name = sql.Identifier(database)
    with psycopg.connect(superuser_url("postgres"), autocommit=True) as server:
        server.execute(sql.SQL(allow).format(name, sql.SQL("false")))
        try:
            ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            server.execute(ends, [database])
            yield
        finally:
            server.execute(sql.SQL(allow).format(name, sql.SQL("true")))
