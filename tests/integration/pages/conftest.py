"""A begun study for each test, and people who send requests to its pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.integration.conduct.world import World, begin
from trialwright.accounts.models import Person
from trialwright.conduct.actions import (
    adverse_events,
    cutting,
    deviating,
    meetings,
    querying,
    unblinding,
)
from trialwright.conduct.actions.adverse_events import Report
from trialwright.conduct.actions.meetings import MeetingReport
from trialwright.conduct.models.deviations import DeviationKind
from trialwright.protocol.basics import Role
from trialwright.safety.board import Recommendation
from trialwright.safety.seriousness import SeriousCriterion


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    settings.TRIALWRIGHT_CUTS = tmp_path
    return begin()


@pytest.fixture
def signed_in(world: World) -> Callable[[str], Client]:
    """A browser in which somebody is signed in: `signed_in("lin")`."""

    def client(username: str) -> Client:
        browser = Client()
        browser.force_login(Person.objects.get(username=username))
        return browser

    return client


@pytest.fixture
def study(world: World) -> World:
    """A treated participant with a query on a form, and a data cut."""
    code = world.treated()
    querying.raise_query(
        by=world.monitor, code=code, visit="screening", form="demographics", item="age",
        text="Is this her age at consent?", at=world.now,
    )  # fmt: skip
    deviating.record_deviation(
        by=world.monitor, code=code, kind=DeviationKind.OTHER, on=world.now.date(),
        description="The consent was filed late", at=world.now,
    )  # fmt: skip
    low = {"sampled_on": world.now.date().isoformat(), "haemoglobin": "98", "leukocytes": "5.1",
           "platelets": "210"}  # fmt: skip
    world.save(world.coordinator, code, "screening", "blood_count", low)
    adverse_events.record_event(
        by=world.coordinator, code=code, at=world.now,
        report=Report("Fever", 1, criteria={SeriousCriterion.HOSPITALISATION}),
    )  # fmt: skip
    unblinding.unblind_for_reaction(
        by=world.person(Role.SAFETY_OFFICE), code=code, event=1, reason="Serious", at=world.now
    )
    cutting.cut_data(by=world.person(Role.DATA_MANAGER), name="first", at=world.now)
    board = {Person.objects.get(username=name).pk: "" for name in ("chen", "gao")}
    meetings.record_meeting(
        by=world.person(Role.BOARD_STATISTICIAN), at=world.now,
        report=MeetingReport(
            world.now.date(), "first", board, next(iter(board)), Recommendation.CONTINUE, "As it is"
        ),
    )  # fmt: skip
    return world
