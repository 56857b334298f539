"""The demonstration: time to build it, steps a second, and that its ledger proves itself.

A new installation each time, in var/bench-demonstration; 34 randomised by the pages' own actions.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

PARTICIPANTS = 34


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    home = Path(__file__).parent.parent / "var" / "bench-demonstration" / uuid4().hex[:8]
    os.environ["TRIALWRIGHT_HOME"] = str(home)
    from trialwright.config import starting

    with starting.database():
        starting.migrate()
        yield from _built()
        yield _verified()


def _built() -> Iterator[str]:
    from trialwright.conduct.models import Building
    from trialwright.config.demonstration import ensure

    before = os.times()
    ensure(PARTICIPANTS, tell=str)
    after = os.times()
    seconds, own = after.elapsed - before.elapsed, after.user - before.user
    steps = Building.objects.get().done
    yield f"demonstration of {PARTICIPANTS}: {steps:,} steps in {seconds:.1f} s"
    yield (
        f"  {steps / seconds:.0f} steps/s; "
        f"of {1000 * seconds / steps:.1f} ms a step, {1000 * own / steps:.1f} ms are ours"
    )


def _verified() -> str:
    from trialwright.ledger import files
    from trialwright.ledger.verify import verify

    begun, keys = time.perf_counter(), files.keys()
    found = verify("DEMO-HAEC-01", heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    if found.problems:
        raise RuntimeError(f"The demonstration does not verify: {found.problems[0]}")
    return f"  verified in {time.perf_counter() - begun:.1f} s"
