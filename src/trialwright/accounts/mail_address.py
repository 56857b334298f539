"""Where mails to a person go."""

from django.conf import settings

from trialwright.accounts.models import Person


def address_of(person: Person) -> str:
    """The mail address of a person: the username where it is one, else at the mail domain."""
    name = person.username
    return name if "@" in name else f"{name}@{settings.TRIALWRIGHT_MAIL_DOMAIN}"
