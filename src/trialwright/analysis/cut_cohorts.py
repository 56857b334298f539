"""Dose cohorts as a sealed part has them: who was treated at which dose level, and what was
decided. A cohort's dose level is the arm of everybody in it, so nothing of it stands open."""

from dataclasses import dataclass

from trialwright.analysis.cut_checks import date_text, one_of

VERDICTS = ("open", "end")


@dataclass(frozen=True, slots=True)
class CohortMember:
    """One participant of a cohort, as the dose-finding rule saw them at the cut.

    group: the key of the group that escalates by itself, "" of the whole trial. cohort, level:
    from 1. backfilled: they came to a lower level while that cohort was awaited. standing: event,
    done, pending, awaited, missing or replaced; response likewise, "" where no rule reads one.
    followed_days, response_days: of each window, how many days are over for one who is pending.
    """

    participant: str
    group: str
    cohort: int
    level: int
    standing: str
    treated_on: str | None = None
    followed_days: int = 0
    response: str = ""
    response_days: int = 0
    backfilled: bool = False

    def __post_init__(self) -> None:
        date_text(self.treated_on, f"cohort of {self.participant}")


@dataclass(frozen=True, slots=True)
class CohortDecision:
    """One signed decision: the cohort that it opened, or the end of the escalation.

    level: from 1; of an end the dose chosen, None where none is. size: of the cohort, 0 of an end.
    said, said_level: what the rule recommended then, "" without a rule; of a stop the level that it
    selected. as_said: whether the decision is that. role: of who signed.
    """

    number: int
    group: str
    decided_on: str
    role: str
    verdict: str
    level: int | None
    size: int
    said: str = ""
    said_level: int | None = None
    as_said: bool = False
    reason: str = ""

    def __post_init__(self) -> None:
        where = f"decision {self.number} on cohorts"
        one_of(self.verdict, VERDICTS, where)
        date_text(self.decided_on, where)
