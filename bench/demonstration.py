"""`trialwright demo`: ready after how long at first and later, and that its ledger proves itself.

A new installation each time, in var/bench-demonstration; 34 randomised by the pages' own actions.
What `make demo` installs before is not part of it, nor is the database server's work.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

PARTICIPANTS = 34
LATER_STARTS = 3


class Start(NamedTuple):
    """Seconds until the command was ready, seconds of a core until it ended, what it said."""

    ready: float
    core: float
    said: str


def run(participants: int = PARTICIPANTS) -> Iterator[str]:
    """Lines to print, as they come."""
    home = Path(__file__).parent.parent / "var" / "bench-demonstration" / uuid4().hex[:8]
    os.environ["TRIALWRIGHT_HOME"] = str(home)
    first = _start(participants)
    built = re.search(r"Built the demonstration: (.*)", first.said)
    yield f"demonstration of {participants}, {built[1] if built else 'which stood already'}"
    yield f"  first start: ready after {first.ready:.1f} s; {first.core:.1f} s of a core"
    later = [_start(participants) for _ in range(LATER_STARTS)]
    seconds = ", ".join(f"{each.ready:.1f}" for each in later)
    core = statistics.median(each.core for each in later)
    yield f"  later starts: ready after {seconds} s; {core:.1f} s of a core"
    yield _verified()


def _start(participants: int) -> Start:
    """Start the command, wait until it is ready, end it as Ctrl-C does."""
    command = [sys.executable, "-m", "trialwright", "demo", "--participants", str(participants)]
    begun, said = time.perf_counter(), []
    process = subprocess.Popen(
        [*command, "--port", "8790"], stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "is ready:" in line:
            break
    ready = time.perf_counter() - begun
    if process.poll() is not None:
        raise RuntimeError("".join(said))
    os.killpg(process.pid, signal.SIGINT)
    _, _, used = os.wait4(process.pid, 0)
    return Start(ready, used.ru_utime + used.ru_stime, "".join(said))


def _verified() -> str:
    from trialwright.config import starting

    with starting.database():
        from bench.measuring import processor_seconds, server_of_this_connection
        from trialwright.ledger import files
        from trialwright.ledger.verify import verify

        keys, server = files.keys(), server_of_this_connection()
        worked = processor_seconds(server)
        found = verify(
            "DEMO-HAEC-01", heads_path=files.heads_path(), publics=[keys.public], keys=keys
        )
        worked = processor_seconds(server) - worked
    if found.problems:
        raise RuntimeError(f"The demonstration does not verify: {found.problems[0]}")
    return f"  verified: {found.rows:,} rows, {found.rows / worked:,.0f} per second of one core"
