"""Databases that are made for a simulation and gone after it, with keys, heads and cuts of theirs.

They stand on the server that the settings name and share nothing with the installation: another
database, another folder. The role that connects must be allowed to create databases.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

SQL = Path(__file__).with_name("scratch_ledger.sql")
_FOLDERS = ("TRIALWRIGHT_KEYS", "TRIALWRIGHT_HEADS", "TRIALWRIGHT_CUTS")


class Scratch:
    """A migrated database without rows, of which copies are made."""

    def __init__(self, template: str) -> None:
        self._template = template

    @contextmanager
    def database(self) -> Iterator[Path]:
        """Work in a fresh copy, with empty folders; yields the folder that holds them."""
        name = f"{self._template}_{secrets.token_hex(4)}"
        _create(name, self._template)
        folder = Path(tempfile.mkdtemp(prefix="trialwright-simulation-"))
        try:
            with _connected_to(name), _folders_in(folder):
                yield folder
        finally:
            _drop(name)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def scratch() -> Iterator[Scratch]:
    """Make the database that copies are taken of; it is gone when the block ends."""
    name = f"trialwright_scratch_{secrets.token_hex(6)}"
    _create(name, "template1")
    try:
        with _connected_to(name):
            call_command("migrate", database="default", interactive=False, verbosity=0)
            with connections["default"].cursor() as cursor:
                cursor.execute(SQL.read_text(encoding="utf-8"))
        yield Scratch(name)
    finally:
        _drop(name)


def _create(name: str, template: str) -> None:
    words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _outside(words.format(sql.Identifier(name), sql.Identifier(template)))


def _drop(name: str) -> None:
    # Not by force: the server sends its own vacuum away, which no role but its superuser may.
    _outside(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _owner() -> dict[str, Any]:
    """The settings of the role that makes tables, which here makes databases too."""
    alias = "owner" if "owner" in settings.DATABASES else "default"
    return dict(settings.DATABASES[alias])


def _outside(statement: sql.Composed) -> None:
    role = _owner()
    with psycopg.connect(
        dbname="postgres",
        user=role["USER"],
        password=role["PASSWORD"],
        host=role["HOST"],
        port=role["PORT"] or None,
        autocommit=True,
    ) as connection:
        connection.execute(statement)


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """Have the default connection lead to another database, as the role that owns its tables."""
    connection = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    role = _owner()
    connection.settings_dict.update(NAME=name, USER=role["USER"], PASSWORD=role["PASSWORD"])
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def _folders_in(folder: Path) -> Iterator[None]:
    before = {name: getattr(settings, name) for name in (*_FOLDERS, "TRIALWRIGHT_WITNESS")}
    try:
        for name in _FOLDERS:
            place = folder / name.removeprefix("TRIALWRIGHT_").lower()
            place.mkdir(mode=0o700)
            setattr(settings, name, place)
        settings.TRIALWRIGHT_WITNESS = ""
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
