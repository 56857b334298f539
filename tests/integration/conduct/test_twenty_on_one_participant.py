"""Twenty people on one participant at the same moment: some order of what was done explains it all.

The order is the ledger's. The same study is begun again, the acts that were done are done one
after the other in that order, and both end alike; what was refused is refused then too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from tests.integration.conduct.at_once import at_once
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts.models import Person
from trialwright.accounts.policy import Actor
from trialwright.conduct.actions import entering, participation, randomising
from trialwright.conduct.models import (
    AllocationSlot,
    Deviation,
    Entry,
    Query,
    Signature,
    Value,
    VisitRecord,
)
from trialwright.conduct.refusals import ActionRefused
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.ledger import files
from trialwright.ledger.models import LedgerRow

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = {"visit": "screening", "form": "demographics"}


@dataclass(frozen=True, slots=True)
class One:
    """An act of one person, by the name under which the ledger keeps it."""

    action: str
    by: Actor
    act: Callable[[], object]

    @property
    def key(self) -> tuple[str, str]:
        return self.action, self.by.name


@pytest.fixture(autouse=True)
def _own_heads(transactional_db: None) -> Iterator[None]:
    files.heads_path().unlink(missing_ok=True)
    yield
    files.heads_path().unlink(missing_ok=True)


def acts(world: World, code: str) -> list[One]:
    """What twenty people want: to change one answer, sign it, randomise, and to withdraw."""
    lin, zhao = world.coordinator, world.investigator
    read = hash_of(entry_content(Entry.objects.get(form="demographics")))
    change = partial(
        world.save, code=code, **PLACE, raw={"age": "31", "height": "161.0", "weight": "60"},
        based_on=1, change_reasons={"weight": "Misread"},
    )  # fmt: skip
    sign = partial(
        entering.sign_entry, by=zhao, code=code, **PLACE, content_hash=read, at=world.now
    )
    place = partial(randomising.randomise, by=zhao, code=code, at=world.now)
    leave = partial(participation.withdraw, code=code, on=world.now.date(), at=world.now)
    return [
        *[One("save_entry", by, partial(change, by)) for by in (lin, zhao) * 4],
        *[One("sign_entry", zhao, sign)] * 4,
        *[One("randomise", zhao, place)] * 4,
        *[One("withdraw", lin, partial(leave, by=lin, stops=["visits"]))] * 2,
        *[One("withdraw", zhao, partial(leave, by=zhao, stops=["samples"]))] * 2,
    ]


def ready() -> tuple[World, str]:
    world = begin()
    code = world.eligible()
    world.now += timedelta(hours=1)
    return world, code


def state(world: World, code: str) -> dict[str, Any]:
    """All that the acts could have changed, without the keys of rows."""
    row = world.row(code)
    return {
        "participant": (row.state, row.randomised_at, row.stops_visits, row.stops_samples),
        "endings": sorted((e.kind, e.on, tuple(e.stops)) for e in row.endings.all()),
        "entries": sorted(Entry.objects.values_list("visit", "form", "status", "revision")),
        "values": sorted(Value.objects.values_list("entry__form", "item", "text")),
        "signatures": sorted((s.meaning, s.void_at is None) for s in Signature.objects.all()),
        "visits": sorted(VisitRecord.objects.values_list("visit", "status", "target")),
        "places": AllocationSlot.objects.exclude(participant=None).count(),
        "queries": sorted(Query.objects.values_list("text", "status")),
        "deviations": sorted(Deviation.objects.values_list("kind", "subject")),
    }


def order(after: int) -> list[tuple[str, str]]:
    """Which action of whom the ledger holds, in its order, from a row on."""
    rows = LedgerRow.objects.filter(study=STUDY, chain="open", seq__gt=after).order_by("seq")
    names = dict(Person.objects.values_list("id", "name"))
    found: list[tuple[str, str]] = []
    for row in rows:
        key = row.action, names[UUID(row.by)]
        if not found or found[-1] != key:
            found.append(key)
    return found


@pytest.mark.parametrize("_round", range(3))
def test_some_order_explains_what_twenty_did_to_one_participant(_round: int) -> None:
    world, code = ready()
    before = LedgerRow.objects.filter(study=STUDY, chain="open").latest("seq").seq
    wanted = acts(world, code)
    assert len(wanted) == 20
    done, refusals = at_once(*(each.act for each in wanted))
    ended, in_order = state(world, code), order(before)
    assert len(in_order) == len(done) and len(done) + len(refusals) == 20

    call_command("flush", interactive=False, verbosity=0)
    files.heads_path().unlink(missing_ok=True)
    world, code = ready()
    again = acts(world, code)
    for key in in_order:
        at = next(n for n, each in enumerate(again) if each.key == key)
        again.pop(at).act()
    assert state(world, code) == ended
    for each in again:
        with pytest.raises(ActionRefused):
            each.act()
    assert state(world, code) == ended
