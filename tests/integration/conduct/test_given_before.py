"""What was given before a restore isn't given again: numbers of participants, places of a list."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from tests.integration.conduct.world import STUDY, World, begin
from trialwright.conduct.counting import given_before
from trialwright.conduct.models import AllocationSlot, GivenBefore, Study
from trialwright.ledger import files, heads, repair, tallies
from trialwright.ledger.encoding import LedgerError
from trialwright.ledger.verify import verify

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    files.begin_anew()
    return begin()


def test_heads_count_participants_places_and_signatures(world: World) -> None:
    world.randomised()
    world.screened()
    reading = heads.read(files.heads_path(), [files.keys().public])
    assert reading.counts[STUDY] == tallies.present(STUDY)
    assert reading.counts[STUDY]["participants/C"] == 2
    assert reading.counts[STUDY]["places/run-in"] == 1
    assert reading.counts[STUDY]["signatures"] == 1
    assert reading.troubles == []


def test_what_is_reserved_is_passed_over_and_verified(world: World) -> None:
    repair_it = {"participants/C": 4, "places/run-in": 2, "signatures": 9}
    with transaction.atomic():
        repair.reserve(STUDY, repair_it, by="system", happened_at=NOW, reason="a restore")
    code = world.randomised()
    assert code == "C-005"
    assert AllocationSlot.objects.get(participant__code=code).place == 3
    assert given_before(Study.objects.get(), "places/run-in") == 2
    # A lower number, heard of later, takes nothing back.
    with transaction.atomic():
        repair.reserve(STUDY, {"participants/C": 2}, by="system", happened_at=NOW, reason="again")
    assert GivenBefore.objects.get(name="participants/C").last == 4
    keys = files.keys()
    verified = verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)
    assert [str(problem) for problem in verified.problems] == []


@pytest.mark.parametrize("name", ["participants/X", "places/nowhere", "doses/C"])
def test_what_the_study_does_not_have_is_refused(world: World, name: str) -> None:
    with pytest.raises(LedgerError, match="Nothing is counted"), transaction.atomic():
        repair.reserve(STUDY, {name: 3}, by="system", happened_at=NOW, reason="a slip")
    assert not GivenBefore.objects.exists()
