"""The ledger speaks for every table of conduct: what is changed past it is named."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.integration.conduct.world import STUDY, World, begin
from trialwright.ledger import files
from trialwright.ledger.verify import Verified, verify


def verified() -> Verified:
    keys = files.keys()
    return verify(STUDY, heads_path=files.heads_path(), publics=[keys.public], keys=keys)


@pytest.fixture
def world(transactional_db: None, settings: object, tmp_path_factory: object) -> Iterator[World]:
    files.heads_path().unlink(missing_ok=True)
    yield begin()
    files.heads_path().unlink(missing_ok=True)


def test_a_whole_story_is_as_it_was_entered(world: World) -> None:
    world.treated()
    assert [str(each) for each in verified().problems] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE conduct_value SET text = '99.9' WHERE item = 'weight'", "value"),
        ("UPDATE conduct_participant SET state = 'completed'", "participant"),
        ("DELETE FROM conduct_criterionanswer WHERE criterion = 'veins'", "criterion"),
        (
            "UPDATE conduct_allocationslot SET sealed = (SELECT sealed FROM conduct_allocationslot"
            " WHERE list_name = 'stage_2' AND place = 2) WHERE list_name = 'stage_2' AND place = 1",
            "slot",
        ),
    ],
)
def test_a_change_past_the_ledger_is_named(world: World, change: str, named: str) -> None:
    world.randomised()
    with connection.cursor() as cursor:
        cursor.execute(change)
    problems = [str(each) for each in verified().problems]
    assert problems and any(named in problem for problem in problems), problems
