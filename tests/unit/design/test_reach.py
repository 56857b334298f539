"""The tables of a decision rule reach the largest number that the allocation list can produce."""

import re
from itertools import product

import pytest

from trialwright.demonstration.protocol import FILE, demonstration
from trialwright.design import PermutedBlocks
from trialwright.design.places import largest_number, places_needed
from trialwright.design.section import problems_of, refillable_arms
from trialwright.protocol.loader import parse_file

SOURCE = demonstration().source_bytes.decode()


def told(old: str, new: str) -> list[str]:
    assert SOURCE.count(old) == 1
    protocol = parse_file(SOURCE.replace(old, new).encode(), FILE)
    return [str(problem) for problem in problems_of(protocol)]


def line_of(text: str) -> int:
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


def test_the_demonstrations_tables_reach_what_its_list_can_bring() -> None:
    assert problems_of(demonstration()) == ()
    assert refillable_arms(demonstration()) == (1, 3, 4, 5)


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("    participants: 30\n", "    participants: 26\n", "  arm_rule:", "must reach 27"),
        ("    participants: 48\n", "    participants: 42\n", "  pooled_rule:", "must reach 43"),
        ("  arms: 5\n", "  arms: 4\n", "  arms: 5\n", "the protocol has 5"),
    ],
)
def test_a_table_that_ends_too_early_is_a_problem_at_its_line(
    old: str, new: str, where: str, what: str
) -> None:
    [problem] = told(old, new)
    assert problem.startswith(f"{line_of(where)}: ") and what in problem
    assert problem.endswith("[design]")


def test_a_comparison_of_regimens_has_the_protocols_arms() -> None:
    comparison = (
        "design:\n  kind: regimen-comparison\n  arms: {}\n  control: 2\n  looks: [5, 10]\n\n"
    )
    told_of = {}
    for arms in (4, 5):
        source = re.sub(r"(?ms)^design:\n.*?(?=^\S|\Z)", comparison.format(arms), SOURCE)
        told_of[arms] = list(map(str, problems_of(parse_file(source.encode(), FILE))))
    assert told_of[5] == []
    assert len(told_of[4]) == 1 and "the protocol has 5" in told_of[4][0]


def test_with_places_lost_a_shorter_table_will_do() -> None:
    lost = SOURCE.replace("held_places: refilled", "held_places: lost")
    protocol = parse_file(lost.replace("participants: 30\n", "participants: 13\n").encode(), FILE)
    assert problems_of(protocol) == ()
    assert refillable_arms(protocol) == ()


@pytest.mark.parametrize(
    "blocks",
    [
        PermutedBlocks(arms=2, block_sizes=(2, 4), strata=("a", "b"), run_in=(2,)),
        PermutedBlocks(arms=2, ratio=(2, 1), block_sizes=(3, 6)),
        PermutedBlocks(arms=3, block_sizes=(3,), strata=("a", "b"), run_in=(3, 3)),
        PermutedBlocks(arms=2, block_sizes=(4, 6), strata=("a", "b")),
    ],
)
def test_the_largest_number_is_that_of_the_worst_list(blocks: PermutedBlocks) -> None:
    """Against every list that has an arm's places first in each block, and every split."""
    for participants, arm in product((3, 5, 8, 9, 15), range(1, blocks.arms + 1)):
        assert largest_number(blocks, participants, {arm}) == slowly(blocks, participants, arm)


def slowly(blocks: PermutedBlocks, participants: int, arm: int) -> int:
    """The most by trying each composition of blocks and each split, places of `arm` first."""
    unit = sum(blocks.ratio)

    def count(sizes: tuple[int, ...], n: int) -> int:
        flat = [a for size in sizes for a in sorted(
            (a for a, r in enumerate(blocks.ratio, start=1) for _ in range(size * r // unit)),
            key=lambda a: a != arm)]  # fmt: skip
        return flat[:n].count(arm)

    run_in = min(participants, blocks.run_in_length)
    left = participants - run_in
    enough = left // unit + 1
    best = [
        max(count(sizes, n) for sizes in product(blocks.block_sizes, repeat=enough))
        for n in range(left + 1)
    ]
    splits = (
        split for split in product(range(left + 1), repeat=len(blocks.strata)) if sum(split) == left
    )
    return count(blocks.run_in, run_in) + max(sum(best[n] for n in split) for split in splits)


def test_a_list_never_ends_before_the_trial_does() -> None:
    """With all regimens but one held, two of five places are given to somebody."""
    blocks = PermutedBlocks(arms=5, block_sizes=(5, 10), strata=("II", "III"))
    long = places_needed(blocks, 50, (1, 3, 4, 5))
    for seed in range(20):
        places = blocks.list(bytes([seed] * 32), "II", long)
        assert sum(arm in (2, 4) for arm in places) >= 50
    assert places_needed(blocks, 50) == 50
