"""A clock that jumped: refused beforehand, told in a sentence, and put right by a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from typer.testing import CliRunner

from tests.integration.conduct.world import World, begin
from trialwright.accounts import actions
from trialwright.accounts.models import Person
from trialwright.cli import app
from trialwright.ledger import clock, files, journal, projections, repair
from trialwright.ledger.clock import ClockError, Steady
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.verify import Verified, verify

STUDY = "DEMO-HAEC-01"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
READ = ("ledger_open(text, boolean)", "ledger_advance()")


@pytest.fixture
def study(transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: Any) -> str:
    settings.TRIALWRIGHT_KEYS = settings.TRIALWRIGHT_HEADS = tmp_path
    monkeypatch.setattr(projections, "_registered", {})
    monkeypatch.setattr(clock, "steady", Steady())
    with actions.entry("add_people", at=NOON) as writer:
        actions.add_person(writer, username="lin", name="Lin Yue", password="a long password")
    journal.create(STUDY)
    _save()
    return STUDY


def _save() -> None:
    with transaction.atomic(), journal.open_entry(
        study=STUDY, by="p-1", role="coordinator", action="save_entry", happened_at=NOON
    ) as writer:  # fmt: skip
        writer.write(entity="value", id="v1", field="text", new="3.10")
        writer.write(entity="value", id="v1", field="arm", new="2", sealed=True)


def _verify(study: str = STUDY) -> Verified:
    keys = files.keys()
    return verify(study, heads_path=files.heads_path(), publics=[keys.public], keys=keys)


@contextmanager
def _clock_set(by: str) -> Iterator[None]:
    """The database's clock as its functions read it, so much off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
            f" $$ SELECT pg_catalog.clock_timestamp() + interval '{by}' $$"
        )
        for function in READ:
            cursor.execute(f"ALTER FUNCTION {function} SET search_path = public, pg_catalog")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for function in READ:
                cursor.execute(f"ALTER FUNCTION {function} SET search_path = public, pg_temp")
            cursor.execute("DROP FUNCTION public.clock_timestamp()")


def _jumped_ahead(monkeypatch: Any) -> None:
    """Entries of study and installation three hours ahead, which a program begun then took."""
    with _clock_set("3 hours"):
        monkeypatch.setattr(clock, "steady", Steady())
        _save()
        actions.password_refused("lin", action="sign_in", at=NOON)
    monkeypatch.setattr(clock, "steady", Steady())


def test_an_entry_far_ahead_of_the_clock_that_nobody_sets_is_refused(study: str) -> None:
    before = journal.head(STUDY)
    with _clock_set("2 hours"), pytest.raises(ClockError, match="jumped ahead"):
        _save()
    assert journal.head(STUDY) == before
    _save()
    with _clock_set("30 seconds"):
        _save()
    assert journal.head(STUDY).seq == 3


def test_time_that_passed_is_no_jump() -> None:
    elapsed = 0.0
    steady = Steady(lambda: elapsed)
    steady.check(NOON)
    elapsed = 7200.0
    steady.check(NOON + timedelta(hours=2))
    elapsed = 7201.0
    with pytest.raises(ClockError, match="from 2026-03-01 14:00:01 to 2026-03-01 14:01:02"):
        steady.check(NOON + timedelta(hours=2, seconds=62))
    steady.check(NOON + timedelta(hours=2, seconds=61))


def test_a_clock_before_the_last_entry_is_told_in_a_sentence(study: str, monkeypatch: Any) -> None:
    _jumped_ahead(monkeypatch)
    with pytest.raises(ClockError, match=r"before the last entry.*correct-clock"):
        _save()


def test_signing_in_does_not_depend_on_the_clock(
    study: str, monkeypatch: Any, client: Any, caplog: Any
) -> None:
    _jumped_ahead(monkeypatch)
    sent = {"username": "lin", "password": "a long guess"}
    assert client.post("/sign-in", sent).status_code == 401
    assert client.post("/sign-in", sent | {"password": "a long password"}).status_code == 302
    told = [one.getMessage() for one in caplog.records if one.name == "trialwright.accounts"]
    assert ["refused" in told[0], "accepted" in told[1]] == [True, True]


def test_a_corrected_clock_is_acknowledged_and_entries_go_on(study: str, monkeypatch: Any) -> None:
    _jumped_ahead(monkeypatch)
    words = ["ledger", "correct-clock", "--reason", "the time server was wrong", "--by"]
    assert CliRunner().invoke(app, [*words, "nobody-here"]).exit_code == 2
    done = CliRunner().invoke(app, [*words, "lin"])
    assert done.exit_code == 0, done.output
    assert "DEMO-HAEC-01, sealed chain: goes on from now, after row 2." in done.output
    assert "@installation, installation chain: goes on from now" in done.output
    _save()
    for name in (STUDY, journal.INSTALLATION):
        found = _verify(name)
        assert [str(one) for one in found.problems] == []
        assert any("was put right in row" in str(note) for note in found.notes)
    with pytest.raises(LedgerError, match="nothing to correct"):
        repair.correct_clock(by="p-9", happened_at=NOON, reason="again")


def test_nothing_but_a_correction_goes_back_in_time(study: str, monkeypatch: Any) -> None:
    _jumped_ahead(monkeypatch)
    entry = journal.open_entry(
        study=STUDY, by="p-1", role="coordinator", action="save_entry", happened_at=NOON,
        correcting=True,
    )  # fmt: skip
    said = pytest.raises(psycopg.Error, match="recorded_at is the clock")
    with said, transaction.atomic(), entry as writer:
        writer.write(entity="value", id="v1", field="text", new="4")


@pytest.fixture
def world(transactional_db: None) -> World:
    return begin()


def test_who_saves_under_a_wrong_clock_reads_why_and_loses_nothing(
    world: World, client: Any, monkeypatch: Any
) -> None:
    client.force_login(Person.objects.get(username="lin"))
    _jumped_ahead(monkeypatch)
    came = client.post(f"/studies/{STUDY}/screen", {"site": "C", "password": "secret"})
    page = came.content.decode()
    assert came.status_code == 503
    assert "The clock of the database is wrong" in page and "correct-clock" in page
    assert '<input type="hidden" name="site" value="C">' in page and "secret" not in page
