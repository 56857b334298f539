"""The real server, gunicorn with its own processes, in front of the database of the tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.integration.conduct.world import World, begin
from trialwright.accounts.models import Person
from trialwright.ledger import files

ROOT = Path(__file__).parents[3]


class Served:
    """The running server: its address, its log, and connections to it, byte by byte."""

    def __init__(self, log: Path) -> None:
        environment = {
            **os.environ,
            "TRIALWRIGHT_TEST_DATABASE": connection.settings_dict["NAME"],
            # A server clears away what was counted before it: not this process's counts.
            "PROMETHEUS_MULTIPROC_DIR": str(log.parent),
        }
        self.log = log
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.serve"],
                cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=file, text=True,
                start_new_session=True,
            )  # fmt: skip
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert said, log.read_text()
        self.port = int(said)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, timeout: float = 30) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def status(self, address: str = "/sign-in", timeout: float = 30) -> int:
        """The status of a page that is asked for in full, within so many seconds."""
        with self.connect(timeout) as one:
            one.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            return status_in(one)

    def end(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)
        assert self.process.stdout
        self.process.stdout.close()


def status_in(one: socket.socket) -> int:
    """The status that stands in what comes back; 0 if the connection is closed without a word."""
    try:
        first = one.recv(4096)
    except ConnectionResetError:
        return 0
    return int(first.split()[1]) if first else 0


# It ends with the tests of a file: a server beside others would sign the rows that they mean to.
@pytest.fixture(scope="module")
def _served(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Any]:
    with django_db_blocker.unblock():
        server = Served(tmp_path_factory.mktemp("served") / "log")
    deadline = time.monotonic() + 60
    while server.status() != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    yield server
    server.end()


@pytest.fixture
def served(_served: Served, transactional_db: None) -> Served:
    """One server for all tests; what a test commits, it sees."""
    return _served


@pytest.fixture
def world(transactional_db: None) -> World:
    files.heads_path().unlink(missing_ok=True)
    return begin()


@pytest.fixture
def cookies(world: World) -> Callable[[str], str]:
    """The header of a browser in which somebody is signed in, with the token against forgery."""

    def header(username: str) -> str:
        browser = Client()
        browser.force_login(Person.objects.get(username=username))
        session = browser.cookies[settings.SESSION_COOKIE_NAME].value
        return f"sessionid={session}; csrftoken={CSRF}"

    return header


CSRF = "a" * 32
