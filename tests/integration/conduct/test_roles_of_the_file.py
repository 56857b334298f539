"""The signed file says who may do what: whom it blinds is told no arm, and the day goes on."""

import re
from functools import partial

import pytest

from tests.integration.conduct.refusing import absent, refused
from tests.integration.conduct.world import STUDY, World, begin
from trialwright.accounts.models import Membership
from trialwright.conduct.actions import eligibility, querying, randomising
from trialwright.conduct.actions.steps import see_arm
from trialwright.conduct.models import Unblinding
from trialwright.conduct.reads.arms import arm_for
from trialwright.conduct.reads.participants import story
from trialwright.conduct.refusals import NotFound
from trialwright.demonstration.protocol import demonstration
from trialwright.protocol.basics import Role
from trialwright.protocol.problems import ProtocolFileError


def with_blinding(unblinded: str) -> bytes:
    text = demonstration().source_bytes.decode()
    begin_at = text.index("blinding:\n")
    end = text.index("\n\n", begin_at)
    return (text[:begin_at] + f"blinding: {{unblinded: [{unblinded}]}}" + text[end:]).encode()


def test_a_surgeon_whom_the_file_blinds_is_told_no_arm_and_treats(db: None) -> None:
    source = with_blinding("product_handler, laboratory_releaser").decode()
    handed_over = source.replace("[product_handler, operating_surgeon]", "[product_handler]")
    told = re.sub(r"  tell: .*\n", "", handed_over)
    world = begin(told.replace("after: [release, tell]", "after: [release, resect]").encode())
    code = world.randomised()
    world.receive(code)
    world.taking(world.handler, code, "release")()
    world.taking(world.surgeon, code, "resect")()
    absent(world.taking(world.surgeon, code, "tell"))
    absent(partial(see_arm, by=world.surgeon, code=code, at=world.now))
    assert story(world.surgeon, code).open.due == (("place", "", 1),)
    world.taking(world.surgeon, code, "place")()
    assert arm_for(world.surgeon, story(world.surgeon, code)) is None
    assert {seen.person for seen in Unblinding.objects.all()} == {world.handler.person_id}


def test_a_file_can_t_tell_an_arm_to_whom_it_blinds(db: None) -> None:
    with pytest.raises(ProtocolFileError) as refusal:
        begin(with_blinding("product_handler, laboratory_releaser"))
    assert "The role `operating_surgeon` is blinded, and the step `tell` tells it an arm" in str(
        refusal.value
    )


def test_who_has_seen_an_arm_of_an_open_block_chooses_nobody(world: World) -> None:
    """A surgeon becomes an investigator: the arms she was told count off the block."""
    code = world.treated()
    investigator = world.investigator
    rows = Membership.objects.filter(study=STUDY, role=Role.OPERATING_SURGEON, site="C")
    Membership.objects.create(person=rows[0].person, study=STUDY, role="investigator", site="C")
    both = world.surgeon
    world.later(days=20)
    next_code = world.assessed()
    said = refused(partial(eligibility.confirm_eligibility, by=both, code=next_code, at=world.now))
    assert "whose block still has places" in said
    eligibility.confirm_eligibility(by=investigator, code=next_code, at=world.now)
    said = refused(partial(randomising.randomise, by=both, code=next_code, at=world.now))
    assert "whose block still has places" in said
    assert world.row(code).state == "treated"


def test_an_unblinded_monitor_asks_no_open_query_about_what_could_reveal_an_arm(db: None) -> None:
    unblinded = ", ".join(sorted(demonstration().roles.unblinded | {"monitor"}))
    world = begin(with_blinding(unblinded))
    code = world.treated()
    world.visited(code, "day_0")
    world.save(world.handler, code, "day_0", "administration", {"lot": "L-1"})
    place = {"code": code, "visit": "day_0", "form": "administration", "at": world.now}
    assert story(world.monitor, code).visits, "she may see it"
    with pytest.raises(NotFound):
        querying.raise_query(by=world.monitor, item="lot", text="Which?", **place)
