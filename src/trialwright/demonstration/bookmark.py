"""How far the building of the demonstration is. No fact of a trial: it enters no ledger.

The bookmark lies in a schema of its own, made by the first building, so that the program's own
tables, which a hospital's installation has, know nothing of a demonstration.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, connections
from psycopg import sql

_MADE = """
    CREATE SCHEMA IF NOT EXISTS demonstration;
    CREATE TABLE IF NOT EXISTS demonstration.bookmark (
        study text PRIMARY KEY,
        participants integer NOT NULL,
        until timestamptz NOT NULL,
        done integer NOT NULL,
        finished boolean NOT NULL
    );
"""

_GRANTED = """
    GRANT USAGE ON SCHEMA demonstration TO {web};
    GRANT SELECT, INSERT, UPDATE ON demonstration.bookmark TO {web};
"""


@dataclass(slots=True)
class Bookmark:
    """What a building goes on from: saved in the transaction of the steps that it counts.

    `until` is the present in which the story ends; with it and the number of participants the
    story is the same at each telling, so that a broken-off building goes on after its `done` steps.
    """

    study: str
    participants: int
    until: datetime
    done: int = 0
    finished: bool = False

    def save(self) -> None:
        """Write the bookmark in the transaction that is open."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO demonstration.bookmark VALUES (%s, %s, %s, %s, %s) "
                "ON CONFLICT (study) DO UPDATE SET participants = excluded.participants, "
                "until = excluded.until, done = excluded.done, finished = excluded.finished",
                [self.study, self.participants, self.until, self.done, self.finished],
            )


def prepare() -> None:
    """Make the place of the bookmark, as the owner of the tables; nothing happens if it stands."""
    owner = connections["owner"] if "owner" in settings.DATABASES else connection
    web = settings.DATABASES["default"]["USER"]
    with owner.cursor() as cursor:
        cursor.execute(_MADE)
        if owner.settings_dict["USER"] != web:
            cursor.execute(sql.SQL(_GRANTED).format(web=sql.Identifier(web)))


def find(study: str) -> Bookmark | None:
    """The bookmark of a study that is being built or was; None where no such study stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM demonstration.bookmark WHERE study = %s "
            "AND EXISTS (SELECT FROM conduct_study WHERE identifier = study)",
            [study],
        )
        found = cursor.fetchone()
    return Bookmark(*found) if found else None
