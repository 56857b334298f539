"""The API answers as its own description says, whatever is sent; schemathesis sends it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts import tokens
from trialwright.accounts.models import Person
from trialwright.accounts.tokens import TokenScope
from trialwright.conduct.actions import querying


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
def token(db: None) -> str:
    """A coordinator's token, in a study with a participant, a form and a query on it."""
    world: World = begin()
    code = world.entered()
    querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="Is this the age at consent?", at=world.now,
    )  # fmt: skip
    now = datetime.now(UTC)
    return tokens.make(
        Person.objects.get(username="lin"), name="", scope=TokenScope.WRITE, study="",
        expires_at=now + timedelta(days=1), at=now,
    )  # fmt: skip


def described(**generation: Any) -> Any:
    """What the API says of itself."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    schema.config.generation.update(**generation)
    return schema


anything = described()
as_told = described(modes=[schemathesis.GenerationMode.POSITIVE])


PLACE = {
    "study": STUDY, "code": "C-001", "visit": "screening", "form": "demographics", "repeat": 1,
    "number": 1,
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
def test_it_does_so_about_what_is_there(case: Any, token: str) -> None:
    for name in case.path_parameters or {}:
        case.path_parameters[name] = PLACE[name]
    answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
    assert case.method != "GET" or answer.status_code != 404
