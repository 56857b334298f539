"""A network between a browser and the tests' server that can be cut and mended.

Chromium's own switch to be offline doesn't reach a service worker that starts after it was set
(seen with 156 under Playwright 1.65: an entry written offline was there at once, once in six), so
the wire itself is cut. The switch is set as well: it is what tells the page.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import BrowserContext


class Network:
    """Passes bytes on to the server at `port`, until it is cut.

    Attributes:
        port: where a browser reaches the server through it, on localhost.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._door = socket.create_server(("localhost", 0))
        self.port: int = self._door.getsockname()[1]
        self._up = True
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._door.accept()
                if not self._up:
                    browser.close()
                    continue
                server = socket.create_connection(("localhost", self._server))
                self._open |= {browser, server}
                for ends in ((browser, server), (server, browser)):
                    threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while some := source.recv(65536):
                target.sendall(some)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        while self._open:
            with suppress(OSError):
                each = self._open.pop()
                each.shutdown(socket.SHUT_RDWR)
                each.close()

    @contextmanager
    def cut(self, context: BrowserContext) -> Iterator[None]:
        """Leave the pages of `context` without a network, and tell them so."""
        self._up = False
        self._hang_up()
        context.set_offline(True)
        yield
        self._up = True
        context.set_offline(False)

    def end(self) -> None:
        """Close it for good."""
        self._door.close()
        self._hang_up()
