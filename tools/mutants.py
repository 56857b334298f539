"""Plant small faults in the code, one at a time, and see whether a test notices.

    make mutants                                     every package, a sample of each
    .venv/bin/python tools/mutants.py report/sections conduct/participants/states.py --sample 20

A fault is one change of one expression or statement: a comparison turned or moved by its boundary,
and/or, True/False, a whole number one higher, plus/minus, a `not` or a filter of a comprehension
left out, a statement dropped. It is planted in a copy of the repository, never in it. The tests of
the package that reach the changed module by imports run until one fails, the nearest first. Faults
that change nothing anybody could call wrong stand in `equivalent.txt`, each with its reason.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = Path("src", "trialwright")
PACKAGES = ("ledger", "accounts", "conduct", "protocol", "exchange", "report", "analysis", "design")
# Where the tests of a package stand beside its own folder of unit tests, quick ones first.
ELSEWHERE = {
    "ledger": ("published", "generative", "integration"),
    "accounts": ("integration",),
    "conduct": ("integration",),
    "protocol": ("spec", "generative/protocol"),
    "analysis": ("published", "unit/report"),
    "design": ("published", "generative/design", "integration/design"),
}

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of a file: the bytes between two offsets, and what stands there instead."""

    path: Path
    place: str
    line: int
    start: int
    end: int
    old: str
    new: str

    def __str__(self) -> str:
        old, new = (" ".join(text.split())[:70] for text in (self.old, self.new))
        module = str(self.path).partition(f"{SOURCE}/")[2]
        return f"{module} | {self.place} | {old} | {new}"


def faults(path: Path) -> Iterator[Fault]:
    """Every fault that can be planted in a file."""
    source = path.read_bytes()
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))

    def visit(node: ast.AST, place: str) -> Iterator[Fault]:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            place = f"{place}.{node.name}".lstrip(".")
        # Parts of an f-string don't know their place before Python 3.12; defaults are seldom rules.
        hidden = (ast.JoinedStr, ast.arguments)
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not isinstance(child, hidden):
                    yield from visit(child, place)
        for changed in changes(node):
            start = lines[node.lineno - 1] + node.col_offset
            end = lines[node.end_lineno - 1] + node.end_col_offset
            old, new = source[start:end].decode(), ast.unparse(changed)
            new = f"({new})" if isinstance(changed, ast.expr) else new
            yield Fault(path, place, node.lineno, start, end, old, new)

    yield from visit(ast.parse(source), "")


