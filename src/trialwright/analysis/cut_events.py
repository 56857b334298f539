"""Adverse events as a cut has them: nothing in it that could reveal an arm."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import CutError, date_text, one_of

OUTCOMES = ("recovered", "recovering", "not_recovered", "sequelae", "fatal", "unknown")
ONSETS = ("", "before", "may_be_before", "since", "no_day")


@dataclass(frozen=True, slots=True)
class GradeStep:
    """The grade of an event from a day on; the day is empty where it isn't known."""

    grade: int
    since: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.grade <= 5:
            raise CutError(f"grade {self.grade}: a grade is 1 to 5")
        date_text(self.since or None, "grade of an event")


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One event, or special situation, counted once whatever its grades.

    `term` is one of CTCAE `ctcae`, `system` its system organ class; without a version they are as
    written and empty. `criteria` are those of seriousness that are met, `related` whether it counts
    as related to the treatment, `assessed` whether the investigator has said so. `stopping` are the
    protocol's stopping questions answered with yes. `nullified` says why it is none after all.
    `onset_to_consent` and `onset_to_treatment` are one of `ONSETS`: how its onset, as far as it is
    known, stands to the consent and to the first dose; `no_day` without one, "" of a child's event.
    `child` is the code of the participant's child whose event it is, "" of the participant's own.
    """

    number: int
    participant: str
    term: str
    system: str
    ctcae: str
    started: str
    ended: str
    known_on: str
    outcome: str
    grades: tuple[GradeStep, ...]
    criteria: tuple[str, ...] = ()
    special: str = ""
    related: bool = True
    assessed: bool = False
    stopping: tuple[str, ...] = ()
    described: str = ""
    nullified: str = ""
    child: str = ""
    onset_to_consent: str = ""
    onset_to_treatment: str = ""

    def __post_init__(self) -> None:
        where = f"event {self.number}"
        one_of(self.outcome, OUTCOMES, where)
        for onset in (self.onset_to_consent, self.onset_to_treatment):
            one_of(onset, ONSETS, where)
        for day in (self.started, self.ended, self.known_on):
            date_text(day or None, where)
        if not self.grades:
            raise CutError(f"{where}: it has no grade")
        object.__setattr__(self, "criteria", tuple(sorted(self.criteria)))
        object.__setattr__(self, "stopping", tuple(sorted(self.stopping)))

    @property
    def worst(self) -> int:
        """The worst grade it has had."""
        return max(step.grade for step in self.grades)

    @property
    def serious(self) -> bool:
        """Whether a criterion of seriousness is met."""
        return bool(self.criteria)
