"""Whether the program is alive, and whether it can do its work: for who watches over it."""

import os
from datetime import UTC, datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from trialwright.ledger import files, signing
from trialwright.ledger.witness import SILENT, last_heard


@never_cache
def health(_request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
def ready(_request: HttpRequest) -> HttpResponse:
    """The database answers and the signed heads can be written; 503 and what is lacking if not."""
    checks = {"database": _database_answers, "heads": _heads_can_be_written}
    lacking = [name for name, holds in checks.items() if not holds()]
    said = {"ready": not lacking, "lacking": lacking, "witness": _witness()}
    return JsonResponse(said, status=503 if lacking else 200)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        connection.close()
        return False
    return True


def _witness() -> str:
    """Whether the second witness takes what it is given; silent, it doesn't keep pages away."""
    if not settings.TRIALWRIGHT_WITNESS:
        return "none"
    heard = last_heard()
    return "alive" if heard is not None and datetime.now(UTC) - heard < SILENT else "silent"


def _heads_can_be_written() -> bool:
    if signing.signer_elsewhere() is not None:
        return True
    path = files.heads_path()
    # Asking makes no file: a host that has one is taken for the one that signs.
    place = path if path.exists() else path.parent
    try:
        return os.access(place, os.W_OK) and os.statvfs(place).f_bavail > 0
    except OSError:
        return False
