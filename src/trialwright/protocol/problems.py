"""What is wrong with a protocol file: each problem with its line, its rule and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 500
"""Reading stops at so many problems: a damaged file may have one on each of its lines."""
_LONGEST = 600


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right; `rule` is a stable name, listed in docs/protocol-file.md."""

    line: int
    message: str
    way_out: str
    rule: str

    def __post_init__(self) -> None:
        """A message quotes what stands in the file, which may be a megabyte."""
        if len(self.message) > _LONGEST:
            cut = f"{self.message[: _LONGEST // 2]} … {self.message[-_LONGEST // 4 :]}"
            object.__setattr__(self, "message", cut)

    def __str__(self) -> str:
        return f"{self.line}: {self.message}. {self.way_out} [{self.rule}]"


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """What the reader assumed, and where: nothing to put right."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.message}."


def too_many(line: int) -> Problem:
    """What is said instead of all the problems after MOST."""
    message = f"{MOST} problems are told, and what else there may be is not looked for"
    return Problem(line, message, "Put these right first.", "too-many")


class ProtocolFileError(Exception):
    """A protocol file that can't be used as it is, with every problem found in one run."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(f"{file}:{problem}" for problem in self.problems))
