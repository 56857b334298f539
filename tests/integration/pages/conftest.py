"""A begun study for each test, and people who send requests to its pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.integration.conduct.test_monitoring_visits import sign, written_with_finding
from tests.integration.conduct.world import World, begin
from tests.kept import kept
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
def cuts(db: None, tmp_path: Path, settings: Any) -> Path:
    """An empty database, and a folder of this test's own for what is cut."""
    settings.TRIALWRIGHT_CUTS = tmp_path
    return tmp_path


@pytest.fixture
def world(cuts: Path) -> World:
    """A begun study."""
    return begin()


@pytest.fixture
def study(cuts: Path) -> World:
    """A treated participant with a query on a form, and a data cut."""
    return kept("a treated participant", treated_with_a_cut, cuts)


@pytest.fixture
def signed_in(cuts: Path) -> Callable[[str], Client]:
    """A browser in which somebody of the study is signed in: `signed_in("lin")`."""

    def client(username: str) -> Client:
        browser = Client()
        browser.force_login(Person.objects.get(username=username))
        return browser

    return client


def treated_with_a_cut() -> World:
    """Begin the study, and have all this happen in it."""
    world = begin()
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
    sign(world, written_with_finding(world))
    return world
