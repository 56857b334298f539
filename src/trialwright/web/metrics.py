"""`/metrics` for Prometheus: how many requests, how long they took, whether the rest is well.

Addresses are counted by their pattern, so that no participant's code stands in a label.
"""

import hmac
import time
from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from trialwright.ledger import signing, witness

_REQUESTS = Counter("trialwright_requests", "Requests answered", ["view", "method", "status"])
_SECONDS = Histogram(
    "trialwright_request_seconds", "Time to answer", ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)  # fmt: skip


class MetricsMiddleware:
    """Counts what is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = match.route if match is not None else "unknown"
        method = request.method if request.method in ("GET", "POST", "HEAD") else "other"
        _REQUESTS.labels(view, method, str(response.status_code)).inc()
        _SECONDS.labels(view).observe(time.perf_counter() - begun)
        return response


def metrics_page(request: HttpRequest) -> HttpResponse:
    """Counts and times of all processes of this host, for who has the token."""
    sent = request.headers.get("Authorization", "")
    if not hmac.compare_digest(
        sent.encode(), f"Bearer {settings.TRIALWRIGHT_METRICS_TOKEN}".encode()
    ):
        raise Http404
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    now, since, heard = timezone.now(), signing.unsigned_since(), witness.last_heard()
    unsigned = Gauge(
        "trialwright_unsigned_seconds", "Age of the oldest row not signed", registry=registry
    )
    unsigned.set((now - since).total_seconds() if since else 0)
    silent = Gauge(
        "trialwright_witness_silent_seconds", "Since the witness took anything", registry=registry
    )
    silent.set((now - heard).total_seconds() if heard else -1)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
