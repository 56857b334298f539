"""A group-sequential log-rank test whose looks come when events have come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from trialwright.analysis.notebook import Notebook
from trialwright.design.checks import require_kind
from trialwright.design.group_sequential import GroupSequential
from trialwright.design.survival_trial import EventLook, SurvivalTrial
from trialwright.messages import Message, sentences


@dataclass(frozen=True, kw_only=True)
class SurvivalDesign(Notebook):
    """Two arms compared by a time to an event, at looks that wait for events.

    trial: what is assumed of hazards, accrual and losses. test: the bounds, and the power wanted.
    Estimand: the hazard ratio, hazards being proportional. Events are Schoenfeld's; the days at
    which they come are those of expected numbers (Lachin and Foulkes 1986, Biometrics 42:507).

    >>> trial = SurvivalTrial(hazard=0.1, hazard_ratio=0.5, accrual=12, participants=200)
    >>> design = SurvivalDesign(trial=trial, test=GroupSequential(timing=(0.5, 1.0)))
    >>> [(round(look.events, 1), round(look.time, 1)) for look in design.looks]
    [(32.8, 8.0), (65.6, 11.9)]
    """

    kind: ClassVar[str] = "survival"
    trial: SurvivalTrial
    test: GroupSequential

    def __post_init__(self) -> None:
        require_kind("trial", self.trial, SurvivalTrial)
        require_kind("test", self.test, GroupSequential)
        _ = self.looks

    @cached_property
    def looks(self) -> tuple[EventLook, ...]:
        """Events, time and bounds of each look."""
        return self.trial.looks(self.test)

    def describe(self) -> Message:
        """The design in words."""
        assumed = Message(
            "Log-rank test for a hazard ratio of {ratio:g} against a hazard of {hazard:g} in the "
            "control: {events:.0f} events of {participants} participants who come over "
            "{accrual:g} units of time.",
            ratio=self.trial.hazard_ratio, hazard=self.trial.hazard,
            events=-(-self.looks[-1].events // 1), participants=self.trial.participants,
            accrual=self.trial.accrual,
        )  # fmt: skip
        return sentences(assumed, self.test.describe())
