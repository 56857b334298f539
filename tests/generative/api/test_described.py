"""The API answers as its own description says, whatever is sent; schemathesis sends it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from tests.integration.conduct.attached import png
from tests.integration.conduct.world import STUDY, World, begin
from tests.kept import kept
from trialwright.accounts import tokens
from trialwright.accounts.models import Person
from trialwright.accounts.tokens import TokenScope
from trialwright.conduct.actions import (
    adverse_events,
    cutting,
    importing,
    querying,
    special_situations,
)
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.attaching import attach_file
from trialwright.conduct.actions.special_situations import Birth, PregnancyReport
from trialwright.conduct.models import PregnancyOutcome
from trialwright.protocol.basics import Role
from trialwright.safety.seriousness import SeriousCriterion


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests are made in the test's transaction, whose connection none of them may close."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def study(db: None, tmp_path: Path, settings: Any) -> World:
    """A participant with a form, a query, an attachment, an event and a child; a file and a cut."""
    settings.TRIALWRIGHT_CUTS = tmp_path
    return kept("one of everything", one_of_everything, tmp_path)


def one_of_everything() -> World:
    """Begin the study, and have all this happen in it."""
    world = begin()
    code = world.entered()
    querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="Is this the age at consent?", at=world.now,
    )  # fmt: skip
    attach_file(
        by=world.coordinator, code=code, content=png(), file_name="a.png", about="Film",
        at=world.now,
    )  # fmt: skip
    report = Report("Fever", 1, criteria={SeriousCriterion.HOSPITALISATION})
    adverse_events.record_event(by=world.coordinator, code=code, report=report, at=world.now)
    by, now = world.coordinator, world.now
    case = special_situations.record_pregnancy(by=by, code=code, report=PregnancyReport(), at=now)
    special_situations.record_pregnancy_outcome(
        by=by, code=code, number=case, outcome=PregnancyOutcome.BIRTH, at=now
    )
    special_situations.record_child(by=by, code=code, number=case, birth=Birth(""), at=now)
    keeper = world.person(Role.DATA_MANAGER)
    mapping = "participant = Who\nvisit = Visit\ntest = Test\nvalue = Value\n"
    importing.keep_mapping(
        by=keeper, name="CENTRAL", text=mapping + "test PLT = blood_count.platelets\n",
        at=world.now,
    )  # fmt: skip
    importing.upload_results(
        by=keeper, mapping="CENTRAL", source=b"Who,Visit,Test,Value\nC-001,screening,PLT,199\n",
        file_name="a.csv", at=world.now,
    )  # fmt: skip
    cutting.cut_data(by=keeper, name="first", at=world.now)
    return world


def token_of(username: str) -> str:
    """A personal token for reading and writing, for a day."""
    now = datetime.now(UTC)
    return tokens.make(
        Person.objects.get(username=username), name="", scope=TokenScope.WRITE, study="",
        expires_at=now + timedelta(days=1), at=now,
    )  # fmt: skip


@pytest.fixture
def token(study: World) -> str:
    """A coordinator's token."""
    return token_of("lin")


@pytest.fixture
def reading(study: World) -> str:
    """A data manager's token: they may read all that programs can."""
    return token_of("yang")


def described(**generation: Any) -> Any:
    """What the API says of itself."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    schema.config.generation.update(**generation)
    return schema


anything = described()
as_told = described(modes=[schemathesis.GenerationMode.POSITIVE])


PLACE = {
    "study": STUDY, "code": "C-001", "visit": "screening", "form": "demographics", "repeat": 1,
    "number": 1, "name": "first", "file": "participants.csv", "case": 2, "child": "C-001-CH1",
}  # fmt: skip
drawn = settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@anything.parametrize()
@drawn
def test_every_operation_answers_as_described(case: Any, token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"})


@as_told.parametrize()
@drawn
def test_it_does_so_about_what_is_there(case: Any, token: str, reading: str) -> None:
    token = reading if case.method == "GET" else token
    for name in case.path_parameters or {}:
        case.path_parameters[name] = PLACE[name]
    answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
    # Nobody of this study sees products, so no code leads to anything.
    is_there = case.method == "GET" and case.operation.path != "/api/studies/{study}/trace"
    assert not is_there or answer.status_code != 404
