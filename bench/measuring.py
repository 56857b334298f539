"""What measurements share: a process of its own, its memory, an empty view, and seconds of a core,
which on a shared machine say more than a clock."""

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")


def apart(work: Callable[..., Found], *given: object) -> Found:
    """What `work` returns in a fresh process, whose peak of memory is then its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(work, *given).result()


def peak_mb() -> float:
    """The most memory this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def add_empty_view() -> None:
    """Answer `/empty` with nothing: the floor under every page."""
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from trialwright.web import urls

    def empty(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("")

    urls.urlpatterns.append(path("empty", empty))


def processor_seconds(server: int) -> float:
    """What this process and the server's process for it have used of a core (Linux)."""
    words = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    ticks = int(words[11]) + int(words[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def server_of_this_connection() -> int:
    """The process number of the database server's process for Django's connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
