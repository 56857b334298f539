"""A deviation at a later occurrence of a visit is told by the visit's words, not by its key."""

import pytest
from django.test import Client

from tests.integration.conduct.other_trials import CYCLES, begin
from trialwright.accounts.models import Person
from trialwright.conduct.actions import visiting


@pytest.mark.django_db
def test_a_missed_second_cycle_is_named() -> None:
    trial = begin(CYCLES)
    code = trial.randomised()
    for visit in ("day_1", "day_1~2"):
        trial.later(days=30)
        visiting.record_missed_visit(
            by=trial.person("coordinator"), code=code, visit=visit, reason="Ill", at=trial.now
        )
    client = Client()
    username = f"coordinator.{trial.protocol.identifier}".lower()
    client.force_login(Person.objects.get(username=username))
    for place in ("deviations", f"participants/{code}"):
        page = client.get(f"/studies/{trial.protocol.identifier}/{place}").content.decode()
        assert "Cycle 2, Day 1" in page
        assert ">day_1~2<" not in page
