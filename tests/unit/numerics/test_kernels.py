"""The kernels' two copies: each leads into itself, and a change of any compiles all anew."""

import ast
from pathlib import Path

import pytest

from trialwright.numerics import compiled, kernels

SOURCES = sorted(Path(kernels.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_kernel_names_another_by_its_place(source: Path) -> None:
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert not (node.module or "").startswith(kernels.__name__)
        if isinstance(node, ast.Import):
            assert not any(each.name.startswith(kernels.__name__) for each in node.names)


def test_no_kernel_of_the_compiled_copy_is_plain() -> None:
    fast = compiled.load()
    for name in kernels.__all__:
        plain, quick = getattr(kernels, name), getattr(fast, name)
        if name in {"PACKED", "follow"}:
            continue
        assert (
            quick.py_func is not plain and quick.py_func.__code__.co_code == plain.__code__.co_code
        )
        for called in plain.__code__.co_names:
            there = quick.py_func.__globals__.get(called)
            if callable(there) and getattr(there, "__module__", "").startswith(kernels.__name__):
                assert hasattr(there, "py_func"), f"{name} calls {called} uncompiled"


def test_any_kernel_that_changes_has_another_cache(tmp_path: Path) -> None:
    for source in SOURCES:
        (tmp_path / source.name).write_bytes(source.read_bytes())
    known = {compiled._cache_folder(tmp_path, "1")}
    for source in SOURCES:
        with (tmp_path / source.name).open("a") as file:
            file.write("# changed\n")
        folder = compiled._cache_folder(tmp_path, "1")
        assert folder not in known
        known.add(folder)
