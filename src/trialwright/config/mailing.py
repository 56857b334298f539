"""Sending a mail from a command that needs no database, through the installation's mail."""

import os

from trialwright.config.home import SetupError
from trialwright.config.telling import mail


def send(to: str, subject: str, body: str) -> None:
    """Send a text to one address.

    Raises:
        SetupError: no mail is set up, the address is none, or the mail server refuses.
    """
    from django.conf import settings
    from django.core.mail import EmailMessage

    where = os.environ.get("TRIALWRIGHT_MAIL")
    if not where:
        raise SetupError(
            "No mail is set up here, so nothing was sent. Name the mail server in "
            "TRIALWRIGHT_MAIL: smtps://USER:PASSWORD@HOST:PORT."
        )
    name, at, host = to.partition("@")
    if not (name and at and host) or any(each.isspace() or each == "," for each in to):
        raise SetupError(f"{to!r} is no mail address. Write one, such as me@example.org.")
    if not settings.configured:
        # Commands on the registry run without the settings of the site, and without its database.
        sender = os.environ.get("TRIALWRIGHT_MAIL_FROM", "trialwright@localhost")
        settings.configure(**mail(where), DEFAULT_FROM_EMAIL=sender)
    try:
        EmailMessage(subject, body, to=[to]).send()
    except OSError as error:
        raise SetupError(
            f"The mail to {to} was not sent: {error}. Look at TRIALWRIGHT_MAIL, and try again."
        ) from error
