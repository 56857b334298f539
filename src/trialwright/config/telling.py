"""The settings of what lies outside this machine: mail server, second witness, backups."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from trialwright.config.home import SetupError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def witness(value: str) -> str:
    """The second witness as it is named, checked; empty if there is none.

    >>> witness("mailto:one@example.org,two@example.org")
    'mailto:one@example.org,two@example.org'
    """
    if value.startswith("mailto:"):
        people = [each.strip() for each in value.removeprefix("mailto:").split(",")]
        if len(set(people)) < 2 or not all(_is_address(each) for each in people):
            raise SetupError(
                f"TRIALWRIGHT_WITNESS is {value!r}. Name two people, so that no one of them can"
                " lose it alone: mailto:one@example.org,two@example.org."
            )
    elif value.startswith("http://") and urlsplit(value).hostname not in _LOOPBACK:
        raise SetupError(
            f"TRIALWRIGHT_WITNESS is {value!r}: without TLS anybody between could answer for the"
            " witness. Write https://."
        )
    return value


def address(value: str) -> str:
    """The address of the installation, without a slash at its end.

    >>> address("https://trials.example.org/")
    'https://trials.example.org'
    """
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(
            f"TRIALWRIGHT_ADDRESS is {value!r}. Write an address such as"
            " https://trials.example.org."
        )
    return value.rstrip("/")


def kept_backups(value: str) -> dict[str, int]:
    """How many days, weeks and months keep a backup.

    >>> kept_backups("7d 5w 12m")
    {'d': 7, 'w': 5, 'm': 12}
    """
    found = re.fullmatch(r"([1-9]\d{0,3})d(?: ([1-9]\d{0,3})w)?(?: ([1-9]\d{0,3})m)?", value)
    if found is None:
        raise SetupError(
            f"TRIALWRIGHT_BACKUP_KEEP is {value!r}. Write days, and if wanted weeks and months:"
            " 7d 5w 12m."
        )
    return {unit: int(many) for unit, many in zip("dwm", found.groups(), strict=True) if many}


def mail(value: str) -> dict[str, Any]:
    """Django's settings for a mail server, or for a folder that mails are put into.

    >>> mail("smtps://me:secret@mail.example.org")["EMAIL_PORT"]
    465
    """
    if not value.startswith(("smtp://", "smtps://")):
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": value}
    parts = urlsplit(value)
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or (port is None and ":" in parts.netloc.rpartition("@")[2].strip("[]")):
        raise SetupError(
            "TRIALWRIGHT_MAIL names no mail server. Write smtps://USER:PASSWORD@HOST:PORT."
        )
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and parts.hostname not in _LOOPBACK,
        "EMAIL_TIMEOUT": 30,
    }


def _is_address(text: str) -> bool:
    name, at, host = text.partition("@")
    return bool(name and at and host) and not any(each.isspace() for each in text)
