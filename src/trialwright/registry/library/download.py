"""Pulling records from ClinicalTrials.gov by its API, version 2, and saying what is missing.

A pull goes page by page, each page added to the library as it comes, and remembers the next page's
token, so that it goes on where it stopped; a token that the register no longer takes starts the
pages again, which costs time and no record. Then the register's own list of the numbers is compared
with the library, what is missing is asked for by number, and what is still missing is named.
"""

from __future__ import annotations

import io
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import Any

import orjson

from trialwright.registry.library.adding import add
from trialwright.registry.library.library import Library, LibraryError
from trialwright.registry.readers.files import RawRecord, json_records

BASE = "https://clinicaltrials.gov/api/v2"
# The register asks for no more than about 50 requests a minute.
_SECONDS_BETWEEN_REQUESTS = 1.25
_PAGE_TRIALS = 500
_IDS_AT_ONCE = 100
_TRIES = 7
_LONGEST_WAIT_S = 60.0
_TIMEOUT_S = 60.0
_STATE = "pulling.json"


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """What to pull; nothing set asks for every trial. `since` is a date, YYYY-MM-DD."""

    condition: str = ""
    query: str = ""
    ids: tuple[str, ...] = ()
    since: str = ""

    def parameters(self) -> dict[str, str]:
        """As the API's parameters."""
        parameters = {"format": "json"}
        if self.condition:
            parameters["query.cond"] = self.condition
        if self.query:
            parameters["query.term"] = self.query
        if self.ids:
            parameters["filter.ids"] = ",".join(self.ids)
        if self.since:
            parameters["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{self.since},MAX]"
        return parameters


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What a pull did.

    Attributes:
        listed: how many trials the register lists for what was asked.
        new: how many were new to the library.
        changed: how many came in a new version.
        missing: numbers that the register lists and that could not be had.
    """

    listed: int
    new: int
    changed: int
    missing: tuple[str, ...]


class _TokenRefusedError(Exception):
    """The register no longer takes the token of a page."""


def download(
    folder: Path,
    asked: DownloadRequest,
    *,
    base: str = BASE,
    page_trials: int = _PAGE_TRIALS,
    sleep: Callable[[float], None] = time.sleep,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    waiting: Callable[[str, float], None] = lambda _why, _seconds: None,
) -> Downloaded:
    """Pull what was asked for into the library of a folder.

    `progress` is told how many came, and of how many; `waiting` why a request failed, and the
    seconds until it is tried again.

    Raises:
        LibraryError: the register can't be reached or refuses; what came until then is kept.
    """
    register = _Register(base, sleep, waiting)
    counts = {"new": 0, "changed": 0}

    def take(body: bytes) -> None:
        # A page is soon prepared; starting processes for it would take longer.
        added = add(folder, _studies(body), processes=0)
        counts["new"] += added.new
        counts["changed"] += added.changed

    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for page, body in _pages(register, folder, asked, page_trials):
        take(body)
        done += len(page["studies"])
        progress(done, int(page.get("totalCount", 0)))
    (folder / _STATE).unlink(missing_ok=True)
    listed = _numbers(register, asked)
    library = Library(folder)
    missing = [number for number in listed if number not in library]
    for at in range(0, len(missing), _IDS_AT_ONCE):
        some = DownloadRequest(ids=tuple(missing[at : at + _IDS_AT_ONCE]))
        take(register.get(some.parameters() | {"pageSize": str(_IDS_AT_ONCE)}))
    still = tuple(number for number in missing if number not in library)
    return Downloaded(len(listed), counts["new"], counts["changed"], still)


def _studies(body: bytes) -> Iterator[RawRecord]:
    return json_records(io.BytesIO(body), "ClinicalTrials.gov")


def _pages(
    register: _Register, folder: Path, asked: DownloadRequest, page_trials: int
) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield each page, from where the same pull stopped; the next token is kept after each."""
    kept = _kept(folder, asked)
    token, restarted = kept, False
    while True:
        parameters = asked.parameters() | {"pageSize": str(page_trials), "countTotal": "true"}
        if token:
            parameters["pageToken"] = token
        try:
            body = register.get(parameters)
        except _TokenRefusedError:
            if restarted and token is None:
                raise LibraryError("the register refuses the first page") from None
            token, restarted = None, True
            continue
        page = orjson.loads(body)
        yield page, body
        token = page.get("nextPageToken")
        if not token:
            return
        part = folder / f"{_STATE}.part"
        part.write_bytes(orjson.dumps({"asked": asdict(asked), "token": token}))
        part.replace(folder / _STATE)


def _kept(folder: Path, asked: DownloadRequest) -> str | None:
    """The token at which a pull of the same stopped."""
    try:
        state = orjson.loads((folder / _STATE).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    same = state["asked"] == orjson.loads(orjson.dumps(asdict(asked)))
    return str(state["token"]) if same else None


def _numbers(register: _Register, asked: DownloadRequest) -> list[str]:
    """The numbers that the register lists for what was asked."""
    numbers: dict[str, None] = {}
    token = None
    while True:
        parameters = asked.parameters() | {"pageSize": "1000", "fields": "NCTId"}
        if token:
            parameters["pageToken"] = token
        try:
            page = orjson.loads(register.get(parameters))
        except _TokenRefusedError:
            if token is None:
                raise LibraryError("the register refuses the list of numbers") from None
            token = None
            continue
        for study in page["studies"]:
            numbers[study["protocolSection"]["identificationModule"]["nctId"]] = None
        token = page.get("nextPageToken")
        if not token:
            return list(numbers)


class _Register:
    """Asks the register politely: at a steady rate, and again with longer waits when it fails."""

    def __init__(
        self,
        base: str,
        sleep: Callable[[float], None],
        waiting: Callable[[str, float], None],
    ) -> None:
        self._base = base
        self._sleep = sleep
        self._waiting = waiting
        self._asked_before = False

    def get(self, parameters: dict[str, str]) -> bytes:
        """Return the body of a page of studies, whole and JSON.

        Raises:
            LibraryError: the register refuses, or fails again and again.
            _TokenRefusedError: it refuses the token.
        """
        address = f"{self._base}/studies?{urllib.parse.urlencode(parameters)}"
        why = ""
        for attempt in range(1, _TRIES + 1):
            if self._asked_before:
                self._sleep(_SECONDS_BETWEEN_REQUESTS)
            self._asked_before = True
            wait = min(2.0 ** (attempt - 1), _LONGEST_WAIT_S)
            try:
                request = urllib.request.Request(address, headers={"User-Agent": "trialwright"})  # noqa: S310
                with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                    body: bytes = answer.read()
                if isinstance(orjson.loads(body).get("studies"), list):
                    return body
                why = "the answer has no studies in it"
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    if "pageToken" in parameters:
                        raise _TokenRefusedError from None
                    said = error.read(300).decode("utf-8", "replace")
                    raise LibraryError(f"the register refuses with {error.code}: {said}") from None
                why, wait = f"status {error.code}", _wait_asked_for(error.headers, wait)
            except (OSError, HTTPException, orjson.JSONDecodeError) as error:
                why = str(getattr(error, "reason", "") or error) or type(error).__name__
            if attempt < _TRIES:
                self._waiting(why, wait)
                self._sleep(wait)
        raise LibraryError(
            f"{self._base} failed {_TRIES} times, at last with: {why}. What came is kept; "
            "the same command goes on from there"
        )


def _wait_asked_for(headers: Message, otherwise: float) -> float:
    asked = headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_WAIT_S) if asked.isdigit() else otherwise
