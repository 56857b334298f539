"""What may be done next for a participant, and why not: one pure function of file and records."""

from tests.unit.protocol.test_steps import STEPS
from trialwright.protocol.loader import parse_file
from trialwright.protocol.progress import (
    Progress,
    StepFact,
    due_steps,
    none_given,
    recorded_after,
    undone_before,
)
from trialwright.protocol.steps import Milestone

PROTOCOL = parse_file(STEPS.encode())
PREPARE, INFUSE = PROTOCOL.steps
ALLOCATED = frozenset({Milestone.CONSENT, Milestone.ELIGIBILITY, Milestone.ALLOCATION})
OPEN = [("week_1", 1), ("week_2", 1)]
PREPARED = StepFact("prepare")


def test_what_reveals_an_arm_or_gives_a_dose_comes_after_the_allocation_though_unwritten() -> None:
    eligible = Progress(ALLOCATED - {Milestone.ALLOCATION})
    assert undone_before(PROTOCOL, PREPARE, eligible) == ("allocation",)
    assert undone_before(PROTOCOL, INFUSE, eligible, "week_1") == ("allocation", "prepare")
    assert list(due_steps(PROTOCOL, eligible, OPEN)) == []


def test_a_step_at_visits_is_due_at_each_that_may_come_once_what_it_follows_is_done() -> None:
    assert list(due_steps(PROTOCOL, Progress(ALLOCATED), OPEN)) == [("prepare", "", 1)]
    prepared = Progress(ALLOCATED, (PREPARED,))
    assert list(due_steps(PROTOCOL, prepared, OPEN)) == [
        ("infuse", "week_1", 1),
        ("infuse", "week_2", 1),
    ]
    given = Progress(ALLOCATED, (PREPARED, StepFact("infuse", "week_1", given=True)))
    assert list(due_steps(PROTOCOL, given, OPEN)) == [("infuse", "week_2", 1)]


def test_a_step_at_the_same_visits_as_another_follows_it_visit_by_visit() -> None:
    text = STEPS.replace("two_people: yes}", "at: [week_1, week_2]}").replace(
        "step: prepare}", "step: allocation}"
    )
    protocol = parse_file(text.encode())
    prepared = Progress(ALLOCATED, (StepFact("prepare", "week_1"),))
    infuse = protocol.step("infuse")
    assert undone_before(protocol, infuse, prepared, "week_1") == ()
    assert undone_before(protocol, infuse, prepared, "week_2") == ("prepare",)


def test_a_dose_that_was_not_given_ends_what_comes_before_it_and_nothing_follows_it() -> None:
    text = STEPS.replace("    at: [week_1, week_2]\n", "").replace(
        "anchors:\n", "anchors:\n  infused: {label: Infused, step: infuse}\n"
    )
    text = text.replace(
        "steps:\n", "steps:\n  watch: {label: Watch, roles: [nurse], after: [infuse]}\n"
    ).replace("    anchor: bleed\n", "    anchor: infused\n")
    protocol = parse_file(
        text.replace('  bleed: {label: "Bleed", item: running.report.bled_on}\n', "").encode()
    )
    refused = Progress(ALLOCATED, (StepFact("infuse", given=False),))
    assert recorded_after(protocol, protocol.step("prepare"), refused) == "infuse"
    assert undone_before(protocol, protocol.step("watch"), refused) == ("infuse",)
    assert list(due_steps(protocol, refused, [])) == []
    assert none_given(protocol, refused, "") and not refused.treated


def test_nothing_is_given_only_once_every_dose_is_recorded_as_not_given() -> None:
    one = StepFact("infuse", "week_1", given=False)
    assert not none_given(PROTOCOL, Progress(ALLOCATED, (one,)), "")
    two = StepFact("infuse", "week_2", given=False)
    assert none_given(PROTOCOL, Progress(ALLOCATED, (one, two)), "")
    given = StepFact("infuse", "week_2", given=True)
    assert Progress(ALLOCATED, (one, given)).treated
    assert not none_given(PROTOCOL, Progress(ALLOCATED, (one, given)), "")
