"""What a laboratory's range goes by is checked as the file is: items that are there and tell it."""

from pathlib import Path

import pytest

from trialwright.protocol.loader import parse_file
from trialwright.protocol.problems import ProtocolFileError

GOOD = (Path(__file__).parent / "files" / "small.yaml").read_text(encoding="utf-8")


def problems(block: str, old: str = "", new: str = "") -> list[str]:
    source = GOOD.replace("\nforms:\n", f"\nlaboratory: {block}\nforms:\n")
    assert old in source
    try:
        parse_file(source.replace(old, new, 1).encode() if old else source.encode())
    except ProtocolFileError as error:
        return [str(each).split(": ", 1)[1] for each in error.problems]
    return []


def test_a_sex_that_all_share_and_an_age_are_read() -> None:
    assert problems("{sex: female, age: screening.who.age}") == []
    source = GOOD.replace("\nforms:\n", "\nlaboratory: {sex: male}\nforms:\n")
    laboratory = parse_file(source.encode()).laboratory
    assert laboratory is not None and laboratory.items == ()


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("{age: screening.who.age}", "has no `sex`"),
        ("{sex: woman}", "`woman` names no open item"),
        ("{sex: screening.who.age}", "`screening.who.age` is of the type integer"),
        ("{sex: screening.scan.stage}", "neither the code `female` nor `male`"),
        ("{sex: female, age: screening.who.size}", "`screening.who.size` names no open item"),
        ("{sex: female, born: screening.who.age}", "is of the type integer"),
        ("{sex: female, age: screening.scan.stage}", "is of the type choice"),
    ],
)  # fmt: skip
def test_what_tells_neither_is_a_problem_of_the_file(block: str, told: str) -> None:
    [problem] = problems(block)
    assert told in problem, problem


def test_the_day_of_a_sample_is_a_date_of_its_form() -> None:
    def sampled(name: str) -> list[str]:
        return problems(
            "{sex: male}", '    label: "Scan"\n', f'    label: "Scan"\n    sampled: {name}\n'
        )

    assert any("no open item of the type date" in each for each in sampled("thickness"))
    assert any("no open item of the type date" in each for each in sampled("nothing"))


def test_a_test_has_a_unit() -> None:
    source = GOOD.replace("        requires:", "        test: VIAB\n        requires:")
    parse_file(source.encode())
    with pytest.raises(ProtocolFileError, match="needs its `unit`"):
        parse_file(
            source.replace(
                '        unit: "%"\n        minimum: 0', "        minimum: 0", 1
            ).encode()
        )
