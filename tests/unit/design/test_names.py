"""The package's names: each is found where type checkers are told that it stands."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from trialwright import design


def test_readers_of_types_are_told_the_same_places() -> None:
    told = {}
    for node in ast.walk(ast.parse(Path(design.__file__).read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trialwright."):
            module = (node.module or "").removeprefix("trialwright.design.")
            for each in node.names:
                renamed = f":{each.name}" if each.asname else ""
                told[each.asname or each.name] = f"{module}{renamed}"
    assert told == design._WHERE
    assert sorted(told) == sorted(design.__all__)


@pytest.mark.parametrize("name", design.__all__)
def test_each_name_is_there(name: str) -> None:
    found = getattr(design, name)
    assert getattr(design, name) is found and name in dir(design)
    assert found.__module__.startswith("trialwright.design.")


def test_a_name_that_isnt_there_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Bion'"):
        _ = design.Bion


def test_importing_reads_no_engine() -> None:
    code = "import sys, trialwright.design; print('numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
