"""Bring the program up: the database, its migrations, static files. Used by every command."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any

from trialwright.config import embedded
from trialwright.config.home import SetupError, home


@contextlib.contextmanager
def database(options: str = "") -> Iterator[None]:
    """Have a database and Django ready for as long as the block lasts.

    Ends cleanly on Ctrl-C, a closed terminal and a plain kill, stopping the embedded server.

    Args:
        options: further options of the embedded server.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trialwright.config.settings")
    running = contextlib.nullcontext() if "DATABASE_URL" in os.environ else embedded.server(options)
    with running:
        import django

        django.setup()
        if "DATABASE_URL" in os.environ:
            _require_answer()
        yield


def _require_answer() -> None:
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise SetupError(
            f"The database that DATABASE_URL names does not answer. Start it, or name another.\n"
            f"{error}"
        ) from None


class NothingHereError(SetupError):
    """There is no installation where one was looked for."""


@contextlib.contextmanager
def installation() -> Iterator[None]:
    """The database of an installation that is there already, for commands that only read it."""
    where = os.environ.get("DATABASE_URL", "") and "the database that DATABASE_URL names"
    nothing = NothingHereError(
        f"Nothing has been entered in {where or home()}. Set TRIALWRIGHT_HOME to the folder of an "
        "installation (`make demo` keeps its in `var`), or begin one: trialwright demo"
    )
    if not where and not (home() / "data").exists():
        raise nothing
    with database():
        from django.db import connection

        if "ledger_row" not in connection.introspection.table_names():
            raise nothing
        yield


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def database_is_ours() -> bool:
    """Whether it is the embedded server's, and not somebody else's."""
    return "DATABASE_URL" not in os.environ


def watch_database() -> None:
    """Have the embedded server run again if it ended; somebody else's is looked after elsewhere."""
    if "DATABASE_URL" not in os.environ:
        embedded.keep_running()


def migrate() -> None:
    """Bring the database's tables up to this release, as their owner; then grant the web's role.

    Raises:
        SetupError: what stands in the tables can't be brought over, and nothing was changed.
    """
    from django.core.management import CommandError, call_command
    from django.db import connections

    try:
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    except CommandError as error:
        raise SetupError(str(error)) from None
    grant(connections["owner"])
    connections["owner"].close()


def grant(connection: Any) -> None:
    """Give the web's role what it needs and no more: the ledger it may only read and extend."""
    from django.apps import apps
    from django.conf import settings
    from django.db.transaction import atomic
    from psycopg import sql

    from trialwright.ledger.rights import close_functions, grant_to_web_role

    close_functions(connection)
    web = settings.DATABASES["default"]["USER"]
    if web == settings.DATABASES["owner"]["USER"]:
        return
    ours = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label != "ledger"
    ]
    with atomic(using=connection.alias), connection.cursor() as cursor:
        for table in ours:
            cursor.execute(
                sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(
                    sql.Identifier(table), sql.Identifier(web)
                )
            )
        grant_to_web_role(connection, web)


def commit_accounts() -> None:
    """Have the people and sites of an earlier release in the ledger."""
    from django.utils import timezone

    from trialwright.accounts import actions

    actions.commit_to_what_stands(at=timezone.now())


class RestoreError(SetupError):
    """The database is older than the signed heads say; nobody may write before that is settled."""


def check_restore() -> None:
    """Refuse to serve a database that lost what was signed until somebody acknowledges it.

    An entry written before would look like a chain recomputed, for good.
    """
    from trialwright.ledger import repair

    for loss in repair.lost():
        raise RestoreError(
            f"The {loss.chain} chain of {loss.study} ends at {loss.end}, and {loss.last} was "
            "signed: the database was restored from an older backup, or rows were changed. "
            "Look into it first (trialwright verify), then record what was lost: "
            "trialwright ledger acknowledge --by YOUR_SIGN_IN_NAME --reason WHY"
        )


def collect_static() -> None:
    """Put the static files, named by their content, where the server finds them."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)


def registry() -> None:
    """Have the bundled trials as a library, for an installation that has none of its own."""
    from pathlib import Path

    from django.conf import settings

    from trialwright.registry.library.sample import sample_library

    sample_library(Path(settings.TRIALWRIGHT_SAMPLE))
