"""The 39 given cases of safety: each has its answer, its source and the tests that hold it."""

import ast
import csv
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
with (Path(__file__).parent / "safety" / "cases.csv").open(encoding="utf-8") as _file:
    CASES = list(csv.DictReader(_file))


@cache
def names_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_there_are_39_with_an_answer_and_a_source() -> None:
    assert [each["id"] for each in CASES] == [f"G{number}" for number in range(1, 40)]
    assert all(each["situation"] and each["answer"] and each["source"] for each in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_has_its_tests(case: dict[str, str]) -> None:
    named = case["tests"].split()
    assert named
    for each in named:
        path, _, name = each.partition("::")
        assert name in names_of(path), each
