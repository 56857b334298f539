"""What is wrong with a protocol file: each problem with its line, its rule and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right; `rule` is a stable name, listed in docs/protocol-file.md."""

    line: int
    message: str
    way_out: str
    rule: str

    def __str__(self) -> str:
        return f"{self.line}: {self.message}. {self.way_out} [{self.rule}]"


class ProtocolFileError(Exception):
    """A protocol file that can't be used as it is, with every problem found in one run."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(f"{file}:{problem}" for problem in self.problems))
