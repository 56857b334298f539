"""While the database is away pages say so, nothing sent is lost, and no log tells what was sent."""

import os
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection

from tests.integration.conduct.world import STUDY, World
from tests.integration.server.conftest import CSRF, Served
from tests.integration.server.test_receiving import head
from tests.superuser import database_away, superuser_url
from trialwright.conduct.models import Entry, Value
from trialwright.config import embedded

_HIDDEN = re.compile(r'<input type="hidden" name="(.*?)" value="(.*?)">', re.DOTALL)
PLACE = f"/studies/{STUDY}/participants/C-001/visits/screening/demographics/1"
SENT = {"revision": "0", "age": "31", "height": "157.9", "weight": "54.5"}


@pytest.fixture
def name() -> str:
    return str(connection.settings_dict["NAME"])


def send(served: Served, place: str, cookie: str, sent: dict[str, str]) -> str:
    body = urlencode({"csrfmiddlewaretoken": CSRF, **sent}).encode()
    with served.connect() as one:
        one.sendall(head(place, len(body), cookie) + body)
        answer = b""
        while part := one.recv(65536):
            answer += part
    return answer.decode()


def came(world: World) -> None:
    world.visited(world.consented(), "screening")


def test_the_process_is_alive_and_ready_and_without_a_database_alive(
    served: Served, name: str
) -> None:
    assert (served.status("/health"), served.status("/ready")) == (200, 200)
    connection.close()
    with database_away(name):
        assert (served.status("/health"), served.status("/ready")) == (200, 503)
    assert served.status("/ready") == 200


def test_what_is_sent_while_the_database_is_away_comes_back_to_be_sent_again(
    served: Served, world: World, cookies: Callable[[str], str], name: str
) -> None:
    came(world)
    cookie, more = cookies("lin"), {"remark": 'two\nlines, "quoted" <b>', "password": "secret"}
    connection.close()
    with database_away(name):
        answer = send(served, PLACE, cookie, SENT | more)
    assert answer.startswith("HTTP/1.1 503")
    assert "\nRetry-After: 5" in answer and "no-store" in answer
    hidden = {key: unescape(text) for key, text in _HIDDEN.findall(answer)}
    del hidden["csrfmiddlewaretoken"]
    del more["password"]
    assert hidden == SENT | more
    assert not Entry.objects.exists()
    assert send(served, PLACE, cookie, hidden).startswith("HTTP/1.1 302")
    assert Value.objects.get(item="height").text == "157.9"


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="not our PostgreSQL's log")
def test_a_failing_statement_tells_no_log_what_was_answered(
    served: Served, world: World, cookies: Callable[[str], str], name: str
) -> None:
    came(world)
    table = Value._meta.db_table
    server_log = embedded._known_cluster().data.with_name("postgres.log")
    before = len(server_log.read_bytes())
    with psycopg.connect(superuser_url(name), autocommit=True) as owner:
        owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT provoked CHECK (text <> '157.9')")
        try:
            answer = send(served, PLACE, cookies("lin"), SENT)
            with pytest.raises(psycopg.errors.DataError):
                owner.execute("SELECT '157.9 cm'::int")
        finally:
            owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT provoked")
    assert answer.startswith("HTTP/1.1 500")
    assert dict(_HIDDEN.findall(answer))["height"] == "157.9"
    program = served.log.read_text()
    assert "psycopg.errors.CheckViolation 23514 conduct_value provoked" in program
    assert "save_entry" in program
    theirs = server_log.read_bytes()[before:].decode()
    for told in (program, theirs):
        for answer in ("157.9", "INSERT INTO", "DETAIL", "Failing row"):
            assert answer not in told


def test_an_answer_is_in_no_traceback_of_our_own() -> None:
    from trialwright.config.logs import LineFormatter

    try:
        try:
            int("157.9 cm")
        except ValueError as error:
            raise KeyError("157.9 cm") from error
    except KeyError as error:
        told = LineFormatter().formatException((type(error), error, error.__traceback__))
    assert "157.9" not in told.replace('int("157.9 cm")', "").replace('KeyError("157.9 cm")', "")
    assert told.index("builtins.ValueError") < told.index("builtins.KeyError")
    assert Path(__file__).name in told
