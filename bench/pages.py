"""A form saved and a participant's page, beside an empty Django view and a bare INSERT.

One process, one participant in follow-up, on a database of its own (var/bench-pages), through
the whole middleware as the web's own role. A save is one action: lock, checks, values, ledger,
commit, signed head. Ratios are of what a core does, the database server's process included: on a
shared machine the clock says little.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bench.measuring import add_empty_view, processor_seconds, server_of_this_connection

TIMES = 200


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    os.environ["TRIALWRIGHT_HOME"] = str(Path(__file__).parent.parent / "var" / "bench-pages")
    from trialwright.config import starting

    with starting.database():
        starting.migrate()
        starting.collect_static()
        yield from _measure()


def _measure() -> Iterator[str]:
    from django.test import Client, override_settings

    from trialwright.accounts.models import Person

    add_empty_view()
    code = _participant()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(Person.objects.get(username="lin"))
    page = f"/studies/DEMO-HAEC-01/participants/{code}"
    form = f"{page}/visits/running/concomitant/1"

    def save(number: int) -> None:
        answers = {
            "revision": number, "name": f"Medicine {number}", "reason": "headache",
            "route": "oral", "started.year": "2026", "ongoing": "yes", "name.why": "typing error",
        }  # fmt: skip
        assert client.post(form, answers).status_code == 302

    def get(address: str) -> Callable[[int], None]:
        def once(_number: int) -> None:
            assert client.get(address).status_code == 200

        return once

    with override_settings(ALLOWED_HOSTS=["127.0.0.1"]):
        floor_view = _timed(get("/empty"))
        floor_insert = _timed(_insert)
        shown = _timed(get(page))
        saved = _timed(save)
    yield f"pages: empty view          {_said(floor_view)}"
    yield f"pages: bare INSERT, commit {_said(floor_insert)}"
    views = shown.core / floor_view.core
    yield f"pages: participant page    {_said(shown)}  {views:.0f} empty views"
    floor = floor_view.core + floor_insert.core
    yield f"pages: form saved          {_said(saved)}  {saved.core / floor:.0f} (view + INSERT)"


def _participant() -> str:
    """A treated woman with a month of visits, made as the tests make theirs."""
    from django.db import connections

    from tests.integration.conduct.world import STUDY, World, begin
    from trialwright.conduct.models import Study

    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bare (said text)")
        cursor.execute("GRANT INSERT ON bare TO PUBLIC")
    fresh = not Study.objects.filter(identifier=STUDY).exists()
    from django.utils import timezone

    world = begin() if fresh else World(timezone.now())
    world.now = timezone.now() - timedelta(minutes=1)
    return world.consented()


def _insert(number: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare (said) VALUES (%s)", [str(number)])


class Timed(NamedTuple):
    """Milliseconds: of the median, of the slowest twentieth, and of a core on average."""

    p50: float
    p95: float
    core: float


def _timed(once: Callable[[int], None]) -> Timed:
    once(0)
    took, server = [], server_of_this_connection()
    worked = processor_seconds(server)
    for number in range(1, TIMES + 1):
        begun = time.perf_counter()
        once(number)
        took.append((time.perf_counter() - begun) * 1000)
    worked = processor_seconds(server) - worked
    return Timed(
        statistics.median(took), statistics.quantiles(took, n=20)[-1], worked / TIMES * 1e3
    )


def _said(timed: Timed) -> str:
    return f"p50 {timed.p50:7.2f} ms  p95 {timed.p95:7.2f} ms  core {timed.core:6.2f} ms"
