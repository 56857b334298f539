"""Serve the application with gunicorn from this very process, until Ctrl-C."""

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

from trialwright.config.home import SetupError


class PortError(SetupError):
    """No port could be had."""


def listen(host: str, wanted: int, *, attempts: int = 50) -> socket.socket:
    """A listening socket on `wanted`, or on the next free port after it.

    The socket is kept and handed to the server, so that no other program takes the port between.

    Raises:
        PortError: none of the next `attempts` ports was free.
    """
    for port in range(wanted, min(wanted + attempts, 65_536)):
        candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
            candidate.listen(128)
        except OSError:
            candidate.close()
            continue
        candidate.set_inheritable(True)
        return candidate
    ports = (
        f"The port {wanted}" if attempts == 1 else f"None of {wanted} to {wanted + attempts - 1}"
    )
    free = "is not free" if attempts == 1 else "is free"
    raise PortError(f"{ports} on {host} {free}. Name another with --port.")


class _Arbiter(Arbiter):
    """Looks after what the workers need, each second, as after the workers themselves."""

    def manage_workers(self) -> None:
        try:
            self.app.watch()
        except SetupError as error:
            raise HaltServer(str(error), 2) from None
        super().manage_workers()


class _Server(BaseApplication):
    def __init__(
        self, options: dict[str, Any], load: Callable[[], Any], watch: Callable[[], None]
    ) -> None:
        self._options, self._load, self.watch = options, load, watch
        super().__init__()

    def run(self) -> None:
        _Arbiter(self).run()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        return self._load()


def forget_counts() -> None:
    """Have what the processes of an earlier start counted out of the way."""
    for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
        path.unlink(missing_ok=True)


def serve(
    listening: socket.socket,
    *,
    when_ready: Callable[[], None],
    watch: Callable[[], None] = lambda: None,
) -> None:
    """Serve on `listening`; calls `when_ready` once and returns or raises SystemExit at the end.

    `watch` is called each second, and ends the server with the sentence of a SetupError.

    Workers notice within a second when this process is killed, and end themselves.
    """
    from trialwright.config.receiving import ReceivingWorker
    from trialwright.config.wsgi import application

    options = {
        "bind": f"fd://{listening.fileno()}",
        "workers": 2,
        "threads": 4,
        "worker_class": ReceivingWorker,
        "preload_app": True,
        "control_socket_disable": True,
        "loglevel": "warning",
        "graceful_timeout": 5,
        "when_ready": lambda _server: when_ready(),
        "post_fork": _begin,
        "worker_exit": _end,
    }
    _Server(options, lambda: application, watch).run()


def _begin(server: object, worker: object) -> None:
    """What each worker does first."""
    from trialwright.conduct.safety import reminding
    from trialwright.ledger import signing
    from trialwright.web.registry import mail_alerts

    _forget_connections(server, worker)
    signing.begin_watching()
    reminding.begin_watching()
    mail_alerts.begin_watching()
    threading.Thread(target=_warm, name="warming", daemon=True).start()


def _end(_server: object, worker: Any) -> None:
    """A worker has nothing to put in order, and an orderly end of Python would wait for what the
    warming thread compiles. One that never began ends with the code that tells the server so."""
    if worker.booted:
        os._exit(0)


def _warm() -> None:
    """What first visitors would wait for, beside the first pages: a thread gives way to them every
    few milliseconds."""
    from trialwright.web.design.warmup import warm as warm_designs
    from trialwright.web.registry.active_library import warm as warm_registry

    warm_registry()
    warm_designs()


def _forget_connections(_server: object, _worker: object) -> None:
    """A database connection must not be shared between the processes of a fork."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.connection = None
