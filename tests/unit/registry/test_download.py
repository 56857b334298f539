"""Pulling: against a local server that speaks the register's API, with the faults it can have."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from trialwright.registry.library.download import DownloadRequest, download
from trialwright.registry.library.library import Library, LibraryError
from trialwright.registry.library.sample import sample_bytes

STUDIES = {
    study["protocolSection"]["identificationModule"]["nctId"]: study
    for study in map(orjson.loads, sample_bytes().splitlines())
}
NUMBERS = list(STUDIES)


class Register:
    """The state of the server: what it lists, and the faults that are still to come."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.withheld: set[str] = set()
        self.hidden_from_pages: set[str] = set()

    def answer(self, asked: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers for a request's parameters."""
        self.asked.append(asked)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "429":
            return 429, b"slow down", {"Retry-After": "3"}
        if fault == "500":
            return 500, b"", {}
        if fault == "token" and "pageToken" in asked:
            return 400, b"pageToken is not valid", {}
        wanted = asked.get("filter.ids", "").split(",") if asked.get("filter.ids") else NUMBERS
        listing = asked.get("fields") == "NCTId"
        numbers = [number for number in wanted if listing or number not in self.withheld]
        if not listing and "filter.ids" not in asked:
            numbers = [number for number in numbers if number not in self.hidden_from_pages]
        start, size = int(asked.get("pageToken", "0")), int(asked["pageSize"])
        page: dict[str, Any] = {"totalCount": len(numbers)}
        shown = [STUDIES[number] for number in numbers[start : start + size]]
        if listing:
            shown = [
                {"protocolSection": {"identificationModule": {"nctId": number}}}
                for number in numbers[start : start + size]
            ]
        page["studies"] = shown
        if start + size < len(numbers):
            page["nextPageToken"] = str(start + size)
        body = orjson.dumps(page)
        return 200, body[: len(body) // 2] if fault == "cut" else body, {}


@pytest.fixture
def register() -> Iterator[tuple[Register, str]]:
    """A running register, and its address."""
    state = Register()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            status, body, headers = state.answer(asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}/api/v2"
    server.shutdown()
    server.server_close()
    thread.join()


def pulled(  # type: ignore[no-untyped-def]
    folder: Path,
    base: str,
    asked: DownloadRequest = DownloadRequest(),  # noqa: B008
    waits: list[float] | None = None,
    **more: Any,
):
    """Pull with pages of ten, without waiting."""
    sleep = (waits if waits is not None else []).append
    return download(folder, asked, base=base, page_trials=10, sleep=sleep, **more)


def test_every_trial_comes_and_a_second_pull_finds_nothing_new(
    register: tuple[Register, str], tmp_path: Path
) -> None:
    _, base = register
    first = pulled(tmp_path, base)
    assert (first.listed, first.new, first.missing) == (36, 36, ())
    assert len(Library(tmp_path)) == 36
    again = pulled(tmp_path, base)
    assert (again.new, again.changed) == (0, 0)


def test_faults_are_waited_out_and_nothing_is_lost(
    register: tuple[Register, str], tmp_path: Path
) -> None:
    state, base = register
    state.faults = ["429", "", "500", "500", "cut", "", "cut"]
    waits: list[float] = []
    told: list[tuple[str, float]] = []
    found = pulled(tmp_path, base, waits=waits, waiting=lambda *why: told.append(why))
    assert (found.new, found.missing) == (36, ())
    assert told[:3] == [("status 429", 3.0), ("status 500", 1.0), ("status 500", 2.0)]
    assert 3.0 in waits
    assert waits.count(1.25) == len(state.asked) - 1


def test_a_token_that_expires_starts_the_pages_again(
    register: tuple[Register, str], tmp_path: Path
) -> None:
    state, base = register
    state.faults = ["", "", "token"]
    assert pulled(tmp_path, base).new == 36
    assert [asked.get("pageToken") for asked in state.asked[:5]] == [None, "10", "20", None, "10"]


def test_a_pull_that_fails_goes_on_where_it_stopped(
    register: tuple[Register, str], tmp_path: Path
) -> None:
    state, base = register
    state.faults = ["", "", *["500"] * 7]
    with pytest.raises(LibraryError, match="failed 7 times, at last with: status 500"):
        pulled(tmp_path, base)
    assert len(Library(tmp_path)) == 20
    state.asked.clear()
    assert pulled(tmp_path, base).new == 16
    assert state.asked[0]["pageToken"] == "20"


def test_another_pull_does_not_go_on_from_that_token(
    register: tuple[Register, str], tmp_path: Path
) -> None:
    state, base = register
    state.faults = ["", *["500"] * 7]
    with pytest.raises(LibraryError):
        pulled(tmp_path, base)
    state.asked.clear()
    pulled(tmp_path, base, DownloadRequest(condition="asherman", since="2020-01-01"))
    assert "pageToken" not in state.asked[0]
    assert state.asked[0]["query.cond"] == "asherman"
    assert state.asked[0]["filter.advanced"] == "AREA[LastUpdatePostDate]RANGE[2020-01-01,MAX]"


def test_what_slipped_between_pages_is_asked_for_by_number(
    register: tuple[Register, str], tmp_path: Path
) -> None:
    state, base = register
    state.hidden_from_pages = {"NCT03223454", "NCT02144987"}
    assert pulled(tmp_path, base).missing == ()
    assert state.asked[-1]["filter.ids"] == "NCT03223454,NCT02144987"
    assert "NCT03223454" in Library(tmp_path)


def test_what_the_register_lists_and_does_not_give_is_named(
    register: tuple[Register, str], tmp_path: Path
) -> None:
    state, base = register
    state.withheld = {"NCT03223454"}
    found = pulled(tmp_path, base)
    assert (found.listed, found.new, found.missing) == (36, 35, ("NCT03223454",))


def test_a_register_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="failed 7 times"):
        pulled(tmp_path, "http://127.0.0.1:9/api/v2")
