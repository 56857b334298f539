"""How requests come in: whole, within limits of time and size, before a thread that makes pages has
them.

A connection that sends slowly, or stops, holds a socket and a little memory for half a minute, and
never a thread. waitress receives, gunicorn starts and replaces the processes (docs/adr/0071).
"""

import os
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from trialwright.config.limits import (
    LONGEST_HEAD,
    LONGEST_UPLOAD,
    MOST_CONNECTIONS,
    SECONDS_IDLE,
    SECONDS_TO_RECEIVE,
)

# Nothing of a request or an answer is put into a temporary file: both may hold clinical data.
_NEVER_ON_DISK = 1 << 30
_BEAT_SECONDS = 0.5


class _Channel(HTTPChannel):
    """One connection, which knows since when it owes the rest of a request."""

    began = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.time()
        return super().received(data)

    def is_late(self, now: float) -> bool:
        """Whether it is idle, takes no answer, or sends a request for too long."""
        if self.requests:
            return False
        if self.request is not None and now - self.began > SECONDS_TO_RECEIVE:
            return True
        return now - self.last_activity > SECONDS_IDLE


class _Server(TcpWSGIServer):
    channel_class = _Channel

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            if channel.is_late(now):
                channel.will_close = True

    def is_busy(self) -> bool:
        """Whether an answer is being made or sent."""
        return any(
            each.requests or each.total_outbufs_len for each in self.active_channels.values()
        )


class ReceivingWorker(Worker):
    """A process of gunicorn's in which waitress receives requests and answers them in threads."""

    def run(self) -> None:
        """Serve until the server ends, or is found to have been killed."""
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(self.cfg.threads)
        open_sockets: dict[int, Any] = {}
        settings = Adjustments(
            ident=None,
            connection_limit=MOST_CONNECTIONS,
            cleanup_interval=1,
            max_request_header_size=LONGEST_HEAD,
            max_request_body_size=LONGEST_UPLOAD + 1,
            inbuf_overflow=_NEVER_ON_DISK,
            outbuf_overflow=_NEVER_ON_DISK,
            log_socket_errors=False,
            # A front on this machine may say that the browser came over HTTPS, nobody else.
            trusted_proxy="127.0.0.1",
            trusted_proxy_headers={"x-forwarded-proto"},
            clear_untrusted_proxy_headers=True,
        )
        servers = [
            _Server(
                self.wsgi,
                open_sockets,
                True,
                listening,
                dispatcher=threads,
                adj=settings,
                bind_socket=False,
                sockinfo=(listening.family, listening.type, listening.proto, None),
            )
            for listening in (each.sock for each in self.sockets)
        ]
        while self.alive and os.getppid() == self.ppid:
            self._turn(open_sockets)
        for server in servers:
            server.accepting = False
        end = time.monotonic() + self.cfg.graceful_timeout
        while any(server.is_busy() for server in servers) and time.monotonic() < end:
            self._turn(open_sockets)

    def _turn(self, open_sockets: dict[int, Any]) -> None:
        self.notify()
        wasyncore.loop(timeout=_BEAT_SECONDS, use_poll=True, map=open_sockets, count=1)
