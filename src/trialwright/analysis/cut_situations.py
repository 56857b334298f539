"""Situations without harm as a cut has them, pregnancies with how they ended among these."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import CutError, date_text, one_of

KINDS = ("pregnancy", "medication_error", "wrong_container", "overdose", "outside_protocol")
PREGNANCY_OUTCOMES = (
    "birth", "miscarriage", "ectopic", "stillbirth", "termination", "unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Situation:
    """What is to be reported though nobody was harmed; `number` is that of its case.

    Of a pregnancy also the day on which the birth was expected, how it ended ("" while that isn't
    known), the completed weeks then, and how many children are recorded. Dates may be cut short.
    """

    number: int
    participant: str
    kind: str
    started: str
    known_on: str
    ended: str = ""
    expected_on: str = ""
    outcome: str = ""
    weeks: int | None = None
    children: int = 0
    described: str = ""
    nullified: str = ""

    def __post_init__(self) -> None:
        where = f"situation {self.number}"
        one_of(self.kind, KINDS, where)
        if self.outcome:
            one_of(self.outcome, PREGNANCY_OUTCOMES, where)
        if self.kind != "pregnancy" and (self.outcome or self.children):
            raise CutError(f"{where}: only a pregnancy has an outcome and children")
        for day in (self.started, self.known_on, self.ended, self.expected_on):
            date_text(day or None, where)
