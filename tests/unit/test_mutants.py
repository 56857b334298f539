"""The faults that `make mutants` plants: each is one change that Python can still read."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = """
def decide(z, bounds, *, last=True):
    if z >= bounds[0] and not last:
        raise ValueError(f"{z + 1} is above")
    kept = [b for b in bounds if b is not None]
    kept.append(-z)
    return "重庆", sum(kept) / 2
"""
EXPECTED = {
    ("z >= bounds[0]", "(z > bounds[0])"),
    ("z >= bounds[0] and not last", "(z >= bounds[0] or not last)"),
    ("not last", "(last)"),
    ("0", "(1)"),
    ('raise ValueError(f"{z + 1} is above")', "pass"),
    ("b is not None", "(b is None)"),
    ("[b for b in bounds if b is not None]", "([b for b in bounds])"),
    ("kept.append(-z)", "pass"),
    ("sum(kept) / 2", "(sum(kept) * 2)"),
    ("2", "(3)"),
}


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    place = Path(__file__).parents[2] / "tools" / "mutants.py"
    spec = importlib.util.spec_from_file_location("mutants", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module
    spec.loader.exec_module(module)
    return module


def test_every_kind_of_fault_is_planted_once(mutants: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "src" / "trialwright" / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text(SOURCE)
    found = list(mutants.faults(file))
    assert {(fault.old, fault.new) for fault in found} == EXPECTED
    assert len(found) == len(EXPECTED)
    content = SOURCE.encode()
    for fault in found:
        planted = content[: fault.start] + fault.new.encode() + content[fault.end :]
        assert ast.dump(ast.parse(planted)) != ast.dump(ast.parse(content))
    line = "module.py | decide | not last | (last)"
    assert line in {str(fault) for fault in found}


def test_the_tests_of_a_module_are_those_that_reach_it_nearest_first(mutants: ModuleType) -> None:
    here = mutants.Copy.__new__(mutants.Copy)
    here.root, here._imports = Path(__file__).parents[2], {}
    found = here.tests_of(here.root / "src/trialwright/report/sections/baseline.py")
    assert "tests/unit/report/test_sections.py" in found
    assert "tests/unit/report/test_words.py" not in found
