"""Serve the application with gunicorn from this very process, until Ctrl-C."""

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

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
    raise PortError(
        f"None of the ports {wanted} to {wanted + attempts - 1} on {host} is free. "
        "Name another with --port."
    )


class _Server(BaseApplication):
    def __init__(self, options: dict[str, Any], load: Callable[[], Any]) -> None:
        self._options, self._load = options, load
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        return self._load()


def serve(listening: socket.socket, *, when_ready: Callable[[], None]) -> None:
    """Serve on `listening`; calls `when_ready` once and returns or raises SystemExit at the end.

    Workers notice within a second when this process is killed, and end themselves.
    """
    from trialwright.config.wsgi import application

    options = {
        "bind": f"fd://{listening.fileno()}",
        "workers": 2,
        "threads": 4,
        "worker_class": "gthread",
        "preload_app": True,
        # A search stands in the address, and each Chinese character takes nine letters there.
        "limit_request_line": 8190,
        "control_socket_disable": True,
        "loglevel": "warning",
        "graceful_timeout": 5,
        "when_ready": lambda _server: when_ready(),
        "post_fork": _begin,
        "worker_exit": _end,
    }
    _Server(options, lambda: application).run()


def _begin(server: object, worker: object) -> None:
    """What each worker does first."""
    _forget_connections(server, worker)
    threading.Thread(target=_warm, name="warming", daemon=True).start()


def _end(_server: object, worker: Any) -> None:
    """A worker has nothing to put in order, and an orderly end of Python would wait for what the
    warming thread compiles. One that never began ends with the code that tells the server so."""
    if worker.booted:
        os._exit(0)


def _warm() -> None:
    """What first visitors would wait for, beside the first pages: a thread gives way to them every
    few milliseconds."""
    from trialwright.web.design.warming import warm as warm_designs
    from trialwright.web.registry.shelf import warm as warm_registry

    warm_registry()
    warm_designs()


def _forget_connections(_server: object, _worker: object) -> None:
    """A database connection must not be shared between the processes of a fork."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.connection = None
