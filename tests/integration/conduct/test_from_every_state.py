"""Endings from states that no story enters, days before an anchor, and steps taken twice."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from tests.integration.conduct.refusing import refused
from tests.integration.conduct.world import World
from trialwright.conduct.actions import (
    consenting,
    participation,
    screening,
    visiting,
)
from trialwright.conduct.actions.steps import see_arm
from trialwright.conduct.models import Unblinding, VisitRecord
from trialwright.conduct.participants.consent_reports import ConsentReport
from trialwright.conduct.reads.arms import arm_for
from trialwright.conduct.reads.participants import story
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.basics import Role

Act = Callable[[World, str], partial[None]]


def _withdraw(world: World, code: str) -> partial[None]:
    return partial(
        participation.withdraw, by=world.coordinator, code=code, on=world.now.date(),
        stops=["visits"], at=world.now,
    )  # fmt: skip


def _lose(world: World, code: str) -> partial[None]:
    return partial(
        participation.record_loss_to_follow_up, by=world.coordinator, code=code,
        on=world.now.date(), reason="Three calls", at=world.now,
    )  # fmt: skip


def _die(world: World, code: str) -> partial[None]:
    return partial(
        participation.record_death, by=world.coordinator, code=code, on=world.now.date(),
        died_of="Death NOS", at=world.now,
    )  # fmt: skip


def _complete(world: World, code: str) -> partial[None]:
    return partial(
        participation.complete, by=world.coordinator, code=code, on=world.now.date(), at=world.now
    )


def _untreated(world: World) -> str:
    code = world.randomised()
    world.not_treated(code)()
    return code


ENDS = {
    "withdrawn, consented": (World.consented, (_withdraw,), "withdrawn"),
    "lost, consented": (World.consented, (_lose,), "lost"),
    "died, consented": (World.consented, (_die,), "died"),
    "withdrawn, eligible": (World.eligible, (_withdraw,), "withdrawn"),
    "lost, eligible": (World.eligible, (_lose,), "lost"),
    "died, eligible": (World.eligible, (_die,), "died"),
    "died, randomised": (World.randomised, (_die,), "died"),
    "lost, untreated": (_untreated, (_lose,), "lost"),
    "died, untreated": (_untreated, (_die,), "died"),
    "withdrawn, lost": (World.consented, (_lose, _withdraw), "withdrawn"),
    "died, withdrawn": (World.consented, (_withdraw, _die), "died"),
    "died, lost": (World.consented, (_lose, _die), "died"),
}


def test_an_ending_leads_to_its_state_and_leaves_no_visit_planned(world: World) -> None:
    for name, (begin, acts, state) in ENDS.items():
        code = begin(world)
        for act in acts:
            act(world, code)()
        visits = VisitRecord.objects.filter(participant=world.row(code))
        found = set(visits.values_list("status", flat=True))
        assert world.row(code).state == state, name
        assert "planned" not in found and "cancelled" in found, name
        # The first who are randomised are days apart.
        world.later(days=8)


def test_what_has_ended_does_not_end_again(world: World) -> None:
    withdrawn, lost, died = world.consented(), world.consented(), world.consented()
    _withdraw(world, withdrawn)()
    _lose(world, lost)()
    _die(world, died)()
    assert "no step leads" in refused(_lose(world, withdrawn))
    assert "not withdrawn before" in refused(_withdraw(world, withdrawn))
    assert "no step leads" in refused(_lose(world, lost))
    for act in (_withdraw, _lose, _die):
        refused(act(world, died))


def test_a_screening_failure_neither_ends_nor_completes(world: World) -> None:
    code = world.consented()
    screening.record_screen_failure(by=world.coordinator, code=code, reason="Moved", at=world.now)
    for act in (_withdraw, _lose, _die, _complete):
        assert "no step leads" in refused(act(world, code))
    participation.withdraw(
        by=world.coordinator, code=code, on=world.now.date(), stops=["samples"], at=world.now
    )
    assert (world.row(code).state, world.row(code).stops_samples) == ("screen_failed", True)


@pytest.mark.parametrize("consented", [True, False])
def test_consent_after_a_screening_failure_is_refused(world: World, consented: bool) -> None:
    code = world.consented() if consented else world.screened()
    screening.record_screen_failure(by=world.coordinator, code=code, reason="No time", at=world.now)
    said = refused(
        partial(
            consenting.consent, by=world.coordinator, code=code, at=world.now,
            report=ConsentReport(
                "1.0", "zh", world.investigator.person_id, world.now,
                {"study": True, "pregnancy": True, "samples": True, "contact": True},
            ),
        )
    )  # fmt: skip
    assert ("already" if consented else "no step leads") in said


def test_a_visit_never_lies_before_what_it_is_counted_from(world: World) -> None:
    """Counted from the treatment, or from a day that somebody entered: that day is the first."""
    code, treated_on = world.treated(), world.now.date()
    world.later(days=200)
    visit = partial(
        visiting.record_visit, by=world.coordinator, code=code, reason="A journey", at=world.now
    )
    early = partial(visit, visit="month_1")
    assert "counted from there" in refused(partial(early, on=treated_on - timedelta(days=1)))
    early(on=treated_on)
    bled_on = treated_on + timedelta(days=150)
    report = {"reported_on": world.now.date().isoformat(), "first_day": bled_on.isoformat()}
    world.save(world.coordinator, code, "running", "bleed_report", report)
    first = partial(visit, visit="first_bleed")
    assert "counted from there" in refused(partial(first, on=bled_on - timedelta(days=1)))
    first(on=bled_on)


def test_a_step_taken_again_is_refused_and_the_arm_is_shown_to_who_takes_over(
    world: World,
) -> None:
    code = world.randomised()
    first = world.now
    with pytest.raises(NotFound):
        see_arm(by=world.surgeon, code=code, at=first)
    world.prepared(code)
    world.later(minutes=30)
    assert "already recorded" in refused(world.taking(world.handler, code, "receive"))
    assert world.details(code, "receive").at == world.details(code, "tell").at == first
    releaser = world.person(Role.LABORATORY_RELEASER)
    arm = see_arm(by=world.surgeon, code=code, at=world.now)
    assert see_arm(by=releaser, code=code, at=world.now) == arm
    assert arm_for(releaser, story(releaser, code)) is not None
    seen = Unblinding.objects.filter(participant=world.row(code)).values_list("person", flat=True)
    assert set(seen) == {each.person_id for each in (world.handler, world.surgeon, releaser)}
    for blinded in (world.coordinator, world.investigator, world.monitor):
        with pytest.raises(NotFound):
            see_arm(by=blinded, code=code, at=world.now)
