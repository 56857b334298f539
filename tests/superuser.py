"""How tests reach the server as its superuser: the embedded one, or the one of DATABASE_URL."""

import os

from psycopg.conninfo import make_conninfo

from trialwright.config import embedded

WEB, OWNER = embedded.WEB, embedded.OWNER


def superuser_url(database: str = embedded.DATABASE) -> str:
    """A connection string for this database; a DATABASE_URL of tests names a superuser itself."""
    if "DATABASE_URL" in os.environ:
        return make_conninfo(os.environ["DATABASE_URL"], dbname=database)
    return embedded.address().url(embedded.SUPERUSER, database)
