"""The pages of registered trials: processor time of each beside an empty view, and an open loop.

Shown is the library of `TRIALWRIGHT_REGISTRY`, or the bundled sample. A trial is asked for the
first time once; asked for again, its neighbours are remembered. The open loop asks the server for a
trial's page at fixed moments, whether or not it has answered the last, and counts from them.
"""

from __future__ import annotations

import itertools
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.measuring import add_empty_view

HOME = Path(__file__).parent.parent / "var" / "bench-registry-pages"
STARTING_RECORD = "NCT03223454"
_TIMES = 100
_ARRIVALS_PER_SECOND = 100
_SECONDS = 15


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    os.environ["TRIALWRIGHT_HOME"] = str(HOME)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trialwright.config.settings")
    import django

    django.setup()
    from trialwright.config import starting

    starting.collect_static()
    yield from _in_process()
    yield from _open_loop()


def _in_process() -> Iterator[str]:
    from django.test import Client, override_settings

    from trialwright.web.registry.active_library import active_library

    add_empty_view()
    client = Client(headers={"host": "127.0.0.1"})
    library = active_library().library
    every = [summary["nct"] for summary in itertools.islice(library.summaries(), 20 * _TIMES)]
    others = iter(every[:: max(1, len(every) // (_TIMES + 1))])

    def get(address: Callable[[], str]) -> Callable[[], None]:
        def once() -> None:
            assert client.get(address()).status_code == 200, address

        return once

    pages = {
        "empty view": lambda: "/empty",
        "a trial, remembered": lambda: f"/trials/{STARTING_RECORD}",
        "trials never asked for": lambda: f"/trials/{next(others)}",
        "a search": lambda: "/trials?q=asherman",
        "the whole library": lambda: "/trials",
        "a landscape": lambda: "/trials/landscape?q=asherman",
    }
    yield f"registry pages: {len(library):,} trials, load {os.getloadavg()[0]:.1f}"
    floor = 0.0
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"]):
        for name, address in pages.items():
            times = min(_TIMES, len(every) - 1) if "never" in name else _TIMES
            took = _processor_ms(get(address), times)
            floor = floor or statistics.median(took)
            ratio = statistics.median(took) / floor
            yield f"  {name:<24}{_said(took)} of processor, {ratio:.0f} empty views"


def _processor_ms(once: Callable[[], None], times: int) -> list[float]:
    took = []
    for _ in range(times):
        begun = time.process_time()
        once()
        took.append((time.process_time() - begun) * 1000)
    return took


def _said(took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=20)
    return f"p50 {statistics.median(took):7.2f} ms  p95 {cuts[-1]:7.2f} ms"


def _open_loop() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "trialwright.config.wsgi", "--preload"]
    command += ["-b", f"127.0.0.1:{port}", "-w", "2", "--threads", "4", "--log-level", "error"]
    server = subprocess.Popen(command, env=os.environ | {"TRIALWRIGHT_HOSTS": "127.0.0.1"})
    address = f"http://127.0.0.1:{port}/trials/{STARTING_RECORD}"
    try:
        _wait_for(address)
        for _ in range(20):
            _ask(address)
        took = _asked_at_fixed_moments(address)
    finally:
        server.terminate()
        server.wait()
    yield (
        f"  open loop, {_ARRIVALS_PER_SECOND}/s for {_SECONDS} s: {_said(took)}, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            return _ask(address)
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {address}")


def _ask(address: str) -> None:
    with urllib.request.urlopen(address) as answer:
        answer.read()


def _asked_at_fixed_moments(address: str) -> list[float]:
    begin = time.perf_counter() + 0.5

    def ask(place: int) -> float:
        moment = begin + place / _ARRIVALS_PER_SECOND
        time.sleep(max(0.0, moment - time.perf_counter()))
        _ask(address)
        return (time.perf_counter() - moment) * 1000

    with ThreadPoolExecutor(200) as pool:
        return list(pool.map(ask, range(_ARRIVALS_PER_SECOND * _SECONDS)))
