"""A PostgreSQL connection string as Django's settings want it."""

from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from trialwright.config.home import SetupError


def from_url(url: str) -> dict[str, Any]:
    """Django's settings for a libpq URI or key-value string; SetupError if libpq can't read it."""
    try:
        read = conninfo_to_dict(url)
    except ProgrammingError:  # its words repeat the address, which may hold a password
        raise SetupError(
            "DATABASE_URL or DATABASE_OWNER_URL is not an address of PostgreSQL. "
            "Write postgresql://user:password@host:5432/name."
        ) from None
    parts = {key: str(value) for key, value in read.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", **parts, "options": "-c timezone=UTC"},
    }
