"""What comes in slowly, never, too long or cut off keeps nobody waiting and is read by no page."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.integration.conduct.refusing import stored
from tests.integration.conduct.world import STUDY, World
from tests.integration.server.conftest import CSRF, Served, status_in
from trialwright.conduct.models import Draft
from trialwright.config import limits

HALF_OPEN = [b"", b"GET /sign-in HT", b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b\r\n"]
HALF_SENT = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nusername="
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for each in patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, here)
        else:
            yield "/" + here


EXAMPLES = {
    "study": STUDY, "code": "C-001", "visit": "screening", "form": "demographics", "repeat": "1",
    "item": "age", "number": "1", "name": "first",
}  # fmt: skip


def example(address: str) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda found: EXAMPLES.get(found[1], "x"), address)


PAGES = sorted({example(each) for each in addresses(get_resolver().url_patterns)})


def head(address: str, length: int, cookie: str = "", kind: str = FORMS[0]) -> bytes:
    lines = [
        f"POST {address} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {kind}",
        f"Content-Length: {length}", f"Cookie: {cookie}", "Connection: close",
    ]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize("sent", [*HALF_OPEN, HALF_SENT], ids=["nothing", "line", "head", "body"])
def test_fifty_half_open_connections_stop_no_page(served: Served, sent: bytes) -> None:
    open_ones = [served.connect() for _ in range(50)]
    try:
        for one in open_ones:
            one.sendall(sent)
        for _ in range(10):
            assert served.status(timeout=10) == 200
    finally:
        for one in open_ones:
            one.close()


def test_a_request_that_drips_is_ended_however_often_a_byte_comes(served: Served) -> None:
    with served.connect() as one:
        one.sendall(HALF_SENT)
        begun = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - begun < 2 * limits.SECONDS_TO_RECEIVE:
                time.sleep(0.5)
                one.sendall(b"a")
                one.setblocking(False)
                try:
                    if one.recv(1) == b"":
                        raise ConnectionResetError
                except BlockingIOError:
                    pass
                one.setblocking(True)
    assert time.monotonic() - begun < limits.SECONDS_TO_RECEIVE + 15


def test_a_head_or_body_that_is_too_long_is_refused_unread(served: Served) -> None:
    with served.connect() as one:
        one.sendall(head("/sign-in", limits.LONGEST_UPLOAD + 1))
        assert status_in(one) == 413
    with served.connect() as one:
        one.sendall(b"GET /sign-in HTTP/1.1\r\nX-Long: " + b"a" * limits.LONGEST_HEAD)
        assert status_in(one) == 431


def test_a_body_that_is_cut_off_is_read_by_no_page(
    served: Served, world: World, cookies: Callable[[str], str]
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    body = f"csrfmiddlewaretoken={CSRF}&revision=0&age=31&site=C&name=first&weight=12".encode()
    cookie, before = cookies("lin"), stored()
    for page in PAGES:
        for kind in FORMS:
            with served.connect() as one:
                one.sendall(head(page, len(body) + 2, cookie, kind) + body)
                one.shutdown(socket.SHUT_WR)
                assert status_in(one) in (0, 400), page
    assert stored() == before
    assert not Draft.objects.exists()


@pytest.mark.parametrize("page", PAGES)
def test_no_page_reads_a_short_body_whatever_server_passes_it_on(client: Client, page: str) -> None:
    body = b"revision=0&age=31&site=C&name=first&weight=12"
    for said in (str(len(body) + 2), "-1", "many"):
        for kind in FORMS:
            # The test's client would refuse to read more than there is; a server's stream ends.
            sent: dict[str, Any] = {"CONTENT_LENGTH": said, "wsgi.input": BytesIO(body)}
            answer = client.generic("POST", page, body, content_type=kind, **sent)
            assert answer.status_code == 400


def test_the_same_body_sent_whole_is_read(
    served: Served, world: World, cookies: Callable[[str], str]
) -> None:
    code = world.consented()
    world.visited(code, "screening")
    body = f"csrfmiddlewaretoken={CSRF}&revision=0&age=31&height=161&weight=54".encode()
    place = f"/studies/{STUDY}/participants/{code}/visits/screening/demographics/1"
    with served.connect() as one:
        one.sendall(head(place, len(body), cookies("lin")) + body)
        assert status_in(one) == 302


def test_a_body_in_chunks_is_read_whole(
    served: Served, world: World, cookies: Callable[[str], str]
) -> None:
    body = f"csrfmiddlewaretoken={CSRF}&site=C".encode()
    said = head(f"/studies/{STUDY}/screen", 0, cookies("lin"))
    said = said.replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    with served.connect() as one:
        one.sendall(said + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")
        assert status_in(one) == 302


@pytest.mark.parametrize("encoding", ["rot13", "base64", "zip", "utf-16"])
def test_an_encoding_that_is_none_of_texts_is_refused(served: Served, encoding: str) -> None:
    for method in ("GET", "POST"):
        said = head("/sign-in", 0, kind=f"{FORMS[0]}; charset={encoding}")
        with served.connect() as one:
            one.sendall(said.replace(b"POST", method.encode()))
            assert status_in(one) == 400
