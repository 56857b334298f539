"""Two at once on real PostgreSQL: one wins, the other gets a sentence, and nothing is half done."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from tests.integration.conduct.at_once import at_once
from tests.integration.conduct.test_day import RUN_IN, of_fewer
from tests.integration.conduct.world import begin
from trialwright.conduct.actions import cutting, drafting, entering, randomising
from trialwright.conduct.models import (
    AllocationSlot,
    DataCut,
    Draft,
    Entry,
    Participant,
    Signature,
    Value,
)
from trialwright.conduct.reads.forms import form_page
from trialwright.conduct.refusals import ActionRefused, Conflict
from trialwright.conduct.signing import entry_content, hash_of
from trialwright.ledger import files
from trialwright.protocol.basics import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_heads(transactional_db: None) -> Iterator[None]:
    files.heads_path().unlink(missing_ok=True)
    yield
    files.heads_path().unlink(missing_ok=True)


def both(*acts: Callable[[], object]) -> list[ActionRefused]:
    """Do all at once; what was refused."""
    return at_once(*acts)[1]


def test_two_for_the_last_place() -> None:
    world = begin(of_fewer(RUN_IN + 1))
    world.run_in()
    codes = [world.eligible(), world.eligible()]
    (refusal,) = both(
        *(
            partial(randomising.randomise, by=world.investigator, code=code, at=world.now)
            for code in codes
        )
    )
    assert "All 11 places" in str(refusal)
    assert Participant.objects.filter(randomised_at__isnull=False).count() == RUN_IN + 1
    assert AllocationSlot.objects.exclude(participant=None).count() == RUN_IN + 1


def test_two_in_the_run_in_never_come_on_the_same_day() -> None:
    world = begin()
    codes = [world.eligible(), world.eligible()]
    (refusal,) = both(
        *(
            partial(randomising.randomise, by=world.investigator, code=code, at=world.now)
            for code in codes
        )
    )
    assert "7 days apart" in str(refusal)


def test_two_on_one_form_and_the_second_keeps_what_she_typed() -> None:
    world = begin()
    code = world.consented()
    world.visited(code, "screening")
    typed = {
        world.coordinator: {"age": "31", "height": "160", "weight": "50"},
        world.investigator: {"age": "32", "height": "160", "weight": "50"},
    }
    for by, raw in typed.items():
        drafting.save_draft(
            by=by, code=code, visit="screening", form="demographics", raw=raw, based_on=0
        )
    (refusal,) = both(
        *(
            partial(world.save, by, code, "screening", "demographics", raw)
            for by, raw in typed.items()
        )
    )
    assert isinstance(refusal, Conflict) and "What you typed is kept" in str(refusal)
    saved = Value.objects.get(item="age").text
    loser = next(by for by, raw in typed.items() if raw["age"] != saved)
    page = form_page(loser, code, "screening", "demographics")
    assert page.values["age"] == typed[loser]["age"] and page.draft_behind
    assert page.saved["age"] == saved
    assert [draft.person for draft in Draft.objects.all()] == [loser.person_id]
    assert Entry.objects.get().revision == 1


def test_two_signatures_on_one_form() -> None:
    world = begin()
    code = world.entered()
    entry = Entry.objects.get(form="demographics")
    sign = partial(
        entering.sign_entry, by=world.investigator, code=code, visit="screening",
        form="demographics", content_hash=hash_of(entry_content(entry)), at=world.now,
    )  # fmt: skip
    (refusal,) = both(sign, sign)
    assert "signed already" in str(refusal)
    assert Signature.objects.count() == 1


def test_a_change_and_a_signature_on_one_form() -> None:
    """Whoever is first, no signature stands on content that its signer has not read."""
    world = begin()
    code = world.entered()
    entry = Entry.objects.get(form="demographics")
    read = hash_of(entry_content(entry))
    both(
        partial(
            entering.sign_entry, by=world.investigator, code=code, visit="screening",
            form="demographics", content_hash=read, at=world.now,
        ),
        partial(
            world.save, world.coordinator, code, "screening", "demographics", {"weight": "60"},
            based_on=1, change_reasons={"weight": "Misread"},
        ),
    )  # fmt: skip
    assert hash_of(entry_content(Entry.objects.get(form="demographics"))) != read
    assert not Signature.objects.filter(void_at=None).exists()


def test_two_cuts_of_one_name() -> None:
    world = begin()
    world.entered()
    cut = partial(
        cutting.cut_data, by=world.person(Role.DATA_MANAGER), name="board-1",
        at=world.now + timedelta(hours=1),
    )  # fmt: skip
    (refusal,) = both(cut, cut)
    assert "already" in str(refusal)
    assert DataCut.objects.count() == 1
