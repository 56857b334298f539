"""Who came, who was refused, who holds which role: in the installation's chain, by ids alone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection

from trialwright.accounts import actions
from trialwright.accounts.models import Membership, Person
from trialwright.ledger import files
from trialwright.ledger.encoding import INSTALLATION
from trialwright.ledger.verify import verify
from trialwright.protocol.basics import Role

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def lin(transactional_db: None) -> Iterator[Person]:
    files.heads_path().unlink(missing_ok=True)
    with actions.entry("add_people", at=NOON) as writer:
        person = actions.add_person(
            writer, username="lin-unheard", name="Lin Unheard", password="a long password"
        )
        actions.give_role(writer, person, study="S-1", role=Role.COORDINATOR, site="C")
    yield person
    files.heads_path().unlink(missing_ok=True)


def _events() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.action, r.id, v.text FROM ledger_row r LEFT JOIN ledger_value v"
            " USING (study, chain, seq) WHERE r.entity = 'sign_in' ORDER BY r.seq"
        )
        return cursor.fetchall()


def _problems() -> list[str]:
    keys = files.keys()
    found = verify(INSTALLATION, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    return [str(each) for each in found.problems]


def test_signing_in_and_being_refused_are_entered(lin: Person, client: object) -> None:
    for password in ("a long guess", "a long password"):
        client.post("/sign-in", {"username": "lin-unheard", "password": password})  # type: ignore[attr-defined]
    client.post("/sign-in", {"username": "nobody-here", "password": "?"})  # type: ignore[attr-defined]
    assert _events() == [
        ("sign_in", str(lin.id), "refused"),
        ("sign_in", str(lin.id), "accepted"),
        ("sign_in", "nobody", "refused"),
    ]
    assert _problems() == []


def test_no_name_is_in_the_ledger(lin: Person, client: object) -> None:
    client.post("/sign-in", {"username": "lin-unheard", "password": "x"})  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        for table in ("ledger_row", "ledger_value"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE '%unheard%'")
            assert cursor.fetchone() == (0,)


def test_a_role_taken_is_entered(lin: Person) -> None:
    with actions.entry("take_role", at=NOON) as writer:
        actions.take_role(writer, Membership.objects.get(person=lin))
    assert not Membership.objects.filter(person=lin).exists()
    assert _problems() == []


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO accounts_membership (person_id, study, role, site)"
        " SELECT id, 'S-1', 'safety_board', '' FROM accounts_person",
        "UPDATE accounts_membership SET role = 'board_statistician', site = ''",
        "UPDATE accounts_person SET is_active = false",
        "DELETE FROM accounts_membership",
    ],
)
def test_a_role_given_or_taken_past_the_ledger_is_named(lin: Person, change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(change)
    problems = _problems()
    assert problems
    assert all("membership" in problem or "person" in problem for problem in problems)
