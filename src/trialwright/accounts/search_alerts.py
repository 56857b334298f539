"""Searches of registered trials whose news a person is sent by mail, and which of them are due.

What is new in one is found by `web.registry.mail_alerts`, which sends it too.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from trialwright.accounts.models import Person, SearchAlert

EVERY: Final = timedelta(days=1)
MOST: Final = 50
"""How many one person may have."""


class TooManyAlertsError(Exception):
    """The person has `MOST` already."""


def add(person: Person, search: str, *, told_until: datetime | None, at: datetime) -> None:
    """Have a person sent what is new in a search; one that there is stays as it is.

    Args:
        person: whom.
        search: the parameters of its address, as `SearchRequest` writes them.
        told_until: when the newest of its trials came; what came until then is no news.
        at: now.

    Raises:
        TooManyAlertsError: there is no room for another.
    """
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        rows = SearchAlert.objects.filter(person=person)
        if rows.filter(search=search).exists():
            return
        if rows.count() >= MOST:
            raise TooManyAlertsError
        SearchAlert.objects.create(
            person=person, search=search, made_at=at, looked_at=at, told_until=told_until
        )


def of(person: Person) -> list[SearchAlert]:
    """A person's, oldest first."""
    return list(SearchAlert.objects.filter(person=person).order_by("made_at", "id"))


def end(person: Person, alert: UUID) -> None:
    """Send a person no more of one; another person's stays."""
    SearchAlert.objects.filter(person=person, pk=alert).delete()


def next_due(now: datetime) -> SearchAlert | None:
    """The one that was looked at longest ago, a day or more; locked until the transaction ends.

    Of several processes each gets another.
    """
    rows = SearchAlert.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.filter(looked_at__lte=now - EVERY, person__is_active=True)
    return rows.select_related("person").order_by("looked_at", "id").first()
