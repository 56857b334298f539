"""A mail that names nothing: a sentence, and a link that tells its reader alone."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage


def mail_with_link(id: UUID, to: str, subject: str, text: str, path: str) -> EmailMessage:
    """The mail of one row: sent again, it has the same Message-ID."""
    link = f"{settings.TRIALWRIGHT_ADDRESS}/{path}"
    host = urlsplit(settings.TRIALWRIGHT_ADDRESS).hostname or "localhost"
    return EmailMessage(
        subject, f"{text}\n\n{link}\n", to=[to], headers={"Message-ID": f"<{id}@{host}>"}
    )
