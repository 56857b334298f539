"""Whether the program is alive, and whether it can do its work: for who watches over it."""

import os
from datetime import UTC, datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from trialwright.ledger import files
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
    try:
        with files.heads_path().open("ab") as file:
            return os.fstatvfs(file.fileno()).f_bavail > 0
    except OSError:
        return False
