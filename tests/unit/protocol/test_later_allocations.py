"""What a file with several allocations can't say, and what it means at each visit."""

import pytest

from tests.integration.conduct.test_allocated_again import FILE, KINDS
from trialwright.protocol.later_allocations import allocation_due
from trialwright.protocol.loader import parse_file, read

GOOD = FILE.replace("TERMS", KINDS["blocks"])


def said(text: str) -> list[str]:
    _protocol, problems = read(text.encode())
    return [each.message for each in problems]


def test_the_arms_that_participants_can_have_follow_from_the_epoch_of_a_visit() -> None:
    protocol = parse_file(GOOD.encode())
    assert [arm.key for arm in protocol.arms_at("day_1")] == ["short", "long", "placebo"]
    assert [arm.key for arm in protocol.arms_at("week_8")] == ["short", "long"]
    assert protocol.allocation is not None and protocol.allocation.key == "first"
    assert [each.key for each in protocol.allocations_by("week_8")] == ["second"]
    assert protocol.allocations_by("day_1") == ()


def test_it_is_due_with_a_visit_of_its_epoch_and_not_once_made() -> None:
    protocol = parse_file(GOOD.encode())
    assert allocation_due(protocol, (), [("day_1", 1)]) is None
    due = allocation_due(protocol, (), [("day_1", 1), ("week_8", 1)])
    assert due is not None and due.key == "second"
    assert allocation_due(protocol, ("second",), [("week_8", 1)]) is None


WRONG = {
    "an entry at an epoch": (
        'first: {label: "First",',
        'first: {label: "First", at: part_1,',
        "Participants enter by one allocation, and 0 are at no epoch",
    ),
    "two entries": (
        "at: part_2, ",
        "",
        "Participants enter by one allocation, and 2 are at no epoch",
    ),
    "an arm that nobody has": (
        "ratio: {short: 1, long: 1, placebo: 1}, block_sizes: [3, 6]",
        "ratio: {short: 1, long: 1}, block_sizes: [2, 4]",
        "Nobody has the arm `placebo` when `second` is made",
    ),
    "an arm that nobody ever gets": (
        "arms:\n",
        'arms:\n  more: {label: "More", type: experimental, description: "More"}\n',
        "No allocation leads to the arm `more`",
    ),
    "an epoch without a visit": (
        "after: 56 d, epoch: part_2",
        "after: 56 d, epoch: part_1",
        "No visit brings participants to `second`",
    ),
    "a kind in which somebody chooses": (
        "among: [placebo], ratio: {short: 1, long: 1}, block_sizes: [2]",
        "kind: chosen, by: investigator, arms: [short, long]",
        "`second` is made at a later epoch, and is of the kind `chosen`",
    ),
    "a condition known too late": (
        "among: [placebo], ratio",
        'when: "week_8.score.points < 5", ratio',
        "`second` needs `week_8.score.points`, which isn't known before it",
    ),
    "a pause at a later epoch": (
        "among: [placebo], ratio",
        "pause_after: {participants: 2, after_days: 7, seen_by: statistician}, ratio",
        "`second` is made at a later epoch, and has a `run_in` or `pause_after`",
    ),
    "a condition of everybody who enters": (
        'first: {label: "First",',
        'first: {label: "First", among: [short],',
        "`first` is made of everybody who enters, and has `among` or `when`",
    ),
    "one allocation beside several": (
        "steps:\n",
        "allocation: {ratio: {short: 1, long: 1, placebo: 1}, block_sizes: [3]}\nsteps:\n",
        "The file has `allocation` and `allocations`",
    ),
    "a step of the same name": (
        "steps:\n",
        'steps:\n  second: {label: "Second", roles: [nurse]}\n',
        "`second` is the key of a step and of an allocation",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_said(case: str) -> None:
    change, to, message = WRONG[case]
    assert said(GOOD) == [] and change in GOOD
    assert message in said(GOOD.replace(change, to, 1))
