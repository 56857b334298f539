"""Designs written in a protocol: read back as the same rule, refused with file and line."""

import pytest

from trialwright.design import (
    BetaBinomialStopping,
    DesignError,
    PermutedBlocks,
    SelectionDesign,
    designs_from_node,
    from_node,
)
from trialwright.protocol.nodes import Block, Entry, Listing, Node, Scalar


def node(value: object, line: int = 1) -> Node:
    """A tree of nodes; each key of a block stands on a line of its own."""
    if isinstance(value, dict):
        entries = []
        for key, inner in value.items():
            line += 1
            child = node(inner, line)
            entries.append(Entry(key, child, line))
            line = max(line, last_line(child))
        return Block(tuple(entries), entries[0].line if entries else line)
    if isinstance(value, list):
        return Listing(tuple(node(item, line) for item in value), line)
    return Scalar(str(value), line)


def last_line(tree: Node) -> int:
    match tree:
        case Block(entries=entries):
            return max((last_line(entry.value) for entry in entries), default=tree.line)
        case _:
            return tree.line


RULE = {"limit": "0.15", "prior": ["0.3", "1.7"], "threshold": "0.85", "participants": "12"}
SELECTION = {
    "kind": "selection",
    "origin": "assumed",
    "arms": "5",
    "control": "2",
    "blocks": "10",
    "arm-rule": RULE,
    "pooled-rule": {**RULE, "participants": "48"},
    "name-at": "0.8",
}


def test_the_demonstration_design_reads_back() -> None:
    design = from_node(node(SELECTION))
    arm = BetaBinomialStopping(0.15, (0.3, 1.7), 0.85, 12)
    assert design == SelectionDesign(5, 2, 10, arm, arm.reaching(48), 0.8)


def test_a_section_may_hold_several_named_designs() -> None:
    section = node(
        {"lists": {"kind": "permuted-blocks", "arms": "2", "block_sizes": ["2", "4"]},
         "safety": {"kind": "beta-binomial-stopping", **RULE}}
    )  # fmt: skip
    designs = designs_from_node(section)
    assert designs["lists"] == PermutedBlocks(arms=2, block_sizes=(2, 4))
    assert list(designs) == ["lists", "safety"]


@pytest.mark.parametrize(
    ("change", "line", "match"),
    [
        ({"kind": "selecton"}, 2, "Did you mean 'selection'"),
        ({"arms": "five"}, 4, "a whole number"),
        ({"control": "9"}, 5, "1 to 5"),
        ({"blocks": ["10"]}, 6, "single value"),
        ({"arm-rule": {**RULE, "limit": "0"}}, 8, "strictly between 0 and 1"),
        ({"arm-rule": {**RULE, "prior": ["0.3"]}}, 9, "a list of 2"),
        ({"arm-rule": {**RULE, "treshold": "0.9"}}, 12, "Did you mean 'threshold'"),
        ({"arm-rule": "0.15"}, 7, "a block of keys"),
        ({"name-at": "nan"}, 17, "strictly between"),
    ],
)
def test_errors_name_file_and_line(change: dict[str, object], line: int, match: str) -> None:
    with pytest.raises(DesignError, match=match) as caught:
        from_node(node({**SELECTION, **change}), "protocol.yaml")
    assert (caught.value.file, caught.value.line) == ("protocol.yaml", line)
    assert str(caught.value).startswith(f"protocol.yaml:{line}: ")


def test_what_is_missing_is_named() -> None:
    lacking = {key: value for key, value in SELECTION.items() if key != "blocks"}
    with pytest.raises(DesignError, match="lacks blocks"):
        from_node(node(lacking))
    with pytest.raises(DesignError, match="has no kind"):
        from_node(node({"arms": "5"}))
