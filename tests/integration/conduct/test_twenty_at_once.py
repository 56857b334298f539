"""Twenty clients at once on real PostgreSQL: one wins, all others get a sentence."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice

import pytest
from django.utils import timezone

from tests.integration.conduct.at_once import at_once
from tests.integration.conduct.product_trial import STUDY as CELLS
from tests.integration.conduct.product_trial import Cells
from tests.integration.conduct.test_day import RUN_IN, of_fewer
from tests.integration.conduct.test_holds import GO_ON, cut, on_regimens, read_hash, stops
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts.models import Membership
from trialwright.accounts.policy import Actor
from trialwright.accounts.reads import actor_in
from trialwright.conduct.actions import holds, randomising
from trialwright.conduct.models import (
    AdverseEvent,
    AllocationSlot,
    BedsideCheck,
    Hold,
    HoldDecision,
    HoldSignature,
    Participant,
)
from trialwright.conduct.reads.products import near_misses
from trialwright.custody.containers import ContainerStatus
from trialwright.ledger import files
from trialwright.protocol.basics import Role

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 20


@pytest.fixture(autouse=True)
def _own_heads(transactional_db: None) -> Iterator[None]:
    files.heads_path().unlink(missing_ok=True)
    yield
    files.heads_path().unlink(missing_ok=True)


def twenty(*acts: Callable[[], object]) -> list[Callable[[], object]]:
    """These in turn, until there are as many as clients."""
    return list(islice(cycle(acts), CLIENTS))


def test_twenty_for_the_last_place() -> None:
    world = begin(of_fewer(RUN_IN + 1))
    world.run_in()
    codes = [world.eligible() for _each in range(4)]
    randomise = partial(randomising.randomise, by=world.investigator, at=world.now)
    done, refusals = at_once(*twenty(*(partial(randomise, code=code) for code in codes)))
    assert len(done) == 1 and len(refusals) == CLIENTS - 1
    assert all(str(each) for each in refusals)
    assert Participant.objects.filter(randomised_at__isnull=False).count() == RUN_IN + 1
    assert AllocationSlot.objects.exclude(participant=None).count() == RUN_IN + 1


def test_twenty_for_the_last_container() -> None:
    cells = Cells()
    cells.trial.now = timezone.now()
    container = cells.thawed(cells.released())
    codes = [cells.of_arm("cells"), cells.of_arm("cells")]
    done, refusals = at_once(
        *twenty(*(partial(cells.give, container, code) for code in codes)), study=CELLS
    )
    assert refusals == [] and len(done) == CLIENTS, "a refused scan is an answer, and is kept"
    assert [len(each) > 0 for each in done].count(False) == 1  # type: ignore[arg-type]
    assert cells.status(container) == ContainerStatus.GIVEN
    assert BedsideCheck.objects.count() == CLIENTS
    assert len(near_misses(cells.by("safety_office"))) == CLIENTS - 1


def test_twenty_events_over_the_bound_set_one_hold_and_twenty_signatures_lift_it_once() -> None:
    world = begin()
    codes = on_regimens(world, 2)
    done, refusals = at_once(*twenty(*(partial(stops, world, code) for code in codes)))
    assert sorted(done) == list(range(1, CLIENTS + 1)) and refusals == []  # type: ignore[type-var]
    assert AdverseEvent.objects.count() == CLIENTS
    (hold,) = Hold.objects.all()
    assert hold.decision is None
    world.later(days=1)
    cut(world, "board-1")
    read = read_hash(world)
    sign = partial(holds.sign_decision, decision=GO_ON, content_hash=read, at=world.now)
    done, refusals = at_once(*twenty(*(partial(sign, by=each) for each in board())))
    assert done.count(True) == 1
    assert len(done) + len(refusals) == CLIENTS and all(str(each) for each in refusals)
    decision = HoldDecision.objects.get()
    assert Hold.objects.get().decision_id == decision.pk
    signed = HoldSignature.objects.filter(decision=decision)
    assert len({each.signed_by for each in signed}) == len(done)


def board() -> list[Actor]:
    rows = Membership.objects.filter(study=STUDY, role=str(Role.SAFETY_BOARD))
    world = World(now=timezone.now())
    found = [
        actor_in(each.person, STUDY, world.roles) for each in rows.order_by("person__username")
    ]
    return [each for each in found if each is not None]
