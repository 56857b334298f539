"""The design page while somebody moves it: processor time of an answer, in empty views.

One process, through the whole middleware, without a database. Each answer is for another value, so
that nothing is found ready; the promise is 100 ms from the hand to the eye.
"""

import os
import time
from collections.abc import Iterator

from bench.measuring import add_empty_view

TIMES = 30
MOVED = {
    "BOIN 10×3, target moved": "/design?a.kind=boin&a.target={x}",
    "BOIN 10×3, a true rate moved": "/design?a.kind=boin&rates={x},0.4,0.5,0.6,0.7",
    "CRM 10×3, target moved": "/design?a.kind=crm&a.target={x}",
    "BOIN12 4 doses 6×3, target moved": "/design?a.kind=boin12&a.doses=4&a.max_participants=18"
    "&a.target={x}",
    "BOIN, Keyboard, mTPI-2, target moved": "/design?b.kind=keyboard&c.kind=mtpi2&a.target={x}",
    "BOIN, Keyboard, CRM, target moved": "/design?b.kind=keyboard&c.kind=crm&a.target={x}",
    "largest CRM, simulated": "/design?a.kind=crm&a.doses=8&a.cohort_size=1&a.max_participants=60"
    "&a.target={x}",
    "TITE-BOIN 10×3, target moved": "/design?a.kind=tite-boin&a.target={x}",
    "TITE-CRM 10×3, target moved": "/design?a.kind=tite-crm&a.target={x}",
    "safety boundary, limit moved": "/design/safety?a.limit={x}",
    "excess over control, margin moved": "/design/safety?a.kind=excess-over-control&a.margin={x}",
    "two stages searched, p0 moved": "/design/two-stage?a.p1=0.5&a.p0={x}",
    "minimisation, probability moved": "/design/allocation?a.kind=minimisation"
    "&a.probability=0.6{i:03d}",
}


def run() -> Iterator[str]:
    """Lines to print, as they come."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.test import Client

    add_empty_view()
    client = Client(headers={"host": "localhost", "HX-Request": "true"})
    floor = _milliseconds(client, "/empty?{x}")
    yield f"design page: empty view {floor:.2f} ms of processor time"
    for name, address in MOVED.items():
        taken = _milliseconds(client, address)
        yield f"design page: {name:38s} {taken:6.1f} ms  {taken / floor:4.0f} empty views"


def _milliseconds(client: object, address: str) -> float:
    """Processor time of one answer, after a few that warm up."""
    for i in range(3):
        client.get(address.format(x=0.2 + i / 1000, i=i + 900))  # type: ignore[attr-defined]
    begun = time.process_time()
    for i in range(TIMES):
        answered = client.get(address.format(x=0.25 + i / 1000, i=i))  # type: ignore[attr-defined]
        assert answered.status_code == 200
    return (time.process_time() - begun) / TIMES * 1000
