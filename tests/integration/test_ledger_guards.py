"""What keeps the tables as they are is compared with what this release ships; and `verify` sees a
changed password, user name, display name or site name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from typer.testing import CliRunner

from tests.superuser import superuser_url
from trialwright.accounts import actions
from trialwright.accounts.models import Person
from trialwright.cli import app
from trialwright.ledger import files, journal
from trialwright.ledger.verify import verify, verify_guards

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def guards() -> list[str]:
    return [str(one) for one in verify_guards().problems]


def test_a_database_as_shipped_has_all_its_guards(transactional_db: None) -> None:
    assert guards() == []


CHANGES = {
    "a trigger dropped": (
        "DROP TRIGGER ledger_row_append_only ON ledger_row",
        "CREATE TRIGGER ledger_row_append_only BEFORE UPDATE OR DELETE ON ledger_row"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
        "the database lacks the trigger ledger_row_append_only of ledger_row",
    ),
    "a trigger switched off": (
        "ALTER TABLE ledger_value DISABLE TRIGGER ledger_value_erase",
        "ALTER TABLE ledger_value ENABLE TRIGGER ledger_value_erase",
        "the trigger ledger_value_erase of ledger_value is switched off",
    ),
    "a constraint dropped": (
        "ALTER TABLE ledger_value DROP CONSTRAINT ledger_value_has_row",
        "ALTER TABLE ledger_value ADD CONSTRAINT ledger_value_has_row"
        " FOREIGN KEY (study, chain, seq) REFERENCES ledger_row (study, chain, seq)",
        "the database lacks the constraint ledger_value_has_row of ledger_value",
    ),
    "a unique constraint dropped": (
        "ALTER TABLE accounts_membership DROP CONSTRAINT membership_once",
        "ALTER TABLE accounts_membership ADD CONSTRAINT membership_once"
        " UNIQUE (person_id, study, role, site)",
        "the database lacks the constraint membership_once of accounts_membership",
    ),
    "a check made weaker": (
        "ALTER TABLE ledger_row DROP CONSTRAINT ledger_row_from_one,"
        " ADD CONSTRAINT ledger_row_from_one CHECK (seq >= 0)",
        "ALTER TABLE ledger_row DROP CONSTRAINT ledger_row_from_one,"
        " ADD CONSTRAINT ledger_row_from_one CHECK (seq >= 1)",
        "the constraint ledger_row_from_one of ledger_row is switched off",
    ),
    "a right granted": (
        "GRANT UPDATE ON ledger_row TO pg_monitor",
        "REVOKE UPDATE ON ledger_row FROM pg_monitor",
        "pg_monitor may UPDATE on ledger_row",
    ),
    "a right to everybody": (
        "GRANT EXECUTE ON FUNCTION ledger_open(text, boolean) TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION ledger_open(text, boolean) FROM PUBLIC",
        "PUBLIC may EXECUTE on ledger_open",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_guard_that_was_changed_is_named(transactional_db: None, change: str) -> None:
    done, undone, said = CHANGES[change]
    with connection.cursor() as cursor:
        cursor.execute(done)
    try:
        found = guards()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(undone)
    assert len(found) == 1 and found[0].startswith(said)
    assert guards() == []


def test_a_function_that_was_replaced_is_named(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('ledger_refuse'::regproc)")
        (shipped,) = cursor.fetchone()
        cursor.execute(shipped.replace("RAISE EXCEPTION", "RAISE NOTICE"))
        found = CliRunner().invoke(app, ["verify"])
        cursor.execute(shipped)
    assert found.exit_code == 1
    assert "the function ledger_refuse is switched off, or isn't the one" in found.output
    assert CliRunner().invoke(app, ["verify"]).exit_code == 0


@pytest.fixture
def free(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[psycopg.Connection]:
    settings.TRIALWRIGHT_KEYS = settings.TRIALWRIGHT_HEADS = tmp_path
    with actions.entry("add_people", at=NOON) as writer:
        for name in ("lin", "zhou"):
            actions.add_person(writer, username=name, name=f"{name} unheard", password="a password")
        actions.ensure_site(writer, study="S-1", code="C", name_en="Clinic", name_zh="诊所")
    with psycopg.connect(superuser_url(connection.settings_dict["NAME"]), autocommit=True) as one:
        yield one


def problems() -> list[str]:
    keys, path = files.keys(), files.heads_path()
    found = verify(journal.INSTALLATION, heads_path=path, publics=[keys.public], keys=keys)
    return [str(one) for one in found.problems]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("UPDATE accounts_person SET name = 'x' WHERE username = 'lin'", ["name"]),
        ("UPDATE accounts_person SET username = 'x' WHERE username = 'lin'", ["username"]),
        (
            "UPDATE accounts_person SET password = 'md5$x$y' WHERE username = 'lin'",
            ["username", "name", "password"],
        ),
        ("UPDATE accounts_site SET name_zh = 'x'", ["name_zh"]),
    ],
)
def test_a_changed_name_or_password_is_seen(
    free: psycopg.Connection, change: str, fields: list[str]
) -> None:
    assert problems() == []
    free.execute(change)
    found = problems()
    assert [one.split(": ")[1].split()[-1] for one in found] == fields


def test_what_an_earlier_release_made_is_committed_to_at_the_next_start(
    free: psycopg.Connection,
) -> None:
    Person.objects.create(username="old", name="Of an earlier release")
    with actions.entry("add_people", at=NOON) as writer:
        person = Person.objects.get(username="old")
        writer.write(entity="person", id=person.id, field="is_active", new=True)
    assert len(problems()) == 3
    actions.commit_to_what_stands(at=NOON)
    seq = journal.head(journal.INSTALLATION, "installation").seq
    assert problems() == []
    actions.commit_to_what_stands(at=NOON)
    assert journal.head(journal.INSTALLATION, "installation").seq == seq


def test_signing_in_leaves_the_hash_of_a_password_as_it_is(
    free: psycopg.Connection, client: Any, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    came = client.post("/sign-in", {"username": "lin", "password": "a password"})
    assert came.status_code == 302
    assert problems() == []
