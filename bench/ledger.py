"""The ledger: entries written a second, and rows that `verify` proves a second.

A study of its own in a database of its own (var/bench): sites entered two fields at a time, ten
rows to an entry, one entry in ten with a reason, one row in ten sealed; heads signed for each
entry; every record compared with its table.
"""

import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from bench.measuring import peak_mb, processor_seconds, server_of_this_connection

ENTRIES = 5_000
_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    os.environ["TRIALWRIGHT_HOME"] = str(Path(__file__).parent.parent / "var" / "bench")
    from trialwright.config import starting

    with starting.database():
        starting.migrate()
        study = f"BENCH-{uuid4().hex[:12]}"
        yield _written(study)
        yield from _verified(study)


def _written(study: str) -> str:
    from django.db import transaction

    from trialwright.accounts.models import Site
    from trialwright.ledger import journal

    with transaction.atomic():
        journal.create(study)
    took = []
    for number in range(ENTRIES):
        codes = [f"{number:06}{at}" for at in range(4)]
        begun = time.perf_counter()
        with (
            transaction.atomic(),
            journal.open_entry(
                study=study,
                by="p-1",
                role="coordinator",
                action="save_entry",
                happened_at=_NOON,
                reason="" if number % 10 else "checked against the source",
            ) as writer,
        ):
            for code in codes:
                writer.write(entity="site", id=code, field="name_en", new=f"Site {code}")
                writer.write(entity="site", id=code, field="name_zh", new=f"中心 {code}")
            writer.write(entity="site", id=codes[0], field="note", new="3.10")
            writer.write(entity="allocation", id=codes[0], field="arm", new="2", sealed=True)
        took.append(time.perf_counter() - begun)
        Site.objects.bulk_create(
            Site(study=study, code=code, name_en=f"Site {code}", name_zh=f"中心 {code}")
            for code in codes
        )
    took.sort()
    middle, late = statistics.median(took) * 1e3, took[int(len(took) * 0.95)] * 1e3
    return f"ledger: an entry of ten rows, signed: p50 {middle:.1f} ms, p95 {late:.1f} ms"


def _verified(study: str) -> Iterator[str]:
    from django.db import connection

    from trialwright.ledger import files, projections
    from trialwright.ledger.projections import Projected
    from trialwright.ledger.verify import verify

    fields = {"name_en": "name_en", "name_zh": "name_zh"}
    projections.register(Projected("site", "accounts.Site", id="code", fields=fields))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    keys, server = files.keys(), server_of_this_connection()
    memory, begun, worked = peak_mb(), time.perf_counter(), processor_seconds(server)
    verified = verify(study, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    took, worked = time.perf_counter() - begun, processor_seconds(server) - worked
    if verified.problems:
        raise AssertionError(verified.problems)
    yield (
        f"ledger: verify, {verified.rows:,} rows: {verified.rows / took:,.0f} rows/s by the clock,"
        f" {verified.rows / worked:,.0f} per second of one core (the database server's work"
        f" included); memory {memory:.0f} to {peak_mb():.0f} MB"
    )
