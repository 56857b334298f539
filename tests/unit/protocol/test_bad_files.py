"""Every way to get a protocol file wrong that its author may meet, with what is then said.

Each case of files/bad.yaml is the small good file with one edit, and all the problems found in it,
word for word.
"""

from pathlib import Path

import pytest
import yaml

from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import MOST, ProtocolFileError

FILES = Path(__file__).parent / "files"
GOOD = (FILES / "small.yaml").read_text(encoding="utf-8")
CASES = yaml.safe_load((FILES / "bad.yaml").read_text(encoding="utf-8"))


def test_the_good_file_has_no_problem():
    assert parse_file(GOOD.encode(), "small.yaml").identifier == "SMALL-01"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_bad_file_is_told_its_lines_rules_and_ways_out(case):
    assert case["change"] in GOOD
    bad = GOOD.replace(case["change"], case["to"], 1)
    with pytest.raises(ProtocolFileError) as caught:
        parse_file(bad.encode(), "bad.yaml")
    assert [str(problem) for problem in caught.value.problems] == case["says"]
    assert str(caught.value).startswith(f"bad.yaml:{case['says'][0]}")


def test_a_file_that_is_not_utf_8_is_told_its_line():
    assert problems_of(GOOD.replace("small trial", "größe").encode("latin-1")) == [
        "8: Byte 0xf6 on this line is not UTF-8. Save the file as UTF-8. [not-utf-8]"
    ]


def test_a_file_too_large_is_not_read():
    [problem] = problems_of(GOOD.encode() + b"# more\n" * 300_000)
    assert problem.startswith("1: The file has 2,103,") and problem.endswith("[file-too-large]")


@pytest.mark.parametrize("source", [b"", b"# nothing\n", b"- a\n- list\n", b"a word"])
def test_what_is_no_block_of_keys_is_not_a_protocol(source):
    assert [problem.split("[")[-1] for problem in problems_of(source)] == ["not-a-protocol]"]


def test_a_bomb_of_aliases_stops_at_its_first_anchor():
    bomb = b"a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nprotocol: 1\n"
    assert problems_of(bomb) == [
        "1: The anchor `&a` stands here. Take it away; anchors and aliases are not taken. [anchor]"
    ]


@pytest.mark.parametrize(
    "source",
    [
        b"\t\n" * 900_000,
        b"a: 1\n" * 300_000,
        GOOD.encode() + b"".join(b"key%d: 1\n" % number for number in range(120_000)),
    ],
    ids=["tabs", "a key again and again", "unknown keys"],
)
def test_problems_without_end_are_told_to_the_five_hundredth(source):
    told = problems_of(source)
    assert len(told) == MOST + 1
    assert sum(problem.endswith("Put these right first. [too-many]") for problem in told) == 1


def test_a_long_value_is_quoted_in_part():
    [problem] = problems_of(GOOD.replace("participants: 20", f"participants: {'9' * 10**6}"))
    assert len(problem) < 700 and problem.endswith("digits, like 28. [number]")


def test_all_problems_are_found_in_one_run():
    bad = GOOD.replace("participants: 20", "participants: many").replace("at: week_2", "at: week_9")
    assert [problem.split("[")[-1] for problem in problems_of(bad.encode())] == [
        "number]",
        "unknown-visit]",
    ]


def test_words_that_yaml_would_turn_into_something_else_stay_words():
    odd = GOOD.replace('"A small trial"', "no").replace('"Thickness"', "12:30")
    protocol = parse_file(odd.encode())
    assert protocol.title.en == "no"
    assert protocol.item("scan", "thickness").label.en == "12:30"


def problems_of(source):
    with pytest.raises(ProtocolFileError) as caught:
        parse_file(source.encode() if isinstance(source, str) else source, "bad.yaml")
    return [str(problem) for problem in caught.value.problems]
