"""What tests begin with, put back: also where the tables have begun their numbers anew."""

import pytest
from django.db import connection
from django.utils import timezone

from tests.kept import kept
from trialwright.accounts import actions as accounts
from trialwright.accounts.models import Membership

pytestmark = pytest.mark.django_db


def someone(name: str) -> int:
    """Somebody with a role; returns the number of the row that says so."""
    with accounts.entry("test", at=timezone.now()) as writer:
        person = accounts.add_person(writer, username=name, name=name, password="a long password")
        accounts.give_role(writer, person, study="KEPT-01", role="monitor", site="")
    return Membership.objects.get(person=person).pk


@pytest.mark.parametrize("time", [1, 2])
def test_more_can_be_added_to_what_was_put_back(time: int) -> None:
    first = kept("somebody", lambda: someone("first"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('accounts_membership', 'id')")
        sequence = cursor.fetchone()[0]
        assert someone("second") > first
        cursor.execute("SELECT setval(%s, %s, false)", [sequence, first])
