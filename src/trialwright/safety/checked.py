"""A protocol file as `protocol check` sees it: what it says, and what stands against signing it."""

from dataclasses import dataclass

from trialwright.design.running import unenforced, unrunnable
from trialwright.design.section import problems_of
from trialwright.protocol.basics import Fact
from trialwright.protocol.loader import read
from trialwright.protocol.model import Protocol
from trialwright.protocol.problems import Note, Problem
from trialwright.protocol.readiness import unready_for_real_participants
from trialwright.safety.section_problems import safety_problems


@dataclass(frozen=True)
class CheckedFile:
    """The protocol as far as it can be read, its problems, and notes that stop nothing."""

    protocol: Protocol | None
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]

    @property
    def signable(self) -> Protocol | None:
        """The protocol, if nothing stands against signing it."""
        return None if self.problems else self.protocol

    @property
    def unready(self) -> tuple[Fact, ...]:
        """The safety-critical facts that are only assumed."""
        return unready_for_real_participants(self.protocol) if self.protocol else ()


def check_file(source: bytes, file: str) -> CheckedFile:
    """Read a protocol file, its design included, and find every problem in one run."""
    protocol, found = read(source, file)
    problems = tuple(found) + problems_of(protocol) + safety_problems(protocol)
    notes = protocol.notes if protocol else ()
    if protocol is not None and not problems:
        problems, notes = tuple(unrunnable(protocol)), (*notes, *unenforced(protocol))
    return CheckedFile(protocol, problems, tuple(notes))