def changes(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """What a node becomes in each fault of its own."""
    match node:
        case ast.Compare(ops=ops):
            for index, operator in enumerate(ops):
                changed = deepcopy(node)
                changed.ops[index] = TURNED[type(operator)]()
                yield changed
        case ast.BoolOp(op=op):
            changed = deepcopy(node)
            changed.op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield changed
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(op=op) if type(op) in SWAPPED:
            changed = deepcopy(node)
            changed.op = SWAPPED[type(op)]()
            yield changed
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for index, loop in enumerate(node.generators):
                if loop.ifs:
                    changed = deepcopy(node)
                    changed.generators[index].ifs = []
                    yield changed
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign():
            yield ast.Pass()
        case ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()


class Copy:
    """A copy of the repository, in which faults are planted and tests run."""

    def __init__(self, folder: Path, minutes: int) -> None:
        self.root, self.minutes = folder / "repository", minutes
        left_out = shutil.ignore_patterns(".venv", ".git", "var", "*cache*")
        shutil.copytree(ROOT, self.root, ignore=left_out)
        self._imports: dict[Path, set[Path]] = {}
        self._passed: set[tuple[str, ...]] = set()

    def tests_of(self, path: Path) -> tuple[str, ...]:
        """The test files that reach a module by imports, those that import it themselves first."""
        package = path.relative_to(self.root / SOURCE).parts[0]
        found = []
        for rank, folder in enumerate((f"unit/{package}", *ELSEWHERE.get(package, ()))):
            for test in (self.root / "tests" / folder).rglob("test_*.py"):
                if steps := self._steps(test, path):
                    found.append((rank, steps, str(test.relative_to(self.root))))
        return tuple(dict.fromkeys(test for _, _, test in sorted(found)))

    def survives(self, fault: Fault, tests: tuple[str, ...]) -> bool:
        """Whether every test passes with the fault in its place, as each does without it."""
        if tests not in self._passed and not self._pass(tests):
            raise SystemExit(f"These fail without any fault: {' '.join(tests)}")
        self._passed.add(tests)
        source = fault.path.read_bytes()
        fault.path.write_bytes(source[: fault.start] + fault.new.encode() + source[fault.end :])
        try:
            return self._pass(tests)
        finally:
            fault.path.write_bytes(source)

    def _pass(self, tests: tuple[str, ...]) -> bool:
        """Run tests until one fails; one that hangs has failed."""
        options = ("-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not browser")
        here = {"PYTHONPATH": str(self.root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *options, *tests], cwd=self.root, check=False,
                env=os.environ | here, capture_output=True, timeout=60 * self.minutes,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _steps(self, test: Path, path: Path) -> int:
        """Over how many imports a test reaches a module; 0 where it doesn't."""
        seen: set[Path] = set()
        edge, steps = {test}, 0
        while edge and path not in edge:
            seen |= edge
            edge, steps = set().union(*map(self._imported, edge)) - seen, steps + 1
        return steps if edge else 0

    def _imported(self, file: Path) -> set[Path]:
        """The files of ours that a file imports, at its top or later."""
        if file not in self._imports:
            names: set[str] = set()
            for node in ast.walk(ast.parse(file.read_bytes())):
                match node:
                    case ast.Import(names=aliases):
                        names |= {alias.name for alias in aliases}
                    case ast.ImportFrom(module=str(module), names=aliases):
                        names |= {module, *(f"{module}.{alias.name}" for alias in aliases)}
            places = [
                base / f"{name.replace('.', '/')}{end}"
                for name in names
                for base in (self.root, self.root / "src")
                for end in (".py", "/__init__.py")
            ]
            self._imports[file] = {place for place in places if place.is_file()}
        return self._imports[file]


def run(where: str, asked: argparse.Namespace, copy: Copy) -> None:
    """Plant a sample of the faults of one package, folder or module; say what became of each."""
    place = copy.root / SOURCE / where
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    known = equivalent()
    every = [fault for file in files if "migrations" not in file.parts for fault in faults(file)]
    every = [fault for fault in every if str(fault) not in known]
    chosen = random.Random(asked.seed).sample(every, min(asked.sample, len(every)))
    alive = 0
    for fault in chosen:
        tests = tuple(asked.tests) or copy.tests_of(fault.path)
        lives = not tests or copy.survives(fault, tests)
        alive += lives
        print(f"  {'LIVES' if lives else 'noticed'}: line {fault.line}: {fault}", flush=True)
    share = 100 * alive / len(chosen) if chosen else 0.0
    print(f"{where}: {alive} of {len(chosen)} live ({share:.0f} %), of {len(every)}", flush=True)


def equivalent() -> set[str]:
    """The faults that nobody could call wrong, as they are written in the list."""
    lines = (ROOT / "tools" / "equivalent.txt").read_text().splitlines()
    return {line.rpartition(" | ")[0] for line in lines if line and not line.startswith("#")}


def main() -> None:
    """Read the command line and plant."""
    reading = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    reading.add_argument("where", nargs="*", default=PACKAGES, help="packages, folders or modules")
    reading.add_argument("--sample", type=int, default=30, help="faults for each (default 30)")
    reading.add_argument("--seed", type=int, default=1)
    reading.add_argument("--minutes", type=int, default=10, help="longest run for one fault")
    reading.add_argument("--tests", nargs="+", default=[], help="these instead of those it finds")
    asked = reading.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Copy(Path(folder), asked.minutes)
        for where in asked.where:
            run(where, asked, copy)


if __name__ == "__main__":
    main()
