"""Doses as a cut has them: which there were stands open, how much is sealed where it could tell."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import date_text, one_of

STATUSES = ("done", "part", "not_done")


@dataclass(frozen=True, slots=True)
class Dose:
    """One record of a step that gives a dose: on which day, and in full, in part or not at all.

    planned, amount: decimal text in `unit`, empty where none is planned or kept here; of a step
    whose details could tell an arm they and the reason stand in the sealed part alone.
    """

    participant: str
    step: str
    visit: str
    occurrence: int
    on: str
    status: str
    planned: str = ""
    amount: str = ""
    unit: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        where = f"dose {self.step} of {self.participant}"
        date_text(self.on, where)
        one_of(self.status, STATUSES, where)

    @property
    def place(self) -> tuple[str, str, str, int]:
        """Where it stands; no two stand there."""
        return self.participant, self.step, self.visit, self.occurrence
