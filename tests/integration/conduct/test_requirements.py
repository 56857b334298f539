"""What the protocol wants before a randomisation and a treatment is wanted, or asked about."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.integration.conduct.refusing import refused
from tests.integration.conduct.world import STUDY, ZONE, World, begin, none_given
from trialwright.conduct.actions import randomising, visiting
from trialwright.conduct.actions.steps import StepReport
from trialwright.conduct.clock import midnight
from trialwright.conduct.models import Deviation
from trialwright.conduct.reads.randomisation import to_randomise
from trialwright.demonstration.protocol import demonstration

_WRITTEN = demonstration().source_bytes
_BEGINS, _ENDS = _WRITTEN.index(b"\nbefore:\n") + 1, _WRITTEN.index(b"\nvisits:\n") + 1


def asking(before: str) -> World:
    """The demonstration's study whose file asks for these."""
    return begin(_WRITTEN[:_BEGINS] + before.encode() + b"\n" + _WRITTEN[_ENDS:], warnings=True)


def randomise(world: World, code: str, **more: Any) -> partial[None]:
    return partial(randomising.randomise, by=world.investigator, code=code, at=world.now, **more)


BASELINE = "before:\n  allocation: {refuse: [%s], warn: [%s]}\n"
SIGNED = "screening.history signed"

pytestmark = pytest.mark.django_db


def test_without_what_is_wanted_nobody_is_randomised() -> None:
    world = asking(BASELINE % (f"screening.history, {SIGNED}", ""))
    code = world.eligible()
    assert [str(each) for each in to_randomise(world.investigator, code).lacking.refuse] == [SIGNED]
    said = refused(randomise(world, code, despite="No time"))
    assert "wants this first: the signature on “History” (Screening)" in said
    world.sign(world.investigator, code, "screening", "history")
    randomise(world, code)()
    assert world.row(code).state == "randomised"
    assert not Deviation.objects.exists()


def test_without_a_baseline_a_reason_is_wanted_and_it_is_a_deviation() -> None:
    world = asking(BASELINE % ("", "baseline_cycle_1, admission.hysteroscopy"))
    code = world.eligible()
    assert "This is missing: the visit “First baseline" in refused(randomise(world, code))
    assert "say why" in refused(randomise(world, code, despite="  "))
    randomise(world, code, despite="Bleeding could not wait")()
    found = Deviation.objects.order_by("number").values_list("kind", "subject", "description")
    assert list(found) == [
        ("prerequisite", "baseline_cycle_1", "Bleeding could not wait"),
        ("prerequisite", "admission.hysteroscopy", "Bleeding could not wait"),
    ]


def test_what_is_wanted_before_a_treatment_is_wanted_of_a_dose_alone() -> None:
    world = asking("before:\n  treatment: {refuse: [admission.vital_signs]}\n")
    code = world.randomised()
    world.prepared(code)
    place = partial(world.taking, world.surgeon, code, "place")
    assert "wants this first" in refused(place())
    place(none_given("Perforation"))()
    assert world.row(code).state == "not_treated"


def test_without_what_is_warned_of_a_dose_wants_a_reason() -> None:
    world = asking("before:\n  treatment: {warn: [admission.vital_signs]}\n")
    code = world.randomised()
    world.prepared(code)
    assert "This is missing: the form" in refused(world.taking(world.surgeon, code, "place"))
    world.taking(world.surgeon, code, "place", StepReport(despite="The monitor was broken"))()
    found = Deviation.objects.get()
    # The minute at which a dose was given could tell an arm.
    assert found.recorded_at == midnight(world.now, ZONE)
    assert (found.subject, found.description) == (
        "admission.vital_signs", "The monitor was broken",
    )  # fmt: skip


def test_a_baseline_that_was_not_done_did_not_come_early() -> None:
    world = asking(BASELINE % ("", "baseline_cycle_1"))
    code = world.eligible()
    world.later(days=4)
    randomise(world, code, despite="Bleeding could not wait")()
    came = partial(
        visiting.record_visit, by=world.coordinator, code=code, visit="baseline_cycle_1",
        reason="It came early", at=world.now,
    )  # fmt: skip
    earlier = world.now.date() - timedelta(days=2)
    assert "Record it as missed" in refused(partial(came, on=earlier))
    world.later(days=26)
    late = partial(came, on=world.now.date(), at=world.now)
    assert "entered the trial" in refused(late)
    visiting.record_missed_visit(
        by=world.coordinator, code=code, visit="baseline_cycle_1", reason="Randomised before",
        at=world.now,
    )  # fmt: skip


def test_the_stratum_and_what_is_missing_are_there_to_be_read() -> None:
    world = asking(BASELINE % ("", "baseline_cycle_1"))
    code = world.eligible()
    told = to_randomise(world.investigator, code)
    assert [level.key if level else None for _factor, level in told.strata] == ["stage_3"]
    assert [str(each) for each in told.lacking.warn] == ["baseline_cycle_1"]
    assert world.investigator.study == STUDY
